"""Make references.json and variants.json: what torch, optax and keras compute.

    python -m venv /tmp/vectors && /tmp/vectors/bin/pip install -r requirements.txt
    /tmp/vectors/bin/python make_vectors.py

references.json  runs where a library's definition is that of the book, with the name and the
                 settings of the rule of ``descent`` that must give the same iterates
variants.json    runs of each library's own definition with its own defaults, but for the
                 learning rate, for the ledger in the appendix

Nothing here uses ``descent``: the surfaces are written once more below and differentiated by
torch and by jax. All runs are in float64. Some iterates of each run are kept, in full precision.
"""

import json
import os
import platform
from importlib.metadata import version
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
    x = torch.tensor(x0, requires_grad=True)
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


RUN = {"torch": run_torch, "optax": run_optax, "keras": run_keras}


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


def variants(alpha):
    """(rule, library, optimizer, its settings, schedule): each library as it is."""
    half = alpha / 2
    rows = [
        ("gradient_descent", "torch", "SGD", {"lr": alpha}),
        ("gradient_descent", "optax", "sgd", {"learning_rate": alpha}),
        ("gradient_descent", "keras", "SGD", {"learning_rate": alpha}),
    ]
    for rule, nesterov in (("momentum", False), ("nesterov", True)):
        options = {"momentum": 0.9, "nesterov": nesterov}
        for schedule in (None, f"{half!r} / sqrt(t)"):
            rows += [
                (rule, "torch", "SGD", {"lr": half, **options}, schedule),
                (rule, "optax", "sgd", {"learning_rate": half, **options}, schedule),
                (rule, "keras", "SGD", {"learning_rate": half, **options}, schedule),
            ]
    for rule, rate, in_torch, in_optax, in_keras in (
        ("adagrad", 0.3, "Adagrad", "adagrad", "Adagrad"),
        ("rmsprop", 0.01, "RMSprop", "rmsprop", "RMSprop"),
        ("adam", 0.05, "Adam", "adam", "Adam"),
        ("adamax", 0.05, "Adamax", "adamax", "Adamax"),
        ("amsgrad", 0.05, "Adam", "amsgrad", "Adam"),
        ("nadam", 0.05, "NAdam", "nadam", "Nadam"),
    ):
        option = {"amsgrad": True} if rule == "amsgrad" else {}
        rows += [
            (rule, "torch", in_torch, {"lr": rate, **option}),
            (rule, "optax", in_optax, {"learning_rate": rate}),
            (rule, "keras", in_keras, {"learning_rate": rate, **option}),
        ]
    # the identities: torch's schedule at other speeds is keras' and optax' Nadam
    for psi, eps in ((1.0, 1e-7), (1e9, 1e-8), (0.0, 1e-8)):
        settings = {"lr": 0.05, "eps": eps, "momentum_decay": psi}
        rows.append(("nadam", "torch", "NAdam", settings))
    # optax and torch agree on RMSProp and keras on optax' when their options are set alike
    rows += [
        ("rmsprop", "torch", "RMSprop", {"lr": 0.01, "alpha": 0.9}),
        ("rmsprop", "optax", "rmsprop", {"learning_rate": 0.01, "eps_in_sqrt": False}),
        ("rmsprop", "keras", "RMSprop", {"learning_rate": 0.01, "epsilon": 1e-8}),
    ]
    return [row if len(row) == 5 else (*row, None) for row in rows]


def call_text(library, optimizer, settings):
    module = {"torch": "torch.optim", "optax": "optax", "keras": "keras.optimizers"}[library]
    return f"{module}.{optimizer}({', '.join(f'{k}={v!r}' for k, v in settings.items())})"


def schedule_function(text):
    """The schedule that a text such as "0.1 / sqrt(t)" stands for."""
    if text is None:
        return None
    alpha, tail = text.split(" / ")
    assert tail == "sqrt(t)", text
    return lambda t: float(alpha) / t**0.5


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
    for problem, (f, x0, alpha) in VARIANT_PROBLEMS.items():
        for rule, library, optimizer, settings, schedule in variants(alpha):
            yield {
                "rule": rule,
                "problem": problem,
                "library": library,
                "call": call_text(library, optimizer, settings),
                "schedule": schedule,
                "x": RUN[library](optimizer, settings, f, x0, schedule_function(schedule)),
            }


def write(name, problems, runs):
    """One run a line, so that a change shows where it is."""
    head = {
        "made_by": f"code/tests/vectors/{Path(__file__).name}",
        "versions": {
            "python": platform.python_version(),
            **{library: version(library).split("+")[0] for library in LIBRARIES},
        },
        "dtype": "float64",
        "steps": STEPS,
        "start": {problem: x0 for problem, (_, x0, _) in problems.items()},
    }
    lines = [json.dumps(run) for run in runs]
    text = json.dumps(head, indent=1)[:-2] + ',\n "runs": [\n' + ",\n".join(lines) + "\n ]\n}\n"
    (FOLDER / name).write_text(text)
    print(f"{name}: {len(lines)} runs, {len(text):,} bytes")


if __name__ == "__main__":
    write("references.json", PROBLEMS, reference_runs())
    write("variants.json", VARIANT_PROBLEMS, variant_runs())
