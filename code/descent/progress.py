"""How far a long cell is."""

import sys


def progress(items, what):
    """Go through the items of a loop and, where a reader watches, say how far it is.

        for rule in progress([adam, adamax], "searches"):   # shows "searches: 1 of 2"

    The line goes when the loop ends. Where nobody watches, as when a notebook is executed to be
    stored or tested, nothing is written.
    """
    items = list(items)
    if not _is_watched():
        yield from items
        return
    clear_output = sys.modules["IPython"].display.clear_output
    for n, item in enumerate(items, start=1):
        clear_output(wait=True)
        print(f"{what}: {n} of {len(items)}", flush=True)
        yield item
    clear_output()


def _is_watched():
    """Whether this is a notebook cell that somebody could type an answer into."""
    if "IPython" not in sys.modules:
        return False
    try:
        shell = sys.modules["IPython"].get_ipython()
        return shell.kernel.get_parent()["content"]["allow_stdin"]
    except (AttributeError, KeyError):
        return False
