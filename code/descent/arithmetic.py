"""The few operations that a rule needs beyond + - * /, for arrays and for plain floats alike.

A rule runs on a NumPy array of points, or, for one variable, on a plain Python float, which is
ten times faster than an array of one number. Only operations that IEEE 754 rounds exactly are
used (+ - * / and the square root), so a run gives the same bits on every machine.
"""

import math

import numpy as np


def start(x0, *hyperparameters):
    """The start as a fresh float64 array of shape (d, *S), or as a float if x0 is a number.

    S is the shape of the batch: the axes of x0 after the first (the coordinate), broadcast
    against the shapes of the hyperparameters. A number with a batch of hyperparameters gives an
    array of shape S.
    """
    shapes = [np.shape(h) for h in at(1, *hyperparameters)]
    if np.ndim(x0) == 0:
        batch = np.broadcast_shapes(*shapes)
        return np.full(batch, float(x0)) if batch else float(x0)
    x0 = np.asarray(x0, dtype=float)
    d, points = x0.shape[0], x0.shape[1:]
    batch = np.broadcast_shapes(points, *shapes)
    x0 = x0.reshape(d, *(1,) * (len(batch) - len(points)), *points)
    return np.broadcast_to(x0, (d, *batch)).copy()


def at(t, *hyperparameters):
    """The values at step t: a function of t is a schedule, anything else is constant."""
    return [h(t) if callable(h) else h for h in hyperparameters]


def zero(x):
    """The number 0 in the shape of x."""
    return 0.0 if isinstance(x, float) else np.zeros_like(x)


def sqrt(v):
    """The square root, element by element."""
    return math.sqrt(v) if isinstance(v, float) else np.sqrt(v)


def maximum(a, b):
    """The larger of a and b, element by element; nan where either is nan."""
    if isinstance(a, float) and isinstance(b, float):
        return a if a >= b or a != a else b
    return np.maximum(a, b)


def ratio(a, b):
    """a / b with 0/0 = 0: a coordinate whose gradient has always been zero does not move."""
    if isinstance(b, float):
        return a / b if b else (a * math.inf if a else 0.0)
    if (b != 0).all():
        return a / b
    return np.divide(a, b, out=np.zeros_like(a), where=(a != 0) | (b != 0))
