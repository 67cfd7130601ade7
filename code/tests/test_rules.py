"""All rules on all surfaces: against the equations that they state, and what all rules share."""

import math
from itertools import islice

import numpy as np
import pytest
from formulas import blocks, search

import descent
from descent import OBJECTIVES, RULES, bowl, minimize, rules
from descent.checks import hyperparameters

# --- the equations of each rule's docstring, one variable at a time -----------------------------


def constant_step(rule, g):
    """The first step that the constant gradient g makes a rule take, at alpha = 1."""
    return list(islice(RULES[rule](lambda x: g, 0.0, alpha=1.0), 2))[1].x


def in_proportion(rule):
    """Whether the steps are in proportion to the gradient, as without a divisor or a sign."""
    return abs(constant_step(rule, 2.0) / constant_step(rule, 1.0) - 2) < 1e-6


def settings_of(rule, gradient):
    """Settings that are nobody's defaults, and first steps of at most a few hundredths."""
    alpha = 0.01 / abs(gradient).max() if in_proportion(rule) else 0.03
    values = {"alpha": alpha, "beta": 0.7, "beta1": 0.85, "beta2": 0.98, "eps": 1e-3}
    return {name: values[name] for name in hyperparameters(RULES[rule]) if name in values}


TABLE = [(name, objective) for name in RULES for objective in OBJECTIVES]


def check_equations(name, objective, equations, **options):
    f = OBJECTIVES[objective]
    x0 = f.start(3)
    settings = settings_of(name, f.gradient(x0))
    trace = minimize(f, x0, RULES[name], 60, **settings, **options)
    path, states = search(equations, f.gradient, x0, 60, **settings)
    assert abs(trace.x[-1] - x0).max() > 0.05  # far enough to tell one rule from another
    np.testing.assert_allclose(trace.x, path, rtol=1e-12, atol=1e-13)
    for field in trace.state._fields[2:]:
        end = [state[field] for state in states]
        np.testing.assert_allclose(getattr(trace.state, field)[-1], end, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("name", "objective"), TABLE)
def test_a_rule_computes_what_its_docstring_states(name, objective):
    check_equations(name, objective, blocks(RULES[name])[0])


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_nadam_with_constant_correction_does_so_too(objective):
    right, simplified = blocks(RULES["nadam"])
    assert list(simplified) == ["m_hat", "n_hat"]
    check_equations("nadam", objective, right | simplified, correction="constant")


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("rmsprop", "(sqrt(v_t) + eps)", "sqrt(v_t + eps)"),
        ("adamax", "beta2 u_{t-1}", "u_{t-1}"),
        ("nesterov", "(g_t + beta b_t)", "b_t"),
        ("nadam", "prod_{i<=t+1}", "prod_{i<=t}"),
    ],
)
def test_a_wrong_docstring_is_noticed(name, right, wrong):
    def altered():
        pass

    altered.__doc__ = RULES[name].__doc__.replace(right, wrong)
    assert altered.__doc__ != RULES[name].__doc__
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_equations(name, "bowl", blocks(altered)[0])


# --- what all rules share -----------------------------------------------------------------------


NINE = {  # what the book and other people's code rely on: the defaults, and the record's fields
    "gradient_descent": ((0.1,), "t x"),
    "momentum": ((0.01, 0.9), "t x b"),
    "nesterov": ((0.01, 0.9), "t x b"),
    "adagrad": ((0.01, 1e-10), "t x s"),
    "rmsprop": ((0.01, 0.9, 1e-8), "t x v"),
    "adam": ((0.001, 0.9, 0.999, 1e-8), "t x m v"),
    "adamax": ((0.002, 0.9, 0.999), "t x m u"),
    "amsgrad": ((0.001, 0.9, 0.999, 1e-8), "t x m v v_max"),
    "nadam": ((0.002, 0.975, 0.999, 1e-8, "power"), "t x m n"),
}


@pytest.mark.parametrize("name", NINE)
def test_the_nine_rules_their_defaults_and_their_records(name):
    defaults, fields = NINE[name]
    assert RULES[name].__defaults__ == defaults
    assert next(RULES[name](bowl.gradient, bowl.start(1)))._fields == tuple(fields.split())


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_its_name_in_the_package(name):
    assert RULES[name] is getattr(descent, name)
    assert RULES[name].__name__ == name


@pytest.mark.parametrize("name", RULES)
def test_a_record_is_flat_and_its_index_is_t(name):
    steps = list(islice(RULES[name](bowl.gradient, bowl.start(1)), 6))
    for t, step in enumerate(steps):
        assert step._fields[:2] == ("t", "x")
        assert step.t == t
        assert all(np.shape(value) == (2,) for value in step[1:])
    assert steps[0].x.tolist() == bowl.start(1).tolist()
    assert all((value == 0).all() for value in steps[0][2:])


@pytest.mark.parametrize("name", RULES)
def test_the_gradient_is_asked_once_per_step_where_the_step_is_taken(name):
    asked = []

    def gradient(x):
        asked.append(x.copy())
        return bowl.gradient(x)

    steps = RULES[name](gradient, bowl.start(1))
    assert next(steps).t == 0
    assert asked == []
    yielded = [step.x for step in islice(steps, 20)]
    np.testing.assert_array_equal(asked, [bowl.start(1), *yielded[:-1]])


@pytest.mark.parametrize(("name", "objective"), TABLE)
def test_the_first_step_leads_downhill(name, objective):
    f = OBJECTIVES[objective]
    x0 = np.stack([f.start(seed) for seed in range(50)], axis=1)
    trace = minimize(f, x0, RULES[name], 1, alpha=1e-7)
    slope = ((trace.x[1] - trace.x[0]) * f.gradient(x0)).sum(axis=0)
    assert (slope < 0).all()
    assert (trace.score[1] < trace.score[0]).all()


# Step sizes that suit the surface: the adaptive rules move alpha a step whatever the slope is.
SMALL = {"bowl": 0.1, "ravine": 0.01, "rosenbrock": 2e-4, "beale": 1e-6, "himmelblau": 2e-3}


@pytest.mark.parametrize(("name", "objective"), TABLE)
def test_every_rule_goes_down_every_surface(name, objective):
    f = OBJECTIVES[objective]
    x0 = np.stack([f.start(seed) for seed in range(50)], axis=1)
    if in_proportion(name):
        alpha = SMALL.get(objective, 0.01) * (1 if name == "gradient_descent" else 0.1)
    else:
        alpha = 0.1 if name == "adagrad" else 0.01  # its steps fade like 1 / sqrt(t)
    trace = minimize(f, x0, RULES[name], 300, alpha=alpha)
    assert trace.diverged_at is None
    assert (trace.score[-1] < trace.score[0]).mean() >= 0.96  # a start may be a minimum already
    assert np.median(trace.score[-1]) < 0.7 * np.median(trace.score[0])


# Surfaces whose minima are floats, as those of himmelblau are not.
EXACT = [name for name, f in OBJECTIVES.items() if not f.gradient(f.minima.T).any()]


@pytest.mark.parametrize("objective", EXACT)
@pytest.mark.parametrize("name", RULES)
def test_no_rule_leaves_a_minimum(name, objective):
    f = OBJECTIVES[objective]
    eps_0 = {"eps": 0.0} if "eps" in hyperparameters(RULES[name]) else {}
    for settings in ({}, eps_0):
        trace = minimize(f, f.minima.T, RULES[name], 5, **settings)
        np.testing.assert_array_equal(trace.x, np.broadcast_to(f.minima.T, trace.x.shape))


@pytest.mark.parametrize("name", RULES)
def test_a_coordinate_whose_gradient_is_always_0_does_not_move(name):
    eps_0 = {"eps": 0.0} if "eps" in hyperparameters(RULES[name]) else {}
    x0 = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0]])
    trace = minimize(bowl, x0, RULES[name], 10, **eps_0)
    still = x0 == 0
    assert (trace.x[:, still] == 0).all()
    assert (trace.x[1:, ~still] != x0[~still]).all()


def test_adamax_moves_on_at_beale_s_point_1_1_where_the_tutorial_s_loop_gives_nan():
    beale = OBJECTIVES["beale"]
    assert beale.gradient(np.array([1.0, 1.0]))[0] == 0.0
    trace = minimize(beale, [1.0, 1.0], RULES["adamax"], 50)
    assert np.isfinite(trace.x).all()
    assert trace.x[1, 0] == 1.0
    assert trace.x[1, 1] != 1.0
    assert trace.x[-1, 0] != 1.0


@pytest.mark.parametrize("name", RULES)
def test_coordinates_and_their_order_and_sign_are_alike_to_a_rule(name):
    # Mirror and swap the axes of a surface: the path is mirrored and swapped, bit for bit.
    f = OBJECTIVES["himmelblau"]

    def turned(p):
        x, y = p
        return np.array([-y, x])

    def back(g):
        return np.array([g[1], -g[0]])

    x0 = f.start(2)
    path = minimize(f, turned(x0), RULES[name], 60, alpha=1e-3).x
    other = minimize(
        lambda p: f(turned(p)),
        x0,
        RULES[name],
        60,
        gradient=lambda p: back(f.gradient(turned(p))),
        alpha=1e-3,
    ).x
    np.testing.assert_array_equal(np.array([turned(x) for x in other]), path)


@pytest.mark.parametrize("name", ["adam", "amsgrad"])
def test_project_keeps_the_iterate_feasible_and_nothing_else(name):
    box = 0.25

    def project(x):
        return np.clip(x, -box, box)

    x0 = [0.2, -0.2]
    uphill = minimize(
        bowl, x0, RULES[name], 100, gradient=lambda p: -2 * p, alpha=0.01, project=project
    )
    assert abs(uphill.x).max() == box
    inside = minimize(bowl, x0, RULES[name], 100, alpha=0.01, project=project).x
    np.testing.assert_array_equal(inside, minimize(bowl, x0, RULES[name], 100, alpha=0.01).x)


@pytest.mark.parametrize("name", RULES)
def test_a_gradient_may_be_a_stream(name):
    random = np.random.RandomState(0)
    noise = random.randn(30, 2)
    stream = iter(noise)
    steps = RULES[name](lambda x: next(stream), np.zeros(2))
    path = [step.x for step in islice(steps, 31)]
    again = iter(noise)
    trace = minimize(bowl, np.zeros(2), RULES[name], 30, gradient=lambda x: next(again))
    np.testing.assert_array_equal(trace.x, path)


# --- plain floats -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_one_variable_in_plain_floats_gives_the_bits_of_an_array(name):
    def gradient(x):
        return x * x * x - x

    def alpha(t):
        return 0.1 / math.sqrt(t)

    floats = list(islice(RULES[name](gradient, 1.7, alpha=alpha), 200))
    arrays = list(islice(RULES[name](gradient, np.array([1.7]), alpha=alpha), 200))
    for one, other in zip(floats, arrays, strict=True):
        assert all(type(value) is float for value in one[1:])
        np.testing.assert_array_equal(np.array(one[1:]), np.array([v[0] for v in other[1:]]))


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("x0", [2, True, np.float64(2), np.int64(2), np.float32(2), np.array(2)])
def test_any_number_is_a_start_of_one_variable(name, x0):
    first = next(RULES[name](lambda x: x, x0))
    assert type(first.x) is float
    assert first.x == float(x0)


@pytest.mark.parametrize("name", RULES)
def test_a_number_with_a_batch_of_settings_is_a_batch(name):
    alpha = np.array([0.1, 0.2, 0.4])
    batch = list(islice(RULES[name](lambda x: 2 * x, 3.0, alpha=alpha), 10))
    for i in range(3):
        single = list(islice(RULES[name](lambda x: 2 * x, 3.0, alpha=float(alpha[i])), 10))
        for one, other in zip(batch, single, strict=True):
            assert [v[i] for v in one[1:]] == list(other[1:])


@pytest.mark.parametrize("name", [name for name in RULES if name != "adamax"])
def test_a_zero_gradient_in_floats_does_not_move_at_eps_0(name):
    eps_0 = {"eps": 0.0} if "eps" in hyperparameters(RULES[name]) else {}
    assert [s.x for s in islice(RULES[name](lambda x: 0.0 * x, 0.5, **eps_0), 4)] == [0.5] * 4


@pytest.mark.parametrize(
    ("a", "b"),
    [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (math.nan, 0.0), (0.0, math.nan), (3.0, 4.0)],
)
def test_ratio_and_maximum_agree_for_floats_and_arrays(a, b):
    from descent.arithmetic import maximum, ratio

    with np.errstate(all="ignore"):
        array = ratio(np.array([a]), np.array([b]))[0]
    np.testing.assert_equal(ratio(a, b), float(array))
    np.testing.assert_equal(maximum(a, b), float(np.maximum(a, b)))
    np.testing.assert_equal(maximum(b, a), float(np.maximum(b, a)))


def test_nadam_knows_two_corrections():
    with pytest.raises(ValueError, match='correction must be "power" or "constant", got \'none\''):
        next(rules.nadam(bowl.gradient, bowl.start(1), correction="none"))
