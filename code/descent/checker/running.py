"""Runs a rule that somebody wrote and watches it: its points, and where it asks the gradient."""

import contextlib
import inspect
import io
import sys
import time
from collections.abc import Iterable
from copy import copy
from itertools import islice, pairwise
from numbers import Integral, Real

import numpy as np

from ..checks import name_of
from ..errors import report
from .probe import point
from .seen import (
    IN_PLACE,
    Misfit,
    Run,
    Unwritten,
    see_changes,
    see_end,
    see_questions,
    see_start,
    see_t,
)


class _Endless(BaseException):  # not an Exception: a rule may catch those
    pass


class Guard:
    """Ends a run that takes too much processor time, and notices whose code it runs.

    It looks at every instruction. So a loop without an end can be left on any system and in any
    thread, where there are no signals; but not a call that stays in C, such as sum(count()).
    """

    def __init__(self, seconds, forbidden=()):
        self.deadline = time.thread_time() + seconds
        self.forbidden = forbidden
        self.looks = 0
        self.found = None  # the first of the forbidden functions that was run

    def __enter__(self):
        self._previous = sys.gettrace()
        sys.settrace(self._look)

    def __exit__(self, *_):
        sys.settrace(self._previous)

    def _look(self, frame, event, _):
        if frame.f_code.co_filename == __file__:  # so that __exit__ is never left half-way
            return None
        frame.f_trace_opcodes = True  # there is no new line in "while True: pass"
        if event == "call" and self.found is None:
            for function in self.forbidden:
                if _is_copy(frame.f_code, function.__code__):
                    self.found = function
        self.looks += 1
        if self.looks % 100 == 0 and time.thread_time() > self.deadline:
            raise _Endless
        return self._look


def _is_copy(code, original):
    parts = ("co_code", "co_consts", "co_names", "co_varnames")
    return all(getattr(code, part) == getattr(original, part) for part in parts)


class _Constant(np.float64):
    """A number that can be asked for its value at t, for a rule that takes schedules alone."""

    def __call__(self, t):
        if not isinstance(t, Integral):
            raise TypeError(f"a schedule is a function of t = 1, 2, ..., it was asked at {t!r}")
        return np.float64(self)


class _Gradient:
    """Answers with one gradient a step, and notes where it was asked."""

    def __init__(self, gradients, shape, per_step):
        self.gradients, self.shape = gradients, shape
        self.per_step = per_step  # how many questions make a step; None: all between two records
        self.asked = []  # the points of each step
        self.is_answered = True

    def __repr__(self):
        return "<the gradient>"

    def __call__(self, *x):
        place = np.array(x[0] if len(x) == 1 else x, dtype=float)
        if place.shape != self.shape:
            raise TypeError(
                "the gradient must be asked at a whole point, as gradient(x), or derivative(*x) "
                f"with its coordinates apart; got {place.tolist()}"
            )
        if self.is_answered:
            self.asked.append([])
        self.asked[-1].append(point(place))
        self.is_answered = len(self.asked[-1]) == self.per_step
        return np.array(self.gradients[(len(self.asked) - 1) % len(self.gradients)])[()]


def watch(rule, x0, gradients, settings, guard):
    """Let a rule take one step for each of the gradients.

    It gets x0 as an array. One that cannot take that may have been written for a list, for
    schedules alone, or for a single variable, so these are tried next.
    """
    first = _watch(rule, x0, gradients, settings, guard)
    others = []
    if not inspect.isgeneratorfunction(rule) and (first.error or IN_PLACE in first.mistakes):
        others.append(lambda: _watch(rule, x0.tolist(), gradients, settings, guard))
    if "not callable" in str(first.error):
        constant = {k: _Constant(v) if isinstance(v, float) else v for k, v in settings.items()}
        others.append(lambda: _watch(rule, x0, gradients, constant, guard))
    if "scalar" in str(first.error) or "ambiguous" in str(first.error):  # math.sqrt, max, if
        others.append(lambda: _one_by_one(rule, x0, gradients, settings, guard, first.error))
    for attempt in others:
        run = attempt()
        if not run.error and IN_PLACE not in run.mistakes:
            return run
    return first


def _one_by_one(rule, x0, gradients, settings, guard, error):
    """Each coordinate by itself, as a plain number."""
    runs = [
        _watch(rule, x, g, settings, guard)
        for x, g in zip(x0, np.transpose(gradients), strict=True)
    ]
    both, *others = runs
    for run in others:
        both.x = [a + b for a, b in zip(both.x, run.x, strict=False)]
        both.asked = [a + b for a, b in zip(both.asked, run.asked, strict=False)]
        both.state = [
            {name: a[name] + b[name] for name in a if name in b and name != "t"}
            for a, b in zip(both.state, run.state, strict=False)
        ]
        both.error = both.error or run.error
    both.remark = f"It takes one variable only. With two: {report(error)['error']}."
    return both


def _watch(rule, x0, gradients, settings, guard, per_step=1):
    n, start = len(gradients), copy(x0)
    gradient = _Gradient(gradients, np.shape(x0), per_step)
    seen, error, is_path = [], None, False
    try:
        with contextlib.redirect_stdout(io.StringIO()), guard:
            result = rule(gradient, start, **settings)
            if (result is None or result is ...) and not gradient.asked:
                raise Unwritten
            is_path = isinstance(result, list | tuple | np.ndarray)
            _check_result(rule, result, is_path and np.ndim(x0))
            if not is_path:
                gradient.per_step = None
            for record in islice(result, n + 1 + is_path):
                seen.append((record, _points(record, x0, is_path), len(gradient.asked)))
                gradient.is_answered = True
    except _Endless:
        where = f"after its point for t = {len(seen) - 1}" if seen else "before its first point"
        raise Misfit("an endless loop", f"It came to no end {where}.") from None
    except (Misfit, Unwritten):
        raise
    except Exception as stopped:  # a fault of the rule
        error = stopped
    if is_path and per_step == 1 and len(gradient.asked) >= 2 * n:
        return _watch(rule, x0, gradients, settings, guard, len(gradient.asked) // n)
    state = [points for _, points, _ in seen]
    asked = [step[0] for step in gradient.asked]
    run = Run([points["x"] for points in state], asked, state, error)
    if is_path:
        later = _see_one_list(run, [getattr(record, "x", record) for record, _, _ in seen])
    else:
        later = [_points(record, x0, is_path) for record, _, _ in seen]
    see_changes(run, later, not np.array_equal(start, x0))
    see_start(run, is_path or seen and seen[0][2], point(x0))
    if not error:
        see_end(run, n, is_path or "n_iter" in settings)
    see_questions(run, gradient.asked)
    see_t(run)
    run.x, run.asked = run.x[: n + 1], run.asked[:n]
    return run


# ---- What a rule gives back ------------------------------------------------------------------


def _check_result(rule, result, is_path_of_arrays):
    what = f"{name_of(rule)} returns {type(result).__name__}"
    if result is None:
        raise Misfit(
            "nothing is yielded",
            f"{what}. Yield a record of the start and of each step, or return the list of points.",
        )
    is_point = is_path_of_arrays and len(result) and isinstance(result[0], Real)
    if not isinstance(result, Iterable) or is_point:
        raise Misfit(
            "the path is not returned",
            f"{what}. Return the list of all points, the start first, or yield a record of each.",
        )


def _points(record, x0, is_path):
    """The fields of a record that are points or numbers, as they are now."""
    if hasattr(record, "x"):
        fields = record._asdict() if hasattr(record, "_asdict") else getattr(record, "__dict__", {})
        fields = {"x": record.x, **fields}
    elif is_path:
        fields = {"x": record}
    else:
        raise Misfit(
            "a record without a name for x",
            f"It yields {_short(record)}. Yield a NamedTuple with a field x, such as Step(t, x).",
        )
    points = {}
    for name, value in fields.items():
        with contextlib.suppress(TypeError, ValueError):
            value = np.array(value, dtype=float)
            if value.shape == np.shape(x0) or name == "t" and value.ndim == 0:
                points[name] = point(value)
    if "x" not in points:
        expected = f"{len(x0)} numbers" if np.ndim(x0) else "a number"
        raise Misfit("x has another shape", f"x must be {expected}, got {_short(fields['x'])}.")
    return points


def _short(value):
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _see_one_list(run, points):
    """Whether the points of a path are one and the same list; what is seen of them later."""
    if any(_is_one(a, b) for a, b in pairwise(points)):
        run.mistakes[IN_PLACE] = "All points that it returns are the same list."
        run.x = [*run.asked[: len(run.x) - 1], run.x[-1]]
    return run.state


def _is_one(a, b):
    arrays = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    return a is b and not isinstance(a, tuple) or arrays and np.shares_memory(a, b)
