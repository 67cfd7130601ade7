"""The heavy ball as people hand it in; see gradient_descent.py."""

from itertools import count
from typing import Any, NamedTuple

import numpy as np


class MomentumStep(NamedTuple):
    t: int
    x: Any
    b: Any


class Ball(NamedTuple):
    x: Any
    velocity: Any


# ---- right -----------------------------------------------------------------------------------


def right_velocity(gradient, x0, lr=0.01, mu=0.9):
    x, v = x0, np.zeros_like(x0)
    yield Ball(x, v)
    while True:
        v = mu * v - lr * gradient(x)
        x = x + v
        yield Ball(x, v)


def right_polyak(gradient, x0, alpha=0.01, beta=0.9):
    before, x = x0, x0
    yield Ball(x, 0 * x)
    while True:
        before, x = x, x - alpha * gradient(x) + beta * (x - before)
        yield Ball(x, x - before)


def right_variables(derivative, x0, alpha, beta, n_iter):
    x = list(x0)
    b = [0.0] * len(x)
    path = [list(x)]
    for _ in range(n_iter):
        g = derivative(*x)
        for i in range(len(x)):
            b[i] = beta * b[i] + g[i]
            x[i] = x[i] - alpha * b[i]
        path.append(list(x))
    return path


def right_sum_of_all(gradient, x0, alpha=0.01, beta=0.9):
    # the sum written out: every gradient so far with its power of beta
    x, gradients = x0, []
    yield MomentumStep(0, x, 0 * x)
    for t in count(1):
        gradients.append(gradient(x))
        b = sum(beta ** (t - 1 - i) * g for i, g in enumerate(gradients))
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def right_schedule(gradient, x0, alpha=0.01, beta=0.9):
    def value(h, t):
        return h(t) if callable(h) else h

    x, b = x0, 0 * x0
    for t in count():
        yield MomentumStep(t, x, b)
        b = value(beta, t + 1) * b + gradient(x)
        x = x - value(alpha, t + 1) * b


# ---- wrong -----------------------------------------------------------------------------------


def wrong_average(gradient, x0, alpha=0.01, beta=0.9):
    """the gradient is multiplied by 1 - beta"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + (1 - beta) * g
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_sign(gradient, x0, alpha=0.01, beta=0.9):
    """the step goes uphill"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = beta * b + gradient(x)
        x = x + alpha * b
        yield MomentumStep(t, x, b)


def wrong_alpha_twice(gradient, x0, alpha=0.01, beta=0.9):
    """alpha is applied twice"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = beta * b + alpha * gradient(x)
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_no_alpha(gradient, x0, alpha=0.01, beta=0.9):
    """alpha is missing"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = beta * b + gradient(x)
        x = x - b
        yield MomentumStep(t, x, b)


def wrong_no_beta(gradient, x0, alpha=0.01, beta=0.9):
    """the old b is not multiplied by beta"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = b + gradient(x)
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_b_is_local(gradient, x0, alpha=0.01, beta=0.9):
    """b forgets the past"""
    x = x0
    yield MomentumStep(0, x, 0 * x)
    for t in count(1):
        b = 0 * x
        b = beta * b + gradient(x)
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_order(gradient, x0, alpha=0.01, beta=0.9):
    """the step uses the old b"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        x = x - alpha * b
        b = beta * b + g
        yield MomentumStep(t, x, b)


def wrong_nesterov(gradient, x0, alpha=0.01, beta=0.9):
    """a look-ahead too many"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        g = gradient(x)
        b = beta * b + g
        x = x - alpha * (g + beta * b)
        yield MomentumStep(t, x, b)


def wrong_look_ahead_point(gradient, x0, lr=0.01, momentum=0.9):
    """the gradient is taken ahead of x"""
    x, v = x0, 0 * x0
    yield Ball(x, v)
    while True:
        v = momentum * v - lr * gradient(x + momentum * v)
        x = x + v
        yield Ball(x, v)


def wrong_swapped(gradient, x0, alpha=0.01, beta=0.9):
    """beta and 1 - beta are swapped"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = (1 - beta) * b + beta * gradient(x)
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_beta_on_gradient(gradient, x0, alpha=0.01, beta=0.9):
    """beta multiplies the gradient"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = b + beta * gradient(x)
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_minus(gradient, x0, alpha=0.01, beta=0.9):
    """a wrong sign in b"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = gradient(x) - beta * b
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_in_place(gradient, x0, alpha=0.01, beta=0.9):
    """x is changed in place"""
    x, b = x0.copy(), np.zeros(len(x0))
    yield MomentumStep(0, x, b)
    for t in count(1):
        b *= beta
        b += gradient(x)
        x -= alpha * b
        yield MomentumStep(t, x, b)


def wrong_b_in_place(gradient, x0, alpha=0.01, beta=0.9):
    """b is changed in place"""
    x, b = x0, np.zeros(len(x0))
    yield MomentumStep(0, x, b)
    for t in count(1):
        b *= beta
        b += gradient(x)
        x = x - alpha * b
        yield MomentumStep(t, x, b)


def wrong_sign_and_average(gradient, x0, alpha=0.01, beta=0.9):
    """the gradient is multiplied by 1 - beta; the step goes uphill"""
    x, m = x0, 0 * x0
    yield Ball(x, m)
    while True:
        m = beta * m + (1 - beta) * gradient(x)
        x = x + alpha * m
        yield Ball(x, m)


def wrong_alpha_in_the_sum(gradient, x0, alpha=0.01, beta=0.9):
    """alpha is inside the sum"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        rate = alpha(t) if callable(alpha) else alpha
        b = beta * b + rate * gradient(x)
        x = x - b
        yield MomentumStep(t, x, b)


def wrong_bias(gradient, x0, alpha=0.01, beta=0.9):
    """a bias correction of b too many"""
    x, b = x0, 0 * x0
    yield MomentumStep(0, x, b)
    for t in count(1):
        b = beta * b + gradient(x)
        x = x - alpha * b / (1 - beta**t)
        yield MomentumStep(t, x, b)


def wrong_shared_state(gradient, x0, alpha=0.01, beta=0.9, b=[0.0, 0.0]):  # noqa: B006
    """something is kept from one run to the next"""
    x = x0
    yield MomentumStep(0, x, list(b))
    for t in count(1):
        g = gradient(x)
        for i in range(2):
            b[i] = beta * b[i] + g[i]
        x = x - alpha * np.array(b)
        yield MomentumStep(t, x, list(b))
