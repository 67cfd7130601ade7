"""What a rule is asked to do, and what it does then: the right one, and one with each mistake."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..checks import hyperparameters
from ..rules import RULES
from .arguments import settings_of
from .catalogue import pairs, rule_of, singles
from .running import ELSEWHERE

_TOLERANCE = 1e-11  # above the rounding of any order of operations, below an eps of 1e-10

# What separates mistakes. Of these numbers, their squares and their 1 - beta no two are alike. The
# gradients change sign and size, so that roots, maxima and eps all count, and each is 0 once.
SETTINGS = {"alpha": 0.23, "beta": 0.71, "beta1": 0.71, "beta2": 0.58, "eps": 0.37}
SCHEDULES = {
    "alpha": lambda t: 0.23 / (1 + 0.3 * abs(t)),
    "beta": lambda t: 0.71 - 0.4 / (1 + abs(t)),
    "beta1": lambda t: 0.71 - 0.4 / (1 + abs(t)),
    "beta2": lambda t: 0.58 - 0.4 / (1 + abs(t)),
    "eps": lambda t: 0.37 / (1 + 0.3 * abs(t)),
}
START = np.array([1.5, -0.75])
GRADIENTS = np.array(
    [
        *([0.9, -0.12], [-1.4, 0.07], [0.3, 0.2], [1.1, -8.0], [-0.2, 3.0], [0.0, 0.4]),
        *([2.0, -0.09], [-0.7, 0.0], [0.05, 0.15], [-1.3, -0.3], [0.6, 11.0], [0.8, -0.5]),
    ]
)
IDLE = np.where([[t in (7, 8), t < 3 or t in (7, 8)] for t in range(12)], 0.0, GRADIENTS)


class Probe(NamedTuple):
    """The gradients and hyperparameters of a run in place of a rule of the book."""

    like: str
    gradients: np.ndarray
    settings: dict
    extras: dict  # what only the catalogue asks for

    def named(self, run):
        """The names of the mistakes with which the book's rule takes the steps that were seen."""
        like = self.like
        if self.fits(RULES[like], run) or len(run.asked) < len(run.x) - 1:
            return []
        alone = [([name], rule_of(code, like)) for name, code in singles(like)]
        alone += [([f"this is {name}"], rule) for name, rule in RULES.items()]
        found = self._first(alone, run)
        if found:
            return found
        for name, other in self._others(run):
            found = self._first([([], RULES[like]), *alone], other)
            if found is not None:
                return [name, *found]
        both = (([a, b], rule_of(code, like)) for a, b, code in pairs(like))
        return self._first(both, run) or []

    def _first(self, candidates, run):
        """The names of the first that fits; where the steps are the same, the state may tell."""
        found = None
        for names, rule in candidates:
            if self.fits(rule, run):
                if self.fits(rule, run, with_state=True):
                    return names
                found = names if found is None else found
        return found

    def _others(self, run):
        """What would have been seen without a mistake that spoils the view of all others."""
        if len(run.x) > 2 and run.x[0] == run.x[1] != run.x[2]:
            yield "every point comes a step late", replace(run, x=run.x[1:], state=run.state[1:])
        if not _is_close(run.asked, run.x[: len(run.asked)]):
            yield ELSEWHERE, replace(run, asked=run.x[:-1])

    def fits(self, rule, run, with_state=False):
        """Whether a rule takes the steps that were seen, and asks its gradients where they were."""
        if run.error and not _is_arithmetic(run.error):
            return False
        asked = []

        def gradient(x):
            asked.append(np.ravel(x))
            return self.gradients[len(asked) - 1].copy()

        settings = self.settings | self.extras
        if rule in RULES.values():
            known = hyperparameters(rule)
            settings = {name: value for name, value in settings.items() if name in known}
        steps = rule(gradient, START.copy(), **settings)
        try:
            for t, x in enumerate(run.x):
                record = next(steps)
                if not _is_close(record.x, x):
                    return False
                if t and not _is_close(asked[t - 1], run.asked[t - 1]):
                    return False
                if with_state and not _has_state(record._asdict(), run.state[t]):
                    return False
            return not run.error or not np.isfinite(next(steps).x).all()
        except Exception:  # a gradient was not asked, or two edits have made code that does not run
            return False

    def difference(self, run):
        """The first quantity that differs, in the order in which the book's rule computes them."""
        answers = iter(self.gradients)
        steps = RULES[self.like](lambda x: next(answers), START, **self.settings)
        for t, (x, state) in enumerate(zip(run.x, run.state, strict=False)):
            record, got = next(steps)._asdict(), state | {"x": x}
            for name in [*list(record)[2:], "x"]:  # t and x stand first
                if name in got and not _is_close(record[name], got[name]):
                    expected, received = _numbers(record[name]), _numbers(got[name])
                    if expected == received:  # in so few digits
                        expected, received = _numbers(record[name], 17), _numbers(got[name], 17)
                    return (
                        f"The first difference is in {name} at step {t}: expected {expected}, "
                        f"got {received}. {self._given(t)}"
                    )
        return ""

    def _given(self, t):
        """What was given up to step t, and the book's value of what the rule does not take."""
        said = [f"x_0 = {_numbers(START)}"]
        for name, default in settings_of(RULES[self.like]).items():
            value = self.settings.get(name, default)
            said.append(f"{name}({t}) = {value(t):g}" if callable(value) else f"{name} = {value:g}")
        said += [f"g_{i} = {_numbers(self.gradients[i - 1])}" for i in range(max(1, t - 2), t + 1)]
        return f"({', '.join(said)}.)"


def _has_state(record, state):
    return all(_is_close(record[name], state[name]) for name in record if name in state)


def _numbers(point, digits=6):
    return f"[{', '.join(f'{number:.{digits}g}' for number in np.ravel(point))}]"


def _is_close(a, b):
    a, b = np.ravel(a).tolist(), np.ravel(b).tolist()
    return len(a) == len(b) and all(
        p == q or abs(p - q) <= _TOLERANCE * (1 + min(abs(p), abs(q))) or p != p and q != q
        for p, q in zip(a, b, strict=True)
    )


def _is_arithmetic(error):
    """Whether it is what arrays do without an error, giving inf or nan."""
    is_root = isinstance(error, ValueError) and "math domain" in str(error)
    return is_root or isinstance(error, ArithmeticError)
