"""What was seen of a rule, and the mistakes that can be seen at once.

Plain Python without NumPy: a page of the book, where readers write rules, uses this very file.
"""

IN_PLACE = "x is changed in place"
ELSEWHERE = "the gradient is taken at another point than x"
_TOLERANCE = 1e-11  # above the rounding of any order of operations, below an eps of 1e-10


class Run:
    """What was seen; a point is a tuple of floats."""

    def __init__(self, x, asked, state, error=None):
        self.x = x  # x_0, x_1, ...
        self.asked = asked  # the points at which g_1, g_2, ... were asked
        self.state = state  # of each record, {name: point}
        self.error = error
        self.mistakes = {}  # what can be seen at once: {name: sentence}
        self.remark = ""

    def others(self):
        """What would have been seen without a mistake that spoils the view of all others."""
        if len(self.x) > 2 and self.x[0] == self.x[1] != self.x[2]:
            late = Run(self.x[1:], self.asked, self.state[1:], self.error)
            yield "every point comes a step late", late
        if not are_close(self.asked, self.x[: len(self.asked)]):
            yield ELSEWHERE, Run(self.x, self.x[:-1], self.state, self.error)


class Misfit(Exception):
    """A rule that cannot be followed: the name of the mistake, and a sentence."""


class Unwritten(Exception):
    """A function without a body yet."""


def is_close(a, b):
    return len(a) == len(b) and all(
        p == q or abs(p - q) <= _TOLERANCE * (1 + min(abs(p), abs(q))) or p != p and q != q
        for p, q in zip(a, b, strict=True)
    )


def are_close(path, other):
    return len(path) == len(other) and all(map(is_close, path, other))


def is_arithmetic(error):
    """Whether it is what arrays do without an error, giving inf or nan."""
    is_root = isinstance(error, ValueError) and "math domain" in str(error)
    return is_root or isinstance(error, ArithmeticError)


def is_finite(point):
    return all(v - v == 0 for v in point)


# Each of these notes its mistakes in run.mistakes, and corrects what it saw, so that others are
# named, too.


def see_changes(run, later, is_start_changed):
    """Whether anything that was yielded has another value later; later is like run.state."""
    for before, now in zip(run.state, later, strict=True):
        for name in sorted(before.keys() & now.keys()):
            both = zip(before[name], now[name], strict=True)
            if any(p != q and (p == p or q == q) for p, q in both):
                said = f"What was yielded as {name} has another value after the next step."
                run.mistakes.setdefault(f"{name} is changed in place", said)
    if IN_PLACE in run.mistakes:  # m and v are then mostly changed in the same way
        run.mistakes = {IN_PLACE: run.mistakes[IN_PLACE]}
    elif is_start_changed:
        run.mistakes["x0 is changed in place"] = "The start that it was given has another value."


def see_start(run, is_late, x0):
    """is_late: the first point is that of a step."""
    if not run.x or run.x[0] == x0:
        return
    if is_late:
        run.mistakes["the start is missing"] = "The first point must be x0, before any step."
        run.x, run.state = [x0, *run.x], [{}, *run.state]
    else:
        run.mistakes["it does not begin at x0"] = f"It begins at {list(run.x[0])}."
        shift = [a - b for a, b in zip(x0, run.x[0], strict=True)]
        run.x, run.asked = (
            [tuple(a + b for a, b in zip(x, shift, strict=True)) for x in path]
            for path in (run.x, run.asked)
        )


def see_end(run, n, is_path):
    """is_path: it was told the number of steps n."""
    steps = len(run.x) - 1
    if is_path and steps == n - 1:
        run.mistakes["the last point is missing"] = f"{n} steps give {n + 1} points with the start."
    elif is_path and steps > n:
        run.mistakes["a point too many"] = f"{n} steps give {n + 1} points with the start."
    elif steps < n:
        run.mistakes["it stops by itself"] = f"It gives {steps + 1} points for {n} steps."


def see_questions(run, asked):
    """asked: of each step, all points at which it asked the gradient."""
    if any(len(set(step)) > 1 for step in asked):
        run.mistakes["the gradient is taken in the middle of a step"] = (
            "It is asked again when a part of x has been changed."
        )
    elif any(len(step) > 1 for step in asked):
        run.mistakes["the gradient is asked more than once a step"] = (
            "On a stream of gradients each question takes the next one."
        )
    elif len(asked) < len(run.x) - 1:
        run.mistakes["the gradient is not asked at every step"] = (
            f"It was asked {len(asked)} times in {len(run.x) - 1} steps."
        )


def see_t(run):
    if "the start is missing" not in run.mistakes:
        counted = [points["t"] for points in run.state if "t" in points]
        if counted != [(float(t),) for t in range(len(counted))]:
            run.mistakes["the record has a wrong t"] = (
                "The start has t = 0, and each step counts one more."
            )
