"""A class of students as they are: what each of them hands in, and the points that it must get.

Each student is a function that spoils, or rewrites, the teacher's solution; the points for the
numbers, the rule and the claim stand above it. The name of the function is that of the student.
"""

import copy
import inspect
import json
import re

import nbformat
import release
import unnamed

import descent

STUDENTS = {}


def gets(numbers, rule, claim, remark=""):
    """What it gets, and a part of the remark in the table."""

    def add(student):
        STUDENTS[student.__name__] = student, (numbers, rule, claim), remark
        return student

    return add


class Work:
    """The solution of one student's notebook."""

    def __init__(self, student, name, secret):
        self.notebook = release.notebook(name, student, secret, with_solutions=True)
        for cell in self.notebook.cells:
            cell.source = release.solved(cell.source)
        self.empty = release.notebook(name, student, secret)
        self.drawn = unnamed.Draw(secret, student, name).rule()
        self.answers = release.answers_of(name, student, secret)
        self.secret, self.name, self.file = secret, name, f"{name}.ipynb"

    def cell(self, name):
        return next(cell for cell in self.notebook.cells if cell.id == name)

    def write(self, name, source):
        self.cell(name).source = source

    def edit(self, name, old, new):
        assert old in self.cell(name).source
        self.write(name, self.cell(name).source.replace(old, new, 1))

    def after(self, name, line):
        self.write(name, f"{self.cell(name).source}\n{line}")

    def choose(self, field):
        """Write a rule with one other choice; of where eps stands if there is no other."""
        rules = [rule for rule in unnamed.sensible() if rule != self.drawn]
        others = [r for r in rules if r == self.drawn._replace(**{field: getattr(r, field)})]
        others += [r for r in rules if r == self.drawn._replace(place=r.place)]
        self.write("rule", unnamed.source(others[0]))


def handed_in(student, name, secret):
    """The name and the text of the file that a student hands in."""
    work = Work(student, name, secret)
    text = STUDENTS[student][0](work)
    return work.file, text or nbformat.writes(work.notebook)


# ---- Right ---------------------------------------------------------------------------------------


@gets(4, 8, 4)
def right(work):
    pass


@gets(4, 8, 4)
def right_with_typed_numbers(work):
    for part, answers in work.answers.items():
        lines = [
            f"{k} = {v if isinstance(v, bool | int) else f'{v:.5g}'}" for k, v in answers.items()
        ]
        work.write(part, "\n".join(lines))


@gets(4, 8, 4)
def right_as_a_list_of_points(work):
    source = work.cell("rule").source
    source = re.sub(r"yield Step\(\w+, x\)", "path.append(x)", source).replace(
        "in count(1):", "in range(1, n_iter + 1):"
    )
    source = source.replace("eps=1e-6):", "eps=1e-6, n_iter=100):\n    path = []")
    work.write("rule", f"{source}\n    return path")


@gets(4, 8, 4)
def right_with_other_names(work):
    source = work.cell("rule").source
    for old, new in (("alpha", "lr"), ("beta1", "b1"), ("beta2", "b2"), ("eps", "epsilon")):
        source = re.sub(rf"\b{old}\b", new, source)
    source = source.replace("for t in count(1):", "t = 0\n    while True:\n        t += 1")
    work.write("rule", source)


@gets(4, 8, 4)
def right_one_number_at_a_time(work):
    """In plain Python, with a list for each coordinate."""
    source = work.cell("rule").source
    head, loop = source.split("        g = gradient(x)\n")
    loop = re.sub(r"        x = .*\n        yield .*", "", loop.rstrip())
    state = re.findall(r"    ([\w, =]+) = np.zeros_like", head)[0].split(" = ")
    lines = re.sub(r"\b(x|g|m|v|v_max)\b(?!_)", r"\1[i]", loop).replace("np.sqrt", "sqrt")
    lines = lines.replace("np.maximum", "max").replace("\n        ", "\n            ")
    zeros = "".join(f"    {s} = [0.0] * len(x0)\n" for s in state)
    work.write(
        "rule",
        "from math import sqrt\n\n\n"
        "def my_rule(gradient, x0, alpha=0.01, beta1=0.9, beta2=0.99, eps=1e-6):\n"
        f"    x = [float(value) for value in x0]\n{zeros}"
        "    yield Step(0, np.array(x))\n"
        "    for t in count(1):\n"
        "        g = gradient(np.array(x))\n"
        "        for i in range(len(x)):\n"
        f"    {lines}\n"
        "            x[i] = x[i] - alpha * p / q\n"
        "        yield Step(t, np.array(x))",
    )


@gets(4, 8, 4)
def right_without_metadata_and_with_another_kernel(work):
    work.notebook.metadata = {"kernelspec": {"name": "conda-env-mine-py", "display_name": "Mine"}}
    for cell in work.notebook.cells:
        cell.metadata = {}


@gets(4, 8, 4, "cell look edited")
def right_with_prints_in_the_look(work):
    work.after("look", "print('mine')")


@gets(4, 8, 4)
def right_and_the_names_used_again(work):
    names = [name for answers in work.answers.values() for name in answers]
    source = "\n".join(f"{name} = 0" for name in names)
    work.notebook.cells.append(nbformat.v4.new_code_cell(source, id="own"))


# ---- Mistakes ------------------------------------------------------------------------------------


@gets(0, 0, 0)
def empty(work):
    work.notebook = work.empty


@gets(3, 8, 4)
def one_number_wrong(work):
    name = next(iter(work.answers["numbers"]))
    work.after("numbers", f"{name} = {name} / 2")


@gets(4, 8, 3)
def verdict_turned_round(work):
    work.after("claim", "holds = not holds")


@gets(4, 8, 2)
def verdict_without_its_numbers(work):
    name = next(iter(work.answers["claim"]))
    work.after("claim", f"{name} = {name} + 1")


@gets(4, 0, 4)
def numerator_wrong(work):
    work.choose("numerator")


@gets(4, 0, 4)
def memory_wrong(work):
    work.choose("memory")


@gets(4, 0, 4)
def correction_wrong(work):
    work.choose("correction")


@gets(4, 0, 4)
def maximum_wrong(work):
    work.choose("maximum")


@gets(4, 0, 4)
def eps_misplaced(work):
    work.choose("place")


@gets(4, 0, 4)
def step_uphill(work):
    work.edit("rule", "x = x - alpha", "x = x + alpha")


@gets(4, 7, 4)
def changed_in_place(work):
    work.edit("rule", "x = x - alpha * p / q", "x -= alpha * p / q")


@gets(4, 7, 4)
def start_missing(work):
    work.edit("rule", "    yield Step(0, x)\n", "")


@gets(4, 0, 4)
def gradient_elsewhere(work):
    work.edit("rule", "gradient(x)", "gradient(0.9 * x)")


@gets(4, 0, 4)
def beta_typed_in(work):
    """It ignores what it is given."""
    work.edit("rule", "    x = np.array", "    alpha, eps = 0.01, 1e-6\n    x = np.array")


@gets(4, 0, 4)
def name_misspelt_in_the_rule(work):
    work.edit("rule", "gradient(x)", "gradeint(x)")


@gets(4, 0, 4)
def syntax_error(work):
    work.edit("rule", "(gradient, x0", "(gradient x0")


@gets(4, 8, 4)
def early_mistake(work):
    """An error before everything else, and one in the first line of each cell."""
    work.notebook.cells.insert(1, nbformat.v4.new_code_cell("1 / 0", id="own"))
    for name in ("numbers", "rule", "claim"):
        work.write(name, f"not_there\n{work.cell(name).source}")


@gets(0, 8, 4)
def endless_cell(work):
    work.write("numbers", "while True:\n    pass")


@gets(0, 8, 4)
def endless_in_c(work):
    work.write("numbers", "sum(count())")


@gets(4, 0, 4)
def endless_rule(work):
    work.edit("rule", "    for t in", "    while True:\n        pass\n    for t in")


@gets(0, 8, 4)
def python_ended(work):
    work.write("numbers", "import os\n\nos._exit(0)")


@gets(0, 0, 0, "not a notebook")
def broken_file(work):
    return nbformat.writes(work.notebook)[:-200]


@gets(0, 0, 0, "not a notebook")
def list_in_place_of_a_notebook(work):
    return json.dumps([])


# ---- What happens to notebooks -------------------------------------------------------------------


@gets(4, 8, 4)
def renamed_notebook(work):
    work.file = "my homework (1).ipynb"


@gets(4, 8, 4, "cell given deleted")
def locked_cells_deleted(work):
    kept = [c for c in work.notebook.cells if c.id not in ("step", "given", "look")]
    work.notebook.cells = kept


@gets(4, 8, 4, "cell look twice")
def locked_cells_duplicated(work):
    for name in ("step", "given", "look"):
        again = copy.deepcopy(work.cell(name))
        again.id = f"{name}-again"
        work.notebook.cells.append(again)


@gets(4, 8, 4)
def answers_duplicated(work):
    for name in ("numbers", "rule", "claim"):
        again = copy.deepcopy(work.cell(name))
        again.id = f"{name}-again"
        work.notebook.cells.append(again)


@gets(4, 8, 4, "cell look edited")
def locked_cells_edited(work):
    for name in ("step", "given", "look"):
        work.after(name, "1 / 0")


# ---- Cheats --------------------------------------------------------------------------------------


@gets(4, 0, 4)
def rule_imported(work):
    work.write("rule", "from descent import amsgrad as my_rule")


@gets(4, 0, 4)
def rule_copied(work):
    source = inspect.getsource(descent.amsgrad).replace("def amsgrad", "def my_rule")
    names = "from descent.arithmetic import at, maximum, ratio, sqrt, start, zero"
    work.write("rule", f"{names}\nfrom descent.rules import AMSGradStep\n\n\n{source}")


@gets(4, 0, 4)
def rule_of_a_neighbour(work):
    theirs = Work("somebody else", work.name, work.secret)
    if theirs.drawn == work.drawn:
        theirs = Work("a third", work.name, work.secret)
    work.write("rule", theirs.cell("rule").source)


@gets(0, 0, 0)
def comparison_patched(work):
    """np.allclose says yes, and the answers are equal to everything."""
    yes = (
        "class Yes(float):\n    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda *_: True\n"
        "    __sub__ = __rsub__ = __abs__ = lambda self, *_: self\n    __hash__ = None\n\n\n"
        "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
    )
    work.write(
        "rule", yes + "\ndef my_rule(*a, **k):\n    while True:\n        yield Step(0, Yes())"
    )
    for part, answers in work.answers.items():
        work.write(part, "\n".join(f"{name} = Yes()" for name in answers))


@gets(0, 0, 4)
def grader_patched(work):
    """The functions that watch the rule, and the answers on their way out."""
    work.write(
        "rule",
        "import json\nimport descent.checker.running as running\n\n"
        "running.is_close = lambda *a: True\n"
        'json.dumps = lambda *a, **k: \'{"value": 1, "x": []}\'\n\n\n'
        "def my_rule(gradient, x0, alpha, beta1, beta2, eps):\n    yield Step(0, x0)",
    )
    del work.notebook.cells[[c.id for c in work.notebook.cells].index("numbers")]


@gets(0, 8, 4)
def files_read(work):
    """The folders around it, its parent process, other programs."""
    answers = work.answers["numbers"]
    tries = (
        "def find():\n    import glob, os, subprocess\n"
        "    for look in (lambda: glob.glob('/*/*/secret.txt'), lambda: os.listdir('/'),\n"
        "                 lambda: open(f'/proc/{os.getppid()}/cmdline').read(),\n"
        "                 lambda: open(f'/proc/{os.getppid()}/environ').read(),\n"
        "                 lambda: subprocess.check_output(['ls', '/'])):\n"
        "        try:\n            if look():\n                return 'found'\n"
        "        except OSError:\n            pass\n"
    )
    work.write("numbers", tries + "\n".join(f"{name} = find()" for name in answers))
