"""The first page and the notation against the package, the chapters and the notebooks."""

import ast
import importlib.util
import inspect
import json
import re

import numpy as np
import pytest
from course import PAGES, ROOT

from descent import RULES, bowl, minimize

PAGE = ROOT / "book" / "notation.md"


def our_column():
    """{rule: {name: printed default or None}} of the first column of the table rule by rule."""
    table = PAGE.read_text(encoding="utf-8").split("### Rule by rule")[1]
    ours = {}
    for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[2:]:
        if row.startswith("**"):
            rule = ours.setdefault(re.match(r"\*\*`(\w+)`", row)[1], {})
        else:
            for name, value in re.findall(r"`(\w+)`(?: ([\d.e-]+))?", row):
                rule[name] = value or None
    return ours


def test_the_table_has_every_rule_in_order():
    assert list(our_column()) == list(RULES)


@pytest.mark.parametrize("name", [name for name in RULES if name != "nesterov"])
def test_names_and_defaults_are_those_of_the_package(name):
    """Nesterov's rows are those of momentum."""
    parameters = inspect.signature(RULES[name]).parameters
    fields = minimize(bowl, [0.5, 0.5], RULES[name], 1).state._fields
    printed = our_column()[name]
    for argument, value in printed.items():
        if value is not None:
            assert float(value) == parameters[argument].default, argument
        elif argument == "eps":  # AdaMax: "no `eps`"
            assert "eps" not in parameters
        else:
            assert argument in parameters or argument in fields, argument
    numbers = {k for k, p in parameters.items() if isinstance(p.default, float)}
    assert numbers <= set(printed)


LIBRARIES = ("torch.optim", "optax", "keras.optimizers")
DEFAULTS = json.loads((ROOT / "code/tests/vectors/defaults.json").read_text(encoding="utf-8"))


def wrong_defaults(page):
    """What the table rule by rule says of a library's defaults and its signature does not."""
    table, wrong, compared = page.split("### Rule by rule")[1], [], 0
    for row in re.findall(r"^\| (.+) \|$", table, re.MULTILINE)[2:]:
        ours, *cells = re.split(r" *\| *", row)
        if ours.startswith("**"):
            named = [re.match(r"`(\w+)`", cell)[1] for cell in cells]
            optimizers = [
                f"{library}.{name}" for library, name in zip(LIBRARIES, named, strict=True)
            ]
            continue
        for optimizer, cell in zip(optimizers, cells, strict=True):
            said = re.findall(r"`(\w+)` (\([^)]*\)|[\d.e-]+|None)", cell)
            said += [("initial_accumulator_value", v) for v in re.findall(r"from ([\d.]+)", cell)]
            for argument, value in said:
                default, compared = DEFAULTS[optimizer][argument], compared + 1
                default = tuple(default) if isinstance(default, list) else default
                if default != ast.literal_eval(value):
                    wrong.append(f"{optimizer}: {argument} {value}, but it is {default}")
    assert compared > 40
    return wrong


def test_the_defaults_of_the_libraries_are_those_of_their_signatures():
    page = PAGE.read_text(encoding="utf-8")
    assert wrong_defaults(page) == []
    versions = {"PyTorch": "torch", "Optax": "optax", "Keras": "keras"}
    for name, library in versions.items():
        assert f"{name} {DEFAULTS['versions'][library]}" in page


def test_a_wrong_default_is_noticed():
    """Each number of a library's column, changed by one in its last digit."""
    page = PAGE.read_text(encoding="utf-8")
    begin = page.index("### Rule by rule")
    cells = re.compile(r"(?<=` )\(?[\d.e-]+(?:, [\d.]+\))?(?= \||, inside)|(?<=from )[\d.]+(?= \|)")
    changed = 0
    for found in cells.finditer(page, begin):
        if page[page.rindex("\n", 0, found.start()) + 1 : found.start()].count("|") == 1:
            continue  # our own column
        at = found.start() + max(i for i, c in enumerate(found[0]) if c.isdigit())
        digit = str((int(page[at]) + 1) % 10)
        assert wrong_defaults(page[:at] + digit + page[at + 1 :]) != [], found[0]
        changed += 1
    assert changed > 40


def test_nesterov_has_the_arguments_of_momentum():
    nesterov, momentum = (inspect.signature(RULES[name]) for name in ("nesterov", "momentum"))
    assert str(nesterov) == str(momentum)


def test_symbols_are_what_the_rules_compute():
    """Each recursion printed in the table of symbols, replayed on a run."""
    b = minimize(bowl, [0.5, -0.3], RULES["momentum"], 9, beta=0.8)
    s = minimize(bowl, [0.5, -0.3], RULES["adagrad"], 9)
    m = minimize(bowl, [0.5, -0.3], RULES["adam"], 9, beta1=0.8, beta2=0.9)
    u = minimize(bowl, [0.5, -0.3], RULES["adamax"], 9, beta1=0.8, beta2=0.9)
    n = minimize(bowl, [0.5, -0.3], RULES["nadam"], 9, beta1=0.8, beta2=0.9)
    top = minimize(bowl, [0.5, -0.3], RULES["amsgrad"], 9, beta2=0.5)
    for t in range(1, 10):
        g = {k: bowl.gradient(r.x[t - 1]) for k, r in zip("bsmun", (b, s, m, u, n), strict=True)}
        assert np.array_equal(b.state.b[t], 0.8 * b.state.b[t - 1] + g["b"])
        assert np.array_equal(s.state.s[t], s.state.s[t - 1] + g["s"] ** 2)
        assert np.allclose(m.state.m[t], 0.8 * m.state.m[t - 1] + 0.2 * g["m"], rtol=1e-14)
        assert np.allclose(m.state.v[t], 0.9 * m.state.v[t - 1] + 0.1 * g["m"] ** 2, rtol=1e-14)
        assert np.array_equal(u.state.u[t], np.maximum(0.9 * u.state.u[t - 1], abs(g["u"])))
        assert np.allclose(n.state.n[t], 0.9 * n.state.n[t - 1] + 0.1 * g["n"] ** 2, rtol=1e-14)
        assert np.array_equal(top.state.v_max[t], top.state.v[: t + 1].max(axis=0))


# The first page ---------------------------------------------------------------------------------


def test_the_first_page_gives_each_chapter_its_own_minutes():
    index = (PAGE.parent / "index.md").read_text(encoding="utf-8")
    chapters = re.findall(r"\[derivation\]\((\w+)/derivation\.md\).*\| (\d+) \| (\d+) \|", index)
    pairs = [page.split("/")[1] for page in PAGES if page.endswith("/derivation")]
    assert [chapter for chapter, _, _ in chapters] == pairs
    for chapter, *minutes in chapters:
        derivation = (PAGE.parent / chapter / "derivation.md").read_text(encoding="utf-8")
        box = r"\*\*Time\*\*: (\d+) minutes to read, (\d+) minutes to run"
        assert list(re.search(box, derivation).groups()) == minutes, chapter


def test_the_picture_is_the_one_its_notebook_shows():
    """Where this fails, run `python code/tools/picture.py` and commit the file."""
    spec = importlib.util.spec_from_file_location("picture", ROOT / "code/tools/picture.py")
    picture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(picture)
    assert picture.PICTURE.read_bytes() == picture.stored_picture()
    assert picture.PICTURE.stat().st_size <= 150_000


def test_the_first_page_says_what_the_notebook_prints():
    index = (PAGE.parent / "index.md").read_text(encoding="utf-8")
    notebook = json.loads((PAGE.parent / "first_look.ipynb").read_text(encoding="utf-8"))
    printed = "".join(
        "".join(output.get("text", ()))
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
    )
    (steps,) = re.findall(r"gradient_descent +below 0.001 from step (\d+)", printed)
    assert f"after {steps} steps" in index
    ends = re.findall(r"ends at \(([^)]*)\)", printed)
    assert len(ends) == 5 and len(set(ends)) == 3
    first, *others = map(float, re.findall(r"f after 200 steps: (\S+)", printed))
    assert "after 200 steps is more than ten million times that of any other" in index
    assert 1e7 < first / max(others) < 2e7
