"""Nesterov's gradient as people hand it in; see gradient_descent.py."""

from itertools import count
from typing import Any, NamedTuple

import numpy as np


class MomentumStep(NamedTuple):
    t: int
    x: Any
    b: Any


class Place(NamedTuple):
    x: Any


# ---- right -----------------------------------------------------------------------------------


def right_arrays(gradient, x0, alpha=0.01, beta=0.9):
    x, b = x0, 0.0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = g + beta * b
        x = x - alpha * g - alpha * beta * b
        yield MomentumStep(t, x, b)


def right_two_points(gradient, x0, eta=0.01, mu=0.9):
    # y: after the gradient step; x: extrapolated from two y
    x, y = x0, x0
    while True:
        yield Place(x)
        y_before, y = y, x - eta * gradient(x)
        x = y + mu * (y - y_before)


def right_look_ahead_as_x(gradient, x0, lr=0.01, momentum=0.9):
    # the true look-ahead form; what is yielded is the point at which the gradient is taken
    position, velocity = x0, 0 * x0
    while True:
        ahead = position + momentum * velocity
        yield Place(ahead)
        velocity = momentum * velocity - lr * gradient(ahead)
        position = position + velocity


def right_variables(derivative, x0, alpha, beta, n):
    x = [float(c) for c in x0]
    b = [0.0 for _ in x]
    path = [tuple(x)]
    for _ in range(n):
        g = derivative(*x)
        for i, g_i in enumerate(g):
            b[i] = beta * b[i] + g_i
            x[i] -= alpha * (g_i + beta * b[i])
        path.append(tuple(x))
    return path


# ---- wrong -----------------------------------------------------------------------------------


def wrong_heavy_ball(gradient, x0, alpha=0.01, beta=0.9):
    """the look-ahead is missing"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = beta * b + gradient(x)
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_look_ahead_form(gradient, x0, lr=0.01, mu=0.9):
    """the gradient is taken ahead of x"""
    x, v = x0, np.zeros(2)
    yield Place(x)
    while True:
        v = mu * v - lr * gradient(x + mu * v)
        x = x + v
        yield Place(x)


def wrong_swapped(gradient, x0, alpha=0.01, beta=0.9):
    """gradient and b are swapped in the look-ahead"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x = x - alpha * (b + beta * g)
        yield MomentumStep(t, x, b)


def wrong_no_gradient(gradient, x0, alpha=0.01, beta=0.9):
    """the gradient is missing in the step"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x = x - alpha * beta * b
        yield MomentumStep(t, x, b)


def wrong_no_beta(gradient, x0, alpha=0.01, beta=0.9):
    """beta is missing in the look-ahead"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x = x - alpha * (g + b)
        yield MomentumStep(t, x, b)


def wrong_average(gradient, x0, alpha=0.01, beta=0.9):
    """the gradient is multiplied by 1 - beta"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + (1 - beta) * g
        x = x - alpha * (g + beta * b)
        yield MomentumStep(t, x, b)


def wrong_average_all(gradient, x0, alpha=0.01, beta=0.9):
    """the gradient is multiplied by 1 - beta; a factor 1 - beta too many in the look-ahead"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + (1 - beta) * g
        x = x - alpha * (beta * b + (1 - beta) * g)
        yield MomentumStep(t, x, b)


def wrong_uphill(gradient, x0, alpha=0.01, beta=0.9):
    """the step goes uphill"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x = x + alpha * (g + beta * b)
        yield MomentumStep(t, x, b)


def wrong_no_alpha(gradient, x0, alpha=0.01, beta=0.9):
    """alpha is missing"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x = x - (g + beta * b)
        yield MomentumStep(t, x, b)


def wrong_brackets(gradient, x0, alpha=0.01, beta=0.9):
    """alpha multiplies the gradient alone"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x = x - alpha * g - beta * b
        yield MomentumStep(t, x, b)


def wrong_forgets(gradient, x0, alpha=0.01, beta=0.9):
    """b forgets the past"""
    x = x0
    yield Place(x)
    while True:
        g = gradient(x)
        x = x - alpha * (g + beta * g)
        yield Place(x)


def wrong_plain(gradient, x0, alpha=0.01, beta=0.9):
    """this is gradient_descent"""
    x = x0
    yield Place(x)
    while True:
        x = x - alpha * gradient(x)
        yield Place(x)


def wrong_in_place(gradient, x0, alpha=0.01, beta=0.9):
    """x is changed in place"""
    x, b = x0, np.zeros(2)
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x -= alpha * (g + beta * b)
        yield MomentumStep(t, x, b)


def wrong_keras(gradient, x0, alpha=0.01, beta=0.9):
    """alpha is inside the sum"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        a = alpha(t) if callable(alpha) else alpha
        g = gradient(x)
        b = beta * b + a * g
        x = x - (a * g + beta * b)
        yield MomentumStep(t, x, b)


def wrong_growing(gradient, x0, alpha=0.01, beta=0.9):
    """beta is replaced by a schedule"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        mu = (t - 1) / (t + 2)
        b = mu * b + g
        x = x - alpha * (g + mu * b)
        yield MomentumStep(t, x, b)


def wrong_extrapolates_backwards(gradient, x0, alpha=0.01, beta=0.9):
    """beta has the wrong sign"""
    x, y = x0, x0
    while True:
        yield Place(x)
        y_before, y = y, x - alpha * gradient(x)
        x = y + beta * (y_before - y)
