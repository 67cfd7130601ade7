"""AMSGrad as people hand it in; see gradient_descent.py."""

from itertools import count
from math import sqrt
from typing import Any, NamedTuple

import numpy as np


class AMSGradStep(NamedTuple):
    t: int
    x: Any
    m: Any
    v: Any
    v_max: Any


class Bare(NamedTuple):
    t: int
    x: Any


# ---- right -----------------------------------------------------------------------------------


def right_paper_names(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, v, v_hat = x0, 0 * x0, 0 * x0, 0 * x0
    for t in count():
        yield Bare(t, x)
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * np.square(g)
        v_hat = np.maximum(v_hat, v)
        x = x - alpha * m / (np.sqrt(v_hat) + eps)


def right_chapter_loop(derivative, x0, alpha, beta1, beta2, eps, n_iter):
    # beta1 is a function of t, as in the chapter
    x = list(x0)
    m, v, v_max = [0.0] * len(x), [0.0] * len(x), [0.0] * len(x)
    path = [list(x)]
    for t in range(1, n_iter + 1):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = beta1(t) * m[i] + (1 - beta1(t)) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            v_max[i] = max(v_max[i], v[i])
            x[i] = x[i] - alpha * m[i] / (sqrt(v_max[i]) + eps)
        path.append(list(x))
    return path


def right_root_first(gradient, start, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    # the maximum of the roots is the root of the maximum
    x = np.array(start)
    m = np.zeros_like(x)
    v = np.zeros_like(x)
    rms = np.zeros_like(x)
    yield Bare(0, x)
    for t in count(1):
        g = gradient(x)
        m = m * beta_1 + g * (1 - beta_1)
        v = v * beta_2 + g * g * (1 - beta_2)
        rms = np.fmax(rms, v**0.5)
        x = x - lr * m / (rms + epsilon)
        yield Bare(t, x)


def right_one_by_one(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    state = [(float(c), 0.0, 0.0, 0.0) for c in x0]
    for t in count():
        x = [c for c, *_ in state]
        yield Bare(t, x)
        new = []
        for (c, m, v, top), g in zip(state, gradient(x), strict=True):
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            if v > top:
                top = v
            new.append((c - alpha * m / (sqrt(top) + eps), m, v, top))
        state = new


# ---- wrong -----------------------------------------------------------------------------------


def wrong_no_maximum(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the maximum is missing"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * m / (np.sqrt(v) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_optax(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """maximum taken after the correction; a bias correction of m too many"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v / (1 - beta2**t))
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_after_correction(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """maximum taken after the correction"""
    x, m, v, top = x0, 0 * x0, 0 * x0, 0 * x0
    yield Bare(0, x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        top = np.maximum(top, v_hat)
        x = x - alpha * m / (np.sqrt(top) + eps)
        yield Bare(t, x)


def wrong_torch(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """a bias correction of v_max too many; a bias correction of m too many"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * (m / (1 - beta1**t)) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_adam(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """this is adam"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield Bare(0, x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield Bare(t, x)


def wrong_one_variable_v(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the maximum is carried on as v"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield Bare(0, x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = np.maximum(v, beta2 * v + (1 - beta2) * g**2)
        x = x - alpha * m / (np.sqrt(v) + eps)
        yield Bare(t, x)


def wrong_two_last(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the maximum looks back one step only"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield Bare(0, x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v_old, v = v, beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (np.sqrt(np.maximum(v_old, v)) + eps)
        yield Bare(t, x)


def wrong_of_squares(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """maximum taken of the squared gradient"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, g**2)
        x = x - alpha * m / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_over_coordinates(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """maximum taken over the coordinates"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield Bare(0, x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (np.sqrt(np.max(v)) + eps)
        yield Bare(t, x)


def wrong_minimum(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the minimum is taken"""
    x, m, v, v_min = x0, 0 * x0, 0 * x0, np.full(2, np.inf)
    yield Bare(0, x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_min = np.minimum(v_min, v)
        x = x - alpha * m / (np.sqrt(v_min) + eps)
        yield Bare(t, x)


def wrong_inside(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """eps inside the root"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * m / np.sqrt(v_max + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_no_eps(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """eps is missing"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * m / np.sqrt(v_max)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_no_root(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the root is missing"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * m / (v_max + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_no_weights(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the factor 1 - beta1 is missing in m; the factor 1 - beta2 is missing in v"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + g
        v = beta2 * v + g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * m / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_m_with_beta2(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """m uses beta2"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta2 * m + (1 - beta2) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * m / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_v_before(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """maximum taken of the old v"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        v_max = np.maximum(v_max, v)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_uphill(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the step goes uphill"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x + alpha * m / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_decaying_alpha(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """alpha falls with the root of t"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha / sqrt(t) * m / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_beta1_power(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """beta1 is raised to the power t in m"""
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        g = gradient(x)
        b = beta1**t
        m = b * m + (1 - b) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        x = x - alpha * m / (np.sqrt(v_max) + eps)
        yield AMSGradStep(t, x, m, v, v_max)


def wrong_list_of_v(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """v is changed in place; v_max is changed in place"""
    x = x0
    m, v, v_max = [0.0] * 2, [0.0] * 2, [0.0] * 2
    for t in count():
        yield AMSGradStep(t, x, tuple(m), v, v_max)
        g = gradient(x)
        new = []
        for i in range(2):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            v_max[i] = max(v_max[i], v[i])
            new.append(x[i] - alpha * m[i] / (v_max[i] ** 0.5 + eps))
        x = np.array(new)
