"""Gives the ``run`` of page.py to worker.js."""

from _suggestions import _generate_suggestions as suggest
from browser import self as window
from page import run

host = window.descentHost


def floats(numbers):  # JavaScript does not tell 1.0 from 1
    return [float(v) for v in numbers]


def run_here(source, name, x0, gradient, n_iter, settings):
    given = [(k, float(v) if isinstance(v, (float, int)) else floats(v)) for k, v in settings]

    def asked(x):
        return floats(gradient(x))

    return run(source, name, floats(x0), asked, n_iter, given, host.print, suggest)


host.offer(run_here)
