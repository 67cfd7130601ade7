"""The exercises: the cells of the notebooks for them, and what ``check`` says of an answer."""

import ast
import json
import re
from fractions import Fraction
from itertools import count
from typing import NamedTuple

import exercises
import numpy as np
import pytest
from exercises import ANSWERS, cells, mistakes, parts, solutions, spec

from descent import RULES, adagrad, adam, adamax, bowl, check, gradient_descent
from descent.checker import answers

LABELS = list(spec())
PROOFS = {"ex-nadam-head-start"}  # it asks to show what it says; the code is a test of that
UNFILLED = "Nothing to check yet: "


def call(label, value):
    """Check an answer with one part in place of the right one: {number of the part: value}."""
    given = [value.get(number, right) for number, (*_, right) in enumerate(parts(label))]
    return check(given if len(given) > 1 else given[0], like=label)


# The cells of the notebooks -----------------------------------------------------------------------


def notebook_cells():
    for path in exercises.PAGES:
        if path.suffix == ".ipynb":
            before = None
            for cell in json.loads(path.read_text("utf-8"))["cells"]:
                source = "".join(cell["source"])
                if cell["cell_type"] == "code" and re.search(r"^check\(", source, re.M):
                    id = f"{path.parent.name}-{cell['id']}"
                    yield pytest.param(path, "".join(before["source"]), cell, id=id)
                if cell["cell_type"] == "markdown":
                    before = cell


def like_of(cell):
    return re.search(r'like="(.+?)"', "".join(cell["source"]))[1]


@pytest.mark.parametrize("path, text, cell", list(notebook_cells()))
def test_a_cell_waits_for_an_answer(path, text, cell):
    """It can be run as it is; it is below a link to its exercise, on the page of its notebook."""
    source, like = "".join(cell["source"]), like_of(cell)
    *lines, last = ast.parse(source).body
    names = {"check": check}
    exec(compile(ast.Module(lines, []), "cell", "exec"), names)
    verdict = eval(ast.unparse(last), names)
    assert not verdict and verdict.mistakes == [] and str(verdict).startswith(UNFILLED)
    (output,) = cell["outputs"]
    assert "".join(output["data"]["text/plain"]) == str(verdict)
    if like not in RULES:
        assert f"](derivation.md#{like})" in text
        assert f":label: {like}\n" in path.with_name("derivation.md").read_text("utf-8")


def test_every_exercise_with_code_can_be_checked():
    assert {like for like in cells() if like not in RULES} == set(LABELS)
    assert set(LABELS) == set(solutions()) - PROOFS


@pytest.mark.parametrize("label", LABELS)
def test_a_solution_in_the_place_of_the_dots_is_right(label):
    names = exercises.names(label) | {"check": check}
    verdict = eval(ast.unparse(cells()[label][2]), names)
    assert verdict.right and verdict.mistakes == [], verdict
    assert str(verdict).startswith("Right: ")


@pytest.mark.parametrize("label", LABELS)
def test_a_typical_mistake_is_refused_by_name(label):
    for number, name, wrong in mistakes(label):
        verdict = call(label, {number: wrong})
        assert not verdict, name
        assert verdict.mistakes == [name]
        assert str(verdict).startswith("Not right yet: ") and f"({name})" in str(verdict)


# What others may hand in --------------------------------------------------------------------------


def fingerprint(rule, times, **settings):
    """With a loop, and with another alpha, which must not matter."""
    steps, x = {}, 0.0
    for step in rule(lambda x: 1.0, x, alpha=0.5, **settings):
        steps[step.t] = (x - step.x) / 0.5
        x = step.x
        if step.t == max(times):
            return [steps[t] for t in times]


class Record(NamedTuple):
    t: int
    x: np.ndarray
    divisor: float


def amsgrad_with_factors(g, start, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, v, top, b1, b2 = np.array(start), 0.0, 0.0, 0.0, 1.0, 1.0
    yield Record(0, x, top)
    for t in count(1):
        slope = g(x)
        b1, b2 = b1 * beta1, b2 * beta2
        m += (1 - beta1) * (slope - m)
        v += (1 - beta2) * (slope**2 - v)
        top = np.maximum(top, v)
        divisor = np.sqrt(top) / np.sqrt(1 - b2) + eps
        x = x - (alpha / (1 - b1)) * (m / divisor)
        yield Record(t, x, divisor)


def reordered(eps_hat):
    """Without NumPy's arrays."""
    points = [list(bowl.start(1))]
    m, v = [0, 0], [0, 0]
    for t in range(60):
        g = [2 * c for c in points[-1]]
        m = [0.8 * a + 0.2 * b for a, b in zip(m, g, strict=True)]
        v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g, strict=True)]
        alpha = 0.02 * (1 - 0.999 ** (t + 1)) ** 0.5 / (1 - 0.8 ** (t + 1))
        steps = [alpha * a / (b**0.5 + eps_hat(t + 1)) for a, b in zip(m, v, strict=True)]
        points.append([c - s for c, s in zip(points[-1], steps, strict=True)])
    return points


@pytest.mark.parametrize(
    "label, number, answer",
    [
        ("ex-gradient_descent-edge", 0, 2 / 50),
        ("ex-gradient_descent-edge", 0, np.array(0.04)),
        ("ex-gradient_descent-implicit", 0, (-9 / 11**10, 1.5 / 501**10)),
        ("ex-gradient_descent-cycle", 0, Fraction(1, 9)),
        ("ex-gradient_descent-cycle", 2, 0.6667),
        ("ex-gradient_descent-cycle", 4, [0, 0]),
        ("ex-adam-alternating", 0, Fraction(1, 19)),
        ("ex-adam-reordering", 0, reordered),
        ("ex-adam-cycle", 0, lambda b, c: c * b * b - 3 * (1 + c) * b + 1 > 0),
        ("ex-adam-rotation", 0, [191, 194, 196, 200, 358, 529]),
        ("ex-adam-freeze", 1, 0),
        ("ex-adamax-p1", 0, [0.1, 0.32, 1]),
        ("ex-adamax-bound", 0, 5.026),
        ("ex-adamax-gap", 0, [6.22, 3.91]),
        ("ex-adamax-scale", 0, adamax),
        ("ex-adamax-scale", 0, ["adamax"]),
        ("ex-amsgrad-drift", 0, lambda C, P: np.array([P - 1, P / C - 1])),
        ("ex-amsgrad-memory", 0, (69, 693)),
        ("ex-amsgrad-memory", 3, {50: 634, 100: 2517, 200: 10034, 400: 40068}),
        ("ex-amsgrad-outlier", 0, np.array([579, 102])),
        ("ex-amsgrad-torch", 0, amsgrad_with_factors),
        ("ex-nadam-mismatch", 0, [1.056452, 0.732217, 0.997734]),
        ("ex-nadam-fingerprint", 0, fingerprint),
        ("ex-nadam-fingerprint", 1, adagrad),
        ("ex-nadam-fingerprint", 3, (gradient_descent, "nesterov", "momentum")),
    ],
)
def test_the_same_answer_in_other_words_is_right(label, number, answer):
    verdict = call(label, {number: answer})
    assert verdict, verdict


# The hashes ---------------------------------------------------------------------------------------


def test_the_hashes_are_those_of_the_solutions():
    command = "python code/tools/exercises.py"
    assert ANSWERS.read_text("utf-8") == exercises.text(), f"run {command}"


def test_no_answer_can_be_read():
    for label in LABELS:
        shown = json.dumps([
            {key: list(told) if key == "wrong" else told for key, told in part.items()}
            for part in answers.exercises()[label]
        ])  # fmt: skip
        for part, _, value in parts(label):
            if "calls" not in part and "words" not in part:
                for x in map("{:.4g}".format, answers.numbers(label, value)):
                    if len(x) > 2:
                        assert not re.search(rf"(?<![\w.]){re.escape(x)}", shown)


@pytest.mark.parametrize("digits", [2, 6, 9])
def test_a_number_is_compared_to_its_digits(digits):
    part = {"digits": digits}
    random = np.random.RandomState(1)
    edges = [1.0, 9.9999999999, 0.1, 999_999.5, 1.25, 0.0400000001, 1.5e-300]
    for x in [*edges, *10 ** random.uniform(-8, 8, 100), *-random.rand(10)]:
        expected = answers.roundings(x, part)[0]
        decade = np.floor(np.log10(abs(x)))
        unit = 10.0 ** (decade - digits + 1)
        for shift in (-0.5, -1e-3, 0, 1e-3, 0.5):
            is_below = np.log10(abs(x + shift * unit)) < decade  # where a unit is a tenth
            shift /= 10 if is_below else 1
            assert expected in answers.roundings(x + shift * unit, part), x
        for shift in (-20.6, 20.6, 1e3):  # above it, ten times as much
            assert expected not in answers.roundings(x + shift * unit, part), x


def test_a_number_that_may_be_0_is_compared_behind_the_point():
    part = {"decimals": 3}
    for x in (0, -0.0, 1e-30, -4e-4, 0.0014):
        assert answers.roundings(0.0, part)[0] in answers.roundings(x, part)
    for x in (0.002, -0.01, np.nan, np.inf):
        assert answers.roundings(0.0, part)[0] not in answers.roundings(x, part)


# What is said -------------------------------------------------------------------------------------


STEP, FREEZE, ROTATION = "ex-adam-alternating", "ex-adam-freeze", "ex-adam-rotation"


def the(label, number=0):
    return parts(label)[number][2]


@pytest.mark.parametrize(
    "change, mistake",
    [
        (lambda x: -x, "its sign is wrong"),
        (lambda x: 1 / x, "it is upside down"),
        (lambda x: x * x, "it is the square, a root is missing"),
        (lambda x: x**0.5, "a root too many"),
        (lambda x: x * 1.002, "near, but 4 digits are compared"),
        (lambda x: x * 3, None),
        (lambda x: np.nan, None),
        (lambda x: -np.inf, None),
        (lambda x: 0, None),
    ],
)
def test_what_is_often_done_to_a_number_is_named(change, mistake):
    wrong = change(the(STEP))
    verdict = check(wrong, like=STEP)
    assert not verdict and verdict.mistakes == ([mistake] if mistake else [])
    said = f"Not right yet: {wrong:.8g} for the step over alpha in the limit"
    assert str(verdict) == said + (f" ({mistake})." if mistake else ".")


@pytest.mark.parametrize("step, mistake", [(1, "it is one too many"), (-1, "it is one too few"),
    (0.5, "it is a whole number"), (30, None)])  # fmt: skip
def test_counts_must_be_the_same(step, mistake):
    verdict = call(ROTATION, {1: the(ROTATION, 1) + step})
    assert not verdict and verdict.mistakes == ([mistake] if mistake else [])
    assert "Right already: the fewest steps of Adam." in str(verdict)
    assert call(ROTATION, {1: float(the(ROTATION, 1))})


def test_of_several_numbers_those_that_are_wrong_are_named():
    fewest = list(the(ROTATION).values())
    fewest[1] += 7
    assert "the fewest steps of Adam: number 2 is not right" in str(call(ROTATION, {0: fewest}))
    fewest[4] += 9
    said = "the fewest steps of Adam: numbers 2 and 5 are not right"
    assert said in str(call(ROTATION, {0: tuple(fewest)}))
    verdict = call(ROTATION, {0: [*the(ROTATION).values()][::-1]})
    assert verdict.mistakes == ["they are in another order"]


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_a_list_may_be_of_any_kind(kind):
    assert call(ROTATION, {0: kind([*the(ROTATION).values()])})


def test_what_is_still_to_come_is_not_wrong():
    verdict = call(FREEZE, {1: ...})
    assert not verdict and verdict.mistakes == []
    so_far = (
        "Right so far: x after 1000 steps. Nothing to check yet: this asks for x with clipping."
    )
    assert str(verdict) == so_far
    verdict = check([0.5, None], like=FREEZE)
    assert str(verdict).startswith(
        "Not right yet: 0.5 for x after 1000 steps. Nothing to check yet"
    )
    for nothing in (..., None):
        assert str(check(nothing, like=FREEZE)).startswith(UNFILLED)
        assert str(check(nothing, like="adam")) == UNFILLED + "this asks for a rule."
    assert str(call(ROTATION, {0: [191, ..., 196, 200, 358, 529]})).startswith(
        "Right so far: the s"
    )


@pytest.mark.parametrize(
    "body", ["...", "pass", "return ...", "'''To do.'''", "x = x0", "print(1)"]
)
def test_a_rule_without_a_loop_is_not_wrong(body, capsys):
    names = {}
    exec(f"def mine(gradient, x0, alpha=0.1):\n    {body}", names)
    verdict = check(names["mine"], like="gradient_descent")
    assert not verdict and verdict.mistakes == []
    assert str(verdict) == UNFILLED + "this asks for the loop of mine."
    assert capsys.readouterr().out == ""


def test_a_function_is_called_and_its_faults_are_told(capsys):
    def settles(beta1, beta2):
        print(beta1)
        return limit  # noqa: F821

    verdict = check(settles, like="ex-adam-cycle")
    assert not verdict and verdict.mistakes == []
    said = r"settles\(0.2998, 0.1\): NameError in line \d+ of settles: name 'limit' is not defined"
    assert re.search(said, str(verdict))
    assert capsys.readouterr().out == ""
    for wrong, said in (
        (
            lambda beta1, beta2: "yes",
            "<lambda>(0.2998, 0.1): TypeError: <lambda>(0.2998, 0.1) must be a number",
        ),
        (lambda beta1, beta2: [1, 2], "<lambda>(0.2998, 0.1) has 2 numbers, not 1"),
        (lambda beta1: True, "<lambda>(0.2998, 0.1): TypeError in line "),
        (lambda beta1, beta2: beta1 < 0.23, "<lambda>(0.2998, 0.1) is not False"),
    ):
        assert f"Not right yet: {said}" in str(check(wrong, like="ex-adam-cycle"))


@pytest.mark.parametrize(
    "answer, like, error, said",
    [
        (1, "ex-adam-rotatio", ValueError, "got 'ex-adam-rotatio'; near it: ex-adam-rotation"),
        (1, "nonsense", ValueError, "or the label of an exercise, got 'nonsense'$"),
        (adam, "adan", ValueError, "near it: .*nadam"),
        (1, 3, ValueError, "got 3"),
        ("much", STEP, TypeError, "the step over alpha in the limit must be a number or a list"),
        (adam, STEP, TypeError, "must be a number or a list of numbers, got <function adam"),
        (1j, STEP, TypeError, "got 1j"),
        (True, STEP, TypeError, "got True"),
        ([1, 2], STEP, ValueError, r"the step .* must be a number, got \[1, 2\]"),
        ([[1, 2], 3], ROTATION, ValueError, r"must be 6 numbers, got \[1, 2\]"),
        (1, ROTATION, ValueError, f"{ROTATION} asks for a list of 2: the fewest .*, the .*; got 1"),
        ([1, 2, 3], ROTATION, ValueError, "asks for a list of 2"),
        (0.3, "ex-adam-cycle", TypeError, "the function settles must be a function, got 0.3"),
    ],
)
def test_bad_input(answer, like, error, said):
    with pytest.raises(error, match=said):
        check(answer, like)
