"""Gives what page.py and checking.py do to worker.js."""

from _suggestions import _generate_suggestions as suggest
from browser import self as window
from checking import check
from page import run

host = window.descentHost


def floats(numbers):  # JavaScript does not tell 1.0 from 1
    return [float(v) for v in numbers]


def run_here(source, name, x0, gradient, n_iter, settings):
    given = [(k, float(v)) for k, v in settings if isinstance(v, (float, int))]  # not a word

    def asked(x):
        return floats(gradient(x))

    return run(source, name, floats(x0), asked, n_iter, given, host.print, suggest)


def check_here(source, name, find):
    def entries(section, keys):
        return [
            ([str(name) for name in names], [(str(name), int(key)) for name, key in fields])
            for names, fields in find(section, keys)
        ]

    return check(source, name, entries, suggest)


host.offer(run_here, check_here)
