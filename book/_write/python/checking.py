"""``descent.check`` for what is written on a page: the same probes, the same sentences.

The names of the mistakes come from a table, which the build makes from the catalogue
(book/_ext/mistakes.py). Plain Python, so that it can be tested without a browser.
"""

from itertools import islice

import numpy as np
from page import defaults_of, report, rule_of

from descent.checker import arguments, rules
from descent.checker.fingerprint import field, keys, steps
from descent.checker.judging import call, judged, wrongly
from descent.checker.probe import SETTINGS, START, Probe
from descent.checker.seen import (
    Misfit,
    Run,
    is_arithmetic,
    see_changes,
    see_end,
    see_questions,
    see_start,
    see_t,
)

EPS = 1e-8  # of a rule that has one where the book's has none, as in the table


def check(source, name, find, suggest):
    """Compares the rule in source with the book's of this name: right, mistakes, sentence.

    find    function of a section of the table and a list of keys: the entries with one of these,
            as pairs of names and {field: key}
    """
    rule = rule_of(source, name, lambda text: None)
    book = arguments.settings_of(defaults_of(getattr(rules, name)))
    own = defaults_of(rule)
    names = arguments.named(own, book)
    eps = arguments.extra_eps(own, names)

    def seen(gradients, **schedules):
        values = {**SETTINGS, **schedules}
        given = {one: values.get(target, len(gradients)) for one, target in names.items()}
        settings = {target: values[target] for target in names.values() if target != "n_iter"}
        if eps:
            given[eps] = EPS
        run = watch(rule, gradients, given)
        probe = Probe(getattr(rules, name), gradients, settings)
        probe.section = next(iter(schedules), "numbers")
        return run, probe

    def told(error):
        found = report(error, source, suggest)
        return f"Line {found['line']}: {found['error']}"

    try:
        answer = judged(seen, lambda *seen: named(find, *seen), told, name, name, names, book)
    except Misfit as misfit:
        title, said = misfit.args
        answer = wrongly([title], said, f"It was called as {call(name, names)}.")
    return dict(zip(("right", "mistakes", "sentence"), answer))


# ---- The names of the mistakes, as in descent/checker/naming.py


def named(find, run, probe):
    is_cut = run.error and not is_arithmetic(run.error)
    if is_cut or len(run.asked) < len(run.x) - 1:
        return []
    found = _first(find, probe.section, run)
    if found:
        return found
    for name, other in run.others():
        found = [] if probe.fits(other) else _first(find, probe.section, other)
        if found is not None:
            return [name, *found]
    return _first(find, f"{probe.section}, pairs", run) or []


def _first(find, section, run):
    """The names of the first that fits; where the steps are the same, the state may tell."""
    entries = find(section, keys(steps(run)))
    for names, fields in entries:
        if all(key in keys(field(run, name)) for name, key in fields if name in run.state[-1]):
            return names
    return entries[0][0] if entries else None


# ---- What a rule does


def watch(rule, gradients, settings):
    """Let a generator take one step for each of the gradients."""
    asked, seen, error = [], [], None
    is_answered = [True]

    def gradient(x):
        if is_answered[0]:
            asked.append([])
        is_answered[0] = False
        asked[-1].append(tuple([float(v) for v in x]))
        return np.array(gradients[(len(asked) - 1) % len(gradients)])

    start = np.array(START)
    try:
        for record in islice(rule(gradient, start, **settings), len(gradients) + 1):
            seen.append((record, _points(record), len(asked)))
            is_answered[0] = True
    except Misfit:
        raise
    except Exception as stopped:
        error = stopped
    state = [points for _, points, _ in seen]
    run = Run([points["x"] for points in state], [step[0] for step in asked], state, error)
    see_changes(run, [_points(record) for record, _, _ in seen], tuple(start) != START)
    see_start(run, seen and seen[0][2], START)
    if not error:
        see_end(run, len(gradients), False)
    see_questions(run, asked)
    see_t(run)
    run.x, run.asked = run.x[: len(gradients) + 1], run.asked[: len(gradients)]
    return run


def _points(record):
    """The fields of a record that are points, and t, as they are now."""
    points = {}
    for name in record._fields:
        value = getattr(record, name)
        if name == "t" and isinstance(value, (int, float)):
            points[name] = (float(value),)
        elif isinstance(value, (np.ndarray, list, tuple)) and len(value) == len(START):
            points[name] = tuple([float(v) for v in value])
    if "x" not in points:
        raise Misfit("x has another shape", f"x must be {len(START)} numbers, got {record.x!r}.")
    return points
