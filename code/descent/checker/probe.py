"""What a rule is asked to do, and how what it did then lies to what the book's rule does.

Plain Python with vectors: a page of the book, where readers write rules, uses this very file.
"""

import numpy as np

from .seen import is_arithmetic, is_close, is_finite

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
START = (1.5, -0.75)
GRADIENTS = [
    *([0.9, -0.12], [-1.4, 0.07], [0.3, 0.2], [1.1, -8.0], [-0.2, 3.0], [0.0, 0.4]),
    *([2.0, -0.09], [-0.7, 0.0], [0.05, 0.15], [-1.3, -0.3], [0.6, 11.0], [0.8, -0.5]),
]
IDLE = [
    [0.0 if t in (7, 8) else a, 0.0 if t < 3 or t in (7, 8) else b]
    for t, (a, b) in enumerate(GRADIENTS)
]


class Probe:
    """The gradients and hyperparameters of a run in place of a rule of the book."""

    def __init__(self, book, gradients, settings):
        self.book = book  # the rule
        self.gradients = gradients
        self.settings = settings

    def fits(self, run):
        """Whether the book's rule takes the steps that were seen."""
        return takes_steps(self.book, self.gradients, self.settings, run)

    def difference(self, run, defaults):
        """The first quantity that differs, in the order in which the book's rule computes them.

        defaults are those of the book's rule.
        """
        answers = iter(self.gradients)
        steps = self.book(lambda x: np.array(next(answers)), np.array(START), **self.settings)
        for t, (x, state) in enumerate(zip(run.x, run.state, strict=False)):
            record, got = next(steps), state | {"x": x}
            for name in [*record._fields[2:], "x"]:  # t and x stand first
                value = point(getattr(record, name))
                if name in got and not is_close(value, got[name]):
                    expected, received = _numbers(value), _numbers(got[name])
                    if expected == received:  # in so few digits
                        expected, received = _numbers(value, 17), _numbers(got[name], 17)
                    return (
                        f"The first difference is in {name} at step {t}: expected {expected}, "
                        f"got {received}. {self._given(t, defaults)}"
                    )
        return ""

    def _given(self, t, defaults):
        """What was given up to step t, and the book's value of what the rule does not take."""
        said = [f"x_0 = {_numbers(START)}"]
        for name, default in defaults.items():
            value = self.settings.get(name, default)
            said.append(f"{name}({t}) = {value(t):g}" if callable(value) else f"{name} = {value:g}")
        said += [f"g_{i} = {_numbers(self.gradients[i - 1])}" for i in range(max(1, t - 2), t + 1)]
        return f"({', '.join(said)}.)"


def takes_steps(rule, gradients, settings, run, with_state=False):
    """Whether a rule takes the steps that were seen, and asks its gradients where they were."""
    if run.error and not is_arithmetic(run.error):
        return False
    asked = []

    def gradient(x):
        asked.append(point(x))
        return np.array(gradients[len(asked) - 1])

    steps = rule(gradient, np.array(START), **settings)
    try:
        for t, x in enumerate(run.x):
            record = next(steps)
            if not is_close(point(record.x), x):
                return False
            if t and not is_close(asked[t - 1], run.asked[t - 1]):
                return False
            if with_state and not _has_state(record, run.state[t]):
                return False
        return not run.error or not is_finite(point(next(steps).x))
    except Exception:  # a gradient was not asked, or two edits have made code that does not run
        return False


def _has_state(record, state):
    return all(
        is_close(point(getattr(record, name)), state[name])
        for name in record._fields
        if name in state
    )


def point(x):
    """The numbers of x, as a tuple of floats."""
    return tuple(np.ravel(x).tolist())


def _numbers(point, digits=6):
    return f"[{', '.join(format(number, f'.{digits}g') for number in point)}]"
