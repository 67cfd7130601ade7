"""Make what `check` knows of the exercises' answers from their solutions in the book.

    python code/tools/exercises.py    writes code/descent/checker/answers.json

An exercise that can be checked has three places: its solution, whose code finds the answer; a cell
of the chapter's notebook with a call such as check([edge, runs], like="ex-gradient_descent-edge"),
in the names of the solution; and in exercises.toml what each part of the answer is and which
mistakes are typical. answers.json gets hashes of the numbers.
"""

import ast
import contextlib
import io
import json
import re
import tomllib
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin

from descent.checker import answers

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
ANSWERS = ROOT / "code/descent/checker/answers.json"
PAGES = [path for path in sorted(BOOK.rglob("*")) if path.suffix in (".md", ".ipynb")]
MARKDOWN = MarkdownIt("commonmark").use(colon_fence_plugin)


# ---- Reading the book ---------------------------------------------------------------------------


def markdown(path):
    """The Markdown of a page, or of the Markdown cells of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def fences(text):
    """(first line, content) of each fenced block, in order."""
    for token in MARKDOWN.parse(text):
        if token.type in ("fence", "colon_fence"):
            yield token.info.strip(), token.content


def exercises_and_solutions(text):
    """The labels of the exercises of a page, and [(label, [code, ...])] of its solutions."""
    exercises, solutions, gate = [], [], None
    for info, content in fences(text):
        if info.startswith(("{exercise}", "{exercise-start}")):
            label = re.search(r"^:label: (\S+)$", content, re.M)
            assert label, f"an exercise without a label: {info}"
            exercises.append(label[1])
        elif info.startswith("{solution}"):
            code = [inner for name, inner in fences(content) if name == "python"]
            solutions.append((info.split()[1], code))
        elif info.startswith("{solution-start}"):
            gate = []
            solutions.append((info.split()[1], gate))
        elif info.startswith("{solution-end}"):
            gate = None
        elif gate is not None and info == "python":
            gate.append(content)
    return exercises, solutions


@cache
def solutions():
    """{label: the code of its solution}."""
    found = [exercises_and_solutions(markdown(path))[1] for path in PAGES]
    return {label: "\n".join(code) for page in found for label, code in page if code}


@cache
def cells():
    """{label: (path of the notebook, cell, its call of check)} of the cells that wait for code."""
    found = {}
    for path in PAGES:
        if path.suffix == ".ipynb":
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                source = "".join(cell["source"])
                if cell["cell_type"] == "code" and re.search(r"^check\(", source, re.M):
                    call = ast.parse(source).body[-1].value
                    like = call.keywords[0].value.value
                    if like in found:
                        raise ValueError(f"{path}: {like} is checked in two cells")
                    found[like] = path, cell, call
    return found


@cache
def spec():
    """{label: parts}, as exercises.toml has them."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


# ---- Making the hashes --------------------------------------------------------------------------


def run(code, until=None):
    """The names that code defines, without its assertions; up to the definition of a function."""
    body = ast.parse(code).body
    for place, statement in enumerate(body, 1):
        if isinstance(statement, ast.FunctionDef) and statement.name == until:
            body = body[:place]
            break
    found = {"__name__": "solution"}
    module = compile(ast.Module(body, []), "solution", "exec", optimize=1)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(module, found)
    return found


@cache
def names(label):
    """The names that the solution of an exercise defines."""
    return run(solutions()[label])


@cache
def parts(label):
    """The parts of an exercise: (what exercises.toml says, its code in the call, the answer)."""
    _, _, call = cells()[label]
    told = spec()[label]
    codes = call.args if len(told) == 1 else call.args[0].elts
    codes = [ast.unparse(code) for code in codes]
    return [(part, code, eval(code, names(label))) for part, code in zip(told, codes, strict=True)]


@cache
def mistakes(label):
    """The typical mistakes: (number of the part, name, the answer with the mistake)."""
    solution, found = solutions()[label], []
    for number, (part, code, _) in enumerate(parts(label)):
        for mistake in part.get("mistakes", ()):
            if "value" in mistake:
                wrong = eval(mistake["value"], names(label))
            elif solution.count(mistake["old"]) == 1:
                edited = solution.replace(mistake["old"], mistake["new"])
                wrong = eval(code, run(edited, until=code if "calls" in part else None))
            else:
                raise ValueError(f"{label}: {mistake['old']!r} must stand once in the solution")
            found.append((number, mistake["name"], wrong))
    return found


def hashes(value, part, salt):
    """Of each number that is compared; for a function, a list for each call."""
    if "words" in part:
        return [answers.hashed(answers.words(part["name"], value), salt)]
    if "calls" in part:
        outputs = [answers.called(value, call) for call in part["calls"]]
        plain = {key: kind for key, kind in part.items() if key != "calls"}
        return [hashes(output, plain, salt) for output in outputs]
    given = answers.numbers(part["name"], value, bools=True)
    return [answers.hashed(answers.roundings(x, part)[0], salt) for x in given]


def made(label):
    """The parts of an exercise, as answers.json has them."""
    found = []
    for number, (part, _, value) in enumerate(parts(label)):
        salt = f"{label}/{number}"
        one = {key: told for key, told in part.items() if key != "mistakes"}
        one["right"] = hashes(value, part, salt)
        if part.get("digits", 0) > answers.NEAR + 1 and "calls" not in part:
            one["near"] = hashes(value, part | {"digits": answers.NEAR}, salt)
        found.append(one)
    for number, name, wrong in mistakes(label):
        one = found[number]
        hashed = hashes(wrong, one, f"{label}/{number}")
        if hashed == one["right"]:
            raise ValueError(f"{label}: {name!r} does not change the answer")
        if list(map(len, hashed)) != list(map(len, one["right"])):
            raise ValueError(f"{label}: {name!r} changes how many numbers there are")
        one.setdefault("wrong", {})[name] = hashed
    return found


def text():
    """The text of answers.json: a line for each exercise."""
    lines = [f"{json.dumps(label)}: {json.dumps(made(label))}" for label in spec()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        ANSWERS.write_text(text(), encoding="utf-8")
    print(f"wrote {ANSWERS.relative_to(ROOT)}")
