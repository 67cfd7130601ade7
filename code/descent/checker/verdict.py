"""``check``: is this rule or this answer right, and if not, what is the mistake called?"""

import inspect
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from ..checks import hyperparameters, name_of
from ..errors import report
from ..rules import RULES
from . import answers, arguments
from .judging import call, judged, wrongly
from .naming import named
from .probe import SETTINGS, START, Probe
from .running import Guard, watch
from .seen import Misfit, Unwritten

_SECONDS = 0.4  # for all runs of the student's rule together


@dataclass(frozen=True, repr=False)
class Verdict:
    """What ``check`` found: whether the answer is right, the names of its mistakes, a sentence.

    mistakes is empty where it is right, and where it is wrong in a way that has no name.
    """

    right: bool
    mistakes: list = field(default_factory=list)
    sentence: str = ""

    def __bool__(self):
        return self.right

    def __str__(self):
        return self.sentence

    __repr__ = __str__  # what a notebook shows


def check(answer, like, *, allow_import=True):
    """Compare a rule with one of the book's, or an answer with that of an exercise.

        check(my_adam, like="adam")
        check([edge, runs], like="ex-gradient_descent-edge")

    Name the mistake if there is one; never the answer. Returns a ``Verdict``.

    answer        a rule; or what the exercise asks for: a number, a list of numbers, a function, a
                  name, or a list of several of these. None and ... stand for what is still to come
    like          the name of one of ``RULES``, or the label of an exercise, with which the address
                  of the exercise ends
    allow_import  False refuses a rule that runs one of the book's

    **A rule** is a generator function of the book's form, rule(gradient, x0, ...), which yields a
    NamedTuple with a field x for the start and for each step; or a loop that is given the number of
    steps too, rule(gradient, x0, ..., n_iter), and returns the list of points, the start first. It
    may ask gradient(x) or gradient(*x).

    Two rules are the same if for the same gradients they go through the same points, up to
    rounding, and ask the gradient at the same points; for numbers as hyperparameters and, if the
    rule takes them, for schedules. The hyperparameters may have other names (lr, beta_1, epsilon);
    one that the rule has not is taken to have the book's default. What the rule prints is not
    shown. A run without an end is left after less than half a second.

    **A number** is right if it is that of the book's solution, rounded to the digits that the
    exercise asks for; the last of them may be one off. A count must be the same. An array or a dict
    is as good as a list. **A function** is called with some arguments, and what it gives is
    compared in the same way; here an endless call is not ended.

    An error inside a rule or function is part of the verdict. Raises TypeError where the answer is
    of another kind, such as a number in place of a rule; ValueError where like is neither a rule
    nor an exercise, or where there are more or fewer numbers than are asked for.
    """
    known = [*RULES, *answers.exercises()]
    if not isinstance(like, str) or like not in known:
        near = get_close_matches(str(like), known, n=3)
        raise ValueError(
            f"like must be one of {', '.join(RULES)}, or the label of an exercise, got {like!r}"
            + (f"; near it: {', '.join(near)}" if near else "")
        )
    if like not in RULES:
        return Verdict(*answers.judged(answer, like))
    if answers.is_empty(answer):
        return Verdict(False, [], "Nothing to check yet: this asks for a rule.")
    return _of_rule(answer, like, allow_import)


def _of_rule(rule, like, allow_import):
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
        except Unwritten:
            said = f"Nothing to check yet: this asks for the loop of {name_of(rule)}."
            return Verdict(False, [], said)
        except Misfit as misfit:
            name, said = misfit.args
            said = [said, f"It was called as {call(name_of(rule), names)}."]
            is_right, wrong, sentence = wrongly([name], *said)
    if guard.found:
        name = f"it runs the book's own {name_of(guard.found)}"
        return Verdict(False, [name], f"Not your own rule: {name}. Write the loop yourself.")
    return Verdict(is_right, wrong, sentence)
