"""The table with which a page names the mistakes of what a reader wrote, as ``descent.check`` does.

No page has NumPy, and to run there each rule with every mistake in it would take too long. So they
are run when the book is built, and a fingerprint of each is kept.
"""

from itertools import islice

import numpy as np

from descent import RULES
from descent.checker.arguments import settings_of
from descent.checker.fingerprint import field, keys, steps
from descent.checker.naming import alone, both, settings_for
from descent.checker.probe import GRADIENTS, SCHEDULES, SETTINGS, START, Probe, point
from descent.checker.seen import Run, is_finite
from descent.checks import hyperparameters


def table(like):
    """{section: entries}, and under "names" the names of all mistakes.

    An entry is a key, the places of its names, and {field: key} where the steps alone do not tell.
    The sections are the mistakes alone and in pairs, with numbers as hyperparameters; and with a
    schedule of each those that no number shows.
    """
    rule, hyper = RULES[like], settings_of(hyperparameters(RULES[like]))
    numbers = {name: np.float64(SETTINGS[name]) for name in hyper}
    probe = Probe(rule, GRADIENTS, numbers)
    with np.errstate(all="ignore"):
        seen = [(names, wrong, followed(wrong, numbers)) for names, wrong in alone(like)]
        sections = {
            "numbers": [(names, runs) for names, _, runs in seen],
            "numbers, pairs": [(names, followed(wrong, numbers)) for names, wrong in both(like)],
        }
        hidden = [(names, wrong) for names, wrong, runs in seen if any(map(probe.fits, runs))]
        for name in hyper:
            given = numbers | {name: SCHEDULES[name]}
            sections[name] = [(names, followed(wrong, given)) for names, wrong in hidden]
    names = sorted({name for found in sections.values() for names, _ in found for name in names})
    place = {name: i for i, name in enumerate(names)}
    return {"names": names} | {key: entries(found, place) for key, found in sections.items()}


def followed(rule, settings):
    """The run of a rule on the probe; and what there is of it where Python stops at inf or nan."""
    run, settings = Run([], [], []), settings_for(rule, settings)

    def gradient(x):
        run.asked.append(point(x))
        return np.array(GRADIENTS[len(run.asked) - 1])

    try:
        for record in islice(rule(gradient, np.array(START), **settings), len(GRADIENTS) + 1):
            run.x.append(point(record.x))
            run.state.append({name: point(getattr(record, name)) for name in record._fields[2:]})
    except Exception:  # two edits have made code that does not run
        is_whole = False
    else:
        is_whole = len(run.asked) == len(GRADIENTS)
    t = next((t for t, x in enumerate(run.x) if not is_finite(x)), None)
    stopped = [Run(run.x[:t], run.asked[:t], run.state[:t], ArithmeticError())] if t else []
    return [run] * is_whole + stopped


def entries(seen, place):
    by_key = {}
    for names, runs in seen:
        for run in runs:
            states = frozenset((name, keys(field(run, name))[0]) for name in run.state[0])
            by_key.setdefault(keys(steps(run))[0], {}).setdefault(states, names)
    found = []
    for key, same in by_key.items():
        shared = frozenset.intersection(*same)
        for states, names in same.items():
            telling = dict(sorted(states - shared))
            found.append([key, [place[name] for name in names], *([telling] if telling else [])])
    return found
