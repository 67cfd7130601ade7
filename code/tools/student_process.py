"""Runs what a student wrote, in a process of its own, for code/tools/grade.py.

Here is no right answer and no secret: this process says what the student's names are worth and
where the rule goes, and the grader, in another process, knows what that should be. Each line of
the input is a command in JSON, and is answered by a line:

    {"run": source}                the cell's statements, one after another, also after an error
    {"value": name}                a number, a word, or a list of numbers
    {"rule": name, "probe": {...}} its path on some gradients

Files outside the working directory and Python's own are out of reach, and so are other programs
and the network. That is no prison: code that is meant to break out needs a container around it.
"""

import ast
import contextlib
import json
import os
import sys
from itertools import pairwise
from numbers import Integral, Real

import matplotlib.pyplot  # noqa: F401  (its caches are written before files are out of reach)
import numpy as np
from IPython.core.interactiveshell import InteractiveShell

import descent
from descent.checker.arguments import named
from descent.checker.running import Guard, watch
from descent.checker.seen import Misfit, Unwritten
from descent.checks import hyperparameters
from descent.errors import report

dumps, loads = json.dumps, json.loads  # a student may put others in their place
SETTINGS = ("alpha", "beta1", "beta2", "eps")
SECONDS = 2  # for a rule on one probe, which takes milliseconds


class Shell(InteractiveShell):
    def enable_gui(self, gui=None):
        """%matplotlib finds no window here, and needs none."""

    def ask_exit(self):
        """exit() ends nothing."""


def run(shell, source):
    """Every statement of a cell, so that an error costs only what depends on it."""
    try:
        source = shell.transform_cell(source)
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    lines, error = source.splitlines(keepends=True), None
    firsts = [min([n.lineno, *(d.lineno for d in getattr(n, "decorator_list", ()))]) for n in nodes]
    for first, after in pairwise([*firsts, len(lines) + 1]):
        result = shell.run_cell("".join(lines[first - 1 : after - 1]), silent=True)
        stopped = result.error_before_exec or result.error_in_exec
        if stopped is not None and error is None:
            error = f"{type(stopped).__name__}: {str(stopped)[:200]}"
    return {"error": error}


def value(shell, name):
    """A number, True, False or a word; an array of one number counts as the number."""
    found = shell.user_ns.get(name)
    if isinstance(found, np.ndarray | np.generic) and found.size == 1:
        found = found.item()
    if isinstance(found, bool):
        return {"value": bool(found)}
    if isinstance(found, Integral) and abs(found) < 2**53:
        return {"value": int(found)}
    if isinstance(found, Real):
        return {"value": float(found)}
    if isinstance(found, str):
        return {"value": str(found)[:100]}
    kind = None if found is None or found is ... else type(found).__name__
    return {"value": None, "kind": kind}


def path(shell, name, probe):
    rule = shell.user_ns.get(name)
    if not callable(rule):
        return {"said": f"{name} is not a function" if rule is not None else f"there is no {name}"}
    try:
        own = named(hyperparameters(rule), SETTINGS)
        given = {k: probe.get(meant, len(probe["gradients"])) for k, meant in own.items()}
        with np.errstate(all="ignore"):
            start = np.array(probe["x0"])
            seen = watch(rule, start, probe["gradients"], given, Guard(SECONDS))
    except Unwritten:
        return {"said": f"{name} is not written yet"}
    except Misfit as misfit:
        return {"said": " ".join(map(str, misfit.args))}
    except Exception as error:
        return {"said": report(error)["error"]}
    said = report(seen.error)["error"] if seen.error else ""
    return {"x": seen.x, "asked": seen.asked, "mistakes": [*seen.mistakes], "said": said}


def shut_in(folders):
    """From here on only these folders can be read, and only the working directory written."""
    here = os.path.realpath(os.getcwd())
    folders = tuple(os.path.realpath(folder) + os.sep for folder in (here, *folders))
    starts = ("subprocess.", "ctypes.", "gc.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn")
    names = ("os.system", "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo")
    looked_at = ("open", "os.listdir", "os.scandir", "os.chdir", "os.remove", "os.rename")

    def look(event, arguments):
        if event in names or event.startswith(starts):
            raise PermissionError(f"{event} is out of reach while this is graded")
        if event in looked_at and not isinstance(arguments[0], int | None):
            name = os.fsdecode(arguments[0])
            real = os.path.realpath(name) + os.sep
            if not real.startswith(folders) and name != os.devnull:
                raise PermissionError(f"{name} is out of reach while this is graded")
            is_written = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if is_written and not real.startswith(here) and name != os.devnull:
                raise PermissionError(f"{name} cannot be written while this is graded")

    sys.addaudithook(look)


def main():
    commands, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    with contextlib.suppress(ImportError):  # elsewhere than on Unix
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_FSIZE, (100 << 20, 100 << 20))
    shell = Shell.instance(history_enabled=False, colors="nocolor")
    shut_in([sys.prefix, sys.base_prefix, os.path.dirname(descent.__file__)])
    answers.write("{}\n")  # ready
    for line in commands:
        command = loads(line)
        try:
            if "run" in command:
                answer = run(shell, command["run"])
            elif "value" in command:
                answer = value(shell, command["value"])
            else:
                answer = path(shell, command["rule"], command["probe"])
        except BaseException as error:  # objects of a student may do anything when looked at
            answer = {"value": None, "error": type(error).__name__, "said": type(error).__name__}
        answers.write(dumps(answer) + "\n")


if __name__ == "__main__":
    main()
