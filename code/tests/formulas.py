"""The formulas of docstrings, such as m_t = beta1 m_{t-1} + (1 - beta1) g_t, as code that runs.

A product is a space, a power ^; symbols and signs are separated by spaces. Every rule and every
surface is tested against its own docstring, so that the two cannot drift apart.
"""

import inspect
import math
import re
from fractions import Fraction

FUNCTIONS = {
    "Fraction": Fraction,
    "sqrt": math.sqrt,
    "max": max,
    "abs": abs,
    "sign": lambda a: (a > 0) - (a < 0),
}


def python(formula):
    """The formula as a Python expression; x_{t-1} becomes x_before, x_t becomes x."""
    formula = re.sub(r"prod_\{i<=(.+?)\} (\w+)_i\b", r"\2^(\1)", formula)  # of a constant
    formula = re.sub(r"\|(.+?)\|", r"abs(\1)", formula)
    formula = formula.replace("_{t-1}", "_before").replace("_{t+1}", "")
    formula = re.sub(r"_t\b", "", formula)
    formula = re.sub(r"(?<=[\w)]) (?=[\w(])", " * ", formula)
    formula = re.sub(r"\b\d+\.\d+", r"Fraction('\g<0>')", formula)
    return formula.replace("^", "**")


def blocks(function):
    """The indented blocks of equations in a docstring, each as {symbol: compiled formula}."""
    found = []
    for block in re.findall(r"(?m)(?:^    .+\n)+", inspect.getdoc(function) + "\n"):
        lines = re.sub(r"\n {5,}", " ", block).splitlines()  # what goes on is indented more
        sides = [line.strip().split(" = ") for line in lines if " = " in line]
        found.append({python(a): compile(python(b), b, "eval") for a, b in sides})
    return found


def surface(function):
    """f(x, y) as the first line of a docstring states it; exact for fractions."""
    left, formula = inspect.getdoc(function).splitlines()[0].split(" = ")
    assert left == "f(x, y)"
    return eval(f"lambda x, y: {python(formula)}", FUNCTIONS)


def search(equations, gradient, x0, n_iter, **settings):
    """The equations of a rule applied n_iter times, one variable at a time, in plain floats.

    Returns the iterates and, per variable, the values of all symbols at the end.
    """
    path, states = [list(map(float, x0))], [dict.fromkeys(equations, 0.0) for _ in x0]
    for t in range(1, n_iter + 1):
        g = gradient(path[-1])
        for i, state in enumerate(states):
            before = {f"{symbol}_before": value for symbol, value in state.items()}
            now = settings | before | {"t": t, "g": float(g[i]), "x_before": path[-1][i]}
            for symbol, formula in equations.items():
                now[symbol] = state[symbol] = eval(formula, FUNCTIONS, now)
        path.append([state["x"] for state in states])
    return path, states
