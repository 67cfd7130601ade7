"""The displayed main equations, read from the pages and computed, are what the rules do.

Each equation is computed from its TeX, with the values of a run of the rule put in for the symbols
on its right side, and must give what the run has for its left side, at every step.
"""

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest

from descent import RULES

BOOK = Path(__file__).resolve().parents[2] / "book"
GRADIENTS = [0.7, -1.3, 0.2, 2.5, -0.4, -0.9, 1.1]

SPACE = r"\\[,;! ]|\\(?:quad|left|right|[bB]ig[lr]|Pi)(?![a-zA-Z])|[&\s]"
TOKEN = r"\\[a-zA-Z]+|[a-zA-Z]|\d+(?:\.\d+)?|."


class Formula:
    """A formula in TeX, computed with the values of its symbols.

    A symbol is a letter, Greek or Latin, with its index: "m_t", "x_t-1", "beta_1"; a hat or a
    maximum stands before it, "hat m_t", "max v_t".
    """

    def __init__(self, tex, values):
        self.tokens = [*re.findall(TOKEN, re.sub(SPACE, " ", tex).replace(" ", "\u00a0")), ""]
        self.tokens = [token for token in self.tokens if token != "\u00a0"]
        self.values = values

    def value(self):
        result = self.sum()
        assert self.tokens == [""], f"not understood from here: {self.tokens}"
        return result

    def take(self, *expected):
        assert not expected or self.tokens[0] in expected, f"{expected} expected: {self.tokens}"
        return self.tokens.pop(0)

    def sum(self):
        result = -self.product() if self.tokens[0] == "-" and self.take() else self.product()
        while self.tokens[0] in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            result += sign * self.product()
        return result

    def product(self):
        result = self.power()
        while self.tokens[0] not in ("", "+", "-", ")", "]", "}", ",", "\\rvert"):
            if self.tokens[0] == "/":
                self.take()
                result /= self.power()
            else:
                if self.tokens[0] == "\\cdot":
                    self.take()
                result *= self.power()
        return result

    def power(self):
        base = self.atom()
        if self.tokens[0] == "^":
            self.take()
            base **= self.group()
        return base

    def group(self):
        if self.tokens[0] != "{":
            return self.atom()
        self.take("{")
        result = self.sum()
        self.take("}")
        return result

    def atom(self):
        token = self.take()
        if token[0].isdigit():
            return float(token)
        if token in ("(", "["):
            result = self.sum()
            self.take(")", "]")
            return result
        if token == "\\lvert":
            result = abs(self.sum())
            self.take("\\rvert")
            return result
        if token in ("\\frac", "\\tfrac"):
            if self.tokens[0].isdigit():  # \tfrac12
                self.tokens[:1] = self.tokens[0]
            return self.group() / self.group()
        if token == "\\sqrt":
            return math.sqrt(self.group())
        if token == "\\max":
            self.take("(")
            first = self.sum()
            self.take(",")
            result = max(first, self.sum())
            self.take(")")
            return result
        return self.values[self.symbol(token)]

    def symbol(self, token):
        hat = "hat " if token == "\\hat" else ""
        name = (self.take() if hat else token).lstrip("\\")
        if self.tokens[:4] == ["^", "{", "\\max", "}"]:
            del self.tokens[:4]
            hat = "max "
        if self.tokens[:2] == ["^", "\\ast"]:
            del self.tokens[:2]
        if self.tokens[0] == "_":
            self.take()
            index = [self.take()]
            if index == ["{"]:
                index = []
                while self.tokens[0] != "}":
                    index.append(self.take())
                self.take("}")
            name += "_" + "".join(index).replace(",", "")
        return hat + name


def displayed(label):
    """The equations under a label, as (left side, right side) in TeX."""
    chapter = label.split("-")[1]
    text = (BOOK / chapter / "derivation.md").read_text(encoding="utf-8")
    tex = re.search(rf"\$\$\n((?:(?!\$\$).)*)\n\$\$ \({label}\)", text, re.S)
    assert tex, f"no equation {label}"
    tex, before = re.sub(r"\\(?:begin|end)\{aligned\}", " ", tex[1]), None
    for line in re.split(r"\\\\(?:\[\w+\])?", tex):
        if re.search(r"\\prod|\\max_", line):  # over all steps
            before = line.split("=")[0].replace("&", " ").strip()
            continue
        line = re.sub(r"\\qquad.*|\\;?\s*\\to.*|\\approx.*|= [\d.]+ *\.$", "", line)
        sides = [side.replace("&", " ").strip().rstrip(" .,") for side in line.split("=")]
        if not sides[0] and before:
            sides[0] = before
        before = sides[0]
        yield from ((sides[0], side) for side in sides[1:])


@pytest.mark.parametrize(
    "tex, expected",
    [
        (
            r"x_{t-1} - \alpha\, \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}",
            5 - 0.5 * 3 / (2 + 7),
        ),
        (r"\max \bigl( \beta_2\, x_{t-1},\; \lvert g_t \rvert \bigr)", 9.0),
        (r"(1 - \beta_2)\, g_t^2 / 2", 0.75 * 81 / 2),
        (r"- \tfrac12 g_t \cdot \beta_2^{t + 1} [2 + 1]", 0.5 * 9 * 0.25**4 * 3),
        (r"\sqrt{v^{\max}_t} \, 2^\alpha", 4 * math.sqrt(2)),
    ],
)
def test_formulas_are_computed_as_they_are_read(tex, expected):
    values = {"x_t-1": 5.0, "alpha": 0.5, "hat m_t": 3.0, "hat v_t": 4.0, "varepsilon": 7.0}
    values |= {"beta_2": 0.25, "g_t": -9.0, "t": 3, "max v_t": 16.0}
    assert Formula(tex, values).value() == pytest.approx(expected, rel=1e-15)


# The rule that an equation describes, and its hyperparameters by the symbols of the page.
ADAM = {"alpha": 0.05, "beta_1": 0.8, "beta_2": 0.9, "varepsilon": 0.3}
NADAM = {"alpha": 0.05, "mu": 0.8, "nu": 0.9, "varepsilon": 0.3}
IN_CODE = {"beta_1": "beta1", "beta_2": "beta2", "mu": "beta1", "nu": "beta2"}
IN_CODE |= {"varepsilon": "eps"}
EQUATIONS = {
    "gradient_descent": ("gradient_descent", {"alpha": 0.1}, ["update"]),
    "momentum": ("gradient_descent", {"alpha": 0.1, "beta": 0.8}, ["momentum-b", "momentum-x"]),
    "nesterov": ("gradient_descent", {"alpha": 0.1, "beta": 0.8}, ["nesterov"]),
    "adagrad": ("adam", {"alpha": 0.05, "varepsilon": 0.3}, ["adagrad-s", "adagrad-x"]),
    "rmsprop": ("adam", {"alpha": 0.05, "beta_2": 0.9, "varepsilon": 0.3}, ["v", "rmsprop-x"]),
    "adam": ("adam", ADAM, ["m", "v", "m-hat", "v-hat", "x", "reordered"]),
    "adamax": ("adamax", ADAM, ["m", "u", "update"]),
    "amsgrad": ("amsgrad", ADAM, ["m", "v", "vmax", "update"]),
    "nadam": ("nadam", NADAM, ["m", "n", "m-hat", "n-hat", "update"]),
    "simplified": ("nadam", NADAM, ["m", "n", "simplified", "update"]),
}


def run(name, hyperparameters):
    """The values of all symbols at each step of a run on given gradients."""
    rule = RULES["nadam" if name == "simplified" else name]
    given = {IN_CODE.get(symbol, symbol): value for symbol, value in hyperparameters.items()}
    if name == "adamax":
        del given["eps"]
    if name == "simplified":
        given["correction"] = "constant"
    gradients = iter(GRADIENTS)
    records = rule(lambda x: next(gradients), 1.0, **given)
    records = [next(records) for _ in range(len(GRADIENTS) + 1)]
    for t, (before, after) in enumerate(pairwise(records), start=1):
        values = hyperparameters | {"t": t, "g_t": GRADIENTS[t - 1]}
        for field in set(after._fields) - {"t"}:
            symbol = "max v" if field == "v_max" else field
            values |= {f"{symbol}_t": getattr(after, field)}
            values |= {f"{symbol}_t-1": getattr(before, field)}
        if name == "amsgrad":
            values["alpha_t"] = values["alpha"]
        if "mu" in values:
            values |= {"mu_t": values["mu"], "mu_t+1": values["mu"]}
            values |= {"w_t": 1 - values["mu"] ** t, "w_t+1": 1 - values["mu"] ** (t + 1)}
        yield values


@pytest.mark.parametrize("name", EQUATIONS)
def test_displayed_equations_are_what_the_rule_does(name):
    chapter, hyperparameters, labels = EQUATIONS[name]
    sides = [pair for label in labels for pair in displayed(f"eq-{chapter}-{label}")]
    # What the run does not hold is defined by its equation, which comes before what uses it.
    sides.sort(key=lambda pair: not re.match(r"\\hat|\\alpha_t", pair[0]))
    tested = 0
    for values in run(name, hyperparameters):
        for left, right in sides:
            formula = Formula(left, values)
            symbol = formula.symbol(formula.take())
            result = Formula(right, values).value()
            if symbol in values:
                assert result == pytest.approx(values[symbol], rel=1e-13), f"{left} = {right}"
                tested += 1
            values[symbol] = result
    assert tested >= len(GRADIENTS)


# Closed forms against runs of the rules.


def steps(rule, gradients, **hyperparameters):
    """The absolute steps over alpha = 1 for a list of gradients."""
    stream = iter(gradients)
    records = rule(lambda x: next(stream), 0.0, alpha=1.0, **hyperparameters)
    x = [next(records).x for _ in range(len(gradients) + 1)]
    return [abs(b - a) for a, b in pairwise(x)]


CONSTANT = {"g": 2.0, "g_1": 2.0, "alpha": 1.0}
CLOSED = {
    "eq-adam-adagrad-step": ("adagrad", {"eps": 0}, 0),
    "eq-adam-rmsprop-step": ("rmsprop", {"beta2": 0.9, "eps": 0}, 0),
    "eq-adam-first-step": ("adam", {"eps": 0.3}, 1),
    "eq-adam-eps": ("adam", {"eps": 0.3}, 0),
    "eq-amsgrad-first-step": ("amsgrad", {"beta1": 0.8, "beta2": 0.9, "eps": 0}, 1),
    "eq-nadam-fingerprint": ("nadam", {"beta1": 0.8, "beta2": 0.9, "eps": 0}, 0),
}


@pytest.mark.parametrize("label", CLOSED)
def test_closed_forms_of_the_step_on_a_constant_gradient(label):
    rule, hyperparameters, only_first = CLOSED[label]
    measured = steps(RULES[rule], [2.0] * (1 if only_first else 9), **hyperparameters)
    right = list(displayed(label))[-1][1]
    names = {"beta1": ["beta_1", "mu"], "beta2": ["beta_2", "nu"], "eps": ["varepsilon"]}
    values = dict(CONSTANT)
    for name, value in hyperparameters.items():
        values |= dict.fromkeys(names[name], value)
    for t, step in enumerate(measured, start=1):
        expected = abs(Formula(right, values | {"t": t}).value())
        assert step == pytest.approx(expected, rel=1e-13), f"{label} at t = {t}"


def test_the_best_step_size_of_a_quadratic():
    """The best step size and its rate, from their displayed equation."""
    (_, alpha), (_, rho), *_ = displayed("eq-gradient_descent-best")
    values = {"ell": 1.0, "L": 50.0, "kappa": 50.0}
    alpha, rho = Formula(alpha, values).value(), Formula(rho, values).value()
    assert abs(1 - alpha * 1.0) == pytest.approx(rho) == abs(1 - alpha * 50.0)
