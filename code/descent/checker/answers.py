"""The answers to the exercises of the book: is this number, or this function, right?

The answers are not here. answers.json has hashes of them, rounded, which code/tools/exercises.py
makes from the solutions. That hides an answer from a glance, not from a search.
"""

import contextlib
import io
import json
import re
from decimal import Context, Decimal
from functools import cache, wraps
from hashlib import sha256
from math import isfinite, sqrt
from numbers import Real
from pathlib import Path

import numpy as np

from ..checks import as_floats, name_of
from ..errors import report
from ..minimize import minimize
from ..objectives import OBJECTIVES
from ..rules import RULES
from .seen import Unwritten

NEAR = 2  # the digits of an answer that is nearly right

# What is often done to a number, and what undoes it.
_TRANSFORMED = {
    "its sign is wrong": lambda x: -x,
    "it is upside down": lambda x: 1 / x,
    "it is the square, a root is missing": lambda x: sqrt(x),
    "a root too many": lambda x: x * x,
}
_COUNTED = {
    "it is one too many": lambda x: x - 1,
    "it is one too few": lambda x: x + 1,
}


@cache
def exercises():
    """{label: parts}; a part is a dict of its name, what kind of answer it is, and its hashes."""
    return json.loads(Path(__file__).with_name("answers.json").read_text("utf-8"))


def is_empty(answer):
    """Whether nothing has been filled in yet: dots, None, or a list in which one of these is."""
    if isinstance(answer, dict):
        answer = [*answer.values()]
    if isinstance(answer, list | tuple):
        return any(map(is_empty, answer))
    return answer is None or answer is ...


def judged(answer, label):
    """Whether it is right, the names of the mistakes, and the sentence."""
    parts = exercises()[label]
    right, empty, wrong, mistakes = [], [], [], []
    for number, (part, item) in enumerate(zip(parts, _items(answer, parts, label), strict=True)):
        name = part["name"]
        if is_empty(item):
            empty.append(name)
            continue
        said, mistake = _compared(item, part, f"{label}/{number}")
        if said is None:
            empty.append(name)
        elif said:
            wrong.append(f"{said} ({mistake})" if mistake else said)
            mistakes += [mistake] if mistake else []
        else:
            right.append(name)
    if wrong:
        said = [f"Not right yet: {'; '.join(wrong)}."]
        said += [f"Right already: {_listed(right)}."] if right else []
    else:
        so_far = " so far" if empty else ""
        said = [f"Right{so_far}: {_listed(right)}."] if right else []
    said += [f"Nothing to check yet: this asks for {_listed(empty)}."] if empty else []
    return not wrong and not empty, mistakes, " ".join(said)


def _items(answer, parts, label):
    """The answer, part by part."""
    if len(parts) == 1:
        return [answer]
    if answer is None or answer is ...:
        return [...] * len(parts)
    if not isinstance(answer, list | tuple) or len(answer) != len(parts):
        names = ", ".join(part["name"] for part in parts)
        raise ValueError(f"{label} asks for a list of {len(parts)}: {names}; got {answer!r}")
    return answer


def _compared(item, part, salt):
    """What is wrong with a part, "" if it is right, None if it is empty; and the mistake's name."""
    if "calls" in part:
        return _function(item, part, salt)
    if "words" in part:
        given = words(part["name"], item)
        is_right = [hashed(given, salt)] == part["right"]
        return "" if is_right else f"{given.replace(',', ', ')} for {part['name']}", ""
    given = numbers(part["name"], item)
    expected = part["right"]
    if len(given) != len(expected):
        count = "a number" if len(expected) == 1 else f"{len(expected)} numbers"
        raise ValueError(f"{part['name']} must be {count}, got {item!r}")
    fits = [_fits(x, h, part, salt) for x, h in zip(given, expected, strict=True)]
    if all(fits):
        return "", ""
    off = [(x, h) for x, h, is_right in zip(given, expected, fits, strict=True) if not is_right]
    if len(expected) == 1:
        said = f"{_shown(given)} for {part['name']}"
    else:
        places = [str(place) for place, is_right in enumerate(fits, 1) if not is_right]
        which = f"number {places[0]} is" if len(places) == 1 else f"numbers {_listed(places)} are"
        said = f"{part['name']}: {which} not right"
    return said, _named(given, off, part, salt)


def _named(given, off, part, salt):
    """The name of the mistake, if it is known; off are the numbers that are wrong."""
    for name, hashes in part.get("wrong", {}).items():
        if all(_fits(x, h, part, salt) for x, h in zip(given, hashes, strict=True)):
            return name
    right = part["right"]
    if all(any(_fits(x, h, part, salt) for h in right) for x in given) and all(
        any(_fits(x, h, part, salt) for x in given) for h in right
    ):
        return "they are in another order"
    if "whole" in part:
        if any(x % 1 for x, _ in off):
            return "whole numbers are asked for" if len(given) > 1 else "it is a whole number"
        ways = _COUNTED
    else:
        ways = _TRANSFORMED if part.get("digits", 0) > NEAR else {}
    for name, way in ways.items():
        with contextlib.suppress(ArithmeticError, ValueError):
            if all(_fits(way(x), h, part, salt) for x, h in off):
                return name
    if "near" in part:
        near = dict(zip(part["right"], part["near"], strict=True))
        if all(hashed(roundings(x, {"digits": NEAR})[0], salt) == near[h] for x, h in off):
            return f"near, but {part['digits']} digits are compared"
    return ""


def _function(function, part, salt):
    if not callable(function):
        raise TypeError(f"{part['name']} must be a function, got {function!r}")
    calls = [re.sub(r"\bf\b", name_of(function), call) for call in part["calls"]]
    given, shown = [], []
    for said, call, expected in zip(calls, part["calls"], part["right"], strict=True):
        try:
            output = called(function, call)
            given.append(numbers(said, output, bools=True))
        except Unwritten:
            return None, ""
        except Exception as error:  # a fault of the function
            return f"{said}: {report(error)['error']}", ""
        if len(given[-1]) != len(expected):
            return f"{said} has {len(given[-1])} numbers, not {len(expected)}", ""
        is_bool = isinstance(output, bool | np.bool_)
        shown.append(str(output) if is_bool else _shown(given[-1]))

    def off(groups, change=lambda x: x):
        """The calls, by number, whose output is not that of these hashes."""
        both = enumerate(zip(given, groups, strict=True))
        return [
            number
            for number, (numbers, hashes) in both
            for x, h in zip(numbers, hashes, strict=True)
            if not _fits(change(x), h, part, salt)
        ]

    wrong = off(part["right"])
    if not wrong:
        return "", ""
    names = [name for name, groups in part.get("wrong", {}).items() if not off(groups)]
    if not off(part["right"], lambda x: -x):
        names.append("its sign is wrong")
    return f"{calls[wrong[0]]} is not {shown[wrong[0]]}", "".join(names[:1])


# ---- Answers as text, which is hashed -----------------------------------------------------------


def called(function, call):
    """What a call gives, such as "f(1, 2)", in which rules and surfaces are known, too."""

    @wraps(function)
    def f(*arguments, **named):
        result = function(*arguments, **named)
        if is_empty(result):
            raise Unwritten
        return result

    names = {**RULES, **OBJECTIVES, "minimize": minimize, "np": np, "f": f}
    with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        return eval(call, names)


def numbers(name, value, bools=False):
    """The numbers in a number, a list of them, an array or the values of a dict, one after another.

    True and False count as 1 and 0 where bools are allowed.
    """
    if isinstance(value, dict):
        value = [*value.values()]
    with contextlib.suppress(ValueError):  # of rows of different lengths
        array = np.asarray(value)
        is_exact = array.dtype == object and all(isinstance(x, Real) for x in array.flat)
        if is_exact or bools and array.dtype == bool:
            value = array.astype(float)
    return as_floats(name, value, "a number or a list of numbers").ravel().tolist()


def words(name, value):
    """One word, or several in any order, as one text; a function counts as its name."""
    several = value if isinstance(value, list | tuple | set | frozenset | dict) else [value]
    several = [name_of(one) if callable(one) else one for one in several]
    if not all(isinstance(one, str) for one in several):
        raise TypeError(f"{name} must be names, got {value!r}")
    return ",".join(sorted(set(several)))


def roundings(x, part):
    """A number as text, rounded as the part says, and the two beside it."""
    if not isfinite(x):
        return [str(x)]
    if "whole" in part:
        return [str(int(x)) if x == int(x) else repr(x)]
    if "decimals" in part:
        unit = Decimal(1).scaleb(-part["decimals"])
        near = Decimal(x).quantize(unit) + 0
        return [str(near + step) for step in (0, -unit, unit)]
    context = Context(prec=part["digits"])
    near = context.plus(Decimal(x))
    beside = [near, context.next_minus(near), context.next_plus(near)]
    return [str(context.normalize(one)) for one in beside]


def hashed(text, salt):
    return sha256(f"{salt}/{text}".encode()).hexdigest()[:12]


def _fits(x, expected, part, salt):
    return any(hashed(text, salt) == expected for text in roundings(x, part))


# ---- Words --------------------------------------------------------------------------------------


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _shown(numbers):
    shown = [f"{x:.8g}" for x in numbers]
    text = f"[{', '.join(shown)}]" if numbers[1:] else shown[0]
    return text if len(text) <= 60 else text[:57] + "..."
