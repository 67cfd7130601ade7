"""Update rules that nobody has named: one for each student and exercise, drawn with a secret.

A rule is put together from five choices: what stands above the fraction, what remembers the sizes
of the gradients, which of the two are corrected for their start at 0, where a running maximum is
taken, and where eps stands. From the same lines come the equations that a student is given and the
generator that a grader compares with.
"""

import hmac
import re
from functools import cache
from itertools import count, islice, product
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

MEAN = "m_t = beta1 m_{t-1} + (1 - beta1) g_t"
SUM = "m_t = beta1 m_{t-1} + g_t"
NUMERATORS = {  # the line of m_t, and the direction, in which M is m_t or m_hat
    "the gradient": ("", "g_t"),
    "a mean": (MEAN, "M"),
    "a mean, looking ahead": (MEAN, "beta1 M + (1 - beta1) g_t"),
    "half a mean": (MEAN, "(M + g_t) / 2"),
    "a sum": (SUM, "m_t"),
    "a sum, looking ahead": (SUM, "g_t + beta1 m_t"),
}
MEMORIES = {  # the line of v_t, and whether a root undoes a square in it
    "squares": ("v_t = beta2 v_{t-1} + (1 - beta2) g_t^2", True),
    "surprises": ("v_t = beta2 v_{t-1} + (1 - beta2) (g_t - m_t)^2", True),
    "all squares": ("v_t = v_{t-1} + g_t^2", True),
    "the mean of all squares": ("v_t = v_{t-1} + (g_t^2 - v_{t-1}) / t", True),
    "sizes": ("v_t = beta2 v_{t-1} + (1 - beta2) |g_t|", False),
    "a peak": ("v_t = max(beta2 v_{t-1}, |g_t|)", False),
}
CORRECTIONS = ("neither", "m", "v", "both")
MAXIMA = ("none", "of v", "of v_hat")
PLACES = {  # of eps; V is v_t or what has become of it
    "outside the root": "sqrt(V) + eps",
    "inside the root": "sqrt(V + eps)",
    "squared, inside the root": "sqrt(V + eps^2)",
    "as the least divisor": "max(sqrt(V), eps)",
}

# Known under a name, or a named one with beta1 = 0; wherever eps stands.
NAMED = {
    ("the gradient", "squares", "neither", "none"): "RMSProp",
    ("the gradient", "squares", "v", "none"): "Adam without momentum",
    ("the gradient", "squares", "neither", "of v"): "AMSGrad without momentum",
    ("the gradient", "all squares", "neither", "none"): "AdaGrad",
    ("a mean", "squares", "both", "none"): "Adam",
    ("a mean", "squares", "neither", "none"): "Adam without its corrections",
    ("a mean", "squares", "neither", "of v"): "AMSGrad",
    ("a mean", "squares", "both", "of v"): "AMSGrad in PyTorch",
    ("a mean", "squares", "both", "of v_hat"): "AMSGrad in Optax",
    ("a mean", "a peak", "m", "none"): "AdaMax",
    ("the gradient", "a peak", "neither", "none"): "AdaMax without momentum",
    ("a mean", "surprises", "both", "none"): "AdaBelief",
    ("a mean, looking ahead", "squares", "both", "none"): "Nadam, simplified",
}


class Rule(NamedTuple):
    numerator: str
    memory: str
    correction: str
    maximum: str
    place: str


class Step(NamedTuple):
    t: int
    x: Any


@cache
def rules():
    """All that have no name. The order is part of a draw: a change here changes every draw."""
    return [rule for rule in sensible() if rule[:4] not in NAMED]


@cache
def sensible():
    """Those of which no two are the same."""
    choices = product(NUMERATORS, MEMORIES, CORRECTIONS, MAXIMA, PLACES)
    return [rule for rule in map(Rule._make, choices) if _makes_sense(rule)]


def _makes_sense(rule):
    has_mean = NUMERATORS[rule.numerator][0] == MEAN
    line, is_squared = MEMORIES[rule.memory]
    corrects_m, corrects_v = _corrected(rule)
    return (
        (has_mean or not corrects_m and rule.memory != "surprises")
        and ("(1 - beta2)" in line or not corrects_v)
        and (corrects_v or rule.maximum != "of v_hat")
        and (rule.maximum == "none" or rule.memory != "all squares")  # which never fall
        and (is_squared or "root" not in rule.place or rule.place == "outside the root")
    )


def _corrected(rule):
    return rule.correction in ("m", "both"), rule.correction in ("v", "both")


# ---- A rule as equations, and as code ------------------------------------------------------------


def equations(rule):
    """The lines of a step, as "symbol = formula" in the notation of the package's docstrings."""
    line_of_m, direction = NUMERATORS[rule.numerator]
    line_of_v, is_squared = MEMORIES[rule.memory]
    corrects_m, corrects_v = _corrected(rule)
    lines, m, v = [line_of_m, line_of_v], "m_t", "v_t"
    if corrects_m:
        lines.append("m_hat = m_t / (1 - beta1^t)")
        m = "m_hat"
    if rule.maximum == "of v":
        lines.append("v_max_t = max(v_max_{t-1}, v_t)")
        v = "v_max_t"
    if corrects_v:
        lines.append(f"v_hat = {v} / (1 - beta2^t)")
        v = "v_hat"
    if rule.maximum == "of v_hat":
        lines.append("v_max_t = max(v_max_{t-1}, v_hat)")
        v = "v_max_t"
    divisor = PLACES[rule.place].replace("V", v)
    divisor = divisor if is_squared else re.sub(r"sqrt\((\w+)\)", r"\1", divisor)
    lines += [f"p_t = {direction.replace('M', m)}", f"q_t = {divisor}"]
    return [line for line in [*lines, "x_t = x_{t-1} - alpha p_t / q_t"] if line]


def tex(rule):
    """The equations for a student, aligned, one below the other."""
    lines = [_tex(line).replace(" = ", " &= ") for line in equations(rule)]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _tex(line):
    line = re.sub(r"\|(.+?)\|", r"\\lvert \1 \\rvert", line)
    line = re.sub(r"sqrt\(([^()]*)\)", r"\\sqrt{\1}", line)
    line = line.replace("v_max_", r"v^{\max}_").replace("max(", r"\max(")
    line = re.sub(r"\b([mv])_hat", r"\\hat \1_t", line)
    line = line.replace("alpha p_t / q_t", r"\alpha \frac{p_t}{q_t}")
    line = re.sub(r"\bbeta(\d)", r"\\beta_\1", line)
    line = re.sub(r"\beps\b", r"\\varepsilon", line)
    return re.sub(r"(?<!\\hat)(?<!\\lvert)(?<=[\w})]) (?=[\w(\\])(?!\\rvert)", r"\\, ", line)


def source(rule, name="my_rule"):
    """The generator, as code."""
    lines = [_python(line) for line in equations(rule)]
    state = [s for s in ("m", "v", "v_max") if any(line.startswith(f"{s} =") for line in lines)]
    return "\n".join(
        [
            f"def {name}(gradient, x0, alpha=0.01, beta1=0.9, beta2=0.99, eps=1e-6):",
            "    x = np.array(x0, dtype=float)",
            f"    {' = '.join(state)} = np.zeros_like(x)",
            "    yield Step(0, x)",
            "    for t in count(1):",
            "        g = gradient(x)",
            *(f"        {line}" for line in lines),
            "        yield Step(t, x)",
        ]
    )


def _python(line):
    line = re.sub(r"\|(.+?)\|", r"abs(\1)", line)
    line = re.sub(r"_t\b|_\{t-1\}", "", line)
    line = re.sub(r"(?<=[\w)]) (?=[\w(])", " * ", line)
    line = re.sub(r"\^", "**", line)
    return line.replace("sqrt(", "np.sqrt(").replace("max(", "np.maximum(")


@cache
def reference(rule):
    """The generator itself."""
    names = {"np": np, "count": count, "Step": Step}
    exec(source(rule), names)
    return names["my_rule"]


# ---- What is drawn for a student -----------------------------------------------------------------


class Draw:
    """Choices that depend on the secret, the student and the exercise, and on nothing else."""

    def __init__(self, secret, student, exercise):
        self.key = f"{secret}|{student}|{exercise}".encode()

    def number(self, name):
        """At least 0 and below 1."""
        digest = hmac.digest(self.key, name.encode(), "sha256")
        return int.from_bytes(digest[:6]) / 2**48

    def pick(self, name, options):
        options = list(options)
        return options[int(self.number(name) * len(options))]

    def rule(self):
        return self.pick("rule", rules())

    def probes(self, n_probes=3, n_steps=12):
        """What a rule is asked to do. The gradients begin small and change sign and size by much,
        and eps is large, so that averages, roots, maxima and eps all count."""

        def between(name, low, high):
            return round(low + (high - low) * self.number(name), 4)

        def gradient(name, is_small):
            sign = 1 if self.number(f"{name} sign") < 0.5 else -1
            low, high = (-1.6, -1.1) if is_small else (-1.3, 0.9)
            return round(sign * 10 ** between(f"{name} size", low, high), 4)

        return [
            {
                "x0": [between(f"{n} x {i}", -2, 2) for i in range(2)],
                "gradients": [
                    [gradient(f"{n} g {t} {i}", t < 3) for i in range(2)] for t in range(n_steps)
                ],
                "alpha": between(f"{n} alpha", 0.1, 0.4),
                "beta1": between(f"{n} beta1", 0.55, 0.9),
                "beta2": between(f"{n} beta2", 0.45, 0.85),
                "eps": between(f"{n} eps", 0.15, 0.5),
            }
            for n in range(n_probes)
        ]


# ---- Is it the rule? -----------------------------------------------------------------------------


def path(rule, probe):
    """x_0, x_1, ... of a rule on a probe."""
    answers = iter(probe["gradients"])
    settings = {name: probe[name] for name in ("alpha", "beta1", "beta2", "eps")}
    steps = reference(rule)(lambda x: np.array(next(answers)), probe["x0"], **settings)
    return [step.x.tolist() for step in islice(steps, len(probe["gradients"]) + 1)]


def right_steps(rule, probe, seen):
    """How many steps of a path are right; all of them only if each gradient was asked where it is
    meant, at x_{t-1}."""
    expected = path(rule, probe)
    for t, x in enumerate(expected):
        if t >= len(seen["x"]) or not is_close(seen["x"][t], x):
            return t - 1
        if t and (t > len(seen["asked"]) or not is_close(seen["asked"][t - 1], expected[t - 1])):
            return t - 1
    return len(expected) - 1


def is_close(given, expected):
    return len(given) == len(expected) and all(
        isfinite(a) and abs(a - b) <= 1e-9 * (1 + abs(b))
        for a, b in zip(given, expected, strict=True)
    )


def other_choice(rule, probe, seen):
    """The one choice in which a path differs from the rule's, such as "place"; else None."""
    for other in sensible():
        differing = [f for f in Rule._fields if getattr(rule, f) != getattr(other, f)]
        if len(differing) == 1 and right_steps(other, probe, seen) == len(probe["gradients"]):
            return differing[0]
    return None
