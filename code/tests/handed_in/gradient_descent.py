"""Gradient descent as people hand it in: right_... and wrong_... rules.

The docstring of a wrong one is what ``check`` should call its mistake, "?" where it has no name.
"""

from collections import namedtuple
from dataclasses import dataclass
from itertools import count
from types import SimpleNamespace

import numpy as np

Step = namedtuple("Step", "t x")
Point = namedtuple("Point", ["x"])


# ---- right -----------------------------------------------------------------------------------


def right_arrays(gradient, x0, alpha=0.1):
    x = x0
    for t in count():
        yield Step(t, x)
        x = x - alpha * gradient(x)


def right_path(slope, x, alpha, n_iter):
    path = [list(x)]
    for _ in range(n_iter):
        g = slope(x)
        x = [x[i] - alpha * g[i] for i in range(len(x))]
        path.append(x)
    return path


def right_two_variables(derivative, start, lr, steps):
    x, y = start
    path = [(x, y)]
    while len(path) <= steps:
        dx, dy = derivative(x, y)
        x -= lr * dx
        y -= lr * dy
        path.append((x, y))
    return path


class right_object:
    def __init__(self, gradient, x0, learning_rate=0.1):
        self.gradient, self.lr = gradient, learning_rate
        self.x = None
        self.x0 = x0

    def __iter__(self):
        return self

    def __next__(self):
        if self.x is None:
            self.x = self.x0.copy()
        else:
            self.x = self.x + (-self.lr) * self.gradient(self.x)
        return Point(self.x)


def right_in_place_on_copies(grad, start, eta=0.1):
    x = np.array(start, dtype=float)
    yield Point(x.copy())
    while True:
        step = grad(x)
        step *= eta
        x -= step
        yield Point(x.copy())


def right_schedule(gradient, x0, alpha=0.1):
    x, t = x0, 0
    while True:
        yield SimpleNamespace(t=t, x=x)
        t += 1
        rate = alpha(t) if callable(alpha) else alpha
        x = x - rate * gradient(x)


def right_prints(f_prime, x_start, step_size, num_steps):
    points = np.zeros((num_steps + 1, len(x_start)))
    points[0] = x_start
    for k in range(num_steps):
        points[k + 1] = points[k] - step_size * f_prime(points[k])
        print(f">{k} {points[k + 1]}")
    return points


# ---- wrong -----------------------------------------------------------------------------------


def wrong_sign(gradient, x0, alpha=0.1):
    """the step goes uphill"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        x = x + alpha * gradient(x)
        yield Step(t, x)


def wrong_no_alpha(gradient, x0, alpha=0.1):
    """alpha is missing"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        x = x - gradient(x)
        yield Step(t, x)


def wrong_start_missing(gradient, x0, alpha=0.1):
    """the start is missing"""
    x = x0
    for t in count(1):
        x = x - alpha * gradient(x)
        yield Step(t, x)


def wrong_in_place(gradient, x0, alpha=0.1):
    """x is changed in place"""
    x = np.array(x0)
    for t in count():
        yield Step(t, x)
        x -= alpha * gradient(x)


def wrong_path_of_one_list(derivative, x0, alpha, n_iter):
    """x is changed in place"""
    x = list(x0)
    path = [x]
    for _ in range(n_iter):
        g = derivative(*x)
        for i in range(len(x)):
            x[i] = x[i] - alpha * g[i]
        path.append(x)
    return path


def wrong_overwrites_the_start(gradient, x0, alpha=0.1):
    """x0 is changed in place"""
    x = x0
    yield Step(0, x.copy())
    for t in count(1):
        x -= alpha * gradient(x)
        yield Step(t, x.copy())


def wrong_always_at_the_start(gradient, x0, alpha=0.1):
    """the gradient is always taken at the start"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        g = gradient(x0)
        x = x - alpha * g
        yield Step(t, x)


def wrong_from_the_start(gradient, x0, alpha=0.1):
    """every step begins at the start"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        x = x0 - alpha * gradient(x)
        yield Step(t, x)


def wrong_half_way(derivative, x0, alpha, n_iter):
    """the gradient is taken in the middle of a step"""
    x = list(x0)
    path = [list(x)]
    for _ in range(n_iter):
        for i in range(len(x)):
            x[i] = x[i] - alpha * derivative(*x)[i]
        path.append(list(x))
    return path


def wrong_asks_twice(gradient, x0, alpha=0.1):
    """the gradient is asked more than once a step"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        if abs(gradient(x)).max() < 1e-12:
            return
        x = x - alpha * gradient(x)
        yield Step(t, x)


def wrong_late(gradient, x0, alpha=0.1):
    """every point comes a step late"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        g = gradient(x)
        yield Step(t, x)
        x = x - alpha * g


def wrong_sign_only(gradient, x0, alpha=0.1):
    """only the sign of the gradient is used"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        x = x - alpha * np.sign(gradient(x))
        yield Step(t, x)


def wrong_unit_vector(gradient, x0, alpha=0.1):
    """the gradient is divided by its length"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        g = gradient(x)
        x = x - alpha * g / np.sqrt((g**2).sum())
        yield Step(t, x)


def wrong_decay(gradient, x0, alpha=0.1):
    """alpha falls with t"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        x = x - alpha / t * gradient(x)
        yield Step(t, x)


def wrong_momentum(gradient, x0, alpha=0.1):
    """this is momentum"""
    x, b = x0, 0.0
    yield Step(0, x)
    for t in count(1):
        b = 0.9 * b + gradient(x)
        x = x - alpha * b
        yield Step(t, x)


def wrong_bare_point(gradient, x0, alpha=0.1):
    """a record without a name for x"""
    x = x0
    while True:
        yield x
        x = x - alpha * gradient(x)


def wrong_tuple(gradient, x0, alpha=0.1):
    """a record without a name for x"""
    x = x0
    for t in count():
        yield t, x
        x = x - alpha * gradient(x)


def wrong_last_point_only(slope, x, alpha, n_iter):
    """the path is not returned"""
    for _ in range(n_iter):
        x = x - alpha * slope(x)
    return x


def wrong_forgets_return(slope, x, alpha, n_iter):
    """nothing is yielded"""
    path = [x]
    for _ in range(n_iter):
        x = x - alpha * slope(x)
        path.append(x)


def wrong_endless(gradient, x0, alpha=0.1):
    """an endless loop"""
    x = x0
    yield Step(0, x)
    while True:
        x = x - alpha * gradient(x)


def wrong_stops(gradient, x0, alpha=0.1):
    """it stops by itself"""
    x = x0
    yield Step(0, x)
    for t in range(1, 6):
        x = x - alpha * gradient(x)
        yield Step(t, x)


def wrong_first_coordinate(gradient, x0, alpha=0.1):
    """only the first coordinate moves"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        g = gradient(x)
        x = np.array([x[0] - alpha * g[0], x[1]])
        yield Step(t, x)


def wrong_t(gradient, x0, alpha=0.1):
    """the record has a wrong t"""
    x = x0
    for t in count(1):
        yield Step(t, x)
        x = x - alpha * gradient(x)


def wrong_origin(gradient, x0, alpha=0.1):
    """it does not begin at x0"""
    x = np.zeros_like(x0)
    for t in count():
        yield Step(t, x)
        x = x - alpha * gradient(x)


def wrong_append_before(slope, x, alpha, n_iter):
    """the last point is missing"""
    path = []
    for _ in range(n_iter):
        path.append(x)
        x = x - alpha * slope(x)
    return path


def wrong_halves_alpha(gradient, x0, alpha=0.1):
    """?"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        x = x - alpha * gradient(x)
        alpha *= 0.5
        yield Step(t, x)


def wrong_name(gradient, x0, alpha=0.1):
    """?"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        x = x - alpha * grad(x)  # noqa: F821
        yield Step(t, x)


@dataclass
class Memory:
    total: float = 0.0


_memory = Memory()


def wrong_keeps(gradient, x0, alpha=0.1):
    """something is kept from one run to the next"""
    x = x0
    yield Step(0, x)
    for t in count(1):
        g = gradient(x)
        x = x - alpha / (1 + _memory.total) * g if _memory.total > 12 else x - alpha * g
        _memory.total += 1
        yield Step(t, x)
