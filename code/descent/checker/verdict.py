"""``check``: is this rule right, and if not, what is the mistake called?"""

from dataclasses import dataclass, field
from inspect import Parameter

import numpy as np

from ..checks import hyperparameters, name_of
from ..errors import report
from ..rules import RULES
from . import arguments
from .probe import GRADIENTS, IDLE, SCHEDULES, SETTINGS, START, Probe
from .running import Guard, Misfit, watch

_SECONDS = 0.4  # for all runs of the student's rule together


@dataclass(frozen=True, repr=False)
class Verdict:
    """What ``check`` found: whether the rule is right, the names of its mistakes, a sentence.

    mistakes is empty where the rule is right, and where it is wrong in a way that has no name.
    """

    right: bool
    mistakes: list = field(default_factory=list)
    sentence: str = ""

    def __bool__(self):
        return self.right

    def __str__(self):
        return self.sentence

    __repr__ = __str__  # what a notebook shows


def check(rule, like, *, allow_import=True):
    """Compare a rule with one of the book's, and name the mistake if there is one.

        check(my_adam, like="adam")

    rule          a generator function of the book's form, rule(gradient, x0, ...), which yields a
                  NamedTuple with a field x for the start and for each step; or a loop that is given
                  the number of steps too, rule(gradient, x0, ..., n_iter), and returns the list of
                  points, the start first. It may ask gradient(x) or gradient(*x)
    like          the name of one of ``RULES``
    allow_import  False refuses a rule that runs one of the book's

    Two rules are the same if for the same gradients they go through the same points, up to
    rounding, and ask the gradient at the same points; for numbers as hyperparameters and, if the
    rule takes them, for schedules. The hyperparameters may have other names (lr, beta_1, epsilon);
    one that the rule has not is taken to have the book's default. What the rule prints is not
    shown. A run without an end is left after less than half a second.

    Returns a ``Verdict``; an error inside the rule is part of it. Raises TypeError where rule is no
    function of gradient and x0, ValueError where like is not the name of a rule.
    """
    if not isinstance(like, str) or like not in RULES:
        raise ValueError(f"like must be one of {', '.join(RULES)}, got {like!r}")
    names = arguments.named(rule, like)
    guard = Guard(_SECONDS, () if allow_import else RULES.values())
    with np.errstate(all="ignore"):  # wrong rules divide by zero
        try:
            verdict = _judged(rule, like, names, guard)
        except Misfit as misfit:
            name, said = misfit.args
            verdict = _wrong([name], said, f"It was called as {arguments.call(rule, names)}.")
    if guard.found:
        name = f"it runs the book's own {name_of(guard.found)}"
        return Verdict(False, [name], f"Not your own rule: {name}. Write the loop yourself.")
    return verdict


def _wrong(names, *said, so_far="Not right yet"):
    first = f"{so_far}: {'; '.join(names)}." if names else f"{so_far}."
    return Verdict(False, names, " ".join([first, *said]))


def _judged(rule, like, names, guard):
    unknown = [
        name
        for name, default in hyperparameters(rule).items()
        if default is Parameter.empty and name not in names
    ]
    if unknown:
        raise Misfit("it cannot be called", f"What {' and '.join(unknown)} may be is not known.")

    def seen(gradients=GRADIENTS, **schedules):
        values = {name: np.float64(value) for name, value in SETTINGS.items()} | schedules
        given = {own: values.get(book, len(gradients)) for own, book in names.items()}
        settings = {book: values[book] for book in names.values() if book != "n_iter"}
        run = watch(rule, START, gradients, given, guard)
        return run, Probe(like, gradients, settings, arguments.extra_eps(rule, names))

    run, probe = seen()
    if run.mistakes or not probe.fits(RULES[like], run):
        wrong, said = [*run.mistakes, *probe.named(run)], [*run.mistakes.values()]
        if run.error:
            said.append(f"{report(run.error)['error']}.")
            if isinstance(run.error, TypeError):
                said.append(f"It was called as {arguments.call(rule, names)}.")
        elif not wrong:
            said.append(probe.difference(run))
        for name, default in arguments.settings_of(RULES[like]).items():
            if name not in names.values():
                said.append(f"It takes no {name}, so {name} = {default:g} is meant.")
        return _wrong(wrong, *said)

    if seen()[0].x != run.x:
        said = "A second run from the same start takes other steps."
        return _wrong(["something is kept from one run to the next"], said)

    for name in names.values():
        if name in SCHEDULES:
            try:
                scheduled, probe = seen(**{name: SCHEDULES[name]})
            except Misfit:
                continue
            # A rule that takes no schedule fails where it computes with the function.
            if not scheduled.error and not probe.fits(RULES[like], scheduled):
                so_far = f"Right for numbers, not yet for a schedule of {name}"
                wrong = probe.named(scheduled)
                said = [] if wrong else [probe.difference(scheduled)]
                return _wrong(wrong, *said, so_far=so_far)

    remarks = [run.remark] if run.remark else []
    idle, probe = seen(IDLE)
    if idle.mistakes:
        return _wrong([*idle.mistakes], *idle.mistakes.values())
    if not probe.fits(RULES[like], idle):
        if not idle.error and np.isfinite(idle.x).all():
            so_far = "Right, but not where a gradient is 0 from the start on"
            return _wrong([], probe.difference(idle), so_far=so_far)
        remarks.append(
            "Where a gradient has been 0 from the start on, it divides 0 by 0; "
            "the book's rule leaves that coordinate where it is."
        )
    said = f"Right: {name_of(rule)} takes the same steps as the book's {like}."
    return Verdict(True, [], " ".join([said, *remarks]))
