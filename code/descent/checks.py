"""Checks of arguments, and what a rule's signature says: its name and its hyperparameters."""

import functools
import inspect
from numbers import Integral, Real

import numpy as np


def as_floats(name, value, allowed):
    """value as a float64 array; TypeError unless it is a real number or an array of them."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        array = None
    if array is None or array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be {allowed}, got {value!r}")
    return np.asarray(array, dtype=float)


def whole_number(name, value, least, most=None):
    """value as an int; an error unless it is a whole number from least to most."""
    allowed = f"{least} or more" if most is None else f"from {least} to {most}"
    message = f"{name} must be a whole number, {allowed}, got {value!r}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(message)
    is_whole = isinstance(value, Integral) or float(value).is_integer()
    if not is_whole or value < least or (most is not None and value > most):
        raise ValueError(message)
    return int(value)


def check_whole(label, trace):
    """ValueError unless the trace has every step of every field."""
    if trace.keep != "all":
        raise ValueError(
            f'{label} was run with keep="{trace.keep}", but every step is needed here: '
            'run it with keep="all", the default'
        )


def hyperparameters(rule):
    """A rule's hyperparameters, {name: default}; ``inspect.Parameter.empty`` where it has none."""
    try:
        signature = inspect.signature(rule)
        signature.bind_partial(None, None)  # takes gradient and x0
    except (TypeError, ValueError):
        raise TypeError(
            "rule must be a generator function of gradient and x0, such as descent.adam "
            f"(adam, not adam(...)), got {rule!r}"
        ) from None
    parameters = list(signature.parameters.values())[2:]
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {p.name: p.default for p in parameters if p.kind not in starred}


def name_of(function):
    """The name of a rule or an objective: its own, or that of the function in a ``partial``."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "name", getattr(function, "__name__", type(function).__name__))
