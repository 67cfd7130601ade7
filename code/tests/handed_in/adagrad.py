"""AdaGrad as people hand it in; see gradient_descent.py."""

from itertools import count
from math import sqrt
from typing import Any, NamedTuple

import numpy as np


class AdaGradStep(NamedTuple):
    t: int
    x: Any
    s: Any


class Row(NamedTuple):
    n: int
    x: Any


# ---- right -----------------------------------------------------------------------------------


def right_numpy(gradient, x0, lr=0.01, epsilon=1e-10):
    x = np.array(x0, float)
    cache = np.zeros_like(x)
    yield Row(0, x.copy())
    for n in count(1):
        dx = gradient(x)
        cache += dx**2
        x += -lr * dx / (np.sqrt(cache) + epsilon)
        yield Row(n, x.copy())


def right_variables(derivative, x0, alpha, eps, n_iter):
    x, s = list(x0), [0.0] * len(x0)
    path = [list(x)]
    for _ in range(n_iter):
        for i, g in enumerate(derivative(*x)):
            s[i] += g * g
            x[i] -= alpha / (sqrt(s[i]) + eps) * g
        path.append(list(x))
    return path


def right_history(gradient, x0, alpha=0.01, eps=1e-10):
    x, seen = x0, []
    for t in count():
        yield AdaGradStep(t, x, np.square(seen).sum(axis=0) if seen else 0 * x)
        g = gradient(x)
        seen.append(g)
        x = x - alpha * g / (np.linalg.norm(seen, axis=0) + eps)


def right_closure(gradient, x0, alpha=0.01, eps=1e-10):
    def updated(x, s):
        g = gradient(x)
        s = s + g**2
        return x - alpha * g / (s**0.5 + eps), s

    x, s = x0, 0.0
    for t in count():
        yield AdaGradStep(t, x, s)
        x, s = updated(x, s)


# ---- wrong -----------------------------------------------------------------------------------


def wrong_inside(gradient, x0, alpha=0.01, eps=1e-10):
    """eps inside the root"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g / np.sqrt(s + eps)
        yield AdaGradStep(t, x, s)


def wrong_no_root(gradient, x0, alpha=0.01, eps=1e-10):
    """the root is missing"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g / (s + eps)
        yield AdaGradStep(t, x, s)


def wrong_no_sum(gradient, x0, alpha=0.01, eps=1e-10):
    """s forgets the past"""
    x = x0
    yield Row(0, x)
    for t in count(1):
        g = gradient(x)
        s = g**2
        x = x - alpha * g / (np.sqrt(s) + eps)
        yield Row(t, x)


def wrong_not_squared(gradient, x0, alpha=0.01, eps=1e-10):
    """the gradient is not squared in s"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g
        x = x - alpha * g / (np.sqrt(s) + eps)
        yield AdaGradStep(t, x, s)


def wrong_square_of_the_sum(gradient, x0, alpha=0.01, eps=1e-10):
    """s is squared after the sum"""
    x, total = x0, 0 * x0
    yield Row(0, x)
    for t in count(1):
        g = gradient(x)
        total = total + g
        x = x - alpha * g / (np.sqrt(total**2) + eps)
        yield Row(t, x)


def wrong_absolute(gradient, x0, alpha=0.01, eps=1e-10):
    """the root is taken before the sum"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + abs(g)
        x = x - alpha * g / (s + eps)
        yield AdaGradStep(t, x, s)


def wrong_no_eps(gradient, x0, alpha=0.01, eps=1e-10):
    """eps is missing"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g / np.sqrt(s)
        yield AdaGradStep(t, x, s)


def wrong_order(gradient, x0, alpha=0.01, eps=1e-10):
    """the step uses the old s"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        x = x - alpha * g / (np.sqrt(s) + eps)
        s = s + g**2
        yield AdaGradStep(t, x, s)


def wrong_average(gradient, x0, alpha=0.01, eps=1e-10):
    """s is an average"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = 0.9 * s + 0.1 * g**2
        x = x - alpha * g / (np.sqrt(s) + eps)
        yield AdaGradStep(t, x, s)


def wrong_mean(gradient, x0, alpha=0.01, eps=1e-10):
    """s is an average"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g / (np.sqrt(s / t) + eps)
        yield AdaGradStep(t, x, s)


def wrong_norm(gradient, x0, alpha=0.01, eps=1e-10):
    """one divisor for all coordinates"""
    x, s = x0, 0.0
    yield Row(0, x)
    for t in count(1):
        g = gradient(x)
        s += g @ g
        x = x - alpha * g / (np.sqrt(s) + eps)
        yield Row(t, x)


def wrong_uphill(gradient, x0, alpha=0.01, eps=1e-10):
    """the step goes uphill"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x + alpha * g / (np.sqrt(s) + eps)
        yield AdaGradStep(t, x, s)


def wrong_brackets(gradient, x0, alpha=0.01, eps=1e-10):
    """eps is added outside the division"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * (g / np.sqrt(s) + eps)
        yield AdaGradStep(t, x, s)


def wrong_start_of_s(gradient, x0, alpha=0.01, eps=1e-10):
    """s does not start at 0"""
    x, s = x0, np.full_like(x0, 0.1)
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g / (np.sqrt(s) + eps)
        yield AdaGradStep(t, x, s)


def wrong_keras(gradient, x0, alpha=0.01, eps=1e-7):
    """eps inside the root; s does not start at 0"""
    x, s = x0, np.full_like(x0, 0.1)
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g * g
        x = x - alpha * g / np.sqrt(s + eps)
        yield AdaGradStep(t, x, s)


def wrong_fixed_eps(gradient, x0, alpha=0.01, eps=1e-10):
    """eps is fixed"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g / (np.sqrt(s) + 1e-8)
        yield AdaGradStep(t, x, s)


def wrong_s_in_place(gradient, x0, alpha=0.01, eps=1e-10):
    """s is changed in place"""
    x, s = x0, np.zeros(2)
    for t in count():
        yield AdaGradStep(t, x, s)
        g = gradient(x)
        s += g**2
        x = x - alpha * g / (np.sqrt(s) + eps)


def wrong_cube_root(gradient, x0, alpha=0.01, eps=1e-10):
    """?"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g / (np.cbrt(s) + eps)
        yield AdaGradStep(t, x, s)


def wrong_multiplied(gradient, x0, alpha=0.01, eps=1e-10):
    """the step is multiplied by the root"""
    x, s = x0, 0 * x0
    yield AdaGradStep(0, x, s)
    for t in count(1):
        g = gradient(x)
        s = s + g**2
        x = x - alpha * g * (np.sqrt(s) + eps)
        yield AdaGradStep(t, x, s)
