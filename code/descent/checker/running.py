"""Runs a rule that somebody wrote and watches it: its points, and where it asks the gradient."""

import contextlib
import inspect
import io
import sys
import time
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from itertools import islice, pairwise
from numbers import Integral, Real

import numpy as np

from ..checks import name_of
from ..errors import report

IN_PLACE = "x is changed in place"
ELSEWHERE = "the gradient is taken at another point than x"


@dataclass
class Run:
    """What was seen; a point is a tuple of floats."""

    x: list  # x_0, x_1, ...
    asked: list  # the points at which g_1, g_2, ... were asked
    state: list  # of each record, {name: point}
    mistakes: dict = field(default_factory=dict)  # what can be seen at once: {name: sentence}
    remark: str = ""
    error: Exception | None = None


class Misfit(Exception):
    """A rule that cannot be followed: the name of the mistake, and a sentence."""


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
        point = np.array(x[0] if len(x) == 1 else x, dtype=float)
        if point.shape != self.shape:
            raise TypeError(
                "the gradient must be asked at a whole point, as gradient(x), or derivative(*x) "
                f"with its coordinates apart; got {point.tolist()}"
            )
        if self.is_answered:
            self.asked.append([])
        self.asked[-1].append(_point(point))
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
    except Misfit:
        raise
    except Exception as stopped:  # a fault of the rule
        error = stopped
    if is_path and per_step == 1 and len(gradient.asked) >= 2 * n:
        return _watch(rule, x0, gradients, settings, guard, len(gradient.asked) // n)
    state = [points for _, points, _ in seen]
    run = Run([points["x"] for points in state], [step[0] for step in gradient.asked], state)
    run.error = error
    _see_changes(run, seen, is_path, start, x0)
    _see_start(run, seen, is_path, _point(x0))
    if not error:
        _see_end(run, n, is_path or "n_iter" in settings)
    _see_questions(run, gradient.asked)
    _see_t(run)
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
                points[name] = _point(value)
    if "x" not in points:
        expected = f"{len(x0)} numbers" if np.ndim(x0) else "a number"
        raise Misfit("x has another shape", f"x must be {expected}, got {_short(fields['x'])}.")
    return points


def _point(x):
    return tuple(np.ravel(x).tolist())


def _short(value):
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


# ---- What can be seen at once ------------------------------------------------------------------


def _see_changes(run, seen, is_path, start, x0):
    """Whether anything that was given or yielded has another value now."""
    if is_path:
        points = [getattr(record, "x", record) for record, _, _ in seen]
        if any(_is_one(a, b) for a, b in pairwise(points)):
            run.mistakes[IN_PLACE] = "All points that it returns are the same list."
            run.x = [*run.asked[: len(run.x) - 1], run.x[-1]]
    else:
        for record, before, _ in seen:
            now = _points(record, x0, is_path)
            for name in sorted(before.keys() & now.keys()):
                if not np.array_equal(before[name], now[name], equal_nan=True):
                    said = f"What was yielded as {name} has another value after the next step."
                    run.mistakes.setdefault(f"{name} is changed in place", said)
    if IN_PLACE in run.mistakes:  # m and v are then mostly changed in the same way
        run.mistakes = {IN_PLACE: run.mistakes[IN_PLACE]}
    elif not np.array_equal(start, x0):
        run.mistakes["x0 is changed in place"] = "The start that it was given has another value."


def _is_one(a, b):
    arrays = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    return a is b and not isinstance(a, tuple) or arrays and np.shares_memory(a, b)


def _see_start(run, seen, is_path, x0):
    if not run.x or run.x[0] == x0:
        return
    if is_path or seen[0][2]:  # a gradient was asked before the first record
        run.mistakes["the start is missing"] = "The first point must be x0, before any step."
        run.x, run.state = [x0, *run.x], [{}, *run.state]
    else:
        run.mistakes["it does not begin at x0"] = f"It begins at {list(run.x[0])}."
        shift = np.subtract(x0, run.x[0])
        run.x, run.asked = ([_point(x + shift) for x in path] for path in (run.x, run.asked))


def _see_end(run, n, is_finite):
    steps = len(run.x) - 1
    if is_finite and steps == n - 1:
        run.mistakes["the last point is missing"] = f"{n} steps give {n + 1} points with the start."
    elif is_finite and steps > n:
        run.mistakes["a point too many"] = f"{n} steps give {n + 1} points with the start."
    elif steps < n:
        run.mistakes["it stops by itself"] = f"It gives {steps + 1} points for {n} steps."


def _see_questions(run, asked):
    if any(len(set(step)) > 1 for step in asked):
        run.mistakes["the gradient is taken in the middle of a step"] = (
            "It is asked again when a part of x has been changed."
        )
    elif any(len(step) > 1 for step in asked):
        run.mistakes["the gradient is asked more than once a step"] = (
            "On a stream of gradients each question takes the next one."
        )
    elif len(asked) < len(run.x) - 1:
        run.mistakes["the gradient is not asked at every step"] = (
            f"It was asked {len(asked)} times in {len(run.x) - 1} steps."
        )


def _see_t(run):
    if "the start is missing" not in run.mistakes:
        counted = [points["t"] for points in run.state if "t" in points]
        if counted != [(float(t),) for t in range(len(counted))]:
            run.mistakes["the record has a wrong t"] = (
                "The start has t = 0, and each step counts one more."
            )
