"""The editor on a page: what a reader writes there runs in Python, in the page, and is survived.

In Chromium with the network cut, on the built site; the path is that of the package.
"""

import importlib.util
import json
import math
import re

import numpy as np
import pytest
from course import ROOT, SITE, serve
from editor import Editor

from descent import RULES

PAGE = "book/adam/derivation.html"
LINES = """\
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)
"""
PRODUCTS = """\
        p, q = p * beta1, q * beta2
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g * g)
        x = x - alpha * (m / (1 - p) / (np.sqrt(v / (1 - q)) + eps))
"""


# ---- The stand-in for NumPy ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def standin():
    path = ROOT / "book" / "_write" / "python" / "numpy.py"
    spec = importlib.util.spec_from_file_location("numpy_of_the_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VALUES = [0.0, -0.0, 1.0, -1.5, 0.1, 3e-9, 1e300, -1e-300, math.inf, -math.inf, math.nan]
ROWS = [VALUES[i : i + 3] for i in range(len(VALUES) - 2)]
PAIRS = [  # of two vectors, or of a vector and a number
    "a + b",
    "a - b",
    "a * b",
    "a / b",
    "2 - a",
    "2 / a",
    "0.9 * a + (1 - 0.9) * b",
    "a < b",
    "a >= b",
    "(a > 0) & (b > 0)",
    "np.maximum(a, b)",
    "np.minimum(a, b)",
    "np.maximum(a, 0.0)",
    "np.where(a > b, a, 0.0)",
    "np.divide(a, b, out=np.zeros_like(a), where=(a != 0) | (b != 0))",
]
SINGLES = [
    "-a",
    "abs(a)",
    "np.abs(a)",
    "a**2",
    "a**0.5",
    "a**-1",
    "np.sqrt(a)",
    "np.square(a)",
    "np.sign(a)",
    "np.isfinite(a)",
    "np.isnan(a)",
    "np.zeros_like(a)",
    "np.ones_like(a)",
    "np.array([a[0], a[1] * 2, a[-1]])",
    "np.array(list(a))",
    "np.clip(a, -1.0, 1.0)",
    "np.zeros(3) + a",
    "a[1:]",
    "a[::-1].copy()",
]


def bits(value):
    return [v.hex() if isinstance(v, float) else v for v in np.asarray(value).tolist()]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, at 1/0 and its like
@pytest.mark.parametrize("expression", PAIRS + SINGLES)
def test_the_pages_numpy_gives_the_bits_of_numpy(standin, expression):
    for first in ROWS:
        for second in ROWS if expression in PAIRS else [first]:
            both = [
                eval(expression, {"np": np_, "a": np_.array(first), "b": np_.array(second)})
                for np_ in (np, standin)
            ]
            if "maximum" in expression or "minimum" in expression or "clip" in expression:
                both = [value + 0.0 for value in both]  # of 0 and -0 NumPy takes either
            assert bits(both[0]) == bits(list(both[1])), (expression, first, second)


def test_the_pages_numpy_changes_arrays_in_place(standin):
    for np_ in (np, standin):
        a = b = np_.array([1.0, 2.0])
        a += 1
        a *= np_.array([2.0, 0.5])
        a -= 0.5
        a /= 2
        a[0] = 7
        assert list(b) == [7.0, 0.5]
        c = b.copy()
        c[:] = 0
        assert list(b) == [7.0, 0.5]


# ---- In a browser -------------------------------------------------------------------------------


def opened(browser, address, **options):
    return Editor(browser, f"{address}{PAGE}", "adam", **options)


@pytest.fixture(scope="module")
def site_address():
    with serve(SITE) as address:
        yield address


@pytest.fixture(scope="module")
def visit(browser, site_address):
    with opened(browser, site_address) as editor:
        yield editor


@pytest.fixture
def editor(visit):
    """As a reader finds it, but that Python may be there already."""
    visit.wait()
    if "my_adam" in visit.figure.get_attribute("data-runs"):
        visit.figure.locator('[name="reset"]').click()
        visit.page.wait_for_selector('#fig-adam-yours:not([data-runs*="my_adam"])')
    visit.button("Start again").click()
    return visit


@pytest.mark.site
def test_nothing_is_loaded_before_the_first_run(browser, site_address):
    with opened(browser, site_address) as editor:
        assert not [url for url in editor.requests if "write-" in url]
        before = len(editor.requests)
        editor.run()
        editor.run()
        loaded = [url for url in editor.requests[before:] if not url.startswith("blob:")]
        files = [url.rpartition("/")[2].partition("?")[0] for url in loaded]
        assert files == ["write-python.js", "write-adam.js"]


@pytest.mark.site
def test_the_skeleton_filled_in_by_typing_takes_the_path_of_minimize(editor):
    assert "another than" in editor.run()  # it stays where it is
    editor.text.focus()
    editor.text.evaluate(
        "e => { const at = e.value.indexOf('# your lines');"
        "e.setSelectionRange(at, at + '# your lines'.length); }"
    )
    for i, line in enumerate(PRODUCTS.splitlines()):
        if i:
            editor.page.keyboard.press("Enter")  # which indents
        editor.page.keyboard.type(line.strip())
    editor.text.evaluate(
        "e => e.setSelectionRange(...Array(2).fill(e.value.indexOf('    yield') - 1))"
    )
    editor.page.keyboard.press("Enter")
    editor.page.keyboard.type("p = q = 1.0")
    assert "\n    p = q = 1.0\n" in editor.source and PRODUCTS in editor.source
    assert "the same as that of the book’s adam, to the last bit" in editor.run()
    editor.check(RULES["adam"])
    editor.check(editor.pasted())
    assert editor.marked is None
    # The figure's controls move it, too, and it is computed anew.
    editor.figure.locator('[name="run"]').nth(1).click()
    figure = editor.figure
    # A result that comes while a number is being typed does not write over it.
    field = figure.locator('[name="alpha-value"]')
    field.fill("0.0")
    editor.page.evaluate(
        "() => { const { model } = descentPage.figures.find(({ id }) => id === 'fig-adam-yours');"
        "model.set('n_iter', 59); model.save_changes(); }"
    )
    editor.wait_for_figure('[data-n-iter="59"]')
    assert field.input_value() == "0.0"
    for name, value, shown in [
        ("alpha-value", "0.05", '"alpha":0.05'),
        ("beta2-value", "0.9", '"beta2":0.9,'),
        ("n_iter-value", "61", "61"),
    ]:
        figure.locator(f'[name="{name}"]').fill(value)
        figure.locator(f'[name="{name}"]').press("Enter")
        attribute = "data-n-iter" if value == "61" else "data-runs"
        editor.page.wait_for_selector(f"#fig-adam-yours[{attribute}*='{shown}']")
    figure.locator('[name="objective"]').select_option("rosenbrock")
    editor.page.wait_for_selector('#fig-adam-yours[data-objective="rosenbrock"]')
    assert editor.mine()["hyperparameters"] == {
        "alpha": 0.05, "beta1": 0.9, "beta2": 0.9, "eps": 1e-8,
    }  # fmt: skip
    editor.check(RULES["adam"])


@pytest.mark.site
def test_the_same_source_in_a_notebook_gives_the_same_path(editor):
    """With powers, which JavaScript alone rounds otherwise."""
    assert "that of the book’s adam, to nine digits" in editor.run(editor.filled(LINES))
    editor.check(editor.pasted())


@pytest.mark.site
def test_a_stream_of_gradients_is_followed(editor):
    editor.run(editor.filled(PRODUCTS).replace("    yield", "    p = q = 1.0\n    yield", 1))
    editor.mine()
    editor.figure.locator('[name="view"][value="stream"]').check()
    editor.figure.locator('[name="stream"]').select_option("spike")
    editor.page.wait_for_selector('#fig-adam-yours[data-view="stream"][data-stream="spike"]')
    book, mine = (run["x"] for run in json.loads(editor.figure.get_attribute("data-runs")))
    assert book == mine


WRONG = {  # name: what is changed in the right source, what the page says, the marked line
    "a bracket is open": (
        "np.sqrt(v_hat)",
        "np.sqrt(v_hat",
        r"column \d+: SyntaxError: '\(' was never closed",
        17,
    ),
    "a colon is missing": ("eps=1e-8):", "eps=1e-8)", r"SyntaxError: expected ':'", 6),
    "indented too far": (
        "        v = beta2",
        "          v = beta2",
        r"IndentationError: unexpected indent",
        14,
    ),
    "a name is misspelt": (
        "m_hat /",
        "mhat /",
        r"NameError: name 'mhat' is not defined. Did you mean m_hat\?",
        17,
    ),
    "a name is missing": ("+ eps", "+ epsilon0", r"NameError: name 'epsilon0' is not defined", 17),
    "a division by zero": (
        "alpha *",
        "alpha / (t - t) *",
        r"ZeroDivisionError: .*division by zero",
        17,
    ),
    "a function is misspelt": (
        "np.sqrt",
        "np.sqrtt",
        r"no attribute 'sqrtt'. Did you mean sqrt\?",
        17,
    ),
    "a module is not there": (
        "import numpy as np",
        "import pandas",
        r"no pandas on this page; it has numpy",
        1,
    ),
    "the rule is imported": (
        "import AdamStep",
        "import AdamStep, adam",
        r"cannot import name 'adam'",
        3,
    ),
    "a caret": ("g**2", "g^2", r"TypeError: .*\. A power is written \*\*$", 14),
    "the gradient is asked nowhere": (
        "gradient(x)",
        "gradient()",
        r"TypeError: gradient\(\) missing 1 required positional argument: 'x'",
        12,
    ),
    "a file is read": (
        "g = gradient(x)",
        "g = open('g.txt')",
        r"a page has no files, no input, and nothing to exit",
        12,
    ),
    "it leaves Python": ("g = gradient(x)", "raise SystemExit", r"SystemExit$", 12),
    "another name": (
        "def adam",
        "def adamm",
        r"a function with the name adam; it found adamm",
        None,
    ),
    "no record": (
        "yield AdamStep(0, x, m, v)",
        "yield x",
        r"records that have a field x.*yielded array",
        None,
    ),
    "the start is left out": ("yield AdamStep(0, x, m, v)", "pass", r"yield the start", None),
    "it ends": (
        "        yield AdamStep(t, x, m, v)",
        "        yield AdamStep(t, x, m, v)\n        return",
        r"ended after 2 records",
        None,
    ),
    "it ends later": ("count(1)", "range(1, 50)", r"ended after 50 records", None),
    "nothing is yielded": (
        "yield",
        "return",
        r"must yield a record for every step, but it has no yield",
        None,
    ),
}

COMPARED = {  # with the book's rule, too
    "the start is left out": "Not right yet: the start is missing",
    "it ends": "Not right yet: it stops by itself",
    "a division by zero": "Not right yet",
}


@pytest.mark.site
def test_what_is_wrong_is_said_with_its_line(editor):
    right = editor.filled(LINES)
    for what, (old, new, said, line) in WRONG.items():
        assert old in right
        sentence = editor.run(right.replace(old, new))
        assert re.search(said, sentence), (what, sentence)
        assert editor.marked == line, what
        if line:
            assert sentence.startswith(f"Line {line}"), sentence
        assert (editor.text.get_attribute("aria-invalid") == "true") is bool(line)
        verdict = COMPARED.get(what)
        assert editor.verdict.startswith(verdict) if verdict else editor.verdict == "", what
    assert "It ran" in editor.run(right)
    assert editor.marked is None


ENDLESS = {
    "a loop without an end": "while True:\n    pass\n",
    "a loop in the rule": "def adam(g, x0):\n    while True:\n        x0 = x0 + 1\n    yield\n",
    "prints without an end": "while True:\n    print('number')\n",
}


@pytest.mark.site
@pytest.mark.slow
def test_what_does_not_end_is_ended_and_the_page_lives(editor):
    right = editor.filled(LINES)
    editor.run(right)
    for source in ENDLESS.values():
        editor.page.evaluate("() => { descentWrite.limit = 2000; }")
        assert "It was stopped after 2 seconds" in editor.run(right + source)
        editor.page.evaluate("() => { descentWrite.limit = 60_000; }")
        assert "It ran" in editor.run(right)
        editor.check(editor.pasted(right))


@pytest.mark.site
def test_what_is_printed_is_shown_and_bounded(editor):
    """Also where a million lines are printed, and time is enough for them."""
    right = editor.filled(LINES)
    said = editor.run(right.replace("g = gradient(x)", "g = gradient(x); print('t', t, x * 0)"))
    assert "It ran" in said and "t 1 [0. 0.]\nt 2 [0. 0.]\n" in editor.printed.replace("-0.", "0.")
    assert "It ran" in editor.run("for i in range(10**6):\n    print('number', i)\n" + right)
    assert editor.printed.strip().endswith("(the rest is not shown)")
    assert len(editor.printed) < 21_000
    box = editor.box.locator(".printed").bounding_box()
    assert box["height"] < 300
    editor.run(right)
    assert editor.printed == ""


@pytest.mark.site
def test_records_without_end_that_are_no_records(editor):
    sentence = editor.run("def adam(gradient, x0):\n    while True:\n        yield\n")
    assert "records that have a field x" in sentence and "yielded None" in sentence


@pytest.mark.site
def test_a_record_of_ones_own(editor):
    own = "from typing import NamedTuple\nclass AdamStep(NamedTuple):\n"
    own += "    t: int\n    x: object\n    m: object\n    v: object\n"
    editor.run(editor.filled(LINES).replace("from descent.rules import AdamStep\n", own))
    editor.check(editor.pasted())


@pytest.mark.site
def test_the_text_is_kept_begun_again_and_downloaded(editor):
    skeleton = editor.source
    editor.text.fill("# mine\n" + skeleton)
    editor.page.reload()
    assert editor.source == "# mine\n" + skeleton
    with editor.page.expect_download() as download:
        editor.button("Download").click()
    assert download.value.suggested_filename == "adam.py"
    assert download.value.path().read_text("utf-8") == "# mine\n" + skeleton
    editor.button("Start again").click()
    assert editor.source == skeleton
    editor.page.keyboard.press("Control+z")
    assert editor.source == "# mine\n" + skeleton
    editor.button("Start again").click()
    editor.page.reload()
    assert editor.source == skeleton


@pytest.mark.site
def test_the_keyboard_indents_and_can_leave(editor):
    keys, focused = editor.page.keyboard, "() => document.activeElement.textContent"
    editor.text.fill("if x:")
    keys.press("Enter")
    keys.type("y")
    assert editor.source == "if x:\n    y"
    keys.press("Control+a")
    keys.press("Tab")
    assert editor.source == "    if x:\n        y"
    keys.press("Shift+Tab")
    assert editor.source == "if x:\n    y"
    keys.press("Control+End")
    keys.press("Tab")
    assert editor.source == "if x:\n    y   "
    keys.press("Control+z")
    assert editor.source == "if x:\n    y"
    keys.press("Escape")
    keys.press("Tab")
    assert editor.source == "if x:\n    y"
    assert editor.page.evaluate(focused) == "Run"
    keys.press("Shift+Tab")
    keys.press("Escape")
    keys.press("Shift+Tab")
    assert editor.page.evaluate("() => document.activeElement.tagName") != "TEXTAREA"
    hint = editor.text.get_attribute("aria-describedby")
    assert "Escape, then Tab leaves" in editor.page.locator(f"#{hint}").inner_text()


@pytest.mark.site
def test_a_page_opened_from_disk_runs_it_too(browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"file://{SITE}/{PAGE}")
    page.get_by_role("button", name="Run", exact=True).last.click()
    page.wait_for_selector('#fig-adam-yours[data-runs*="my_adam"]')
    context.close()


@pytest.mark.site
def test_a_browser_that_cannot_says_so(browser, site_address):
    with opened(browser, site_address) as editor:
        editor.page.evaluate("() => { window.Worker = undefined; }")
        sentence = editor.run()
        assert "cannot run Python" in sentence and "notebook" in sentence
        editor.figure.locator('[name="alpha-value"]').fill("0.1")
        editor.figure.locator('[name="alpha-value"]').press("Enter")
        assert '"alpha":0.1' in editor.figure.get_attribute("data-hyperparameters")


@pytest.mark.site
def test_a_link_to_the_figure_holds_the_rules_that_every_page_knows(browser, site_address):
    with opened(browser, site_address) as editor:
        editor.run(editor.filled(LINES))
        editor.mine()
        link = editor.page.evaluate(
            "() => { const { model } = descentPage.figures.find((f) => f.id === 'fig-adam-yours');"
            "return descentShare.write(model.get('result').settings, 'fig-adam-yours'); }"
        )
        assert "run=adam" in link and "my_adam" not in link


@pytest.mark.site
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_and_used_by_all(browser, site_address, scheme):
    from axe_playwright_python.sync_playwright import Axe

    with opened(
        browser, site_address, color_scheme=scheme, viewport={"width": 390, "height": 844}
    ) as editor:
        editor.run("print('something')\n" + editor.filled(LINES).replace("* g\n", "* h\n"))
        found = Axe().run(editor.page, ".descent-write", {"preload": False}).response["violations"]
        assert not found, [violation["id"] for violation in found]
        assert editor.page.evaluate("() => document.documentElement.scrollWidth") <= 390
        box = editor.box.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


@pytest.mark.site
def test_without_scripts_the_skeleton_is_a_listing(browser, site_address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_address}{PAGE}")
    box = page.locator(".descent-write").last
    assert "def adam(gradient, x0" in box.locator("pre").inner_text()
    assert "With JavaScript this is an editor" in box.inner_text()
    context.close()


@pytest.mark.site
def test_the_interpreter_comes_with_its_licence():
    licence = (SITE / "_static" / "write-python.js.LICENSE.txt").read_text("utf-8")
    assert "Copyright (c) 2012, Pierre Quentel" in licence
    assert "THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS" in licence
    with open(SITE / "_static" / "write-python.js", encoding="utf-8") as script:
        assert "see write-python.js.LICENSE.txt" in script.readline()
