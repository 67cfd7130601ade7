"""Run a rule on an objective and keep every step, or less."""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from typing import Any

import numpy as np

from .arithmetic import at, start
from .checks import as_floats, hyperparameters, name_of, whole_number
from .objectives import OBJECTIVES
from .rules import RULES

SCORE = "f(x)"  # the score's place among the fields of a record, where no field can have this name
KEEP = {"all": None, "x": ["x"], "score": [SCORE], "last": []}  # what is kept of every step

# A large batch is worked through in blocks whose x has at most so many numbers (125 KiB). The few
# arrays that a step works with then fit a second-level cache of 1 MiB. And each stays below 128
# KiB, from where on the C library of Linux gives memory back to the system when an array is
# dropped and asks for it again in the next step. Smaller blocks cost more calls of NumPy.
BLOCK = 16_000

# The book's names of what must lie in [0, 1). Any other name, beta_scale say, is a student's own.
DECAY_RATES = ("beta", "beta1", "beta2")


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """What a search did, step by step; the first axis of every array is t = 0, 1, ..., n_iter.

    x            the iterates, shape (n_iter + 1, d, *S), S the shape of the batch
    score        the objective at each, shape (n_iter + 1, *S)
    state        the rule's own record with a time axis on every field: state.t, state.x, ...
    diverged_at  the first t at which a score is not finite (of any member of a batch), or None
    objective, rule, hyperparameters, n_iter, keep   what was run

    Where ``keep`` is not "all", it names what is there for every t. Of the rest only the last
    step is: an axis of length 1 for t, so that [-1] is the end in any case. ``diverged_at`` knows
    of no other scores than these.
    """

    x: np.ndarray
    score: np.ndarray
    state: Any
    diverged_at: int | None
    objective: Callable
    rule: Callable
    hyperparameters: dict
    n_iter: int
    keep: str

    def __repr__(self):
        batch = self.score.shape[1:]
        if batch:
            end = f"a batch of shape {batch}"
        else:
            x = ", ".join(f"{value:.6g}" for value in self.x[-1])
            end = f"ends at x = [{x}], score = {self.score[-1]:.6g}"
        what = f"{name_of(self.rule)} on {name_of(self.objective)}, {self.n_iter} steps"
        return f"Trace({what}: {end})"


def minimize(objective, x0, rule, n_iter, *, gradient=None, keep="all", **hyperparameters):
    """Take n_iter steps of a rule from x0 and return the ``Trace``.

        trace = minimize(bowl, bowl.start(1), adam, 60, alpha=0.02, beta1=0.8)
        sweep = minimize(bowl, [1, 2], adam, 60, keep="last", alpha=np.geomspace(1e-4, 1, 10_000))

    objective        an ``Objective``, or any function of p together with ``gradient=``
    x0               the start, shape (d,), or (d, *S) for many starts at once
    rule             one of ``RULES``, or any generator function of the same form
    n_iter           number of steps; 0 gives the start alone
    gradient         the gradient to use; default: ``objective.gradient``
    keep             what to keep of every step: "all", or only "x", only the "score", or nothing,
                     "last". The last step is kept whole in any case. Keeping less takes less time
                     and memory and changes no number; f is asked only where its score is kept
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
    _check_keep(keep)
    x0 = _point(x0, objective)
    with np.errstate(all="ignore"):  # diverged_at reports divergence, warnings do not
        hyperparameters, values = _hyperparameters(rule, n_iter, hyperparameters)
        x0 = _start(x0, values)
        may_be_cut = _is_the_books(objective, gradient, rule, hyperparameters)
        history, ends = {}, {}  # what is kept of every step; of the rest, the last step
        for block in _blocks(x0.shape) if may_be_cut else [()]:
            part = x0[:, *block]
            whole = {part.shape: x0.shape, part.shape[1:]: x0.shape[1:]}
            settings = {name: _cut(value, block) for name, value in values.items()}
            steps = _steps(rule, gradient, part, n_iter, {**hyperparameters, **settings})
            for i, step in enumerate(steps):
                record = step._asdict()
                if keep in ("all", "score"):
                    record[SCORE] = _score(objective, step.x, part.shape[1:])
                if keep != "all":
                    record = {name: record[name] for name in KEEP[keep]}
                if (
                    i < 2
                ):  # a rule that starts from a bare m = 0 shows the shape of m one step later
                    history |= _rooms(n_iter + 1, record, whole, history)
                _write(history, i, record, block)
            rest = {name: v for name, v in step._asdict().items() if name not in history}
            if SCORE not in history:
                rest[SCORE] = _score(objective, step.x, part.shape[1:])
            ends |= _rooms(1, rest, whole, ends)
            _write(ends, 0, rest, block)
    history |= ends
    score = history[SCORE]
    state = type(step)(*[history[name] for name in step._fields])
    finite = np.isfinite(score).reshape(len(score), -1).all(axis=1)
    diverged_at = None if finite.all() else int(np.argmin(finite)) + n_iter + 1 - len(score)
    return Trace(state.x, score, state, diverged_at, objective, rule, hyperparameters, n_iter, keep)


def _steps(rule, gradient, x0, n_iter, settings):
    """The n_iter + 1 records of a run, each checked."""
    steps = rule(_checked(gradient, x0.shape), x0.copy(), **settings)
    if not isinstance(steps, Iterator):
        raise TypeError(
            f"rule must be a generator function, but {name_of(rule)} returned {steps!r}"
        )
    n_steps = 0
    for i, step in enumerate(islice(steps, n_iter + 1)):
        _check_record(rule, step, i, x0)
        yield step
        n_steps += 1
    if n_steps <= n_iter:
        raise ValueError(
            f"{name_of(rule)} must yield {n_iter + 1} records for n_iter = {n_iter}, "
            f"it yielded {n_steps}"
        )


def _is_the_books(objective, gradient, rule, hyperparameters):
    """Whether the book's own functions run and no other: they take each point by itself.

    A student's gradient may be a stream, which is to be asked once per step, for all points.
    """
    return (
        any(objective is known for known in OBJECTIVES.values())
        and gradient is objective.gradient
        and any(rule is known for known in RULES.values())
        and hyperparameters.get("project") is None
    )


def _blocks(shape):
    """Cuts through the longest axis of a batch, for x of this shape: an index into S each."""
    pieces = -(-math.prod(shape) // BLOCK)
    if pieces == 1 or len(shape) == 1:
        return [()]
    axis = int(np.argmax(shape[1:]))
    pieces = min(pieces, shape[1 + axis])
    edges = [shape[1 + axis] * k // pieces for k in range(pieces + 1)]
    before, after = [slice(None)] * axis, [slice(None)] * (len(shape) - 2 - axis)
    return [(*before, slice(a, b), *after) for a, b in pairwise(edges)]


def _cut(value, block):
    """The part of a number, an array or a schedule that belongs to a block of the batch."""
    if not block:
        return value
    if callable(value):
        return lambda t: _cut(value(t), block)
    shape = np.shape(value)
    if not shape:
        return value
    ours = block[len(block) - len(shape) :]  # shapes broadcast from the right
    return value[tuple(s if n > 1 else slice(None) for n, s in zip(shape, ours, strict=True))]


def _rooms(rows, record, whole, history):
    """An array for each value of the record, with a first axis for t, where history lacks it.

    whole names the shapes of the whole batch by those of the block. Where history has an array
    with too little room, its first row is taken over. All arrays are cut from one piece of memory:
    a batch of thousands fills tens of megabytes, which the system hands out faster so.
    """
    layout = []
    for name, value in record.items():
        shape, dtype = whole.get(np.shape(value), np.shape(value)), np.result_type(value)
        if name in history:
            shape = np.broadcast_shapes(history[name].shape[1:], shape)
            dtype = np.result_type(history[name].dtype, dtype)
        layout.append((name, dtype, shape))
    if layout == [(name, old.dtype, old.shape[1:]) for name, old in history.items()]:
        return {}
    memory = np.empty(rows, np.dtype(layout, align=True))
    for name, old in history.items():
        memory[name][0] = old[0]
    return {name: memory[name] for name in record}


def _write(history, i, record, block):
    for name, value in record.items():
        field = history[name]
        field[i, ..., *(block if field.ndim > 1 else ())] = value


def _check_keep(keep):
    allowed = ", ".join(f'"{name}"' for name in KEEP)
    if not isinstance(keep, str):
        raise TypeError(f"keep must be one of {allowed}, got {keep!r}")
    if keep not in KEEP:
        raise ValueError(f"keep must be one of {allowed}, got {keep!r}")


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
