"""Make references.json, variants.json and defaults.json: what torch, optax and keras compute.

    python -m venv /tmp/vectors && /tmp/vectors/bin/pip install -r requirements.txt
    /tmp/vectors/bin/python make_vectors.py

references.json  runs where a library's definition is that of the book, with the name and the
                 settings of the rule of ``descent`` that must give the same iterates
variants.json    runs of each library's own definition with its own defaults, but for the
                 learning rate, for the ledger in the appendix
defaults.json    the defaults of each library's optimizers, from their signatures

Nothing here uses ``descent``: the surfaces are written once more below and differentiated by
torch and by jax. All runs are in float64. Some iterates of each run are kept, in full precision.
"""

import json
import os
import platform
from functools import partial
from importlib.metadata import version
from inspect import signature
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import optax
import torch

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)  # else NAdam keeps its product of mu in float32
keras.config.set_floatx("float64")

FOLDER = Path(__file__).parent
MADE_BY = f"code/tests/vectors/{Path(__file__).name}"
STEPS = [*range(1, 11), *range(20, 201, 10)]
LIBRARIES = ("numpy", "torch", "jax", "jaxlib", "optax", "keras")

# name: (surface, start, learning rate for rules whose step is proportional to the gradient)
PROBLEMS = {
    "bowl": (lambda x, y: x**2 + y**2, [-0.165955990594852, 0.4406489868843162], 0.05),
    "ravine": (lambda x, y: (x**2 + 50 * y**2) / 2, [4.5, -0.7], 0.01),
    "rosenbrock": (lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, [-1.2, 1.0], 0.0002),
    "beale": (
        lambda x, y: (
            (1.5 - x * (1 - y)) ** 2 + (2.25 - x * (1 - y**2)) ** 2 + (2.625 - x * (1 - y**3)) ** 2
        ),
        [0.6, 1.3],
        0.002,
    ),
    "himmelblau": (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [0.5, -1.5], 0.002),
    "saddle": (lambda x, y: x**2 / 2 + (y**2 - 1) ** 2 / 4, [1.2, 0.05], 0.05),
    "egg_box": (
        lambda x, y: x**2 + y**2 + 2 * (4 * x**3 - 3 * x) ** 2 + 2 * (4 * y**3 - 3 * y) ** 2,
        [0.6, -0.45],
        0.001,
    ),
}
# The variants run on these. Small gradients make the place of eps visible, hence the shallow bowl.
VARIANT_PROBLEMS = {
    "bowl": PROBLEMS["bowl"],
    "ravine": PROBLEMS["ravine"],
    "rosenbrock": PROBLEMS["rosenbrock"],
    "himmelblau": PROBLEMS["himmelblau"],
    "shallow": (lambda x, y: 1e-4 * (x**2 + y**2), PROBLEMS["bowl"][1], 100.0),
}


def run_torch(optimizer, settings, f, x0, schedule=None):
    """The iterates at STEPS. ``schedule``, a function of t = 1, 2, ..., sets the rate anew."""
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, optimizer)([x], **settings)
    kept = []
    for t in range(1, STEPS[-1] + 1):
        if schedule is not None:
            optimizer.param_groups[0]["lr"] = schedule(t)
        optimizer.zero_grad()
        f(x[0], x[1]).backward()
        optimizer.step()
        if t in STEPS:
            kept.append(x.tolist())
    return kept


def run_optax(optimizer, settings, f, x0, schedule=None):
    if schedule is not None:  # optax counts from 0
        settings = {**settings, "learning_rate": lambda count: schedule(count + 1.0)}
    optimizer = getattr(optax, optimizer)(**settings)
    gradient = jax.grad(lambda x: f(x[0], x[1]))

    def step(carry, _):
        x, state = carry
        updates, state = optimizer.update(gradient(x), state, x)
        x = optax.apply_updates(x, updates)
        return (x, state), x

    start = jnp.asarray(x0, dtype=float)
    search = jax.jit(lambda x: jax.lax.scan(step, (x, optimizer.init(x)), length=STEPS[-1])[1])
    path = search(start)
    return [path[t - 1].tolist() for t in STEPS]


def run_keras(optimizer, settings, f, x0, schedule=None):
    optimizer = getattr(keras.optimizers, optimizer)(**settings)
    x = keras.Variable(x0, dtype="float64")
    gradient = jax.jit(jax.grad(lambda x: f(x[0], x[1])))
    kept = []
    for t in range(1, STEPS[-1] + 1):
        if schedule is not None:
            optimizer.learning_rate = schedule(t)
        optimizer.apply([gradient(x.value)], [x])
        if t in STEPS:
            kept.append(x.numpy().tolist())
    return kept


def run_torch_as_installed(*arguments):
    """As run_torch, but with torch's own default dtype; the point is float64 all the same."""
    torch.set_default_dtype(torch.float32)
    try:
        return run_torch(*arguments)
    finally:
        torch.set_default_dtype(torch.float64)


RUN = {
    "torch": run_torch,
    "torch, default dtype float32": run_torch_as_installed,
    "optax": run_optax,
    "keras": run_keras,
}


def references(alpha):
    """(rule, its settings, library, optimizer, its settings) where the definitions coincide."""
    rows = []

    def row(rule, settings, torch=None, optax=None, keras=None):
        for library, call in (("torch", torch), ("optax", optax), ("keras", keras)):
            if call is not None:
                rows.append((rule, settings, library, *call))

    row(
        "gradient_descent",
        {"alpha": alpha},
        torch=("SGD", {"lr": alpha}),
        optax=("sgd", {"learning_rate": alpha}),
        keras=("SGD", {"learning_rate": alpha}),
    )
    for beta in (0.9, 0.5):
        for rule, nesterov in (("momentum", False), ("nesterov", True)):
            options = {"momentum": beta, "nesterov": nesterov}
            row(
                rule,
                {"alpha": alpha / 2, "beta": beta},
                torch=("SGD", {"lr": alpha / 2, **options}),
                optax=("sgd", {"learning_rate": alpha / 2, **options}),
                keras=("SGD", {"learning_rate": alpha / 2, **options}),
            )
    # optax and keras put eps inside the root: they coincide at eps = 0 only
    row(
        "adagrad",
        {"alpha": 0.3, "eps": 1e-10},
        torch=("Adagrad", {"lr": 0.3, "eps": 1e-10}),
    )
    row(
        "adagrad",
        {"alpha": 0.3, "eps": 0.0},
        torch=("Adagrad", {"lr": 0.3, "eps": 0.0}),
        optax=(
            "adagrad",
            {"learning_rate": 0.3, "initial_accumulator_value": 0.0, "eps": 0.0},
        ),
        keras=(
            "Adagrad",
            {"learning_rate": 0.3, "initial_accumulator_value": 0.0, "epsilon": 0.0},
        ),
    )
    for beta2 in (0.9, 0.99):
        row(
            "rmsprop",
            {"alpha": 0.01, "beta2": beta2, "eps": 1e-8},
            torch=("RMSprop", {"lr": 0.01, "alpha": beta2, "eps": 1e-8}),
            optax=(
                "rmsprop",
                {"learning_rate": 0.01, "decay": beta2, "eps": 1e-8, "eps_in_sqrt": False},
            ),
        )
    row(
        "rmsprop",
        {"alpha": 0.01, "beta2": 0.9, "eps": 0.0},
        keras=("RMSprop", {"learning_rate": 0.01, "rho": 0.9, "epsilon": 0.0}),
    )
    for rate, beta1, beta2, eps in ((0.05, 0.9, 0.999, 1e-8), (0.02, 0.8, 0.99, 1e-3)):
        ours = {"alpha": rate, "beta1": beta1, "beta2": beta2}
        in_torch = {"lr": rate, "betas": [beta1, beta2]}
        in_optax = {"learning_rate": rate, "b1": beta1, "b2": beta2}
        in_keras = {"learning_rate": rate, "beta_1": beta1, "beta_2": beta2}
        row(
            "adam",
            {**ours, "eps": eps},
            torch=("Adam", {**in_torch, "eps": eps}),
            optax=("adam", {**in_optax, "eps": eps}),
        )
        row("adam", {**ours, "eps": 0.0}, keras=("Adam", {**in_keras, "epsilon": 0.0}))
        row(  # the paper has no eps; no gradient component is zero on these runs
            "adamax",
            ours,
            torch=("Adamax", {**in_torch, "eps": 0.0}),
            optax=("adamax", {**in_optax, "eps": 0.0}),
            keras=("Adamax", {**in_keras, "epsilon": 0.0}),
        )
        uncorrected = {"bias_correction_mu": False, "bias_correction_nu": False}
        row(
            "amsgrad",
            {**ours, "eps": eps},
            optax=("amsgrad", {**in_optax, "eps": eps, **uncorrected}),
        )
        row(  # momentum_decay so large that mu_t is beta1 from the first step
            "nadam",
            {**ours, "eps": eps},
            torch=("NAdam", {**in_torch, "eps": eps, "momentum_decay": 1e9}),
            optax=("nadam", {**in_optax, "eps": eps}),
        )
    return rows


UNCORRECTED = "alpha * (1 - 0.9**t) / (1 - 0.999**t)**0.5"
SCHEDULES = {
    "alpha / sqrt(t)": lambda alpha, t: alpha / t**0.5,
    UNCORRECTED: lambda alpha, t: alpha * (1 - 0.9**t) / (1 - 0.999**t) ** 0.5,
}


def variants(step):
    """(rule, alpha, schedule, library, optimizer, its settings): each library as it is.

    ``step`` is the alpha of the rules whose step is proportional to the gradient. A schedule is
    None or the text of a function of alpha and t.
    """
    rows = []

    def row(rule, alpha, *calls, schedule=None):
        rows.extend((rule, alpha, schedule, *call) for call in calls)

    row("gradient_descent", step, ("torch", "SGD", {}), ("optax", "sgd", {}), ("keras", "SGD", {}))
    for rule, options in (("momentum", {}), ("nesterov", {"nesterov": True})):
        options = {"momentum": 0.9, **options}
        calls = ("torch", "SGD", options), ("optax", "sgd", options), ("keras", "SGD", options)
        row(rule, step / 2, *calls)
        row(rule, step / 2, *calls, schedule="alpha / sqrt(t)")
    row(
        "adagrad", 0.3, ("torch", "Adagrad", {}), ("optax", "adagrad", {}), ("keras", "Adagrad", {})
    )
    row(
        "rmsprop",
        0.01,
        ("torch", "RMSprop", {}),
        ("optax", "rmsprop", {}),
        ("keras", "RMSprop", {}),
    )
    row("adam", 0.05, ("torch", "Adam", {}), ("optax", "adam", {}), ("keras", "Adam", {}))
    row("adamax", 0.05, ("torch", "Adamax", {}), ("optax", "adamax", {}), ("keras", "Adamax", {}))
    row(
        "amsgrad",
        0.05,
        ("torch", "Adam", {"amsgrad": True}),
        ("optax", "amsgrad", {}),
        ("keras", "Adam", {"amsgrad": True}),
    )
    row(  # the learning rate takes the bias correction back: AMSGrad of the paper
        "amsgrad",
        0.05,
        ("torch", "Adam", {"amsgrad": True, "eps": 0}),
        ("keras", "Adam", {"amsgrad": True, "epsilon": 1e-3}),
        schedule=UNCORRECTED,
    )
    # options that give the rule of the paper
    row(
        "adagrad",
        0.3,
        ("optax", "adagrad", {"initial_accumulator_value": 0.0, "eps": 0.0}),
        ("keras", "Adagrad", {"initial_accumulator_value": 0.0, "epsilon": 0.0}),
    )
    row("adam", 0.05, ("keras", "Adam", {"epsilon": 0.0}))
    row(
        "amsgrad",
        0.05,
        ("optax", "amsgrad", {"bias_correction_mu": False, "bias_correction_nu": False}),
    )
    row("nadam", 0.05, ("torch", "NAdam", {}), ("optax", "nadam", {}), ("keras", "Nadam", {}))
    # options that make two libraries agree, and one that does not
    row(
        "rmsprop",
        0.01,
        ("torch", "RMSprop", {"alpha": 0.9}),
        ("optax", "rmsprop", {"eps_in_sqrt": False}),
        ("keras", "RMSprop", {"epsilon": 1e-8}),
    )
    row(
        "nadam",
        0.05,
        ("torch", "NAdam", {"eps": 1e-7, "momentum_decay": 1.0}),
        ("torch", "NAdam", {"momentum_decay": 1e9}),
        ("torch", "NAdam", {"momentum_decay": 0.0}),
        ("torch, default dtype float32", "NAdam", {}),
    )
    return rows


RATE = {"torch": "lr", "optax": "learning_rate", "keras": "learning_rate"}
MODULE = {"torch": "torch.optim", "optax": "optax", "keras": "keras.optimizers"}


def call_text(library, optimizer, settings):
    library, *note = library.split(", ")
    arguments = ", ".join(
        f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}"
        for key, value in settings.items()
    )
    return ", ".join([f"{MODULE[library]}.{optimizer}({arguments})", *note])


def reference_runs():
    for problem, (f, x0, alpha) in PROBLEMS.items():
        for rule, ours, library, optimizer, settings in references(alpha):
            yield {
                "rule": rule,
                "hyperparameters": ours,
                "problem": problem,
                "library": library,
                "call": call_text(library, optimizer, settings),
                "x": RUN[library](optimizer, settings, f, x0),
            }


def variant_runs():
    for problem, (f, x0, step) in VARIANT_PROBLEMS.items():
        for rule, alpha, schedule, library, optimizer, settings in variants(step):
            rate = RATE[library.split(", ")[0]]
            function = None
            if schedule is not None:
                function = partial(SCHEDULES[schedule], alpha)

            yield {
                "rule": rule,
                "alpha": alpha,
                "problem": problem,
                "library": library,
                "call": call_text(library, optimizer, {rate: schedule or "alpha", **settings}),
                "x": RUN[library](optimizer, {rate: alpha, **settings}, f, x0, function),
            }


OPTIMIZERS = {
    "torch": ("SGD", "Adagrad", "RMSprop", "Adam", "Adamax", "NAdam", "AdamW"),
    "optax": ("sgd", "adagrad", "rmsprop", "adam", "adamax", "amsgrad", "nadam", "adamw", "lion"),
    "keras": ("SGD", "Adagrad", "RMSprop", "Adam", "Adamax", "Nadam"),
}
NAMESPACE = {"torch": torch.optim, "optax": optax, "keras": keras.optimizers}


def defaults():
    """{optimizer: {argument: default}}, for the arguments whose default is a number or None."""
    for library, names in OPTIMIZERS.items():
        for name in names:
            parameters = signature(getattr(NAMESPACE[library], name)).parameters.values()
            numbers = {
                p.name: list(p.default) if isinstance(p.default, tuple) else p.default
                for p in parameters
                if p.default is None or isinstance(p.default, (int, float, tuple))
            }
            yield f"{MODULE[library]}.{name}", numbers


def versions():
    numbers = {library: version(library).split("+")[0] for library in LIBRARIES}
    return {"python": platform.python_version(), **numbers}


def write_defaults(name):
    """One optimizer a line."""
    lines = [f" {json.dumps(name)}: {json.dumps(numbers)}" for name, numbers in defaults()]
    head = json.dumps({"made_by": MADE_BY, "versions": versions()}, indent=1)[:-2]
    (FOLDER / name).write_text(head + ",\n" + ",\n".join(lines) + "\n}\n")
    print(f"{name}: {len(lines)} optimizers")


def write(name, problems, runs):
    """One run a line, so that a change shows where it is."""
    head = {
        "made_by": MADE_BY,
        "versions": versions(),
        "dtype": "float64",
        "steps": STEPS,
        "start": {problem: x0 for problem, (_, x0, _) in problems.items()},
    }
    lines = [json.dumps(run) for run in runs]
    text = json.dumps(head, indent=1)[:-2] + ',\n "runs": [\n' + ",\n".join(lines) + "\n ]\n}\n"
    (FOLDER / name).write_text(text)
    print(f"{name}: {len(lines)} runs, {len(text):,} bytes")


if __name__ == "__main__":
    write_defaults("defaults.json")
    write("references.json", PROBLEMS, reference_runs())
    write("variants.json", VARIANT_PROBLEMS, variant_runs())
