"""Numbers that stand for the steps of a rule, so that a page need not hold the steps themselves.

Plain Python: the build makes a table of mistakes with it, and a page looks a run up there.
"""

from math import frexp

_PRIME = 999_999_937


def keys(numbers):
    """The key of a row, and those that it may have if it was rounded otherwise on its way.

    The row is added up with weights; the first 38 bits of the sum, and its size, are the key.
    """
    total = 0.0
    for k, number in enumerate(numbers):
        if number - number != 0:
            number = 1000.0 if number == number else 300.0  # inf, or nan
        total += (0.5 + k * 0.6180339887498949 % 1) * number
    part, size = frexp(abs(total))
    first = int(part * 2**38)
    return [(31 * (first + d) + 104729 * size + (total < 0)) % _PRIME for d in (0, -1, 1)]


def steps(run):
    """What the key of a run is made of; one that stopped with an error has a mark at its end."""
    numbers = [v for x in run.x for v in x]
    numbers += [v for x in run.asked[: len(run.x) - 1] for v in x]
    return [*numbers, 77.0] if run.error else numbers


def field(run, name):
    """What the key of a field of its records is made of."""
    return [v for state in run.state for v in state.get(name, ())]
