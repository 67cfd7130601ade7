"""AdaMax as people hand it in; see gradient_descent.py."""

from itertools import count
from typing import Any, NamedTuple

import numpy as np


class AdaMaxStep(NamedTuple):
    t: int
    x: Any
    m: Any
    u: Any


class Now(NamedTuple):
    x: Any


# ---- right -----------------------------------------------------------------------------------


def right_arrays(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    x, m, u = x0, np.zeros(len(x0)), np.zeros(len(x0))
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g))
        m_hat = m / (1 - beta1**t)
        x = x - alpha * m_hat / u
        yield AdaMaxStep(t, x, m, u)


def right_chapter_loop(derivative, x0, alpha, beta1, beta2, n_iter):
    x = list(x0)
    m, u = [0.0] * len(x), [0.0] * len(x)
    path = [list(x)]
    for t in range(1, n_iter + 1):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            u[i] = max(beta2 * u[i], abs(g[i]))
            x[i] = x[i] - alpha / (1 - beta1**t) * m[i] / u[i]
        path.append(list(x))
    return path


def right_written_out(gradient, x0, lr=0.002, b1=0.9, b2=0.999):
    x, seen = x0, []
    for t in count(1):
        yield Now(x)
        seen.append(gradient(x))
        ages = range(t - 1, -1, -1)
        mean = sum(b1**age * g for age, g in zip(ages, seen, strict=True)) * (1 - b1)
        largest = np.max([b2**age * abs(g) for age, g in zip(ages, seen, strict=True)], axis=0)
        x = x - lr * mean / ((1 - b1**t) * largest)


def right_guarded(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    x, m, u = x0, 0 * x0, 0 * x0
    power = 1.0
    while True:
        yield Now(x)
        power *= beta1
        g = gradient(x)
        m = m - (1 - beta1) * (m - g)
        u = np.where(beta2 * u > abs(g), beta2 * u, abs(g))
        x = x - np.divide(alpha * m, (1 - power) * u, out=np.zeros_like(m), where=u != 0)


# ---- wrong -----------------------------------------------------------------------------------


def wrong_no_decay(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """the old u is not multiplied by beta2"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(u, abs(g))
        x = x - alpha / (1 - beta1**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_signed(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """u takes the gradient with its sign"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, g)
        x = x - alpha / (1 - beta1**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_minimum(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """the minimum is taken"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.minimum(beta2 * u, abs(g))
        x = x - alpha / (1 - beta1**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_average(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """u is an average"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = beta2 * u + (1 - beta2) * abs(g)
        x = x - alpha / (1 - beta1**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_no_correction(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """no bias correction of m"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x = x - alpha * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_no_power(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """the power t is missing"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x = x - alpha / (1 - beta1) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_t_from_zero(derivative, x0, alpha, beta1, beta2, n_iter):
    """t starts at 0"""
    x = list(x0)
    m, u = [0.0] * len(x), [0.0] * len(x)
    path = [list(x)]
    for t in range(n_iter):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            u[i] = max(beta2 * u[i], abs(g[i]))
            x[i] = x[i] - alpha / (1 - beta1**t) * m[i] / u[i]
        path.append(list(x))
    return path


def wrong_u_corrected(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """a bias correction of u too many"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x = x - alpha * (m / (1 - beta1**t)) / (u / (1 - beta2**t))
        yield AdaMaxStep(t, x, m, u)


def wrong_wrong_beta(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """m is corrected with the wrong beta"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x = x - alpha / (1 - beta2**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_squares(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """the gradient is squared in u"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, g**2)
        x = x - alpha / (1 - beta1**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_root(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """a root too many"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x = x - alpha / (1 - beta1**t) * m / np.sqrt(u)
        yield AdaMaxStep(t, x, m, u)


def wrong_eps(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999, eps=1e-7):
    """an eps too many"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x = x - alpha / (1 - beta1**t) * m / (u + eps)
        yield AdaMaxStep(t, x, m, u)


def wrong_of_all_coordinates(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """one divisor for all coordinates"""
    x, m, u = x0, 0 * x0, 0.0
    yield Now(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, max(abs(g)))
        x = x - alpha / (1 - beta1**t) * m / u
        yield Now(x)


def wrong_adam(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """this is adam"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield Now(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + 1e-8)
        yield Now(x)


def wrong_largest_so_far(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """beta2 multiplies the gradient too"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = beta2 * np.maximum(u, abs(g))
        x = x - alpha / (1 - beta1**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_no_momentum(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """the step uses the gradient without m; no bias correction of m"""
    x, u = x0, 0 * x0
    yield Now(x)
    for _ in count(1):
        g = gradient(x)
        u = np.maximum(beta2 * u, abs(g))
        x = x - alpha * g / u
        yield Now(x)


def wrong_two(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """the factor 1 - beta1 is missing in m; the old u is not multiplied by beta2"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield Now(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + g
        u = np.maximum(u, abs(g))
        x = x - alpha * m / (1 - beta1**t) / u
        yield Now(x)


def wrong_weight(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """a factor 1 - beta2 too many in u"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, (1 - beta2) * abs(g))
        x = x - alpha / (1 - beta1**t) * m / u
        yield AdaMaxStep(t, x, m, u)


def wrong_alpha_lost(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """alpha is missing"""
    x, m, u = x0, 0 * x0, 0 * x0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x = x - m / (1 - beta1**t) / u
        yield AdaMaxStep(t, x, m, u)


def wrong_in_place(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """x is changed in place"""
    x, m, u = x0 + 0, 0 * x0, 0 * x0
    for t in count():
        yield AdaMaxStep(t, x, m, u)
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g))
        x -= alpha / (1 - beta1 ** (t + 1)) * m / u
