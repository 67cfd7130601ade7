"""What a rule that somebody wrote calls its hyperparameters.

Hyperparameters are {name: default}; one without a default has REQUIRED. Plain Python: a page of the
book, where readers write rules, uses this very file.
"""

from inspect import Parameter
from numbers import Real

REQUIRED = Parameter.empty

# The book's name: other names in use, in small letters and without underscores.
_ALIASES = {
    "alpha": "a lr eta learningrate stepsize step rate".split(),
    "beta": "b mu momentum gamma rho decay friction".split(),
    "beta1": "b1 mu rho1 decay1 gamma1".split(),
    "beta2": "b2 nu rho2 decay2 gamma2 rho decay gamma beta".split(),
    "eps": "epsilon e delta tiny".split(),
    "n_iter": (
        "niter n nsteps steps numsteps niterations iterations numiter numiterations maxiter iters "
        "epochs t"
    ).split(),
}
_GREEK = dict(zip("αβγδεημνρ", "alpha beta gamma delta eps eta mu nu rho".split(), strict=True))


def settings_of(own):
    """The numbers among a rule's hyperparameters; not words, flags and options."""
    return {name: default for name, default in own.items() if _counts(default)}


def _counts(default):
    is_number = isinstance(default, Real) and not isinstance(default, bool) and default != 0
    return is_number or default is REQUIRED


def named(own, book):
    """What a rule calls the hyperparameters of the book's, {the rule's name: the book's}.

    The number of steps, if it takes that too, is n_iter. Names that nobody knows are taken in
    order, as in rule(gradient, x0, a, b, c).
    """
    found = {}
    for target in book:
        found |= dict.fromkeys([name for name in own if _plain(name) == target][:1], target)
    for target in [*book, "n_iter"]:
        names = [name for name in own if name not in found and _plain(name) in _ALIASES[target]]
        if target == "n_iter":  # with t=0 or t=1 a rule begins to count
            names = [name for name in names if own[name] not in (0, 1, None)]
        if target not in found.values():
            found |= dict.fromkeys(names[:1], target)
    names = [name for name in settings_of(own) if name not in found]
    targets = [name for name in book if name not in found.values()]
    found |= dict(zip(names, targets, strict=False))
    return {name: found[name] for name in own if name in found}


def extra_eps(own, names):
    """The name of its eps, if the book's rule has none."""
    known = ["eps", *_ALIASES["eps"]]
    found = [name for name in settings_of(own) if name not in names and _plain(name) in known]
    return found[0] if found else None


def _plain(name):
    """A name in small letters, without Greek and underscores: β_1 and Beta1 are both beta1."""
    name = name.lower().replace("_", "")
    return "".join(_GREEK.get(letter, letter) for letter in name)
