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
            settings = probe.settings | extras
            if rule in RULES.values():
                known = hyperparameters(rule)
                settings = {name: value for name, value in settings.items() if name in known}
            if takes_steps(rule, probe.gradients, settings, run):
                if takes_steps(rule, probe.gradients, settings, run, with_state=True):
                    return names
                found = names if found is None else found
        return found

    alone = [([name], rule_of(code, like)) for name, code in singles(like)]
    alone += [([f"this is {name}"], rule) for name, rule in RULES.items()]
    found = first(alone, run)
    if found:
        return found
    for name, other in run.others():
        found = first([([], RULES[like]), *alone], other)
        if found is not None:
            return [name, *found]
    both = (([a, b], rule_of(code, like)) for a, b, code in pairs(like))
    return first(both, run) or []
