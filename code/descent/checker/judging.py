"""What is said of a rule that was seen on the probes: is it right, and if not, what is wrong?

Plain Python: a page of the book, where readers write rules, uses this very file.
"""

from .probe import GRADIENTS, IDLE, SCHEDULES
from .seen import Misfit, is_finite


def judged(seen, named, told, name, like, names, book):
    """Whether it is right, the names of its mistakes, and the sentence.

    seen       function of gradients, and of schedules by name, with the run and its probe
    named      function of a run and its probe, with the names of the mistakes
    told       function of an error of the rule, with a sentence
    name       of the rule
    like       the name of the book's
    names      what the rule calls the hyperparameters, {its name: the book's}
    book       the hyperparameters of the book's, with their defaults
    """
    run, probe = seen(GRADIENTS)
    is_right = probe.fits(run)
    if run.mistakes or not is_right:
        wrong = [*run.mistakes, *([] if is_right else named(run, probe))]
        said = [*run.mistakes.values()]
        if run.error:
            said.append(f"{told(run.error)}.")
            if isinstance(run.error, TypeError):
                said.append(f"It was called as {call(name, names)}.")
        elif not wrong:
            said.append(probe.difference(run, book))
        for missing, default in book.items():
            if missing not in names.values():
                said.append(f"It takes no {missing}, so {missing} = {default:g} is meant.")
        return wrongly(wrong, *said)

    if seen(GRADIENTS)[0].x != run.x:
        said = "A second run from the same start takes other steps."
        return wrongly(["something is kept from one run to the next"], said)

    for one in names.values():
        if one in SCHEDULES:
            try:
                scheduled, probe = seen(GRADIENTS, **{one: SCHEDULES[one]})
            except Misfit:
                continue
            # A rule that takes no schedule fails where it computes with the function.
            if not scheduled.error and not probe.fits(scheduled):
                so_far = f"Right for numbers, not yet for a schedule of {one}"
                wrong = named(scheduled, probe)
                said = [] if wrong else [probe.difference(scheduled, book)]
                return wrongly(wrong, *said, so_far=so_far)

    remarks = [run.remark] if run.remark else []
    idle, probe = seen(IDLE)
    if idle.mistakes:
        return wrongly([*idle.mistakes], *idle.mistakes.values())
    if not probe.fits(idle):
        if not idle.error and all(map(is_finite, idle.x)):
            so_far = "Right, but not where a gradient is 0 from the start on"
            return wrongly([], probe.difference(idle, book), so_far=so_far)
        remarks.append(
            "Where a gradient has been 0 from the start on, it divides 0 by 0; "
            "the book's rule leaves that coordinate where it is."
        )
    said = f"Right: {name} takes the same steps as the book's {like}."
    return True, [], " ".join([said, *remarks])


def wrongly(names, *said, so_far="Not right yet"):
    first = f"{so_far}: {'; '.join(names)}." if names else f"{so_far}."
    return False, names, " ".join([first, *said])


def call(name, names):
    """How a rule is called, in words."""
    return f"{name}({', '.join(['gradient', 'x0', *names])})"
