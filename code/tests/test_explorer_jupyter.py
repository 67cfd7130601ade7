"""The interactive figure in a real JupyterLab, its numbers from Python."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from descent import adam, amsgrad, bowl, minimize

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "book/adam/notebook.ipynb"

# What a reader might do in the notebook: change the rule, keep its name.
REDEFINED = """\
from descent.rules import AdamStep
def adam(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, t, nothing = x0, 0, 0 * x0
    while True:
        yield AdamStep(t, x, nothing, nothing)
        x, t = x - alpha * gradient(x), t + 1"""
PAIR = """\
from ipywidgets import HBox, link
pair = [Explorer(RULES[name], alpha=0.1) for name in ("adamax", "amsgrad")]
link((pair[0], "x0"), (pair[1], "x0"))
HBox(pair)"""
BROKEN = "def adam(gradient, x0, alpha=0.001):\n    yield 1 / 0"


@pytest.fixture
def notebook(browser, tmp_path):
    """The Adam notebook's imports and its explorer, then two cells of a reader, in JupyterLab."""
    cells = [cell for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]
    (explorer,) = (cell.source for cell in cells if cell.source.startswith("Explorer("))
    imports = next(cell.source for cell in cells if "from descent import" in cell.source)
    imports += "\nfrom descent import RULES"
    sources = [imports, explorer, BROKEN, REDEFINED, PAIR]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    command = [sys.executable, ROOT / "code/tools/lab.py", tmp_path]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        url = server.stdout.readline().strip().replace("NAME", "notebook.ipynb")
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(url)
        yield page
        page.close()
        server.stdin.close()


def run(page, n):
    """Run the n-th cell."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(n)
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    return cell


def test_jupyterlab(notebook):
    page = notebook
    page.get_by_text("(ipykernel) | Idle").wait_for(timeout=60_000)
    run(page, 0)
    run(page, 1)
    page.wait_for_selector(".descent-explorer[data-state=ready]", timeout=60_000)
    root = page.locator(".descent-explorer")
    assert root.count() == 1

    def wait(condition):
        page.wait_for_function(f"e => {condition}", arg=root.element_handle(), timeout=30_000)
        return root.evaluate("e => ({ ...e.dataset })")

    def settings(data):
        return json.loads(data["x0"]), int(data["nIter"]), json.loads(data["hyperparameters"])

    # Move alpha: the path is what minimize gives.
    start = wait("true")
    for _ in range(30):
        root.locator("[name=alpha]").press("ArrowRight")
    shown = "e.querySelector('[name=alpha]').nextSibling.textContent"
    alpha = "JSON.parse(e.dataset.hyperparameters).alpha"
    data = wait(f"{alpha} == {shown} && {alpha} > 0.03")
    x0, n_iter, hyperparameters = settings(data)
    assert hyperparameters["alpha"] > settings(start)[2]["alpha"]
    trace = minimize(bowl, x0, adam, n_iter, **hyperparameters)
    assert json.loads(data["x"]) == trace.x[-1].tolist()
    assert float(data["score"]) == trace.score[-1]
    assert page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".descent-explorer").count()

    # The sensitivity map: one batch in the kernel.
    root.locator("[name=panel]").nth(1).check()
    best = json.loads(wait("e.dataset.best")["best"])
    f = best.pop("f")
    assert minimize(bowl, x0, adam, n_iter, **hyperparameters | best).score[-1] == f
    root.locator("[name=panel]").first.check()
    wait("e.dataset.panel === 'loss'")

    # Redefine the rule with a mistake: a sentence, the traceback, and no other harm.
    run(page, 2)
    wait("e.dataset.state === 'error'")
    assert root.locator("[role=alert]").inner_text() == (
        "ZeroDivisionError in line 2 of adam: division by zero"
    )
    assert "yield 1 / 0" in root.locator("pre").inner_text()

    # Mend it: the figure follows the new rule, gradient descent under Adam's name.
    run(page, 3)
    data = wait("e.dataset.state === 'ready'")
    x0, n_iter, hyperparameters = settings(data)
    x = np.array(x0)
    for _ in range(n_iter):
        x = x - hyperparameters["alpha"] * bowl.gradient(x)
    assert json.loads(data["x"]) == x.tolist()
    assert not root.locator("[role=alert]").is_visible()
    assert sorted(hyperparameters) == ["alpha", "beta1", "beta2", "eps"]

    # The start, by keyboard, still asks the new rule; the keys do not move the notebook.
    root.locator("[name=x0]").focus()
    page.keyboard.press("ArrowRight")
    moved = wait(f"e.dataset.x0 !== '{data['x0']}'")
    x = np.array(settings(moved)[0])
    for _ in range(n_iter):
        x = x - hyperparameters["alpha"] * bowl.gradient(x)
    assert json.loads(moved["x"]) == x.tolist()
    assert root.locator("[name=x0]").evaluate("e => e === document.activeElement")

    # Two figures side by side that share their start.
    run(page, 4)
    pair = page.locator(".jp-Notebook .jp-CodeCell").nth(4).locator(".descent-explorer")
    pair.nth(1).locator("output:not(:empty)").wait_for()
    left, right = (figure.bounding_box() for figure in pair.all())
    assert right["x"] >= left["x"] + left["width"] and left["width"] > 300
    pair.nth(0).locator("[name=x0]").press("ArrowRight")
    root = pair.nth(1)
    data = wait("e.dataset.x0.startsWith('[-0.146,')")
    assert (
        json.loads(data["x"])
        == minimize(bowl, json.loads(data["x0"]), amsgrad, 100, alpha=0.1).x[-1].tolist()
    )
    assert page.problems == []
