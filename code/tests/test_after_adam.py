"""The rules that the chapter on what came after Adam defines in its notebook."""

import json
from itertools import islice

import numpy as np
import pytest
from course import ROOT

from descent import OBJECTIVES, adam, minimize

VECTORS = json.loads((ROOT / "code/tests/vectors/after_adam.json").read_text(encoding="utf-8"))


def defined():
    """What these cells of the notebook define."""
    cells = json.loads((ROOT / "book/after_adam/notebook.ipynb").read_text("utf-8"))["cells"]
    sources = {cell["id"]: "".join(cell["source"]) for cell in cells}
    names = {}
    for cell in ("imports", "adamw", "lion", "penalty"):
        exec(compile(sources[cell], cell, "exec"), names)
    return names


NOTEBOOK = defined()


def last(rule, gradient, x0, n, **settings):
    return next(islice(NOTEBOOK[rule](gradient, x0, **settings), n, None)).x


@pytest.mark.parametrize(
    "run", VECTORS["runs"], ids=lambda run: f"{run['rule']}-{run['problem']}-{run['call']}"
)
def test_the_rules_are_those_of_the_libraries(run):
    """To 1e-11, at 200 steps on three surfaces; the iterates that the runs have kept."""
    x0, steps = VECTORS["start"][run["problem"]], VECTORS["steps"]
    rule, objective = NOTEBOOK[run["rule"]], OBJECTIVES[run["problem"]]
    path = minimize(objective, x0, rule, steps[-1], **run["hyperparameters"]).x
    np.testing.assert_allclose(path[steps], run["x"], rtol=1e-11, atol=1e-13)


def test_a_wrong_decay_is_seen():
    """The runs tell AdamW, the penalty and Adam without decay apart."""
    run = VECTORS["runs"][0]
    x0, n = VECTORS["start"][run["problem"]], VECTORS["steps"][-1]
    for rule, change in (
        ("adam_penalty", {}),
        ("adamw", {"decay": 0}),
        ("adamw", {"decay": 0.002}),
    ):
        settings = run["hyperparameters"] | change
        x = minimize(OBJECTIVES[run["problem"]], x0, NOTEBOOK[rule], n, **settings).x[-1]
        assert np.abs(x - run["x"][-1]).max() > 1e-4


def test_without_decay_adamw_is_adam():
    objective, x0 = OBJECTIVES["beale"], [0.6, 1.3]
    ours = minimize(objective, x0, NOTEBOOK["adamw"], 100, alpha=0.05, decay=0)
    np.testing.assert_array_equal(ours.x, minimize(objective, x0, adam, 100, alpha=0.05).x)


def test_the_theorem_on_scale():
    """AdamW does not see the scale of each coordinate's gradients; the penalty's lambda does."""
    gradient, x0 = OBJECTIVES["himmelblau"].gradient, np.array([0.5, -1.5])
    each, settings = np.array([0.25, 64.0]), {"alpha": 0.05, "eps": 0}
    plain = last("adamw", gradient, x0, 100, **settings, decay=0.3)
    scaled = last("adamw", lambda x: each * gradient(x), x0, 100, **settings, decay=0.3)
    np.testing.assert_allclose(scaled, plain, rtol=1e-12)
    plain = last("adam_penalty", gradient, x0, 100, **settings, decay=0.3)
    scaled = last("adam_penalty", lambda x: 16 * gradient(x), x0, 100, **settings, decay=16 * 0.3)
    np.testing.assert_allclose(scaled, plain, rtol=1e-12)


@pytest.mark.parametrize("rule", ["lion", "adamw"])
def test_weights_stay_in_the_box(rule):
    """Of half-width 1 / lambda; AdamW with equal decay rates."""
    draw = np.random.RandomState(0)

    def gradient(x):
        return draw.randn(500) * 10.0 ** draw.uniform(-3, 3, 500)

    steps = NOTEBOOK[rule](gradient, np.zeros(500), 0.1, 0.9, 0.9, decay=2)
    assert 0.2 < max(np.abs(step.x).max() for step in islice(steps, 400)) <= 0.5 + 1e-12
