"""``minimize`` and ``Trace``: what they return, divergence, a student's own rules, bad input."""

import functools
import inspect
import math
from typing import Any, NamedTuple

import numpy as np
import pytest

import descent
from descent import OBJECTIVES, RULES, Objective, adam, bowl, minimize, rosenbrock
from descent.rules import AdamStep

# --- the trace ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("batch", [(), (1,), (4,), (3, 4)])
def test_shapes(name, batch):
    x0 = np.full((2, *batch), 0.5)
    trace = minimize(bowl, x0, RULES[name], 7)
    assert trace.x.shape == (8, 2, *batch)
    assert trace.score.shape == (8, *batch)
    assert trace.x.dtype == trace.score.dtype == float
    assert trace.state.t.tolist() == list(range(8))
    np.testing.assert_array_equal(trace.state.x, trace.x)
    for field in trace.state[1:]:
        assert field.shape == trace.x.shape
    np.testing.assert_array_equal(trace.score, bowl(trace.x.swapaxes(0, 1)))


def test_what_was_run_is_kept():
    def decay(t):
        return 0.1 / t

    trace = minimize(bowl, [1, 2], adam, 3, alpha=decay, beta1=0, beta2=[0.5, 0.9])
    assert trace.objective is bowl
    assert trace.rule is adam
    assert trace.hyperparameters["alpha"] is decay
    assert trace.hyperparameters["beta1"] == 0
    assert trace.hyperparameters["beta2"].tolist() == [0.5, 0.9]
    assert isinstance(trace.state, AdamStep)
    with pytest.raises(AttributeError):
        trace.x = None


def test_ten_thousand_searches_in_one_call():
    trace = minimize(bowl, bowl.start(1), adam, 60, alpha=np.geomspace(1e-4, 1, 10_000))
    assert trace.x.shape == (61, 2, 10_000)
    assert trace.score.shape == (61, 10_000)


def test_settings_and_starts_broadcast():
    starts = np.stack([bowl.start(seed) for seed in range(4)], axis=1)
    alpha = np.array([[0.1], [0.2], [0.3]])
    trace = minimize(bowl, starts, adam, 5, alpha=alpha, beta1=[0.5, 0.6, 0.7, 0.8])
    assert trace.x.shape == (6, 2, 3, 4)
    np.testing.assert_array_equal(trace.x[0, :, 2], starts)
    alone = minimize(bowl, starts[:, 3], adam, 5, alpha=0.2, beta1=0.8)
    np.testing.assert_array_equal(trace.x[:, :, 1, 3], alone.x)


def test_as_many_settings_as_coordinates_are_a_batch_all_the_same():
    assert minimize(bowl, [1.0, 2.0], adam, 5, alpha=[0.1, 0.2]).x.shape == (6, 2, 2)


@pytest.mark.parametrize("name", RULES)
def test_no_step_is_the_start_alone(name):
    trace = minimize(bowl, bowl.start(1), RULES[name], 0)
    assert trace.x.tolist() == [bowl.start(1).tolist()]
    assert trace.score.tolist() == [bowl(bowl.start(1))]
    assert trace.diverged_at is None
    assert trace.state.t.tolist() == [0]


def test_no_step_asks_no_gradient():
    def gradient(p):
        raise AssertionError

    assert minimize(bowl, [1, 2], adam, 0, gradient=gradient).score.tolist() == [5.0]


@pytest.mark.parametrize("x0", [[1, 2], (1, 2), np.array([1, 2], dtype=np.int8), range(1, 3)])
def test_an_integer_start_is_not_truncated(x0):
    trace = minimize(bowl, x0, adam, 3, alpha=0.02)
    assert trace.x[0].tolist() == [1.0, 2.0]
    np.testing.assert_allclose(trace.x[1], [0.98, 1.98], rtol=1e-9)


@pytest.mark.parametrize("n_iter", [3, 3.0, np.int64(3), np.float64(3)])
def test_n_iter_may_be_any_whole_number(n_iter):
    assert minimize(bowl, [1, 2], adam, n_iter).x.shape == (4, 2)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.float32, list])
def test_a_gradient_of_another_kind_of_number_becomes_float64(kind):
    # uint8: 200 * 200 would be 64, and g * g of an int64 past 3e9 a negative number.
    def gradient(p):
        return [100, 100] if kind is list else np.array([100, 100]).astype(kind)

    trace = minimize(bowl, [1, 2], adam, 3, gradient=gradient)
    expected = minimize(bowl, [1, 2], adam, 3, gradient=lambda p: np.array([100.0, 100.0]))
    np.testing.assert_array_equal(trace.state.v, expected.state.v)
    big = minimize(bowl, [1, 2], adam, 1, gradient=lambda p: np.array([10**10, -(10**10)]))
    np.testing.assert_allclose(big.state.v[1], 1e17, rtol=1e-12)


def test_a_plain_function_with_its_gradient():
    trace = minimize(
        lambda p: (p * p).sum(axis=0), np.ones(5), adam, 10, gradient=lambda p: 2 * p, alpha=0.1
    )
    assert trace.x.shape == (11, 5)
    assert trace.score[-1] < trace.score[0] == 5.0


def test_gradient_takes_the_place_of_the_objectives_own():
    trace = minimize(bowl, [1.0, 1.0], descent.gradient_descent, 1, gradient=lambda p: 0 * p + 1)
    assert trace.x[1].tolist() == [0.9, 0.9]


def test_the_trace_in_one_line():
    trace = minimize(bowl, bowl.start(1), adam, 60, alpha=0.02, beta1=0.8)
    assert repr(trace) == (
        "Trace(adam on bowl, 60 steps: ends at x = [0.000184071, -0.000548578], score = 3.3482e-07)"
    )
    assert "batch of shape (2,)" in repr(minimize(bowl, [1, 2], adam, 1, alpha=[0.1, 0.2]))


# --- schedules ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_each_t_of_a_schedule_is_asked_once_and_in_order(name):
    asked = []

    def alpha(t):
        asked.append(t)
        return 0.1

    minimize(bowl, [1, 2], RULES[name], 5, alpha=alpha)
    assert asked == [1, 2, 3, 4, 5]


def test_nadam_asks_beta1_one_step_ahead():
    asked = []

    def beta1(t):
        asked.append(t)
        return 0.9

    minimize(bowl, [1, 2], descent.nadam, 5, beta1=beta1)
    assert asked == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", RULES)
def test_a_constant_schedule_is_that_constant(name):
    given = {
        parameter.name: parameter.default
        for parameter in inspect.signature(RULES[name]).parameters.values()
        if isinstance(parameter.default, float)
    }
    schedules = {key: functools.partial(lambda value, t: value, v) for key, v in given.items()}
    one = minimize(rosenbrock, [0.5, 0.5], RULES[name], 20, **given)
    other = minimize(rosenbrock, [0.5, 0.5], RULES[name], 20, **schedules)
    np.testing.assert_array_equal(one.x, other.x)


def test_a_schedule_may_return_a_list_or_an_integer_or_float32():
    one = minimize(bowl, [1, 2], adam, 5, alpha=lambda t: [1, 2], beta1=lambda t: np.float32(0.5))
    other = minimize(bowl, [1, 2], adam, 5, alpha=[1.0, 2.0], beta1=0.5)
    np.testing.assert_array_equal(one.x, other.x)


# --- divergence ---------------------------------------------------------------------------------

WILD = {
    "gradient_descent": {"alpha": 1e3},
    "momentum": {"alpha": 1e3},
    "nesterov": {"alpha": 1e3},
    **{
        name: {"alpha": 1e200}
        for name in ("adagrad", "rmsprop", "adam", "adamax", "amsgrad", "nadam")
    },
}


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("name", RULES)
def test_divergence_warns_of_nothing_and_is_dated(name, objective):
    f = OBJECTIVES[objective]
    trace = minimize(f, f.start(1), RULES[name], 500, **WILD[name])
    finite = np.isfinite(trace.score)
    assert not finite.all()
    assert trace.diverged_at == finite.tolist().index(False)
    assert trace.diverged_at > 0
    assert type(trace.diverged_at) is int


@pytest.mark.parametrize("name", RULES)
def test_a_batch_is_dated_by_its_first_member_and_the_others_go_on(name):
    wild = WILD[name]["alpha"]
    alpha = np.array([1e-5, wild, 1e-5, wild * 10])
    f = OBJECTIVES["himmelblau"]
    trace = minimize(f, f.start(1), RULES[name], 300, alpha=alpha)
    alone = [minimize(f, f.start(1), RULES[name], 300, alpha=a) for a in alpha]
    dates = [member.diverged_at for member in alone]
    assert dates[0] is dates[2] is None
    assert trace.diverged_at == min(dates[1], dates[3])
    for i, member in enumerate(alone):
        np.testing.assert_array_equal(trace.score[:, i], member.score)
    assert "nan" in repr(alone[1]) or "inf" in repr(alone[1])


def test_an_objective_that_overflows_diverges_even_where_x_is_finite():
    steep = Objective(lambda p: np.exp(p[0]) + p[1], lambda p: np.full_like(p, -1.0), "steep")
    trace = minimize(steep, [0.0, 0.0], descent.gradient_descent, 20, alpha=100.0)
    assert trace.diverged_at == 8  # exp(800) is past the largest number, exp(700) is not
    assert np.isfinite(trace.x).all()


def test_an_objective_that_is_nan_at_the_start_diverges_at_0():
    root = Objective(lambda p: np.sqrt(p[0]), lambda p: p * 0, "root")
    assert minimize(root, [-1.0, 0.0], adam, 3).diverged_at == 0


def test_the_callers_error_state_is_as_before():
    with np.errstate(over="raise", invalid="ignore"):
        before = np.geterr()
        minimize(bowl, [1.0, 1.0], descent.gradient_descent, 2000, alpha=1e3)
        assert np.geterr() == before


# --- a student's own rule -----------------------------------------------------------------------


class Own(NamedTuple):
    t: int
    x: Any
    m: Any = 0


def test_a_rule_may_begin_with_a_bare_0():
    def averaged(gradient, x0, alpha=0.1):
        x, m = x0, 0
        yield Own(0, x, m)
        for t in range(1, 100):
            m = 0.5 * m + 0.5 * gradient(x)
            x = x - alpha * m
            yield Own(t, x, m)

    trace = minimize(bowl, [1.0, 2.0], averaged, 4)
    assert trace.state.m.shape == (5, 2)
    assert trace.state.m[:2].tolist() == [[0.0, 0.0], [1.0, 2.0]]


def test_a_rule_that_works_in_place_is_recorded_step_by_step():
    def in_place(gradient, x0, alpha=0.1):
        yield Own(0, x0)
        for t in range(1, 100):
            x0 -= alpha * gradient(x0)
            yield Own(t, x0)

    start = np.array([1.0, 2.0])
    trace = minimize(bowl, start, in_place, 3)
    np.testing.assert_allclose(trace.x[:, 0], [1, 0.8, 0.64, 0.512])
    assert start.tolist() == [1.0, 2.0]


def test_a_rule_may_be_wrapped():
    def slow(gradient, x0, **hyperparameters):
        return adam(gradient, x0, beta1=0.99, **hyperparameters)

    expected = minimize(bowl, [1, 2], adam, 5, alpha=[0.1, 0.2], beta1=0.99).x
    np.testing.assert_array_equal(minimize(bowl, [1, 2], slow, 5, alpha=[0.1, 0.2]).x, expected)
    partial = functools.partial(adam, beta1=0.99)
    np.testing.assert_array_equal(minimize(bowl, [1, 2], partial, 5, alpha=[0.1, 0.2]).x, expected)


def test_a_rule_may_count_with_an_integer_and_switch_with_a_flag():
    def windowed(gradient, x0, alpha=0.1, window=3, flip=False):
        yield Own(0, x0)
        x, last = x0, []
        for t in range(1, 100):
            last = [*last, gradient(x)][-window:]
            x = x - (-alpha if flip else alpha) * sum(last)
            yield Own(t, x)

    one = minimize(bowl, [1.0, 2.0], windowed, 5, window=1)
    np.testing.assert_array_equal(
        one.x, minimize(bowl, [1.0, 2.0], descent.gradient_descent, 5, alpha=0.1).x
    )
    assert minimize(bowl, [1.0, 2.0], windowed, 5, flip=True).score[-1] > 5


def test_an_error_in_a_schedule_says_which_and_when():
    def alpha(t):
        return 1 / (t - 3)

    with pytest.raises(ZeroDivisionError) as caught:
        minimize(bowl, [1, 2], adam, 5, beta2=lambda t: 0.5, alpha=lambda t: abs(alpha(t)))
    assert caught.value.__notes__ == ["raised by the schedule alpha at t = 3"]


# --- bad input ----------------------------------------------------------------------------------
#
# What is done, the kind of error, and parts of the message: the argument, the value, what is
# allowed.


def run(objective=bowl, x0=(1.0, 2.0), rule=adam, n_iter=10, **others):
    return lambda: minimize(objective, x0, rule, n_iter, **others)


def at_7(value):
    return lambda t: value if t == 7 else 0.5


def not_a_rule(gradient, x0, alpha=0.1):
    return x0 - alpha * gradient(x0)


def gives_none(gradient, x0):
    pass


def gives_a_list(gradient, x0):
    return [x0, x0]


def stops_early(gradient, x0):
    for t in range(4):
        yield Own(t, x0)


def stops_at_once(gradient, x0):
    return
    yield


def bare_x(gradient, x0):
    while True:
        yield x0


def plain_tuples(gradient, x0):
    while True:
        yield 0, x0


def no_x(gradient, x0):
    class Point(NamedTuple):
        t: int
        point: Any

    while True:
        yield Point(0, x0)


def no_start(gradient, x0, alpha=0.1):
    x, t = x0, 0
    while True:
        t, x = t + 1, x - alpha * gradient(x)
        yield Own(t, x)


def steps_before_it_yields(gradient, x0):
    x0 -= 0.1 * gradient(x0)
    yield Own(0, x0)


def shrinks(gradient, x0):
    yield Own(0, x0)
    yield Own(1, x0[:1])


def needs_alpha(gradient, x0, alpha):
    yield Own(0, x0)


def without_x0(gradient):
    yield


def writes(p):
    p *= 2
    return p


def nothing(p):
    pass


NUMBER = "a number, an array of numbers or a function of t"
POSITIVE = "finite and greater than 0"
UNIT = "at least 0 and less than 1"
WHOLE = "n_iter must be a whole number, 0 or more"

BAD = {
    # objective and gradient
    "objective is a name": (run("bowl"), TypeError, "objective", "'bowl'", "Objective"),
    "objective is None": (run(None), TypeError, "objective must be", "got None"),
    "objective is a list of objectives": (run([bowl]), TypeError, "objective", "Objective"),
    "objective without gradient": (
        run(lambda p: p[0]),
        TypeError,
        "gradient must be a function of p, got None",
        "gradient=...",
    ),
    "gradient is an array": (
        run(gradient=np.ones(2)),
        TypeError,
        "gradient must be a function of p",
        "array([1., 1.])",
    ),
    "gradient returns nothing": (
        run(gradient=nothing),
        TypeError,
        "gradient(x) must be numbers of the shape (2,) of x, got None",
    ),
    "gradient returns one number": (
        run(gradient=lambda p: 1.0),
        ValueError,
        "gradient(x) must be numbers of the shape (2,) of x, got shape ()",
    ),
    "gradient returns three coordinates": (
        run(gradient=lambda p: np.ones(3)),
        ValueError,
        "gradient(x)",
        "(2,)",
        "got shape (3,)",
    ),
    "gradient returns a column": (
        run(gradient=lambda p: p[:, None]),
        ValueError,
        "gradient(x)",
        "(2,)",
        "got shape (2, 1)",
    ),
    "gradient of a batch returns one point": (
        run(gradient=lambda p: np.ones(2), x0=np.ones((2, 5))),
        ValueError,
        "gradient(x)",
        "(2, 5)",
        "got shape (2,)",
    ),
    "gradient returns complex numbers": (run(gradient=lambda p: 1j * p), TypeError, "gradient(x)"),
    "gradient returns strings": (run(gradient=lambda p: ["a", "b"]), TypeError, "gradient(x)", "a"),
    "gradient returns rows of other lengths": (
        run(gradient=lambda p: [[1.0], [1.0, 2.0]]),
        TypeError,
        "gradient(x) must be numbers",
    ),
    "gradient writes on its argument": (run(gradient=writes), ValueError, "read-only"),
    "objective writes on its argument": (
        run(lambda p: writes(p)[0], gradient=lambda p: p),
        ValueError,
        "read-only",
    ),
    "objective returns a vector": (
        run(Objective(lambda p: p * p, lambda p: 2 * p)),
        ValueError,
        "objective(x) must be one number per point, shape (), got shape (2,)",
    ),
    "objective of a batch returns one number": (
        run(Objective(lambda p: (p * p).sum(), lambda p: 2 * p), x0=np.ones((2, 5))),
        ValueError,
        "objective(x) must be one number per point, shape (5,), got shape ()",
    ),
    "objective returns nothing": (
        run(Objective(nothing, lambda p: p)),
        TypeError,
        "objective(x) must be one number per point, got None",
    ),
    "objective returns a string": (
        run(Objective(lambda p: "low", lambda p: p)),
        TypeError,
        "objective(x)",
        "'low'",
    ),
    "objective returns a complex number": (
        run(Objective(lambda p: 1j, lambda p: p)),
        TypeError,
        "objective(x)",
        "1j",
    ),
    # x0
    "x0 is a number": (run(x0=1.0), ValueError, "x0 must have shape (d,)", "got 1.0"),
    "x0 is None": (run(x0=None), TypeError, "x0 must be an array of numbers", "got None"),
    "x0 is a string": (run(x0="origin"), TypeError, "x0 must be an array", "'origin'"),
    "x0 holds strings": (run(x0=["1", "2"]), TypeError, "x0 must be an array", "['1', '2']"),
    "x0 holds booleans": (run(x0=[True, False]), TypeError, "x0 must be", "[True, False]"),
    "x0 holds None": (run(x0=[1.0, None]), TypeError, "x0 must be an array", "[1.0, None]"),
    "x0 is complex": (run(x0=[1.0, 2j]), TypeError, "x0 must be an array of numbers", "2j"),
    "x0 is ragged": (run(x0=[[1.0], [1.0, 2.0]]), TypeError, "x0 must be", "[[1.0], [1.0, 2.0]]"),
    "x0 is a dict": (run(x0={"x": 1, "y": 2}), TypeError, "x0 must be", "{'x': 1, 'y': 2}"),
    "x0 is a seed left uncalled": (run(x0=bowl.start), TypeError, "x0 must be", "Objective.start"),
    "x0 has a nan": (run(x0=[1.0, math.nan]), ValueError, "x0 must be finite", "nan"),
    "x0 is infinite": (run(x0=[1.0, -math.inf]), ValueError, "x0 must be finite", "-inf"),
    "x0 has one coordinate": (run(x0=[1.0]), ValueError, "x0 must have 2 coordinates", "(1,)"),
    "x0 has three coordinates": (
        run(x0=[1.0, 2.0, 3.0]),
        ValueError,
        "x0 must have 2 coordinates, as many as bowl, on its first axis; got shape (3,)",
    ),
    "x0 is transposed": (
        run(x0=np.ones((5, 2))),
        ValueError,
        "x0 must have 2 coordinates",
        "on its first axis; got shape (5, 2)",
    ),
    "x0 is empty": (run(x0=[]), ValueError, "x0 must have 2 coordinates", "(0,)"),
    "x0 is empty for a plain function": (
        run(lambda p: 0.0, x0=[], gradient=lambda p: p),
        ValueError,
        "x0 must have at least 1 coordinate",
        "(0,)",
    ),
    "x0 holds no point": (
        run(x0=np.ones((2, 0))),
        ValueError,
        "x0 must hold at least one point; got shape (2, 0)",
    ),
    # rule
    "rule is a name": (run(rule="adam"), TypeError, "rule must be", "descent.adam", "'adam'"),
    "rule is None": (run(rule=None), TypeError, "rule must be a generator function", "None"),
    "rule is called": (
        run(rule=adam(bowl.gradient, [1.0, 2.0])),
        TypeError,
        "rule must be a generator function",
        "adam, not adam(...)",
        "<generator object adam",
    ),
    "rule and n_iter are swapped": (
        run(rule=10, n_iter=adam),
        TypeError,
        "n_iter",
        "function adam",
    ),
    "rule is a builtin": (run(rule=len), TypeError, "rule must be", "<built-in function len>"),
    "rule is a type": (run(rule=dict), TypeError, "rule must be", "<class 'dict'>"),
    "rule takes no x0": (
        run(rule=without_x0),
        TypeError,
        "rule must be a generator function of gradient and x0",
        "without_x0",
    ),
    "rule returns a point": (
        run(rule=not_a_rule),
        TypeError,
        "rule must be a generator function, but not_a_rule returned array",
    ),
    "rule forgets to yield": (
        run(rule=gives_none),
        TypeError,
        "rule must be a generator function, but gives_none returned None",
    ),
    "rule returns a list": (run(rule=gives_a_list), TypeError, "gives_a_list returned [array"),
    "rule stops early": (
        run(rule=stops_early),
        ValueError,
        "stops_early must yield 11 records for n_iter = 10, it yielded 4",
    ),
    "rule stops at once": (
        run(rule=stops_at_once, n_iter=0),
        ValueError,
        "stops_at_once must yield 1 records",
        "yielded 0",
    ),
    "rule yields bare points": (
        run(rule=bare_x),
        TypeError,
        "bare_x must yield NamedTuples with a field x, got array([1., 2.])",
    ),
    "rule yields tuples": (run(rule=plain_tuples), TypeError, "plain_tuples", "NamedTuples", "(0,"),
    "rule yields no x": (run(rule=no_x), TypeError, "no_x must yield NamedTuples with a field x"),
    "rule leaves out the start": (
        run(rule=no_start),
        ValueError,
        "no_start must yield the start, x = [1. 2.], before its first step, got x = [0.8 1.6]",
    ),
    "rule steps before it yields": (
        run(rule=steps_before_it_yields, n_iter=0),
        ValueError,
        "steps_before_it_yields must yield the start, x = [1. 2.]",
    ),
    "rule changes the shape of x": (
        run(rule=shrinks),
        ValueError,
        "shrinks must yield x of shape (2,), got (1,) at t = 1",
    ),
    "rule lacks a value": (
        run(rule=needs_alpha),
        ValueError,
        "needs_alpha needs a value for alpha",
    ),
    # n_iter
    "n_iter is negative": (run(n_iter=-1), ValueError, WHOLE, "got -1"),
    "n_iter is not whole": (run(n_iter=2.5), ValueError, WHOLE, "got 2.5"),
    "n_iter is nan": (run(n_iter=math.nan), ValueError, WHOLE, "got nan"),
    "n_iter is infinite": (run(n_iter=math.inf), ValueError, WHOLE, "got inf"),
    "n_iter is a string": (run(n_iter="60"), TypeError, WHOLE, "got '60'"),
    "n_iter is None": (run(n_iter=None), TypeError, WHOLE, "got None"),
    "n_iter is True": (run(n_iter=True), TypeError, WHOLE, "got True"),
    "n_iter is a list": (run(n_iter=[60]), TypeError, WHOLE, "got [60]"),
    "n_iter is complex": (run(n_iter=3 + 0j), TypeError, WHOLE, "got (3+0j)"),
    # hyperparameters: names
    "lr for alpha": (
        run(lr=0.1),
        ValueError,
        "lr is no hyperparameter of adam, got lr=0.1; allowed: alpha, beta1, beta2, eps, project",
    ),
    "beta1 of momentum": (
        run(rule=descent.momentum, beta1=0.9),
        ValueError,
        "beta1 is no hyperparameter of momentum, got beta1=0.9; allowed: alpha, beta",
    ),
    "eps of adamax": (
        run(rule=descent.adamax, eps=1e-8),
        ValueError,
        "eps is no hyperparameter of adamax",
        "allowed: alpha, beta1, beta2",
    ),
    "any name for a rule of none": (
        run(rule=stops_early, alpha=1),
        ValueError,
        "alpha is no hyperparameter of stops_early",
        "allowed: none",
    ),
    "x0 by another name": (run(start=[1, 2]), ValueError, "start is no hyperparameter", "allowed"),
    # hyperparameters: values
    "alpha is 0": (run(alpha=0), ValueError, f"alpha must be {POSITIVE}, got 0.0"),
    "alpha is negative": (run(alpha=-0.1), ValueError, f"alpha must be {POSITIVE}, got -0.1"),
    "alpha is nan": (run(alpha=math.nan), ValueError, f"alpha must be {POSITIVE}, got nan"),
    "alpha is infinite": (run(alpha=math.inf), ValueError, f"alpha must be {POSITIVE}, got inf"),
    "alpha is a string": (run(alpha="0.1"), TypeError, f"alpha must be {NUMBER}", "got '0.1'"),
    "alpha is None": (run(alpha=None), TypeError, f"alpha must be {NUMBER}", "got None"),
    "alpha is True": (run(alpha=True), TypeError, f"alpha must be {NUMBER}", "got True"),
    "alpha is complex": (run(alpha=0.1j), TypeError, f"alpha must be {NUMBER}", "got 0.1j"),
    "alpha is empty": (run(alpha=[]), ValueError, "alpha must hold at least one value", "(0,)"),
    "alpha holds a 0": (run(alpha=[0.1, 0.0]), ValueError, f"alpha must be {POSITIVE}, got 0.0"),
    "alpha is ragged": (run(alpha=[[0.1], [0.1, 0.2]]), TypeError, f"alpha must be {NUMBER}"),
    "alpha is a generator": (
        run(alpha=(0.1 / t for t in range(1, 20))),
        TypeError,
        f"alpha must be {NUMBER}",
        "<generator object",
    ),
    "alpha is a dict": (
        run(alpha={"lr": 0.1}),
        TypeError,
        f"alpha must be {NUMBER}",
        "{'lr': 0.1}",
    ),
    "alpha is too large an integer": (run(alpha=10**400), TypeError, f"alpha must be {NUMBER}"),
    "beta1 is 1": (run(beta1=1), ValueError, f"beta1 must be {UNIT}, got 1.0"),
    "beta1 is negative": (run(beta1=-0.1), ValueError, f"beta1 must be {UNIT}, got -0.1"),
    "beta1 is nan": (run(beta1=math.nan), ValueError, f"beta1 must be {UNIT}, got nan"),
    "beta2 is 1": (run(beta2=1.0), ValueError, f"beta2 must be {UNIT}, got 1.0"),
    "beta2 is True": (run(beta2=True), TypeError, f"beta2 must be {NUMBER}", "got True"),
    "beta2 is a percentage": (run(beta2=99.9), ValueError, f"beta2 must be {UNIT}, got 99.9"),
    "beta2 holds a 1": (run(beta2=[0.9, 1.0]), ValueError, f"beta2 must be {UNIT}, got 1.0"),
    "beta is 1": (
        run(rule=descent.nesterov, beta=1),
        ValueError,
        f"beta must be {UNIT}, got 1.0",
    ),
    "betas as a pair": (run(betas=(0.9, 0.999)), ValueError, "betas is no hyperparameter of adam"),
    "eps is negative": (
        run(eps=-1e-8),
        ValueError,
        "eps must be finite and at least 0, got -1e-08",
    ),
    "eps is infinite": (
        run(eps=math.inf),
        ValueError,
        "eps must be finite and at least 0, got inf",
    ),
    "eps is None": (run(eps=None), TypeError, f"eps must be {NUMBER}", "got None"),
    "project is a number": (
        run(project=1.0),
        TypeError,
        "project must be a function of x, or None, got 1.0",
    ),
    "project returns nothing": (
        run(project=nothing),
        ValueError,
        "adam must yield x of shape (2,), got () at t = 1",
    ),
    "project changes the shape": (
        run(rule=descent.amsgrad, project=lambda x: x.max()),
        ValueError,
        "amsgrad must yield x of shape (2,), got () at t = 1",
    ),
    "correction is no choice": (
        run(rule=descent.nadam, correction="both"),
        ValueError,
        'correction must be "power" or "constant", got \'both\'',
    ),
    "correction is True": (
        run(rule=descent.nadam, correction=True),
        TypeError,
        "correction must be a string such as 'power', got True",
    ),
    "correction is an array": (
        run(rule=descent.nadam, correction=np.ones(2)),
        TypeError,
        "correction must be a string",
    ),
    # hyperparameters: schedules
    "schedule of nothing": (
        run(alpha=nothing),
        TypeError,
        f"alpha(1) must be {NUMBER}",
        "got None",
    ),
    "schedule of strings": (run(alpha=at_7("high")), TypeError, "alpha(7) must be", "got 'high'"),
    "schedule reaches 0": (
        run(alpha=lambda t: 0.1 * (1 - t / 10)),
        ValueError,
        f"alpha(10) must be {POSITIVE}, got 0.0",
    ),
    "schedule nan at 7": (run(alpha=at_7(math.nan)), ValueError, "alpha(7) must be", "got nan"),
    "schedule 1 at 7": (run(beta1=at_7(1)), ValueError, f"beta1(7) must be {UNIT}, got 1.0"),
    "schedule negative at 7": (run(eps=at_7(-1)), ValueError, "eps(7) must be", "got -1.0"),
    "schedule complex at 7": (run(beta2=at_7(0.5j)), TypeError, "beta2(7)", "got 0.5j"),
    "schedule a pair at 7": (
        run(alpha=at_7([0.1, 0.2])),
        ValueError,
        "alpha(7) must have the shape () of alpha(1), got (2,)",
    ),
    "schedule empty at 7": (run(alpha=at_7([])), ValueError, "alpha(7)", "at least one value"),
    "schedule 1 where only nadam looks": (
        run(rule=descent.nadam, beta1=lambda t: 1 if t == 11 else 0.5),
        ValueError,
        f"beta1(11) must be {UNIT}, got 1.0",
    ),
    "schedule is a generator function": (
        run(alpha=lambda t: (0.1 for _ in range(3))),
        TypeError,
        f"alpha(1) must be {NUMBER}",
        "<generator object",
    ),
    "schedule takes no t": (run(alpha=lambda: 0.1), TypeError, "0 positional arguments"),
    # shapes
    "settings do not broadcast": (
        run(alpha=[0.1, 0.2], beta1=[0.5, 0.6, 0.7]),
        ValueError,
        "shapes of the hyperparameters",
        "'alpha': (2,), 'beta1': (3,)",
        "do not broadcast",
    ),
    "settings do not fit the starts": (
        run(x0=np.ones((2, 5)), alpha=[0.1, 0.2, 0.3]),
        ValueError,
        "'alpha': (3,)",
        "of x0 after its first axis, (5,)",
        "do not broadcast",
    ),
    "schedules do not broadcast": (
        run(alpha=lambda t: np.ones(2), beta1=[0.5, 0.6, 0.7]),
        ValueError,
        "'alpha': (2,), 'beta1': (3,)",
        "do not broadcast",
    ),
}


def test_the_table_is_long_enough():
    assert len(BAD) >= 40


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    act, kind, *parts = BAD[case]
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind
    for part in parts:
        assert part in str(caught.value)


STARTS = ("x0", "n_iter", "alpha", "beta", "eps", "schedule", "settings", "lr", "correction is T")
AT_ONCE = [
    case
    for case in BAD
    if case.startswith(STARTS)
    # the first has a gradient of its own; the second is asked for at the last step only
    and case not in ("x0 is empty for a plain function", "schedule 1 where only nadam looks")
]


@pytest.mark.parametrize("case", AT_ONCE)
def test_arguments_are_refused_before_the_first_step(case, monkeypatch):
    def gradient(p):
        raise AssertionError("a gradient was asked")

    monkeypatch.setattr(bowl, "gradient", gradient)
    with pytest.raises((ValueError, TypeError)):
        BAD[case][0]()


# --- documentation ------------------------------------------------------------------------------

PUBLIC = {
    f"descent.{name}": value
    for name, value in vars(descent).items()
    if not name.startswith("_") and (inspect.isclass(value) or inspect.isfunction(value))
}
METHODS = {
    f"{owner}.{name}": method
    for owner, cls in PUBLIC.items()
    if inspect.isclass(cls) and cls.__module__.startswith("descent")
    for name, method in vars(cls).items()
    if not name.startswith("_") and inspect.isfunction(method)
}
MODULES = {
    f"descent.{name}": value for name, value in vars(descent).items() if inspect.ismodule(value)
}


@pytest.mark.parametrize("name", [*PUBLIC, *METHODS, *MODULES])
def test_every_public_name_has_a_docstring(name):
    documented = {**PUBLIC, **METHODS, **MODULES}[name]
    text = documented.__doc__
    assert text
    first, *rest = text.strip().split("\n")
    assert first.endswith((".", ":"))
    assert not rest or rest[0] == ""


@pytest.mark.parametrize("name", RULES)
def test_every_rule_states_its_equations_and_its_source(name):
    text = RULES[name].__doc__
    assert "x_t = x_{t-1} - alpha" in text
    assert "Source: " in text
    for hyperparameter in list(inspect.signature(RULES[name]).parameters)[2:]:
        assert hyperparameter in text


def test_every_surface_is_described_in_the_module():
    source = inspect.getsource(descent.objectives)
    for name in OBJECTIVES:
        assert f"\n{name} = Objective(" in source
