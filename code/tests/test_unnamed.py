"""The rules that nobody has named: what a student reads is what a grader compares with."""

from collections import Counter
from itertools import islice, product

import numpy as np
import pytest
import unnamed
from test_equations import Formula

from descent import RULES
from descent.checks import hyperparameters

CLASS = [f"student {n}" for n in range(60)]
PROBES = unnamed.Draw("dummy", "one", "adam").probes()[:2]


def seen(rule, probe, **settings):
    """What a rule of the package's form does on a probe."""
    asked = []

    def gradient(x):
        asked.append(np.ravel(x).tolist())
        return np.array(probe["gradients"][len(asked) - 1])

    steps = islice(rule(gradient, np.array(probe["x0"]), **settings), len(probe["gradients"]) + 1)
    return {"x": [np.ravel(step.x).tolist() for step in steps], "asked": asked}


def settings_of(probe):
    return {name: probe[name] for name in ("alpha", "beta1", "beta2", "eps")}


def test_there_are_hundreds_and_each_takes_other_steps():
    rules = unnamed.rules()
    assert len(rules) > 480
    for probe in PROBES:
        paths = [unnamed.path(rule, probe) for rule in rules]
        assert np.isfinite(paths).all()
        assert len({tuple(np.round(path, 9).ravel()) for path in paths}) == len(rules)


def test_a_class_draws_many_and_again_the_same():
    drawn = [unnamed.Draw("dummy", student, "adam").rule() for student in CLASS]
    assert len(set(drawn)) >= 50
    assert drawn == [unnamed.Draw("dummy", student, "adam").rule() for student in CLASS]
    for secret, exercise in (("another", "adam"), ("dummy", "nadam")):
        others = [unnamed.Draw(secret, student, exercise).rule() for student in CLASS]
        assert sum(a == b for a, b in zip(drawn, others, strict=True)) <= 3


def test_each_choice_is_drawn_and_about_as_often():
    counts = Counter(unnamed.Draw("dummy", n, "adam").rule() for n in range(5000))
    assert len(counts) == len(unnamed.rules())
    assert max(counts.values()) < 40


def test_a_draw_is_the_same_on_every_machine():
    """Golden: a change of the rules or of the draw would give a class in mid-term other rules."""
    draw = unnamed.Draw("dummy", "ada", "adam")
    assert draw.number("one") == 0.8009846849913416
    assert draw.rule() == (
        *("half a mean", "the mean of all squares", "m", "of v"),
        "inside the root",
    )
    assert draw.pick("letter", "abcdefgh") == "b"


@pytest.mark.parametrize("name", RULES)
def test_no_rule_of_the_package_is_one_of_them(name):
    """With all hyperparameters that it takes, or without momentum."""
    for probe, beta1 in product(PROBES, (None, 0.0)):
        given = settings_of(probe) | ({} if beta1 is None else {"beta1": beta1})
        given = {k: v for k, v in given.items() if k in hyperparameters(RULES[name])}
        path = seen(RULES[name], probe, **given)
        for rule in unnamed.rules():
            assert unnamed.right_steps(rule, probe, path) < len(probe["gradients"])


def values_of(rule, probe):
    """The values of all symbols at each step, one coordinate, computed from the equations' TeX."""
    lines = [line for line in unnamed.tex(rule).splitlines() if "&=" in line]
    values = {"alpha": probe["alpha"], "beta_1": probe["beta1"], "beta_2": probe["beta2"]}
    values |= {"varepsilon": probe["eps"], "x_t": probe["x0"][0]}
    values |= {"m_t": 0.0, "v_t": 0.0, "max v_t": 0.0}
    for t, (g, _) in enumerate(probe["gradients"], start=1):
        before = {f"{name}-1": value for name, value in values.items() if name.endswith("_t")}
        values |= before | {"t": t, "g_t": g}
        for line in lines:
            left, right = line.removesuffix("\\\\").split("&=")
            formula = Formula(left.strip(), values)
            values[formula.symbol(formula.take())] = Formula(right.strip(), values).value()
        yield values["x_t"]


def test_the_equations_that_a_student_reads_are_what_the_reference_does():
    probe = PROBES[0]
    for rule in unnamed.rules():
        expected = [x for x, _ in unnamed.path(rule, probe)[1:]]
        assert [*values_of(rule, probe)] == pytest.approx(expected, rel=1e-12), rule


def test_a_wrong_choice_is_found_by_its_field_and_never_right():
    probe = PROBES[0]
    rule = unnamed.Rule("a mean", "squares", "v", "none", "inside the root")
    for field, other in (
        ("numerator", "half a mean"),
        ("memory", "surprises"),
        ("correction", "both"),
        ("maximum", "of v"),
        ("place", "outside the root"),
    ):
        wrong = rule._replace(**{field: other})
        path = seen(unnamed.reference(wrong), probe, **settings_of(probe))
        assert unnamed.right_steps(rule, probe, path) < 12
        assert unnamed.other_choice(rule, probe, path) == field
    path = seen(unnamed.reference(rule), probe, **settings_of(probe))
    assert unnamed.right_steps(rule, probe, path) == 12


def test_a_right_path_with_the_gradient_taken_elsewhere_is_wrong():
    """On a stream the place does not show in the path."""
    probe, rule = PROBES[0], unnamed.rules()[7]
    path = seen(unnamed.reference(rule), probe, **settings_of(probe))
    assert unnamed.right_steps(rule, probe, path | {"asked": path["x"][1:]}) == 0
    assert unnamed.right_steps(rule, probe, path | {"x": path["x"][:6]}) == 5
    assert unnamed.right_steps(rule, probe, {"x": [], "asked": []}) == -1
    spoilt = [*path["x"][:4], [float("nan")] * 2, *path["x"][5:]]
    assert unnamed.right_steps(rule, probe, path | {"x": spoilt}) == 3
