"""``check``: is this rule right, and if not, what is the mistake called?"""

import inspect
from dataclasses import dataclass, field

import numpy as np

from ..checks import hyperparameters, name_of
from ..errors import report
from ..rules import RULES
from . import arguments
from .judging import call, judged, wrongly
from .naming import named
from .probe import SETTINGS, START, Probe
from .running import Guard, watch
from .seen import Misfit

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
    own, book = hyperparameters(rule), arguments.settings_of(hyperparameters(RULES[like]))
    names = arguments.named(own, book)
    if any(p.kind is p.VAR_KEYWORD for p in inspect.signature(rule).parameters.values()):
        names |= {name: name for name in book if name not in names.values()}
    eps = arguments.extra_eps(own, names)
    extras = {"EPS": own[eps]} if eps else {}
    guard = Guard(_SECONDS, () if allow_import else RULES.values())

    def seen(gradients, **schedules):
        values = {name: np.float64(value) for name, value in SETTINGS.items()} | schedules
        given = {name: values.get(target, len(gradients)) for name, target in names.items()}
        settings = {target: values[target] for target in names.values() if target != "n_iter"}
        run = watch(rule, np.array(START), gradients, given, guard)
        return run, Probe(RULES[like], gradients, settings)

    with np.errstate(all="ignore"):  # wrong rules divide by zero
        try:
            unknown = [
                name
                for name, default in own.items()
                if default is arguments.REQUIRED and name not in names
            ]
            if unknown:
                said = f"What {' and '.join(unknown)} may be is not known."
                raise Misfit("it cannot be called", said)
            is_right, wrong, sentence = judged(
                seen,
                lambda run, probe: named(run, like, probe, extras),
                lambda error: report(error)["error"],
                name_of(rule),
                like,
                names,
                book,
            )
        except Misfit as misfit:
            name, said = misfit.args
            said = [said, f"It was called as {call(name_of(rule), names)}."]
            is_right, wrong, sentence = wrongly([name], *said)
    if guard.found:
        name = f"it runs the book's own {name_of(guard.found)}"
        return Verdict(False, [name], f"Not your own rule: {name}. Write the loop yourself.")
    return Verdict(is_right, wrong, sentence)
