"""What ``minimize`` refuses, when, and in which words."""

import math
from typing import Any, NamedTuple

import numpy as np
import pytest

import descent
from descent import RULES, Objective, adam, bowl, minimize
from descent.checks import hyperparameters

# What is done, the kind of error, and parts of the message: the argument, the value, what is
# allowed.


class Own(NamedTuple):
    t: int
    x: Any
    m: Any = 0


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

# Refused before a gradient is asked.
ARGUMENTS = {
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
    "rule forgets to yield": (
        run(rule=gives_none),
        TypeError,
        "rule must be a generator function, but gives_none returned None",
    ),
    "rule returns a list": (run(rule=gives_a_list), TypeError, "gives_a_list returned [array"),
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
    # keep
    "keep is no such thing": (
        run(keep="path"),
        ValueError,
        'keep must be one of "all", "x", "score", "last", got \'path\'',
    ),
    "keep is a field of the state": (run(keep="m"), ValueError, "keep must be one of", "got 'm'"),
    "keep is empty": (run(keep=""), ValueError, "keep must be one of", "got ''"),
    "keep is None": (run(keep=None), TypeError, "keep must be one of", "got None"),
    "keep is True": (run(keep=True), TypeError, "keep must be one of", "got True"),
    "keep is a list": (run(keep=["x"]), TypeError, "keep must be one of", "got ['x']"),
    # hyperparameters: names
    "lr for alpha": (
        run(lr=0.1),
        ValueError,
        "lr is not a hyperparameter of adam, got lr=0.1; ",
        "allowed: alpha, beta1, beta2, eps, project",
    ),
    "beta1 of momentum": (
        run(rule=descent.momentum, beta1=0.9),
        ValueError,
        "beta1 is not a hyperparameter of momentum, got beta1=0.9; allowed: alpha, beta",
    ),
    "eps of adamax": (
        run(rule=descent.adamax, eps=1e-8),
        ValueError,
        "eps is not a hyperparameter of adamax",
        "allowed: alpha, beta1, beta2",
    ),
    "any name for a rule of none": (
        run(rule=stops_early, alpha=1),
        ValueError,
        "alpha is not a hyperparameter of stops_early",
        "allowed: none",
    ),
    "x0 by another name": (
        run(start=[1, 2]),
        ValueError,
        "start is not a hyperparameter",
        "allowed",
    ),
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
    "betas as a pair": (
        run(betas=(0.9, 0.999)),
        ValueError,
        "betas is not a hyperparameter of adam",
    ),
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
    "correction is not a choice": (
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

# What a function, a rule or a late step of a schedule answers is seen when it is asked.
ANSWERS = {
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
    "rule returns a point": (
        run(rule=not_a_rule),
        TypeError,
        "rule must be a generator function, but not_a_rule returned array",
    ),
    "rule stops early": (
        run(rule=stops_early),
        ValueError,
        "stops_early must yield 11 records for n_iter = 10, it yielded 4",
    ),
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
    "schedule 1 where only nadam looks": (
        run(rule=descent.nadam, beta1=lambda t: 1 if t == 11 else 0.5),
        ValueError,
        f"beta1(11) must be {UNIT}, got 1.0",
    ),
}


def check(case, act, kind, *parts):
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind, case
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("case", ARGUMENTS)
def test_an_argument_is_refused_before_a_gradient_is_asked(case, monkeypatch):
    def ask_nothing(objective, x0, rule, n_iter, gradient=None, **others):
        def asked(p):
            raise AssertionError("a gradient was asked")

        given = getattr(objective, "gradient", None) if gradient is None else gradient
        gradient = asked if callable(given) else gradient
        return descent.minimize(objective, x0, rule, n_iter, gradient=gradient, **others)

    monkeypatch.setitem(globals(), "minimize", ask_nothing)
    check(case, *ARGUMENTS[case])


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_that_cannot_be_used_is_named(case):
    check(case, *ANSWERS[case])


@pytest.mark.parametrize("rule", RULES)
def test_every_hyperparameter_of_every_rule_is_checked(rule):
    numbers = {k: v for k, v in hyperparameters(RULES[rule]).items() if isinstance(v, float)}
    assert "alpha" in numbers
    for name in numbers:
        for value, kind in [("high", TypeError), (math.nan, ValueError), (-1.0, ValueError)]:
            check(name, run(rule=RULES[rule], **{name: value}), kind, f"{name} must be", f"{value}")


@pytest.mark.parametrize("name", ["objective", "x0", "rule", "n_iter", "gradient"])
def test_every_argument_is_checked(name):
    check(name, run(**{name: "what"}), TypeError, f"{name} must be", "'what'")
