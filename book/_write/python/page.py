"""Runs what a student wrote: finds the rule, takes its steps, says what is wrong and where.

Plain Python, so that it can be tested without a browser. ``run`` gets

    source      the text of the editor
    name        of the function that is looked for
    x0          the start, a list of numbers
    gradient    function of a list of numbers, with a list
    n_iter      number of steps
    settings    pairs of a hyperparameter and its value; what is not named has the student's default
    write       takes what is printed, and says whether it takes more
    suggest     function of a list of names and a name that is not known, with the nearest or None

and answers with a dict: error, line and column (0 where unknown) and named, whether checking.py may
have a name for it; or hyperparameters (the student's defaults), own (the names of the record's
fields besides t and x) and fields (of x, of g, the gradients, and of these, each a flat list of
numbers, step by step).
"""

import numpy as np

from descent.checker.seen import is_arithmetic

FILE = "<string>"
MODULES = "numpy, math, itertools, typing, collections and descent.rules"


def _printer(write):
    is_read = True

    def print(*values, sep=" ", end="\n", **others):
        nonlocal is_read
        if is_read:  # joining a million lines that nobody sees takes long
            is_read = write(sep.join([str(v) for v in values]) + end)

    return print


def _absent(*values, **others):
    raise Wrong("a page has no files, no input, and nothing to exit")


class Wrong(Exception):
    """What Python allows and a rule may not do."""


class Unlike(Wrong):
    """What checking.py can name."""


def run(source, name, x0, gradient, n_iter, settings, write, suggest):
    try:
        rule = rule_of(source, name, write)
        defaults = defaults_of(rule)
        given = {**defaults, **{k: v for k, v in settings if k in defaults}}
        return {"hyperparameters": defaults, **_steps(rule, name, x0, gradient, n_iter, given)}
    except BaseException as error:  # SystemExit is no Exception
        return report(error, source, suggest)


def rule_of(source, name, write):
    names = {"__name__": "__main__", "print": _printer(write)}
    names |= dict.fromkeys(("open", "input", "exit", "quit"), _absent)
    exec(source, names)  # Brython cannot compile an import
    rule = names.get(name)
    if callable(rule):
        return rule
    others = [k for k, v in names.items() if getattr(v, "__module__", "") == "__main__"]
    found = f"it found {' and '.join(others)}" if others else "it found no function"
    raise Wrong(f"This page runs a function with the name {name}; {found}")


def defaults_of(rule):
    """The hyperparameters that have a number as default, in their order."""
    code = rule.__code__
    names = list(code.co_varnames[: code.co_argcount])
    last = list(rule.__defaults__ or ())
    values = dict(zip(names[len(names) - len(last) :], last))
    for missing in [n for n in names[2:] if n not in values]:
        raise Wrong(f"{missing} needs a default: def {rule.__name__}(..., {missing}=...)")
    values.update(rule.__kwdefaults__ or {})
    return {k: v for k, v in values.items() if isinstance(v, (int, float)) and v is not True}


def _steps(rule, name, x0, ask, n_iter, given):
    asked = []

    def gradient(x):
        asked.append(ask([float(v) for v in np.asarray(x)]))
        return np._made(list(asked[-1]))  # np.array looks at every number

    steps = rule(gradient, np.array(x0), **given)
    if not hasattr(steps, "__next__"):
        raise Wrong(f"{name} must yield a record for every step, but it has no yield")
    fields, own = {"x": []}, []
    for t in range(n_iter + 1):
        try:
            record = next(steps)
        except StopIteration:
            raise Unlike(
                f"{name} must go on for as long as it is asked, but it ended after {t} records"
            ) from None
        _check(record, name, t, x0)
        if t == 0:
            own = [f for f in record._fields if f not in ("t", "x")]
        for field in record._fields:
            if field != "t":
                _keep(fields, field, getattr(record, field), t, len(x0))
    own = [f for f in own if len(fields.get(f, ())) == (n_iter + 1) * len(x0)]
    once_a_step = len(asked) == n_iter
    fields = {f: fields[f] for f in ["x", *own]}
    if once_a_step:
        fields["g"] = [v for g in asked for v in g]
    return {"own": own, "fields": fields}


def _keep(fields, field, value, t, d):
    row = [value] * d if isinstance(value, (int, float)) else value
    if not isinstance(row, (np.ndarray, list, tuple)) or len(row) != d:
        return  # not a number for each coordinate: nothing to draw
    fields.setdefault(field, []).extend([float(v) for v in row])


def _check(record, name, t, x0):
    if not hasattr(record, "_fields") or "x" not in record._fields:
        raise Wrong(
            f"{name} must yield records that have a field x, as those of descent.rules have; "
            f"it yielded {_short(record)}"
        )
    x = record.x
    if not isinstance(x, (np.ndarray, list, tuple)) or len(x) != len(x0):
        raise Wrong(f"x must be {len(x0)} numbers, as x0 is; {name} yielded x = {_short(x)}")
    if t == 0 and [float(v) for v in x] != list(x0):
        raise Unlike(f"{name} must yield the start, x = x0, before its first step")


def _short(value):
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."


def report(error, source, suggest):
    """The error as the page shows it: its kind, its sentence, its place in the student's text."""
    kind, line, column, known = type(error).__name__, 0, 0, []
    if isinstance(error, SyntaxError):
        line, column, message = error.lineno or 0, error.offset or 0, error.msg
        if message == "unexpected indent":  # Brython names the last line
            line, column = _indented(source), 0
    else:
        message = str(error)
        trace = error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == FILE:
                line, frame = trace.tb_lineno, trace.tb_frame
                known = [*frame.f_locals, *frame.f_globals]
            trace = trace.tb_next
    if isinstance(error, NameError):
        message += _hint(error.name, known, suggest)
    elif isinstance(error, AttributeError):
        message += _hint(error.name, dir(error.obj), suggest)
    elif isinstance(error, ModuleNotFoundError):
        message = f"there is no {error.name} on this page; it has {MODULES}"
    elif isinstance(error, ImportError):
        message += "; of each module this page has what a rule needs, of descent.rules the records"
    elif isinstance(error, TypeError) and " ^" in message:
        message += ". A power is written **"
    text = message if isinstance(error, Wrong) else f"{kind}: {message}" if message else kind
    named = isinstance(error, Unlike) or is_arithmetic(error)
    return {"error": text, "line": line, "column": column, "named": named}


def _hint(name, known, suggest):
    near = suggest(known, name) if name else None
    return f". Did you mean {near}?" if near else ""


def _indented(source):
    """The first line that is indented more than the one before, which opens nothing."""
    before, is_open, is_text = 0, False, False
    for number, line in enumerate(source.split("\n"), 1):
        code = line.partition("#")[0].rstrip()
        is_text = is_text != (line.count('"""') % 2 == 1)
        if is_text or not code:
            continue
        indent = len(code) - len(code.lstrip())
        if indent > before and not is_open:
            return number
        before, is_open = indent, code[-1] in ":([{,\\"
    return 0
