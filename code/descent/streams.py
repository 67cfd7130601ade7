"""Streams of gradients, to see what a rule makes of them: no surface, one coordinate.

A stream is a function of t = 1, 2, ... that gives the gradient g_t, whatever the rule has done
before. Only + - * / are used, and remainders of whole numbers, so the numbers are the same on every
machine and in every language.
"""

__all__ = ["constant", "alternating", "growing", "noise", "spike", "rare", "cycle"]


def constant(t):
    """g_t = 1."""
    return 1.0


def alternating(t):
    """g_t = 1, -1, 1, -1, ..."""
    return 1.0 if t % 2 else -1.0


def growing(t):
    """g_t = t / 10."""
    return t / 10


def noise(t):
    """g_t = 0.5 + noise of mean 0 and variance 1, always the same: twelve uniform numbers less 6.

    The uniform numbers are those of Park and Miller's generator, s <- 48271 s mod (2^31 - 1), from
    s = 1 on: whole numbers below 2^53, which a float holds exactly.
    """
    while len(_uniform) < 12 * t:
        _uniform.append(48271 * _uniform[-1] % _MODULUS if _uniform else 48271)
    total = 0.0
    for s in _uniform[12 * t - 12 : 12 * t]:
        total = total + s / _MODULUS
    return 0.5 + (total - 6)


_MODULUS = 2**31 - 1
_uniform = []  # the states of the generator so far


def spike(t):
    """g_t = 10 at t = 20, else 1."""
    return 10.0 if t == 20 else 1.0


def rare(t):
    """g_t = 10 at every twentieth step, from the tenth on, else 0."""
    return 10.0 if t % 20 == 10 else 0.0


def cycle(t):
    """g_t = 1010 at t = 1, 102, 203, ..., else -10: the slopes of the AMSGrad chapter.

    Source: Reddi, Kale & Kumar (2018), section 5. x stays in [-1, 1].
    """
    return 1010.0 if t % 101 == 1 else -10.0


STREAMS = {name: globals()[name] for name in __all__}
INTERVALS = {"cycle": (-1.0, 1.0)}  # where x is clipped to
