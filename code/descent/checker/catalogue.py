"""The book's rules with mistakes in them, made as the catalogue in mistakes.txt says."""

import inspect
import re
from functools import cache
from itertools import combinations, count
from pathlib import Path
from textwrap import dedent

import numpy as np

from .. import rules
from ..checks import hyperparameters
from ..rules import RULES

_LOOP = "for t in count(1):\n"


@cache
def mistakes():
    """The catalogue: of each whether it is made often, its name and its edits (old, new)."""
    found, name, edits = [], "", []
    text = Path(__file__).with_name("mistakes.txt").read_text("utf-8")
    for line in [*text.splitlines(), "end"]:
        if line.startswith(" "):
            old, arrow, new = line.strip().partition(" ->")
            edits.append((old, new.strip().replace("; ", "\n") if arrow else None))
        elif line and not line.startswith("#"):
            if edits:
                is_often = not name.startswith("seldom: ")
                found.append((is_often, name.removeprefix("seldom: "), edits))
            name, edits = name if line == "or" else line, []
    return found


@cache
def source(like):
    """The code of a rule of the book, below its docstring and with no indentation in the loop."""
    code = inspect.getsource(RULES[like]).split('"""\n')[-1]
    before, loop = (dedent(part) for part in code.split("    " + _LOOP))
    # Of an option, such as Nadam's correction, the first branch is the rule.
    branch = r"^if .*:\n((?: .*\n)+)else:\n(?: .*\n)+"
    loop = re.sub(branch, lambda found: dedent(found[1]), loop, flags=re.M)
    return before + _LOOP + loop


@cache
def singles(like):
    """Every mistake that this rule can have: its name, and the code with the mistake in it."""
    found = [way for _, *mistake in mistakes() for way in _edited(source(like), *mistake)]
    return [(name, code) for name, code, _ in found]


@cache
def pairs(like):
    """Every two of those that are often made, one after the other."""
    often = [mistake for is_often, *mistake in mistakes() if is_often]
    found = [way for mistake in often for way in _edited(source(like), *mistake)]
    return [
        (first, second, both)
        for (first, code, edits), (second, other, more) in combinations(found, 2)
        if first != second
        for _, both, _ in _edited(code, "", more) or _edited(other, "", edits)
    ]


def _edited(code, title, edits):
    """The ways in which the edits fit the code: the name, the new code, the edits as they fitted.

    There are several where the first line of the edits has a placeholder that fits many names.
    """
    matches = _pattern(edits[0][0]).finditer(code)
    ways = {tuple(match.groupdict().items()) for match in matches}
    ways = [_made(title, code, edits, dict(names)) for names in sorted(ways)]
    return [way for way in ways if way]


def _made(title, code, edits, names):
    fitted = []
    for old, new in edits:
        match = _pattern(_filled(old, names)).search(code)
        if not match:
            return None
        names = names | match.groupdict()
        old = _filled(old, names)
        if new is not None:
            new = _filled(new, names)
            code = _pattern(old).sub(lambda _, new=new: new, code)
        fitted.append((old, new))
    return _filled(title, names), code, fitted


def _filled(template, names):
    return re.sub(r"\{([A-Z]+)\}", lambda name: names.get(name[1], name[0]), template)


@cache
def _pattern(template):
    """What finds a line of the catalogue in code: whole words, the same letter the same name."""
    seen = set()

    def group(placeholder):
        name = placeholder[1]
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return rf"(?P<{name}>.+)" if name in ("REST", "HEAD") else rf"(?P<{name}>[a-z]\w*)"

    pattern = re.sub(r"\\\{([A-Z]+)\\\}", group, re.escape(template))
    before = r"(?<!\w)" if re.match(r"[\w{]", template) else ""
    after = r"(?!\w)" if re.search(r"[\w}]$", template) else ""
    return re.compile(before + pattern + after)


def rule_of(code, like):
    """The code as a rule: a generator function of gradient, x0 and the hyperparameters.

    Statement by statement, since that is compiled once for thousands of pairs.
    """
    before, loop = (_statements(part) for part in code.split(_LOOP))

    def rule(gradient, x0, **settings):
        names = {**_names(like), **settings, "gradient": gradient, "x0": x0}
        for t in count():
            names["t"] = t
            for statement, is_yield in loop if t else before:
                if is_yield:
                    yield eval(statement, names)
                else:
                    exec(statement, names)

    return rule


@cache
def _names(like):
    return {**vars(rules), "np": np, "EPS": 1e-8, **hyperparameters(RULES[like])}


def _statements(code):
    return [_compiled(line) for line in re.split(r"\n(?! |else|$)", code)]  # with indented lines


@cache
def _compiled(statement):
    """A statement and False, or the expression of a yield and True."""
    is_yield = statement.startswith("yield ")
    kind = "eval" if is_yield else "exec"
    return compile(statement.removeprefix("yield "), "<mistake>", kind), is_yield
