"""Run a rule on an objective and keep every step."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

from .arithmetic import at, start
from .checks import as_floats, hyperparameters, name_of, whole_number

# The book's names of what must lie in [0, 1). Any other name, beta_scale say, is a student's own.
DECAY_RATES = ("beta", "beta1", "beta2")


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
        return f"Trace({name_of(self.rule)} on {name_of(self.objective)}, {steps} steps: {end})"


def minimize(objective, x0, rule, n_iter, *, gradient=None, **hyperparameters):
    """Take n_iter steps of a rule from x0 and return the ``Trace``.

        trace = minimize(bowl, bowl.start(1), adam, 60, alpha=0.02, beta1=0.8)

    objective        an ``Objective``, or any function of p together with ``gradient=``
    x0               the start, shape (d,), or (d, *S) for many starts at once
    rule             one of ``RULES``, or any generator function of the same form
    n_iter           number of steps; 0 gives the start alone
    gradient         the gradient to use; default: ``objective.gradient``
    hyperparameters  the rule's own: numbers, arrays (a batch, broadcast against S), or
                     functions of t = 1, 2, ... (schedules), each t asked once

    A batch gives bit for bit what its members give alone. Divergence is not an error: the numbers
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
    n_iter = whole_number("n_iter", n_iter, 0)
    x0 = _point(x0, objective)
    with np.errstate(all="ignore"):  # diverged_at reports divergence, warnings do not
        hyperparameters, values = _hyperparameters(rule, n_iter, hyperparameters)
        x0 = _start(x0, values)
        steps = rule(_checked(gradient, x0.shape), x0.copy(), **{**hyperparameters, **values})
        if not isinstance(steps, Iterator):
            raise TypeError(
                f"rule must be a generator function, but {name_of(rule)} returned {steps!r}"
            )
        history, n_steps = [], 0
        for i, step in enumerate(islice(steps, n_iter + 1)):
            _check_record(rule, step, i, x0)
            record = (*step, _score(objective, step.x, x0.shape[1:]))
            if i < 2:  # a rule that starts from a bare m = 0 shows the shape of m one step later
                history = _history(n_iter + 1, record, history)
            for field, value in zip(history, record, strict=True):
                field[i] = value
            n_steps += 1
    if n_steps <= n_iter:
        raise ValueError(
            f"{name_of(rule)} must yield {n_iter + 1} records for n_iter = {n_iter}, "
            f"it yielded {n_steps}"
        )
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


def _point(x0, objective):
    x = as_floats("x0", x0, "an array of numbers of shape (d,) or (d, *S), the coordinate first")
    if x.ndim == 0:
        raise ValueError(f"x0 must have shape (d,) or (d, *S), the coordinate first; got {x0!r}")
    bounds = getattr(objective, "bounds", None)
    if x.shape[0] == 0 or (bounds is not None and len(x) != len(bounds)):
        d = "at least 1" if bounds is None else len(bounds)
        raise ValueError(
            f"x0 must have {d} coordinates, as many as {name_of(objective)}, on its first axis; "
            f"got shape {x.shape}"
        )
    if x.size == 0:
        raise ValueError(f"x0 must hold at least one point; got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"x0 must be finite, got {x0!r}")
    return x


def _hyperparameters(rule, n_iter, given):
    """What was given, checked; and, of it, what is a number, an array or a schedule."""
    defaults = hyperparameters(rule)
    parameters = inspect.signature(rule).parameters.values()
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for name, value in given.items():
        if name not in defaults and not takes_any:
            raise ValueError(
                f"{name} is not a hyperparameter of {name_of(rule)}, got {name}={value!r}; "
                f"allowed: {', '.join(defaults) or 'none'}"
            )
    for name, default in defaults.items():
        if default is inspect.Parameter.empty and name not in given:
            raise ValueError(f"{name_of(rule)} needs a value for {name}")
    checked, values = dict(given), {}
    for name, value in given.items():
        default = defaults.get(name, inspect.Parameter.empty)
        if isinstance(default, bool | str) or default is None:
            _check_option(name, value, default)
        elif callable(value):
            values[name] = _schedule(name, value)
            for t in range(1, n_iter + 1):
                values[name](t)
        elif isinstance(default, int) and isinstance(value, int):  # a count of a student's rule
            setting(name, name, value)
        else:
            checked[name] = values[name] = setting(name, name, value)
    return checked, values


def _check_option(name, value, default):
    """Not a number: the rule knows which values it takes, only their kind is checked here."""
    if isinstance(default, str) and not isinstance(value, str):
        raise TypeError(f"{name} must be a string such as {default!r}, got {value!r}")
    if name == "project" and not (value is None or callable(value)):
        raise TypeError(f"project must be a function of x, or None, got {value!r}")


def _schedule(name, function):
    """The schedule with its values checked. Each t is asked once, so it may be a stream."""

    @cache
    def schedule(t):
        try:
            value = function(t)
        except Exception as error:
            error.add_note(f"raised by the schedule {name} at t = {t}")
            raise
        value = setting(f"{name}({t})", name, value)
        if t > 1 and np.shape(value) != np.shape(schedule(1)):
            raise ValueError(
                f"{name}({t}) must have the shape {np.shape(schedule(1))} of {name}(1), "
                f"got {np.shape(value)}"
            )
        return value

    return schedule


def setting(label, name, value):
    """The value of a hyperparameter as a float, or as a float64 array of its own."""
    value = as_floats(label, value, "a number, an array of numbers or a function of t of these")
    if value.size == 0:
        raise ValueError(f"{label} must hold at least one value; got shape {value.shape}")
    if name == "alpha":
        right, allowed = np.isfinite(value) & (value > 0), "finite and greater than 0"
    elif name in DECAY_RATES:
        right, allowed = (value >= 0) & (value < 1), "at least 0 and less than 1"
    elif name == "eps":
        right, allowed = np.isfinite(value) & (value >= 0), "finite and at least 0"
    else:
        right, allowed = np.isfinite(value), "finite"
    if not right.all():
        raise ValueError(f"{label} must be {allowed}, got {float(value[~right].flat[0])!r}")
    return value.copy() if value.ndim else float(value)


def _start(x0, values):
    try:
        return start(x0, *values.values())
    except ValueError:
        shapes = {name: np.shape(*at(1, value)) for name, value in values.items()}
        raise ValueError(
            f"the shapes of the hyperparameters, {shapes}, and of x0 after its first axis, "
            f"{x0.shape[1:]}, do not broadcast"
        ) from None


def _checked(gradient, shape):
    """The gradient, with its answer as float64 and checked; it cannot write on the iterate."""
    allowed = f"numbers of the shape {shape} of x"

    def checked(x):
        g = as_floats("gradient(x)", gradient(_read_only(x)), allowed)
        if g.shape != shape:
            raise ValueError(f"gradient(x) must be {allowed}, got shape {g.shape}")
        return g

    return checked


def _score(objective, x, shape):
    value = as_floats("objective(x)", objective(_read_only(x)), "one number per point")
    if value.shape != shape:
        raise ValueError(
            f"objective(x) must be one number per point, shape {shape}, got shape {value.shape}"
        )
    return value


def _read_only(x):
    view = np.asarray(x).view()
    view.flags.writeable = False
    return view


def _check_record(rule, step, i, x0):
    if not hasattr(step, "_fields") or "x" not in step._fields:
        raise TypeError(f"{name_of(rule)} must yield NamedTuples with a field x, got {step!r}")
    if np.shape(step.x) != x0.shape:
        raise ValueError(
            f"{name_of(rule)} must yield x of shape {x0.shape}, got {np.shape(step.x)} at t = {i}"
        )
    if i == 0 and not np.array_equal(step.x, x0):
        raise ValueError(
            f"{name_of(rule)} must yield the start, x = {x0}, before its first step, "
            f"got x = {step.x}"
        )
