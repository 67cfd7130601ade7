"""``minimize`` and ``Trace``: what they return, divergence, a student's own rules."""

import functools
import inspect
from typing import Any, NamedTuple

import numpy as np
import pytest

import descent
from descent import OBJECTIVES, RULES, Objective, adam, bowl, minimize, rosenbrock
from descent.checks import hyperparameters, name_of
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
    given = {k: v for k, v in hyperparameters(RULES[name]).items() if isinstance(v, float)}
    schedules = {key: functools.partial(lambda value, t: value, v) for key, v in given.items()}
    one = minimize(rosenbrock, [0.5, 0.5], RULES[name], 20, **given)
    other = minimize(rosenbrock, [0.5, 0.5], RULES[name], 20, **schedules)
    np.testing.assert_array_equal(one.x, other.x)


def test_a_schedule_may_return_a_list_or_an_integer_or_float32():
    one = minimize(bowl, [1, 2], adam, 5, alpha=lambda t: [1, 2], beta1=lambda t: np.float32(0.5))
    other = minimize(bowl, [1, 2], adam, 5, alpha=[1.0, 2.0], beta1=0.5)
    np.testing.assert_array_equal(one.x, other.x)


# --- divergence ---------------------------------------------------------------------------------

WILD = {  # a step in proportion to the gradient explodes by itself
    name: {"alpha": 1e3 if name in ("gradient_descent", "momentum", "nesterov") else 1e200}
    for name in RULES
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


def test_the_names_of_a_student_s_hyperparameters_are_free():
    def scaled(gradient, x0, alpha=0.1, beta_scale=2.0, betas=1.0, eps_start=-1.0):
        x = x0
        for t in range(100):
            yield Own(t, x)
            x = x - alpha * beta_scale * betas * gradient(x)

    default = minimize(bowl, [1.0, 2.0], scaled, 5)
    given = minimize(bowl, [1.0, 2.0], scaled, 5, beta_scale=2.0, betas=1.0, eps_start=-1.0)
    np.testing.assert_array_equal(given.x, default.x)


def test_a_rule_has_one_name_and_its_own_hyperparameters():
    slower = functools.partial(functools.partial(adam, beta1=0.99), eps=0.0)
    assert name_of(adam) == name_of(slower) == "adam"
    assert name_of(bowl) == "bowl"
    assert name_of(functools.partial(np.add, 1)) == "add"
    assert hyperparameters(slower) == hyperparameters(adam) | {"beta1": 0.99, "eps": 0.0}
    assert list(hyperparameters(adam)) == ["alpha", "beta1", "beta2", "eps", "project"]
    assert repr(minimize(bowl, [1, 2], slower, 1)).startswith("Trace(adam on bowl, 1 steps")


def test_an_error_in_a_schedule_says_which_and_when():
    def alpha(t):
        return 1 / (t - 3)

    with pytest.raises(ZeroDivisionError) as caught:
        minimize(bowl, [1, 2], adam, 5, beta2=lambda t: 0.5, alpha=lambda t: abs(alpha(t)))
    assert caught.value.__notes__ == ["raised by the schedule alpha at t = 3"]


# --- documentation ------------------------------------------------------------------------------

NAMES = {name: getattr(descent, name) for name in dir(descent) if not name.startswith("_")}
PUBLIC = {
    f"descent.{name}": value
    for name, value in NAMES.items()
    if inspect.isclass(value) or inspect.isfunction(value)
}
METHODS = {
    f"{owner}.{name}": method
    for owner, cls in PUBLIC.items()
    if inspect.isclass(cls) and cls.__module__.startswith("descent")
    for name, method in vars(cls).items()
    if not name.startswith("_") and inspect.isfunction(method)
}
MODULES = {f"descent.{name}": value for name, value in NAMES.items() if inspect.ismodule(value)}


def test_every_public_name_is_listed_and_there():
    public = {name for name, value in NAMES.items() if not inspect.ismodule(value)}
    assert public == set(descent.__all__) == {*public, "Explorer", "minimize", *RULES, *OBJECTIVES}
    assert len(descent.__all__) == len(public)


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
    for hyperparameter in hyperparameters(RULES[name]):
        assert hyperparameter in text
