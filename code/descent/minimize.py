"""Run a rule on an objective and keep every step."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from numbers import Integral, Real
from typing import Any

import numpy as np

from .arithmetic import start


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """What a search did, step by step; the first axis of every array is t = 0, 1, ..., n_iter.

    x            the iterates, shape (n_iter + 1, d, *S), S the shape of the batch
    score        the objective at each, shape (n_iter + 1, *S)
    state        the rule's own record with a time axis on every field: state.t, state.x, ...
    diverged_at  the first t at which a score is not finite (of any member of a batch), or None
    objective, rule, hyperparameters   what was run
    """

    x: np.ndarray
    score: np.ndarray
    state: Any
    diverged_at: int | None
    objective: Callable
    rule: Callable
    hyperparameters: dict

    def __repr__(self):
        batch = self.score.shape[1:]
        if batch:
            end = f"a batch of shape {batch}"
        else:
            x = ", ".join(f"{value:.6g}" for value in self.x[-1])
            end = f"ends at x = [{x}], score = {self.score[-1]:.6g}"
        steps = len(self.score) - 1
        return f"Trace({_name(self.rule)} on {_name(self.objective)}, {steps} steps: {end})"


def minimize(objective, x0, rule, n_iter, *, gradient=None, **hyperparameters):
    """Take n_iter steps of a rule from x0 and return the ``Trace``.

        trace = minimize(bowl, bowl.start(1), adam, 60, alpha=0.02, beta1=0.8)

    objective        an ``Objective``, or any function of p together with ``gradient=``
    x0               the start, shape (d,), or (d, *S) for many starts at once
    rule             one of ``RULES``, or any generator function of the same form
    n_iter           number of steps; 0 gives the start alone
    gradient         the gradient to use; default: ``objective.gradient``
    hyperparameters  the rule's own: numbers, arrays (a batch, broadcast against S), or
                     functions of t = 1, 2, ... (schedules)

    A batch gives bit for bit what its members give alone. Divergence is no error: the numbers
    go to inf or nan and ``trace.diverged_at`` says when.

    Raises ValueError (TypeError for a wrong kind), before the first step, where an argument
    cannot be used; the message names the argument, what was received and what is allowed.
    """
    if not callable(objective):
        raise TypeError(f"objective must be an Objective or a function of p, got {objective!r}")
    if gradient is None:
        gradient = getattr(objective, "gradient", None)
    if not callable(gradient):
        raise TypeError(
            f"gradient must be a function of p, got {gradient!r}: pass an Objective, "
            "or a function with gradient=..."
        )
    if not callable(rule):
        raise TypeError(f"rule must be a function such as descent.adam, got {rule!r}")
    n_iter = _whole_number(n_iter)
    x0 = _point(x0, objective)
    hyperparameters, numeric = _hyperparameters(rule, n_iter, hyperparameters)
    try:
        x0 = start(x0, *numeric.values())
    except ValueError:
        shapes = {name: np.shape(h) for name, h in numeric.items() if np.shape(h)}
        raise ValueError(
            f"the shapes of the hyperparameters, {shapes}, and of x0 after its first axis, "
            f"{x0.shape[1:]}, do not broadcast"
        ) from None

    with np.errstate(all="ignore"):  # divergence is told by diverged_at, not by warnings
        steps = rule(_checked(gradient, x0.shape), x0, **hyperparameters)
        if not isinstance(steps, Iterator):
            raise TypeError(
                f"rule must be a generator function, but {_name(rule)} returned {steps!r}"
            )
        history, n_steps = [], 0
        for i, step in enumerate(islice(steps, n_iter + 1)):
            if i == 0:
                _check_record(rule, step, x0.shape)
            record = (*step, _score(objective, step.x, x0.shape[1:]))
            if i < 2:  # a rule that starts from a bare m = 0 shows the shape of m one step later
                history = _history(n_iter + 1, record, history)
            for field, value in zip(history, record, strict=True):
                field[i] = value
            n_steps += 1
    if n_steps <= n_iter:
        raise ValueError(f"{_name(rule)} yielded {n_steps} records, n_iter needs {n_iter + 1}")
    *fields, score = history
    state = type(step)(*fields)
    finite = np.isfinite(score).reshape(n_iter + 1, -1).all(axis=1)
    diverged_at = None if finite.all() else int(np.argmin(finite))
    return Trace(state.x, score, state, diverged_at, objective, rule, hyperparameters)


def _history(n, record, history):
    """An array for each value of the record, with a first axis of length n for t.

    The first row of the history so far is taken over. All arrays are cut from one block: a batch
    of thousands fills tens of megabytes, which the system hands out faster in one piece.
    """
    first = [field[0] for field in history] or record
    layout = [
        (f"f{i}", np.result_type(a, b), np.broadcast_shapes(np.shape(a), np.shape(b)))
        for i, (a, b) in enumerate(zip(first, record, strict=True))
    ]
    block = np.empty(n, np.dtype(layout, align=True))
    history = [block[name] for name, _, _ in layout]
    for field, value in zip(history, first, strict=True):
        field[0] = value
    return history


def _whole_number(n_iter):
    if isinstance(n_iter, bool) or not isinstance(n_iter, Real):
        raise TypeError(f"n_iter must be a whole number, 0 or more, got {n_iter!r}")
    if n_iter != n_iter or n_iter < 0 or not (isinstance(n_iter, Integral) or n_iter % 1 == 0):
        raise ValueError(f"n_iter must be a whole number, 0 or more, got {n_iter!r}")
    return int(n_iter)


def _numbers(name, value):
    """value as a float64 array; TypeError unless it is a real number or an array of them."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise TypeError(f"{name} must be a number or an array of numbers, got {value!r}") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a number or an array of numbers, got {value!r}")
    return array.astype(float)


def _point(x0, objective):
    x = _numbers("x0", x0)
    if x.ndim == 0:
        raise ValueError(f"x0 must have shape (d,) or (d, *S), the coordinate first; got {x0!r}")
    bounds = getattr(objective, "bounds", None)
    if x.shape[0] == 0 or (bounds is not None and len(x) != len(bounds)):
        d = "at least 1" if bounds is None else len(bounds)
        raise ValueError(f"x0 must have {d} coordinates on its first axis; got shape {x.shape}")
    if x.size == 0:
        raise ValueError(f"x0 must hold at least one point; got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"x0 must be finite, got {x0!r}")
    return x


def _hyperparameters(rule, n_iter, given):
    """The given hyperparameters, checked: all of them, and those that are numbers or schedules."""
    parameters = list(inspect.signature(rule).parameters.values())[2:]
    defaults = {p.name: p.default for p in parameters}
    for name in given:
        if name not in defaults:
            raise ValueError(
                f"{name} is no hyperparameter of {_name(rule)}; allowed: "
                f"{', '.join(defaults) or 'none'}"
            )
    for name, default in defaults.items():
        if default is inspect.Parameter.empty and name not in given:
            raise ValueError(f"{_name(rule)} needs a value for {name}")
    checked, numeric = dict(given), {}
    for name, value in given.items():
        default = defaults[name]
        if isinstance(default, bool | str) or default is None:
            continue  # no number by nature: the rule itself checks it
        if callable(value):
            for t in range(1, n_iter + 1):
                _check_range(f"{name}({t})", name, _numbers(f"{name}({t})", value(t)))
        else:
            value = _numbers(name, value)
            _check_range(name, name, value)
            value = value if value.ndim else float(value)
        checked[name] = numeric[name] = value
    return checked, numeric


def _check_range(label, name, value):
    if value.size == 0:
        raise ValueError(f"{label} must hold at least one value; got shape {value.shape}")
    if name == "alpha":
        right, allowed = np.isfinite(value) & (value > 0), "finite and greater than 0"
    elif name.startswith("beta"):
        right, allowed = (value >= 0) & (value < 1), "at least 0 and less than 1"
    elif name == "eps":
        right, allowed = np.isfinite(value) & (value >= 0), "finite and at least 0"
    else:
        right, allowed = np.isfinite(value), "finite"
    if not right.all():
        worst = float(value[~right].flat[0])
        raise ValueError(f"{label} must be {allowed}, got {worst!r}")


def _checked(gradient, shape):
    """The gradient, with its answer made an array and its shape checked."""

    def checked(x):
        g = np.asarray(gradient(x))
        if g.shape != shape:
            raise ValueError(
                f"gradient must return the shape {shape} of the point it was given, got {g.shape}"
            )
        if g.dtype.kind not in "iuf":
            raise TypeError(f"gradient must return numbers, got {g.dtype}")
        return g

    return checked


def _check_record(rule, step, shape):
    if not hasattr(step, "_fields") or "x" not in step._fields:
        raise TypeError(f"{_name(rule)} must yield NamedTuples with a field x, got {step!r}")
    if np.shape(step.x) != shape:
        raise ValueError(f"{_name(rule)} must yield x of shape {shape}, got {np.shape(step.x)}")


def _score(objective, x, shape):
    value = np.asarray(objective(x))
    if value.shape != shape:
        raise ValueError(
            f"objective must return one number per point, shape {shape}, got {value.shape}"
        )
    if value.dtype.kind not in "iuf":
        raise TypeError(f"objective must return numbers, got {value.dtype}")
    return value


def _name(function):
    return getattr(function, "name", getattr(function, "__name__", type(function).__name__))
