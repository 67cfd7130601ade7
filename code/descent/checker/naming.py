"""The names of the mistakes with which the book's rule takes the steps that were seen."""

from ..checks import hyperparameters
from ..rules import RULES
from .catalogue import pairs, rule_of, singles
from .probe import takes_steps


def named(run, like, probe, extras):
    """The names; none if no mistake of the catalogue fits, alone or as one of two.

    extras are settings that only the catalogue asks for.
    """
    if len(run.asked) < len(run.x) - 1:
        return []

    def first(candidates, run):
        """The names of the first that fits; where the steps are the same, the state may tell."""
        found = None
        for names, rule in candidates:
            settings = settings_for(rule, probe.settings | extras)
            if takes_steps(rule, probe.gradients, settings, run):
                if takes_steps(rule, probe.gradients, settings, run, with_state=True):
                    return names
                found = names if found is None else found
        return found

    found = first(alone(like), run)
    if found:
        return found
    for name, other in run.others():
        found = [] if probe.fits(other) else first(alone(like), other)
        if found is not None:
            return [name, *found]
    return first(both(like), run) or []


def alone(like):
    """The rules with one mistake in them, each with its names, then the other rules of the book."""
    wrong = [([name], rule_of(code, like)) for name, code in singles(like)]
    return wrong + [([f"this is {name}"], rule) for name, rule in RULES.items()]


def both(like):
    return (([first, second], rule_of(code, like)) for first, second, code in pairs(like))


def settings_for(rule, settings):
    """Those that the rule takes."""
    if rule not in RULES.values():
        return settings
    known = hyperparameters(rule)
    return {name: value for name, value in settings.items() if name in known}
