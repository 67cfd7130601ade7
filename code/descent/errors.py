"""What went wrong in somebody else's function: a sentence, and the lines of theirs alone."""

import sysconfig
import traceback
from pathlib import Path


def report(error):
    """What went wrong in a sentence, and the traceback, in which only the student's lines stand."""
    found = traceback.TracebackException.from_exception(error)
    theirs = [frame for frame in found.stack if _is_theirs(frame.filename)]
    where = f" in line {theirs[-1].lineno} of {theirs[-1].name}" if theirs else ""
    if theirs:
        found.stack = traceback.StackSummary.from_list(theirs)
    message = str(error) or "no message"
    return {
        "error": f"{type(error).__name__}{where}: {message}",
        "traceback": "".join(found.format()),
    }


_LIBRARIES = [
    str(Path(__file__).parent),
    *map(sysconfig.get_path, ("stdlib", "purelib", "platlib")),
]


def _is_theirs(filename):
    """Whether the student wrote this file: it is not ours, nor Python's, nor that of a library."""
    installed = {"site-packages", "dist-packages"} & {*Path(filename).parts}
    return not (installed or filename.startswith((*_LIBRARIES, "<frozen ")))
