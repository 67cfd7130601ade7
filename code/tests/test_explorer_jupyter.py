"""The interactive figure in a real JupyterLab, its numbers from Python."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

import descent
from descent import RULES, Explorer, adam, amsgrad, bowl, minimize

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "book/adam/notebook.ipynb"

# The cells of a reader, by name; those of the Adam notebook come first. `adam` is redefined as a
# reader might do it: its name is kept. What other cells use has names of its own.
CELLS = {
    "a mistake": "def adam(gradient, x0, alpha=0.001):\n    yield 1 / 0",
    "mended": """\
from descent.rules import AdamStep
def adam(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, t, nothing = x0, 0, 0 * x0
    while True:
        yield AdamStep(t, x, nothing, nothing)
        x, t = x - alpha * gradient(x), t + 1""",
    "a pair": """\
from ipywidgets import HBox, link
pair = [Explorer(RULES[name], alpha=0.1) for name in ("adamax", "amsgrad")]
link((pair[0], "x0"), (pair[1], "x0"))
HBox(pair)""",
    "linked runs": """\
link((pair[0], "runs"), (pair[1], "runs"))
pair[1].runs = ["momentum", {"rule": "nadam", "correction": "constant"}]""",
    "mine": """\
from descent.rules import GradientDescentStep
def mine(gradient, x0, alpha=0.1, factor=2.0):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - alpha * gradient(x) / factor, t + 1
figure = Explorer(amsgrad, bowl, n_iter=40, alpha=0.05, compare=mine)
figure""",
    "from Python": """\
print([run["rule"] for run in figure.runs], figure.selected, figure.hyperparameters)
figure.runs = [*figure.runs, {"rule": "adamax", "alpha": 0.25}]
figure.selected = 0
figure.hyperparameters = figure.hyperparameters | {"factor": 8.0}
figure.runs = [figure.runs[0], figure.runs[2]]""",
    "a mistake of mine": "def mine(gradient, x0, alpha=0.1, factor=2.0):\n    yield start",
    "mine mended": """\
def mine(gradient, x0, alpha=0.1, speed=3.0):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - alpha * gradient(x) * speed, t + 1""",
    "a stream": """\
def swing(t):
    return (t % 7) / 3 - 1
figure.stream, figure.view = swing, "stream\"""",
    "another stream": "def swing(t):\n    return 2.0",
}


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """The Adam notebook's imports and its explorer, then the cells above, in one JupyterLab."""
    folder = tmp_path_factory.mktemp("lab")
    cells = [cell for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]
    (explorer,) = (cell.source for cell in cells if cell.source.startswith("Explorer("))
    imports = next(cell.source for cell in cells if "from descent import" in cell.source)
    imports += "\nfrom descent import RULES"
    sources = {"imports": imports, "explorer": explorer, **CELLS}
    cells = [nbformat.v4.new_code_cell(source) for source in sources.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "notebook.ipynb")
    command = [sys.executable, ROOT / "code/tools/lab.py", folder]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        url = server.stdout.readline().strip().replace("NAME", "notebook.ipynb")
        page = browser.new_page(
            viewport={"width": 1300, "height": 1000},
            permissions=["clipboard-read", "clipboard-write"],
        )
        page.goto(url)
        page.get_by_text("(ipykernel) | Idle").wait_for(timeout=60_000)
        lab = Lab(page, list(sources))
        lab.run("imports")
        yield lab
        page.close()
        server.stdin.close()


class Lab:
    def __init__(self, page, cells):
        self.page, self.cells, self.problems = page, cells, []
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def cell(self, name):
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(self.cells.index(name))

    def run(self, name):
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def figure(self, name, n=0):
        """The n-th figure below a cell, which has been run."""
        root = self.cell(name).locator(".descent-explorer").nth(n)
        root.locator("output:not(:empty)").wait_for(timeout=60_000)
        return LabFigure(self.page, root)


class LabFigure:
    def __init__(self, page, root):
        self.page, self.root = page, root

    def wait(self, condition):
        """The attributes, as soon as the condition holds."""
        handle = self.root.element_handle()
        self.page.wait_for_function(f"e => {condition}", arg=handle, timeout=30_000)
        return self.root.evaluate("e => ({ ...e.dataset })")

    def wait_for_runs(self, condition):
        """The attributes, as soon as the condition on its runs holds."""
        return self.wait(f"((runs) => {condition})(JSON.parse(e.dataset.runs))")

    def control(self, name):
        return self.root.locator(f'[name="{name}"]')

    def call(self):
        """The call that the button copies."""
        self.control("link").click()
        self.wait("e.querySelector('[name=link]').textContent === 'Copied'")
        return self.page.evaluate("navigator.clipboard.readText()")


def settings(data):
    return json.loads(data["x0"]), int(data["nIter"]), json.loads(data["hyperparameters"])


def own_names(*cells):
    """What these cells define, made in this process."""
    names = {name: getattr(descent, name) for name in descent.__all__}
    for cell in cells:
        exec(CELLS[cell].split("\nfigure")[0], names)
    return names


def check(data, rules=RULES):
    """Every run ends where minimize does; the names of the rules."""
    runs = json.loads(data["runs"])
    for run in runs:
        trace = minimize(
            bowl, json.loads(data["x0"]), rules[run["rule"]], int(data["nIter"]),
            **run["hyperparameters"],
        )  # fmt: skip
        assert run["x"] == trace.x[-1].tolist() and run["score"] == trace.score[-1]
    return [run["rule"] for run in runs]


def test_the_figure_of_a_notebook_asks_python(lab):
    lab.run("explorer")
    figure = lab.figure("explorer")
    root, wait = figure.root, figure.wait
    assert lab.cell("explorer").locator(".descent-explorer").count() == 1

    # Move alpha: the path is what minimize gives.
    start = wait("e.dataset.state === 'ready'")
    for _ in range(30):
        figure.control("alpha").press("ArrowRight")
    shown = "e.querySelector('[name=alpha-value]').value"
    alpha = "JSON.parse(e.dataset.hyperparameters).alpha"
    data = wait(f"{alpha} == {shown} && {alpha} > 0.03")
    x0, n_iter, hyperparameters = settings(data)
    assert hyperparameters["alpha"] > settings(start)[2]["alpha"]
    trace = minimize(bowl, x0, adam, n_iter, **hyperparameters)
    assert json.loads(data["x"]) == trace.x[-1].tolist()
    assert float(data["score"]) == trace.score[-1]

    # The sensitivity map: one batch in the kernel.
    figure.control("panel").nth(1).check()
    best = json.loads(wait("e.dataset.best")["best"])
    f = best.pop("f")
    assert minimize(bowl, x0, adam, n_iter, **hyperparameters | best).score[-1] == f
    figure.control("panel").first.check()
    wait("e.dataset.panel === 'loss'")

    # Redefine the rule with a mistake: a sentence, the traceback, and no other harm.
    lab.run("a mistake")
    wait("e.dataset.state === 'error'")
    problem = root.locator(".problem [role=alert]")
    assert problem.inner_text() == "ZeroDivisionError in line 2 of adam: division by zero"
    assert "yield 1 / 0" in root.locator("pre").inner_text()

    # Mend it: the figure follows the new rule, gradient descent under Adam's name.
    lab.run("mended")
    data = wait("e.dataset.state === 'ready'")
    x0, n_iter, hyperparameters = settings(data)
    x = np.array(x0)
    for _ in range(n_iter):
        x = x - hyperparameters["alpha"] * bowl.gradient(x)
    assert json.loads(data["x"]) == x.tolist()
    assert not problem.is_visible()
    assert sorted(hyperparameters) == ["alpha", "beta1", "beta2", "eps"]

    # The start, by keyboard, still asks the new rule; the keys do not move the notebook.
    figure.control("x0").focus()
    lab.page.keyboard.press("ArrowRight")
    moved = wait(f"e.dataset.x0 !== '{data['x0']}'")
    x = np.array(settings(moved)[0])
    for _ in range(n_iter):
        x = x - hyperparameters["alpha"] * bowl.gradient(x)
    assert json.loads(moved["x"]) == x.tolist()
    assert figure.control("x0").evaluate("e => e === document.activeElement")
    assert lab.problems == []


def test_two_figures_side_by_side_are_linked(lab):
    """By their start, then by their runs as well."""
    lab.run("a pair")
    left, right = (lab.figure("a pair", n) for n in range(2))
    boxes = [figure.root.bounding_box() for figure in (left, right)]
    assert boxes[1]["x"] >= boxes[0]["x"] + boxes[0]["width"] and boxes[0]["width"] > 300
    left.control("x0").press("ArrowRight")
    data = right.wait("e.dataset.x0.startsWith('[-0.146,')")
    trace = minimize(bowl, json.loads(data["x0"]), amsgrad, 100, alpha=0.1)
    assert json.loads(data["x"]) == trace.x[-1].tolist()

    lab.run("linked runs")
    for figure in (left, right):
        data = figure.wait_for_runs("runs.length === 2")
        assert check(data) == ["momentum", "nadam"]
    left.control("run").nth(1).click()
    left.wait("e.dataset.selected === '1'")
    left.control("correction").select_option("power")
    data = right.wait_for_runs("runs[1].hyperparameters.correction === 'power'")
    assert check(data) == ["momentum", "nadam"] and data["selected"] == "0"
    right.control("remove").first.click()
    data = left.wait_for_runs("runs.length === 1")
    assert check(data) == ["nadam"] and data["selected"] == "0"
    assert lab.problems == []


def test_runs_and_streams_from_the_figure_and_from_python(lab):
    lab.run("mine")
    figure, names = lab.figure("mine"), own_names("mine")
    known = RULES | {"mine": names["mine"]}
    data = figure.wait("e.dataset.state === 'ready'")
    assert check(data, known) == ["amsgrad", "mine"]

    # From the figure: select a run, change it, add one, remove one.
    figure.control("run").nth(1).click()
    data = figure.wait("e.dataset.selected === '1'")
    assert data["rule"] == "mine" and figure.control("factor").is_visible()
    figure.control("factor-value").fill("4")
    figure.control("factor-value").press("Enter")
    data = figure.wait_for_runs("runs[1].hyperparameters.factor === 4")
    assert check(data, known) == ["amsgrad", "mine"]
    figure.control("add").select_option("momentum")
    data = figure.wait_for_runs("runs.length === 3")
    assert check(data, known) == ["amsgrad", "mine", "momentum"] and data["rule"] == "momentum"
    assert json.loads(data["hyperparameters"]) == {"alpha": 0.05, "beta": 0.9}
    figure.control("remove").first.click()
    data = figure.wait_for_runs("runs.length === 2")
    assert check(data, known) == ["mine", "momentum"] and data["rule"] == "momentum"

    check_call(figure, names)

    # From Python: what the figure has told; then a run more, another one changed, a run less.
    lab.run("from Python")
    data = figure.wait_for_runs("runs.length === 2 && runs[1].rule === 'adamax'")
    assert check(data, known) == ["mine", "adamax"] and data["rule"] == "mine"
    assert json.loads(data["hyperparameters"]) == {"alpha": 0.05, "factor": 8}
    assert json.loads(data["runs"])[1]["hyperparameters"]["alpha"] == 0.25
    told = lab.cell("from Python").locator(".jp-OutputArea-output").inner_text()
    assert told.strip() == "['mine', 'momentum'] 1 {'alpha': 0.05, 'beta': 0.9}"

    # A rule of one's own among the runs: redefined with a mistake, mended, and followed.
    lab.run("a mistake of mine")
    figure.wait("e.dataset.state === 'error'")
    problem = figure.root.locator(".problem [role=alert]")
    assert problem.inner_text() == "NameError in line 2 of mine: name 'start' is not defined"
    lab.run("mine mended")
    data = figure.wait("e.dataset.state === 'ready'")
    names = own_names("mine", "mine mended")
    known = RULES | {"mine": names["mine"]}
    assert check(data, known) == ["mine", "adamax"]
    assert json.loads(data["hyperparameters"]) == {"alpha": 0.05, "speed": 3}
    assert figure.control("speed").is_visible() and not figure.control("factor").count()

    # A function of Python as a stream; another one of this name; one of the book, in the figure.
    for cell in ("a stream", "another stream"):
        lab.run(cell)
        names |= own_names(cell)
        last = names["swing"](40)
        figure.wait(f"e.querySelector('.step').textContent.includes('g {last:.4f}')")
        assert "stream=swing" in check_call(figure, names | {"mine": known["mine"]})
    figure.control("stream").select_option("spike")
    figure.wait("e.dataset.stream === 'spike'")
    assert 'stream="spike"' in check_call(figure, names)
    assert lab.problems == []


def check_call(figure, names):
    """The call that the button copies gives this very figure where the names are known."""
    text, data = figure.call(), figure.wait("e.dataset.state === 'ready'")
    again = eval(text, {**names, "Explorer": Explorer})
    shown = json.loads(data["runs"])
    assert again.runs == [{key: run[key] for key in ("rule", "hyperparameters")} for run in shown]
    assert (again.view, again.n_iter) == (data["view"], int(data["nIter"]))
    for i, run in enumerate(shown):
        x = np.frombuffer(again.result["runs"][i]["fields"]["x"])
        assert run["x"] == x[-len(run["x"]) :].tolist()
    return text
