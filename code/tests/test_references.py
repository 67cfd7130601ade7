"""The rules against frozen runs of torch, optax and keras (tests/vectors/make_vectors.py).

Two right programs round differently, and some searches blow the difference up: near a minimum an
iterate is the small rest of large terms, and an RMSProp that hops about a minimum is chaotic. So
before looking at any reference we ask the rule itself how much rounding moves it: eight more runs
from starts one ulp away, with every gradient taken one ulp away and off by one ulp. Where they
all stay within a tenth of the tolerance, the library must agree to the tolerance, 1e-12 of each
coordinate.
"""

import inspect
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from descent import OBJECTIVES, RULES, minimize, rules

VECTORS = Path(__file__).parent / "vectors"
REFERENCES = json.loads((VECTORS / "references.json").read_text())
STEPS = REFERENCES["steps"]
RUNS = REFERENCES["runs"]
TOLERANCE = 1e-12
ULP = 2.0**-52


def path(rule, problem, hyperparameters, x0=None, gradient=None):
    x0 = REFERENCES["start"][problem] if x0 is None else x0
    objective = OBJECTIVES[problem]
    trace = minimize(objective, x0, rule, STEPS[-1], gradient=gradient, **hyperparameters)
    return trace.x[STEPS]


@cache
def calm_path(rule, problem, hyperparameters):
    """The rule's iterates, and where rounding moves them by less than a tenth of the tolerance."""
    rng = np.random.default_rng(0)

    def off(p):
        return p * (1 + ULP * rng.choice([-1, 1], p.shape))

    hyperparameters = json.loads(hyperparameters)
    x0 = np.repeat(np.array(REFERENCES["start"][problem])[:, None], 8, axis=1)
    gradient = OBJECTIVES[problem].gradient
    exact = path(RULES[rule], problem, hyperparameters)
    rounded = path(RULES[rule], problem, hyperparameters, off(x0), lambda p: off(gradient(off(p))))
    moved = np.abs(rounded - exact[..., None]).max(axis=2)
    return exact, moved < 0.1 * TOLERANCE * np.abs(exact)


def calm_path_of(run):
    return calm_path(run["rule"], run["problem"], json.dumps(run["hyperparameters"]))


def largest_gap(run, rule=None):
    """The largest relative gap between the rule and the library's run, where it is calm."""
    ours, calm = calm_path_of(run)
    if rule is not None:
        ours = path(rule, run["problem"], run["hyperparameters"])
    gap = np.abs(ours - run["x"]) / np.abs(run["x"])
    return gap[calm].max()


def name(run):
    return f"{run['rule']}-{run['problem']}-{run['call']}"


@pytest.mark.parametrize("run", RUNS, ids=name)
def test_rule_agrees_with_library(run):
    assert largest_gap(run) <= TOLERANCE, run["call"]


def test_most_iterates_are_compared():
    compared = [calm_path_of(run)[1] for run in RUNS]
    for run, mask in zip(RUNS, compared, strict=True):
        assert mask[: STEPS.index(5)].all(), f"chaos by step 5: {run['rule']}, {run['problem']}"
        assert mask.mean() > 0.5, f"half the steps are chaos: {run['rule']}, {run['problem']}"
    assert np.mean(compared) > 0.95


def test_every_rule_is_held_to_the_libraries_that_share_its_definition():
    problems = {"bowl", "ravine", "rosenbrock", "beale", "himmelblau", "saddle", "egg_box"}
    shown = {(run["rule"], run["library"], run["problem"]) for run in RUNS}
    libraries = {rule: {library for r, library, _ in shown if r == rule} for rule in RULES}
    assert all(libraries.values()), libraries
    assert shown == {(r, library, p) for r in RULES for library in libraries[r] for p in problems}
    shared = "gradient_descent momentum nesterov adagrad rmsprop adam adamax".split()
    expected = dict.fromkeys(shared, {"torch", "optax", "keras"})
    expected["amsgrad"] = {"optax"}  # the others correct the bias always
    expected["nadam"] = {"torch", "optax"}  # keras has its schedule built in
    assert {rule: libraries[rule] for rule in expected} == expected


def test_no_gradient_component_is_zero_where_adamax_is_compared():
    for run in RUNS:
        if run["rule"] == "adamax":
            x, _ = calm_path_of(run)
            assert OBJECTIVES[run["problem"]].gradient(x.T).all(), run["problem"]


@pytest.mark.parametrize("file", ["references.json", "variants.json"])
def test_versions_inside_are_the_pinned_ones(file):
    lines = (VECTORS / "requirements.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    versions = json.loads((VECTORS / file).read_text())["versions"]
    assert {library: versions[library] for library in pinned} == pinned


# Each line breaks one rule in one place; the references must notice.
MUTATIONS = [
    ("gradient_descent", "x - alpha_t * g", "x - alpha_t * g * (1 + 1e-11)"),
    ("momentum", "b = beta_t * b + g", "b = beta_t * b + (1 - beta_t) * g"),
    ("nesterov", "(g + beta_t * b)", "b"),
    ("adagrad", "sqrt(s) + eps_t", "sqrt(s + eps_t)"),
    ("adagrad", "sqrt(s) + eps_t", "sqrt(s)"),
    ("rmsprop", "sqrt(v) + eps_t", "sqrt(v + eps_t)"),
    ("rmsprop", "(1 - beta2_t) * (g * g)", "g * g"),
    ("adam", "sqrt(v_hat) + eps_t", "sqrt(v_hat + eps_t)"),
    ("adam", "sqrt(v_hat) + eps_t", "sqrt(v_hat) + eps_t / sqrt(1 - beta2_power)"),
    ("adam", "m_hat = m / (1 - beta1_power)", "m_hat = m"),
    ("adam", "v_hat = v / (1 - beta2_power)", "v_hat = v / (1 - beta2_t)"),
    ("adamax", "maximum(beta2_t * u, abs(g))", "maximum(u, abs(g))"),
    ("adamax", "abs(g))", "abs(g) + 1e-8)"),
    ("adamax", "alpha_t / (1 - beta1_power)", "alpha_t / (1 - beta1_t)"),
    ("amsgrad", "v_max = maximum(v_max, v)", "v_max = v"),
    ("amsgrad", "maximum(v_max, v)", "maximum(v_max, v / (1 - beta2_t**t))"),
    ("amsgrad", "sqrt(v_max) + eps_t", "sqrt(v_max + eps_t)"),
    ("nadam", "(1 - beta1_power * beta1_next)", "(1 - beta1_power)"),
    ("nadam", "(1 - beta1_t) * g / (1 - beta1_power)", "g"),
    ("nadam", "n_hat = n / (1 - beta2_power)", "n_hat = beta2_t * n / (1 - beta2_power)"),
    ("nadam", "sqrt(n_hat) + eps_t", "sqrt(n_hat + eps_t)"),
]


@pytest.mark.parametrize(("rule", "right", "wrong"), MUTATIONS)
def test_a_wrong_edit_is_noticed(rule, right, wrong):
    source = inspect.getsource(RULES[rule])
    assert right in source, f"{rule} has no line with {right!r} any more: change MUTATIONS"
    namespace = dict(vars(rules))
    exec(source.replace(right, wrong), namespace)
    runs = [run for run in RUNS if run["rule"] == rule]
    assert any(largest_gap(run, namespace[rule]) > 10 * TOLERANCE for run in runs)
