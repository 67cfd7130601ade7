"""The streams of gradients, and what stands between a gradient and a step."""

import functools
import runpy
from fractions import Fraction

import numpy as np
import pytest

from descent import (
    RULES,
    STREAMS,
    adam,
    adamax,
    amsgrad,
    effective_rate,
    gradient_descent,
    minimize,
    ravine,
    rosenbrock,
    streams,
)
from descent.checks import hyperparameters
from descent.inner import inner_values
from descent.rules import GradientDescentStep

# ---- The streams --------------------------------------------------------------------------------

MODULUS = 2**31 - 1


def uniform(k):
    """The k-th number of Park and Miller's generator, not from the one before."""
    return Fraction(pow(48271, k, MODULUS), MODULUS)


# What the docstring says, and the same once more as a formula; exact.
STATED = {
    "constant": ("g_t = 1.", lambda t: 1),
    "alternating": ("g_t = 1, -1, 1, -1, ...", lambda t: -((-1) ** t)),
    "growing": ("g_t = t / 10.", lambda t: Fraction(t, 10)),
    "noise": (
        "g_t = 0.5 + noise of mean 0 and variance 1, always the same: twelve uniform numbers "
        "less 6.",
        lambda t: Fraction(1, 2) + sum(uniform(12 * (t - 1) + k) for k in range(1, 13)) - 6,
    ),
    "spike": ("g_t = 10 at t = 20, else 1.", lambda t: {20: 10}.get(t, 1)),
    "rare": (
        "g_t = 10 at every twentieth step, from the tenth on, else 0.",
        lambda t: 10 * (t in range(10, 10**6, 20)),
    ),
    "cycle": (
        "g_t = 1010 at t = 1, 102, 203, ..., else -10: the slopes of the AMSGrad chapter.",
        lambda t: 1010 if t in range(1, 10**6, 101) else -10,
    ),
}


def test_every_stream_is_stated():
    assert list(STATED) == list(STREAMS) == streams.__all__


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_what_its_docstring_states(name):
    statement, formula = STATED[name]
    assert STREAMS[name].__doc__.splitlines()[0] == statement
    for t in range(1, 501):
        g = STREAMS[name](t)
        assert type(g) is float
        if name == "noise":  # a sum of twelve, which is rounded
            assert abs(g - formula(t)) < 1e-14
        else:
            assert g == float(formula(t))


def test_the_generator_is_park_and_millers():
    """The C++ standard gives the 10,000th number of minstd_rand, from 1 on."""
    assert uniform(10_000) * MODULUS == 399_268_537


def test_noise_is_the_same_everywhere_and_in_whatever_order_it_is_asked():
    frozen = {1: -0.19499518940923455, 2: 2.8356187964489763, 700: -1.699913208931644}
    fresh = runpy.run_path(streams.__file__)["noise"]
    for t in (700, 2, 1, 700):
        assert fresh(t) == streams.noise(t) == frozen[t]


def test_noise_has_its_mean_and_variance_and_no_memory():
    noise = np.array([streams.noise(t) for t in range(1, 20_001)])
    about = noise - 0.5
    # Four standard errors of 20,000 independent numbers, of each of these estimates.
    assert abs(about.mean()) < 4 / np.sqrt(20_000)
    assert abs(about.var() - 1) < 4 * np.sqrt(2 / 20_000)
    for lag in (1, 2, 5):
        assert abs((about[lag:] * about[:-lag]).mean()) < 4 / np.sqrt(20_000)
    assert abs(about).max() < 6


def test_the_cycle_falls_on_average_towards_minus_1():
    """The slopes of a whole cycle add up to 10, so that x = -1 is best on the interval."""
    assert sum(map(streams.cycle, range(1, 102))) == 10
    assert streams.INTERVALS == {"cycle": (-1.0, 1.0)}


# ---- Between gradient and step ------------------------------------------------------------------


def run(rule, objective=ravine, x0=(-8.0, 1.5), n_iter=30, **hyperparameters):
    """A trace, and the gradients that its rule was given."""
    asked = []

    def gradient(x):
        asked.append(objective.gradient(x))
        return asked[-1]

    trace = minimize(objective, x0, rule, n_iter, gradient=gradient, **hyperparameters)
    return trace, np.array([np.full(trace.x.shape[1:], np.nan), *asked])


SETTINGS = {
    "numbers": {"alpha": 0.02, "beta": 0.8, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
    "no eps": {"alpha": 0.02, "eps": 0.0},
    "schedules": {
        "alpha": lambda t: 0.1 / t,
        "beta": lambda t: 0.9 - 0.5 / t,
        "beta1": lambda t: 0.9 * 0.98**t,
        "beta2": lambda t: 1 - 1 / (t + 1),
        "eps": lambda t: 1e-3 / t,
    },
    "batch": {
        "alpha": np.geomspace(1e-3, 0.1, 3)[:, None],
        "beta": np.array([0.0, 0.5, 0.9, 0.99]),
        "beta1": np.array([0.0, 0.5, 0.9, 0.99]),
        "beta2": np.array([0.3, 0.9, 0.99, 0.999]),
        "eps": np.array([0.0, 1e-8, 1e-3, 1.0]),
    },
    "batch of schedules": {
        "alpha": lambda t: np.array([0.1, 0.01, 0.001]) / t,
        "beta1": lambda t: np.array([0.9, 0.5, 0.0]) * 0.99**t,
    },
}


def settings_of(name, which):
    return {k: v for k, v in SETTINGS[which].items() if k in hyperparameters(RULES[name])}


def at(t, value):
    return value(t) if callable(value) else value


def by_hand(name, settings, g):
    """(average, root or None) at t = 1, 2, ..., as the chapters state them, one step at a time."""
    b = m = v = s = u = v_max = 0.0 * g[1]
    power1 = power2 = 1.0
    for t in range(1, len(g)):
        # A rule looks only at what is its own.
        beta, beta1, beta2 = (at(t, settings.get(k, 0.0)) for k in ("beta", "beta1", "beta2"))
        b = beta * b + g[t]
        m, power1 = beta1 * m + (1 - beta1) * g[t], power1 * beta1
        v, power2 = beta2 * v + (1 - beta2) * (g[t] * g[t]), power2 * beta2
        u, s, v_max = np.maximum(beta2 * u, abs(g[t])), s + g[t] * g[t], np.maximum(v_max, v)
        if name == "nadam" and settings["correction"] == "power":
            after = at(t + 1, settings["beta1"])
            average = after * m / (1 - power1 * after) + (1 - beta1) * g[t] / (1 - power1)
            yield average, np.sqrt(v / (1 - power2))
        else:
            yield {
                "gradient_descent": (g[t], None),
                "momentum": (b, None),
                "nesterov": (g[t] + beta * b, None),
                "adagrad": (g[t], np.sqrt(s)),
                "rmsprop": (g[t], np.sqrt(v)),
                "adam": (m / (1 - power1), np.sqrt(v / (1 - power2))),
                "adamax": (m / (1 - power1), u),
                "amsgrad": (m, np.sqrt(v_max)),
                "nadam": (
                    (beta1 * m + (1 - beta1) * g[t]) / (1 - beta1),
                    np.sqrt(beta2 * v / (1 - beta2)),
                ),
            }[name]


CASES = [(name, which, {}) for name in RULES for which in SETTINGS]
CASES += [("nadam", which, {"correction": "constant"}) for which in SETTINGS]


@pytest.mark.parametrize("name, which, word", CASES)
def test_inner_values_are_those_of_the_rule(name, which, word):
    """To the last bit: the average, the root, the step that was taken, and the rate."""
    given = settings_of(name, which) | word
    trace, g = run(RULES[name], **given)
    settings = hyperparameters(RULES[name]) | given
    inner = inner_values(trace, g)
    for value in inner.values():
        assert value.shape == trace.x.shape and np.isnan(value[0]).all()
    averages, roots = zip(*by_hand(name, settings, g), strict=True)
    np.testing.assert_array_equal(inner["average"][1:], averages)
    alphas = np.array([at(t, settings["alpha"]) + 0 * g[t] for t in range(1, len(g))])
    if roots[0] is None:
        assert list(inner) == ["average", "rate", "step"] and effective_rate(trace) is None
        np.testing.assert_array_equal(inner["rate"][1:], alphas)
    else:
        assert list(inner) == ["average", "root", "rate", "step"]
        np.testing.assert_array_equal(inner["root"][1:], roots)
        np.testing.assert_array_equal(inner["rate"], effective_rate(trace))
    before, after, taken = trace.x[:-1], trace.x[1:], alphas * inner["step"][1:]
    if name == "adamax":  # which divides alpha by 1 - beta1^t instead of m
        np.testing.assert_allclose(taken, before - after, rtol=1e-14, atol=4e-15)
    else:
        np.testing.assert_array_equal(before - taken, after)


@pytest.mark.parametrize("name", RULES)
def test_inner_values_of_a_batch_are_those_of_its_members(name):
    given = settings_of(name, "batch") | {"alpha": np.geomspace(1e-3, 0.1, 4)}
    inner = inner_values(*run(RULES[name], **given))
    for i in range(4):
        alone = inner_values(*run(RULES[name], **{key: value[i] for key, value in given.items()}))
        for key, values in alone.items():
            np.testing.assert_array_equal(inner[key][:, :, i], values)


def test_a_coordinate_without_a_gradient_takes_no_step():
    """0 / 0 counts as 0 here too; its effective rate has no bound."""
    for rule in (adam, adamax, amsgrad):
        inner = inner_values(*run(rule, x0=[0.0, 1.0], **settings_of(rule.__name__, "no eps")))
        assert (inner["step"][1:, 0] == 0).all() and (inner["root"][1:, 0] == 0).all()
        assert (inner["rate"][1:, 0] == np.inf).all()


def test_inner_values_of_a_search_that_diverges_warn_nobody():
    for rule in RULES.values():
        inner = inner_values(*run(rule, rosenbrock, n_iter=60, alpha=3.0))
        assert all(np.isnan(value[0]).all() for value in inner.values())


def mine(gradient, x0, alpha=0.1):
    x, t = np.array(x0), 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - 2 * alpha * gradient(x), t + 1


def without_alpha(gradient, x0, rate=0.1):
    return mine(gradient, x0, rate)


def test_of_a_rule_of_ones_own_only_the_step_is_known():
    def named_as_ours(gradient, x0, alpha=0.1):
        return mine(gradient, x0, alpha)

    named_as_ours.__name__ = "adam"
    for rule in (mine, named_as_ours, functools.partial(gradient_descent)):
        trace, g = run(rule, alpha=0.01)
        inner = inner_values(trace, g)
        assert list(inner) == ["step"] and np.isnan(inner["step"][0]).all()
        twice = 1 if isinstance(rule, functools.partial) else 2
        np.testing.assert_allclose(inner["step"][1:], twice * g[1:], rtol=1e-12, atol=1e-12)
        assert effective_rate(trace) is None
    trace, g = run(without_alpha, rate=0.01)
    np.testing.assert_array_equal(inner_values(trace, g)["step"][1:], trace.x[:-1] - trace.x[1:])
