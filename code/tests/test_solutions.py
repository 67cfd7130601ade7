"""Every exercise of the book has a solution, and the code of every solution runs."""

import ast
import re
import warnings

import pytest
from exercises import BOOK, PAGES, exercises_and_solutions, fences, markdown

CHAPTERS = sorted(path.parent.name for path in BOOK.glob("*/derivation.md"))


def check(exercises, solutions):
    """Each exercise has one solution and each solution its exercise."""
    assert len(set(exercises)) == len(exercises), "two exercises have one label"
    assert sorted(label for label, _ in solutions) == sorted(exercises)


def run(code, name):
    """Execute code in a namespace of its own; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(code, name, "exec"), {"__name__": "solution"})


TOLERANCES = ("rtol", "atol", "rel_tol", "abs_tol", "rel", "abs")


def is_number(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, float | int)


def loose(code):
    """The tolerances in code that are so wide that they would let a wrong answer pass.

    A tolerance, or an upper bound in an assertion, is at most 0.001; two bounds of one value are
    at most a factor of 1.5 apart.
    """
    tree = ast.parse(code)
    compared = [
        node
        for claim in ast.walk(tree)
        if isinstance(claim, ast.Assert)
        for node in ast.walk(claim.test)
        if isinstance(node, ast.Compare) and all(isinstance(o, ast.Lt | ast.LtE) for o in node.ops)
    ]
    wide = []
    for node in compared:
        low, high = node.left, node.comparators[-1]
        if is_number(high):
            limit = 1.5 * low.value if is_number(low) else 1e-3
            wide += [node] * (high.value > limit)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in TOLERANCES and is_number(node.value):
            wide += [node] * (node.value.value > 1e-3)
    return [ast.unparse(node) for node in wide]


FOUND = {path: exercises_and_solutions(markdown(path)) for path in PAGES}
CODE = [
    pytest.param(code, id=f"{label}-{n}")
    for _, solutions in FOUND.values()
    for label, blocks in solutions
    for n, code in enumerate(blocks, start=1)
]


@pytest.mark.parametrize("code", CODE)
def test_the_code_of_a_solution_runs_on_its_own(code, capsys):
    assert re.search(r"^\s*assert ", code, re.M), "a solution asserts what it claims"
    run(code, "solution")


@pytest.mark.parametrize("code", CODE)
def test_a_solution_asserts_closely(code):
    assert loose(code) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(BOOK).as_posix())
def test_every_exercise_has_its_solution(path):
    check(*FOUND[path])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_has_four_exercises_and_two_with_code(chapter):
    exercises, solutions = FOUND[BOOK / chapter / "derivation.md"]
    assert len(exercises) >= 4
    assert all(label.startswith(f"ex-{chapter}-") for label in exercises)
    assert sum(bool(code) for _, code in solutions) >= 2


def test_every_solution_unfolds():
    for path in PAGES:
        for info, content in fences(markdown(path)):
            if info.startswith(("{solution}", "{solution-start}")):
                assert re.match(r":class: dropdown$", content, re.M), f"{path}: {info}"


# The checks themselves --------------------------------------------------------------------------

PAGE = """
```{exercise} One
:label: ex-one
```

````{solution} ex-one
:class: dropdown

```python
assert 1 + 1 == 2
```
````

:::{exercise-start}
:label: ex-two
:::
A gated one.
:::{exercise-end}
:::

:::{solution-start} ex-two
:class: dropdown
:::
```python
assert 2 + 2 == 4
```
:::{solution-end}
:::

```python
this is no solution
```
"""


def test_both_kinds_of_exercise_are_read():
    exercises, solutions = exercises_and_solutions(PAGE)
    assert exercises == ["ex-one", "ex-two"]
    assert solutions == [
        ("ex-one", ["assert 1 + 1 == 2\n"]),
        ("ex-two", ["assert 2 + 2 == 4\n"]),
    ]
    check(exercises, solutions)


@pytest.mark.parametrize(
    "old, new",
    [
        ("{solution} ex-one", "{note} ex-one"),
        ("{solution} ex-one", "{solution} ex-on"),
        (":label: ex-two", ":label: ex-one"),
        ("{exercise} One", "{note} One"),
    ],
)
def test_what_does_not_match_is_found(old, new):
    with pytest.raises(AssertionError):
        check(*exercises_and_solutions(PAGE.replace(old, new)))


@pytest.mark.parametrize(
    "code", ["assert 1 == 2", "import numpy\nnumpy.log(0.0)", "np.zeros(2)", "1 +"]
)
def test_code_that_fails_or_warns_is_found(code):
    with pytest.raises((AssertionError, RuntimeWarning, NameError, SyntaxError)):
        run(code, "solution")


@pytest.mark.parametrize(
    ("close", "wide"),
    [
        ("assert gap < 1e-14", "assert gap < 1e14"),
        ("assert abs(x - y) <= 1e-9 and z", "assert abs(x - y) <= 0.1 and z"),
        ("assert 6e-8 < gap < 8e-8", "assert 6e-8 < gap < 8"),
        (
            "assert np.allclose(a, b, rtol=1e-12, atol=0)",
            "assert np.allclose(a, b, rtol=1e12, atol=0)",
        ),
        ("assert x == pytest.approx(2, abs=1e-6)", "assert x == pytest.approx(2, abs=1e6)"),
    ],
)
def test_a_tolerance_that_lets_everything_pass_is_found(close, wide):
    assert loose(close) == []
    assert len(loose(wide)) == 1
