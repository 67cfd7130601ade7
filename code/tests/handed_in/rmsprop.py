"""RMSProp as people hand it in; see gradient_descent.py."""

from itertools import count
from typing import Any, NamedTuple

import numpy as np


class RMSPropStep(NamedTuple):
    t: int
    x: Any
    v: Any


class State(NamedTuple):
    x: Any
    cache: Any


# ---- right -----------------------------------------------------------------------------------


def right_cs231n(gradient, x0, learning_rate=0.01, decay_rate=0.9, eps=1e-8):
    x = x0.copy()
    cache = np.zeros_like(x)
    yield State(x.copy(), cache.copy())
    while True:
        dx = gradient(x)
        cache = decay_rate * cache + (1 - decay_rate) * dx**2
        x += -learning_rate * dx / (np.sqrt(cache) + eps)
        yield State(x.copy(), cache.copy())


def right_incremental(gradient, x0, lr=0.01, rho=0.9, epsilon=1e-8):
    x, v = x0, 0 * x0
    for t in count():
        yield RMSPropStep(t, x, v)
        g = gradient(x)
        v = v + (1 - rho) * (g**2 - v)
        x = x - lr * g / (epsilon + v**0.5)


def right_variables(df, x0, alpha, beta2, eps, n_iter):
    x = [x0[0], x0[1]]
    v = {0: 0.0, 1: 0.0}
    out = [x[:]]
    for _t in range(n_iter):
        g = df(x[0], x[1])
        for i in v:
            v[i] = v[i] * beta2 + g[i] ** 2 * (1.0 - beta2)
            x[i] = x[i] - alpha * g[i] / (v[i] ** 0.5 + eps)
        out.append(x[:])
    return out


def right_no_eps_argument(gradient, x0, alpha=0.01, beta=0.9):
    x, v = x0, 0 * x0
    for t in count():
        yield RMSPropStep(t, x, v)
        g = gradient(x)
        v = beta * v + (1 - beta) * g * g
        x = x - alpha * g / (np.sqrt(v) + 1e-8)


# ---- wrong -----------------------------------------------------------------------------------


def wrong_inside(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """eps inside the root"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * g / np.sqrt(v + eps)
        yield RMSPropStep(t, x, v)


def wrong_no_root(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """the root is missing"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * g / (v + eps)
        yield RMSPropStep(t, x, v)


def wrong_adagrad(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """v is a plain sum"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = v + g**2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield RMSPropStep(t, x, v)


def wrong_no_weight(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """the factor 1 - beta2 is missing in v"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + g**2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield RMSPropStep(t, x, v)


def wrong_swapped(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """beta2 and 1 - beta2 are swapped"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = (1 - beta2) * v + beta2 * g**2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield RMSPropStep(t, x, v)


def wrong_not_squared(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """the gradient is not squared in v"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield RMSPropStep(t, x, v)


def wrong_corrected(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """a bias correction of v too many"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        x = x - alpha * g / (np.sqrt(v_hat) + eps)
        yield RMSPropStep(t, x, v)


def wrong_order(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """the step uses the old v"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        x = x - alpha * g / (np.sqrt(v) + eps)
        v = beta2 * v + (1 - beta2) * g**2
        yield RMSPropStep(t, x, v)


def wrong_no_eps(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """eps is missing"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * g / np.sqrt(v)
        yield RMSPropStep(t, x, v)


def wrong_forgets(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """v forgets the past"""
    x = x0
    yield State(x, 0)
    while True:
        g = gradient(x)
        v = (1 - beta2) * g**2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield State(x, v)


def wrong_uphill(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """x is changed in place; the step goes uphill"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x += alpha * g / (np.sqrt(v) + eps)
        x = x.copy()
        yield RMSPropStep(t, x, v)


def wrong_first_value(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """v starts at the first gradient squared"""
    x, v = x0, None
    yield State(x, 0)
    while True:
        g = gradient(x)
        v = g**2 if v is None else beta2 * v + (1 - beta2) * g**2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield State(x, v)


def wrong_square_of_the_average(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """?"""
    x, m = x0, 0 * x0
    yield State(x, m)
    while True:
        g = gradient(x)
        m = beta2 * m + (1 - beta2) * g
        x = x - alpha * g / (np.sqrt(m**2) + eps)
        yield State(x, m)


def wrong_weight_squared(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """1 - beta2 is squared too"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + ((1 - beta2) * g) ** 2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield RMSPropStep(t, x, v)


def wrong_no_division(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """the division is missing"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * g
        yield RMSPropStep(t, x, v)


def wrong_two(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """eps inside the root; the factor 1 - beta2 is missing in v"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + g * g
        x = x - alpha * g / (v + eps) ** 0.5
        yield RMSPropStep(t, x, v)


def wrong_one_for_all(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """one divisor for all coordinates"""
    x, v = x0, 0.0
    yield State(x, v)
    while True:
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * np.mean(g**2)
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield State(x, v)


def wrong_default_used(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """beta2 is fixed"""
    x, v = x0, 0 * x0
    yield RMSPropStep(0, x, v)
    for t in count(1):
        g = gradient(x)
        v = 0.9 * v + 0.1 * g**2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield RMSPropStep(t, x, v)
