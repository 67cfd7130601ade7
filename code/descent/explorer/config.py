"""What the view of an ``Explorer`` is told: rules, their controls and looks, surfaces, streams."""

import inspect
import math
import sys
from numbers import Integral, Real

from ..checks import hyperparameters, name_of
from ..minimize import DECAY_RATES, setting
from ..objectives import OBJECTIVES
from ..plots import STYLE
from ..plots.shared import OTHER
from ..rules import RULES
from ..streams import INTERVALS, STREAMS

# Where the slider of alpha stands at first, if not at the rule's own default: a default below
# 0.01 is meant for long runs, and in 100 steps the path would hardly leave its start.
_LEAST_ALPHA, _FIRST_ALPHA = 0.01, 0.02
_FIRST = {"adagrad": 0.1}
_CHOICES = {"correction": ["power", "constant"]}  # hyperparameters that are words
_RANGES = {"alpha": (-4.0, 0.5), "eps": (-12.0, 0.0)}  # of log10(value)
_ALLOWED = {"alpha": {"above": 0}, "eps": {"least": 0}}  # as minimize has it
_ALLOWED |= {name: {"least": 0, "below": 1} for name in DECAY_RATES}

# The symbols of a rule's average and root (inner.py), where they are no field of its record.
_AVERAGE = {"nesterov": "g + βb", "adam": "m̂", "adamax": "m̂", "nadam": "m̂"}
_ROOT = {
    "adagrad": "√s",
    "rmsprop": "√v",
    "adam": "√v̂",
    "adamax": "u",
    "amsgrad": "√v_max",
    "nadam": "√n̂",
}


def configuration(rules, surfaces, streams):
    """Rules with what their runs begin with, the controls that they share, surfaces, streams."""
    described, shared = {}, {}
    for name, rule in rules.items():
        try:
            values = initial_values(rule, {})
        except ValueError:  # an argument without a default: the call must give it
            if RULES.get(name) is rule:
                raise
            values = {}
        controls = {key: _control(key, value) for key, value in values.items()}
        look = STYLE.get(name, OTHER)
        dash = [] if look["linestyle"] == "-" else [2.2 * length for length in look["linestyle"][1]]
        described[name] = {"hyperparameters": values, "color": look["color"], "dash": dash}
        if RULES.get(name) is rule:
            shared |= controls
            described[name] |= {"average": _AVERAGE.get(name, ""), "root": _ROOT.get(name, "")}
        else:
            described[name]["controls"] = controls
    return {
        "rules": described,
        "controls": shared,
        "surfaces": surfaces,
        "streams": [_stream(name, stream) for name, stream in streams.items()],
    }


def initial_values(rule, given):
    """Where the controls of a rule stand at first: each number among its defaults, and words."""
    values = {}
    for name, default in hyperparameters(rule).items():
        value = given.get(name, default)
        if name == "alpha" and name not in given and RULES.get(name_of(rule)) is rule:
            first = default if default >= _LEAST_ALPHA else _FIRST_ALPHA
            value = _FIRST.get(name_of(rule), first)
        choices = _CHOICES.get(name, []) if isinstance(default, str) else []
        if choices:
            if value not in choices:
                raise ValueError(f"{name} must be one of {choices}, got {value!r}")
        elif _is_number(value):
            value = int(value) if isinstance(value, Integral) else float(value)
            if name in given:
                setting(name, name, value)  # says what is wrong with it
        elif name in given:
            raise TypeError(f"{name} must be a finite number, got {value!r}")
        elif default is inspect.Parameter.empty:
            raise ValueError(f"{name_of(rule)} needs a value for {name}")
        else:
            continue
        values[name] = value
    for name in given:
        if name not in values:
            allowed = ", ".join(values) or "none"
            raise ValueError(f"{name} is not a slider of {name_of(rule)}; it has: {allowed}")
    return values


def notebook():
    """The names that a notebook's cells (or a script) have given, in definition order."""
    names = vars(sys.modules["__main__"])
    return {name: value for name, value in list(names.items()) if not name.startswith("_")}


def description(surface):
    """What the view knows of a surface besides its heights."""
    is_own = OBJECTIVES.get(surface.name) is not surface
    names = [k for k, v in notebook().items() if is_own and v is surface]
    floor, warning = None, {}
    try:
        floor = min((float(surface(p)) for p in surface.minima), default=None)
        if is_own:
            surface.check_gradient()
    except ValueError as error:  # most of all, that the gradient is not that of f
        warning = {"warning": f"The path may mislead: {error}."}
    except Exception:  # a fault of f: the search meets it too, and shows it
        pass
    return warning | {
        "name": surface.name,
        "code": names[0] if names else surface.name,  # what to write in a call of minimize
        "bounds": surface.bounds.tolist(),
        "minima": surface.minima.tolist(),
        "floor": floor,
        "start": surface.start(1).tolist(),
    }


def _stream(name, stream):
    if STREAMS.get(name) is stream:
        return {"name": name} | ({"interval": INTERVALS[name]} if name in INTERVALS else {})
    return {"name": name, "own": "lambda t: ..." if name == "lambda" else name}


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _control(name, value):
    """A menu, or the scale and range of a slider, in its raw value, and what is allowed."""
    if isinstance(value, str):
        return {"scale": "choice", "choices": _CHOICES[name]}
    return _slider(name, value) | _ALLOWED.get(name, {})


def _slider(name, value):
    """The scale of a slider and its range, in the slider's raw value (SCALES in controls.js)."""
    is_decay = name in DECAY_RATES or 0.5 <= value < 1 and name not in _RANGES
    if is_decay and 0 <= value < 1:  # -log10(1 - value)
        return {"scale": "decay", "min": 0, "max": 4, "step": 0.01}
    if name in _RANGES or isinstance(value, float) and value > 0:  # log10(value)
        raw = math.log10(value) if value > 0 else 0
        low, high = _RANGES.get(name, (raw - 2, raw + 2))
        return {"scale": "log", "min": low, "max": high, "step": 0.01}
    reach = max(1, 2 * abs(value))
    step = 1 if isinstance(value, int) else reach / 100
    return {"scale": "linear", "min": -reach if value <= 0 else 0, "max": reach, "step": step}
