"""The variants in the appendix' notebook against frozen runs of the libraries.

The generators are taken from the notebook's own cells, so that what a reader sees is what is
tested. As in test_references.py a step is compared where rounding alone moves the variant by less
than a tenth of the tolerance.
"""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import descent
from descent import OBJECTIVES, RULES, Objective, bowl, minimize

TESTS = Path(__file__).parent
NOTEBOOK = TESTS.parents[1] / "book" / "appendix" / "variants_notebook.ipynb"
VECTORS = json.loads((TESTS / "vectors" / "variants.json").read_text())
STEPS = VECTORS["steps"]
TOLERANCE = 1e-12
ULP = 2.0**-52

SHALLOW = Objective(lambda p: 1e-4 * bowl(p), lambda p: 1e-4 * bowl.gradient(p), "shallow")
SURFACES = {name: OBJECTIVES.get(name, SHALLOW) for name in VECTORS["start"]}

CELLS = [
    "".join(cell["source"])
    for cell in json.loads(NOTEBOOK.read_text())["cells"]
    if cell["cell_type"] == "code"
]
SOURCE = {}  # name of a variant: its cell
for cell in CELLS:
    for name in re.findall(r"^def (\w+)\(gradient, x,", cell, flags=re.MULTILINE):
        SOURCE[name] = cell
PRELUDE = "\n".join(
    [
        "from itertools import count\nfrom typing import NamedTuple\nimport numpy as np",
        *(cell for cell in CELLS if cell.startswith("class Step")),
    ]
)


def variant(name, source=None):
    namespace = {}
    exec(PRELUDE + "\n" + (source or SOURCE[name]), namespace)
    return namespace[name]


SGD = ("torch.optim.SGD(lr=", "optax.sgd(learning_rate=", "keras.optimizers.SGD(learning_rate=")
RATE = "learning_rate=alpha"
UNCORRECTED = "alpha * (1 - 0.9**t) / (1 - 0.999**t)**0.5"  # takes the bias correction back
# A library's call: the rule or variant that is the same, and its settings.
SAME = {
    **{f"{sgd}alpha)": (RULES["gradient_descent"], {}) for sgd in SGD},
    **{f"{sgd}alpha, momentum=0.9)": (RULES["momentum"], {}) for sgd in SGD},
    **{f"{sgd}alpha, momentum=0.9, nesterov=True)": (RULES["nesterov"], {}) for sgd in SGD},
    **{f"{sgd}alpha / sqrt(t), momentum=0.9)": (RULES["momentum"], {}) for sgd in SGD[:2]},
    **{
        f"{sgd}alpha / sqrt(t), momentum=0.9, nesterov=True)": (RULES["nesterov"], {})
        for sgd in SGD[:2]
    },
    f"{SGD[2]}alpha / sqrt(t), momentum=0.9)": ("momentum_keras", {}),
    f"{SGD[2]}alpha / sqrt(t), momentum=0.9, nesterov=True)": ("nesterov_keras", {}),
    "torch.optim.Adagrad(lr=alpha)": (RULES["adagrad"], {}),
    f"optax.adagrad({RATE})": ("adagrad_inside", {}),
    f"keras.optimizers.Adagrad({RATE})": ("adagrad_inside", {}),
    "torch.optim.RMSprop(lr=alpha)": (RULES["rmsprop"], {"beta2": 0.99}),
    "torch.optim.RMSprop(lr=alpha, alpha=0.9)": (RULES["rmsprop"], {}),
    f"optax.rmsprop({RATE})": ("rmsprop_inside", {}),
    f"optax.rmsprop({RATE}, eps_in_sqrt=False)": (RULES["rmsprop"], {}),
    f"keras.optimizers.RMSprop({RATE})": ("rmsprop_inside", {"eps": 1e-7}),
    f"keras.optimizers.RMSprop({RATE}, epsilon=1e-08)": ("rmsprop_inside", {}),
    "torch.optim.Adam(lr=alpha)": (RULES["adam"], {}),
    f"optax.adam({RATE})": (RULES["adam"], {}),
    f"keras.optimizers.Adam({RATE})": ("adam_keras", {}),
    "torch.optim.Adamax(lr=alpha)": ("adamax_inside", {}),
    f"optax.adamax({RATE})": ("adamax_inside", {}),
    f"keras.optimizers.Adamax({RATE})": ("adamax_keras", {}),
    "torch.optim.Adam(lr=alpha, amsgrad=True)": ("amsgrad_torch", {}),
    f"optax.amsgrad({RATE})": ("amsgrad_optax", {}),
    f"keras.optimizers.Adam({RATE}, amsgrad=True)": ("amsgrad_keras", {}),
    f"torch.optim.Adam(lr={UNCORRECTED}, amsgrad=True, eps=0)": (RULES["amsgrad"], {"eps": 0}),
    f"keras.optimizers.Adam(learning_rate={UNCORRECTED}, amsgrad=True, epsilon=0.001)": (
        RULES["amsgrad"],
        {"eps": 1e-3},
    ),
    f"optax.adagrad({RATE}, initial_accumulator_value=0, eps=0)": (RULES["adagrad"], {"eps": 0}),
    f"keras.optimizers.Adagrad({RATE}, initial_accumulator_value=0, epsilon=0)": (
        RULES["adagrad"],
        {"eps": 0},
    ),
    f"keras.optimizers.Adam({RATE}, epsilon=0)": (RULES["adam"], {"eps": 0}),
    f"optax.amsgrad({RATE}, bias_correction_mu=False, bias_correction_nu=False)": (
        RULES["amsgrad"],
        {},
    ),
    "torch.optim.NAdam(lr=alpha)": ("nadam_torch", {}),
    f"optax.nadam({RATE})": (RULES["nadam"], {"beta1": 0.9}),
    f"keras.optimizers.Nadam({RATE})": ("nadam_torch", {"psi": 1, "eps": 1e-7}),
    "torch.optim.NAdam(lr=alpha, eps=1e-07, momentum_decay=1)": (
        "nadam_torch",
        {"psi": 1, "eps": 1e-7},
    ),
    "torch.optim.NAdam(lr=alpha, momentum_decay=1e+09)": ("nadam_torch", {"psi": 1e9}),
    "torch.optim.NAdam(lr=alpha, momentum_decay=0)": ("nadam_torch", {"psi": 0}),
}
FLOAT32 = "torch.optim.NAdam(lr=alpha), default dtype float32"


def definition(run):
    """What the run is by the book: rule or variant, settings, alpha, whether it falls, surface."""
    rule, settings = SAME[run["call"]]
    falls = "alpha / sqrt(t)" in run["call"]
    return rule, tuple(settings.items()), run["alpha"], falls, run["problem"]


def path(rule, settings, alpha, falls, problem, x0=None, gradient=None):
    x0 = VECTORS["start"][problem] if x0 is None else x0
    settings = {**dict(settings), "alpha": (lambda t: alpha / np.sqrt(t)) if falls else alpha}
    return minimize(SURFACES[problem], x0, rule, STEPS[-1], gradient=gradient, **settings).x[STEPS]


@cache  # several libraries may have one definition
def calm_path(rule, settings, alpha, falls, problem):
    """The iterates by the right definition, and where rounding moves them little."""
    rule = variant(rule) if isinstance(rule, str) else rule
    rng = np.random.default_rng(0)

    def off(p):
        return p * (1 + ULP * rng.choice([-1, 1], p.shape))

    gradient = SURFACES[problem].gradient
    x0 = np.repeat(np.array(VECTORS["start"][problem])[:, None], 8, axis=1)
    exact = path(rule, settings, alpha, falls, problem)
    rounded = path(rule, settings, alpha, falls, problem, off(x0), lambda p: off(gradient(off(p))))
    moved = np.abs(rounded - exact[..., None]).max(axis=2)
    return exact, moved < 0.1 * TOLERANCE * np.abs(exact)


def largest_gap(index, broken=None):
    """The largest gap to the library's run, of the right definition or of a broken one."""
    run = VECTORS["runs"][index]
    rule, *settings, problem = definition(run)
    ours, calm = calm_path(rule, *settings, problem)
    if broken is not None:
        ours = path(variant(rule, broken), *settings, problem)
    gap = np.abs(ours - run["x"]) / np.abs(run["x"])
    return gap[calm].max()


INDICES = [i for i, run in enumerate(VECTORS["runs"]) if run["call"] != FLOAT32]


def label(index):
    return f"{VECTORS['runs'][index]['call']}-{VECTORS['runs'][index]['problem']}"


@pytest.mark.parametrize("index", INDICES, ids=label)
def test_variant_agrees_with_library(index):
    assert largest_gap(index) <= TOLERANCE


def test_most_iterates_are_compared():
    compared = [calm_path(*definition(VECTORS["runs"][i]))[1] for i in INDICES]
    assert min(mask.mean() for mask in compared) > 0.5
    assert np.mean(compared) > 0.95


LEDGER = "gradient_descent momentum nesterov adagrad rmsprop adam adamax amsgrad nadam".split()


def test_every_rule_of_the_ledger_is_shown_in_every_library_on_every_surface():
    shown = {(run["rule"], run["library"], run["problem"]) for run in VECTORS["runs"]}
    libraries = ("torch", "optax", "keras")
    assert {(r, library, p) for r in LEDGER for library in libraries for p in SURFACES} <= shown


def test_every_variant_of_the_notebook_is_compared():
    assert set(SOURCE) == {rule for rule, _ in SAME.values() if isinstance(rule, str)}


def test_torch_nadam_loses_digits_in_its_own_default_dtype():
    for run in VECTORS["runs"]:
        if run["call"] == FLOAT32:
            x = path(variant("nadam_torch"), (), run["alpha"], False, run["problem"])
            gap = np.abs(x - run["x"]).max() / np.abs(x).max()
            assert 1e-11 < gap < 1e-8


def in_book_terms(source):
    """The cell with every line that follows a '# book:' replaced by the book's."""
    lines = source.splitlines()
    restored, skip = [], False
    for line in lines:
        if "# book: " in line:
            restored.append(line.replace("# book: ", ""))
            skip = True
        elif skip:
            skip = False
        else:
            restored.append(line)
    assert restored != lines
    return "\n".join(restored)


@pytest.mark.parametrize("name", SOURCE)
def test_the_book_line_in_place_of_the_library_line_gives_the_book_rule(name):
    book = RULES[name.split("_")[0]]
    settings, theirs = {"alpha": 0.02}, {}
    if name in ("momentum_keras", "nesterov_keras"):
        settings["alpha"] = lambda t: 0.02 / np.sqrt(t)
    if not name.startswith(("momentum", "nesterov", "adamax_inside")):
        settings["eps"] = 1e-6
    if name == "nadam_torch":
        settings["beta1"] = lambda t: 0.9 * (1 - 0.5 * 0.96 ** (0.004 * t))
        theirs = {"beta1": 0.9}
    elif name == "adamax_keras":
        del settings["eps"]  # the book's AdaMax has none
    x0 = VECTORS["start"]["bowl"]
    right = minimize(bowl, x0, book, 100, **settings).x
    restored = variant(name, in_book_terms(SOURCE[name]))
    np.testing.assert_allclose(
        minimize(bowl, x0, restored, 100, **settings | theirs).x, right, rtol=1e-9, atol=1e-13
    )
    changed = minimize(bowl, x0, variant(name), 100, **settings | theirs).x
    assert np.abs(changed - right).max() > 1e-10


# Each line breaks one variant in one place; the frozen runs must notice.
MUTATIONS = [
    ("momentum_keras", "b = beta * b + alpha(t) * g", "b = beta * b + g"),
    ("nesterov_keras", "(alpha(t) * g + beta * b)", "b"),
    ("adagrad_inside", "s = 0.1", "s = 0.0"),
    ("adagrad_inside", "np.sqrt(s + eps)", "(np.sqrt(s) + eps)"),
    ("rmsprop_inside", "np.sqrt(v + eps)", "(np.sqrt(v) + eps)"),
    ("rmsprop_inside", "eps=1e-8", "eps=1e-9"),
    ("adam_keras", "eps / np.sqrt(1 - beta2**t)", "eps"),
    ("adam_keras", "eps=1e-7", "eps=1e-8"),
    ("adam_keras", "v / (1 - beta2**t)", "v / (1 - beta2)"),
    ("adamax_inside", "abs(g) + eps)", "abs(g))"),
    ("adamax_inside", "np.maximum(beta2 * u, abs(g) + eps)", "np.maximum(beta2 * u, abs(g)) + eps"),
    ("adamax_keras", "(u + eps)", "u"),
    ("adamax_keras", "np.maximum(beta2 * u, abs(g))", "np.maximum(beta2 * u, abs(g) + eps)"),
    ("amsgrad_torch", "np.sqrt(v_max / c2) + eps", "np.sqrt(v_max) + eps"),
    ("amsgrad_torch", "np.maximum(v_max, v)", "np.maximum(v_max, v / (1 - beta2**t))"),
    ("amsgrad_torch", "m / c1", "m"),
    ("amsgrad_optax", "v / c2", "v"),
    ("amsgrad_optax", "np.sqrt(v_max) + eps)", "np.sqrt(v_max + eps))"),
    ("amsgrad_keras", "eps / np.sqrt(c2)", "eps"),
    ("amsgrad_keras", "eps=1e-7", "eps=1e-8"),
    ("nadam_torch", "m = beta1 * m + (1 - beta1) * g", "m = mu * m + (1 - mu) * g"),
    ("nadam_torch", "(1 - product * mu_next)", "(1 - product)"),
    ("nadam_torch", "0.96 ** (psi * t)", "0.96**psi"),
    ("nadam_torch", "n / (1 - beta2**t)", "n * beta2 / (1 - beta2**t)"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), MUTATIONS)
def test_a_wrong_edit_is_noticed(name, right, wrong):
    head, *book = re.split(r"(?m)^( *# book:.*)$", SOURCE[name])
    assert any(right in part for part in [head, *book[1::2]]), f"{name} has no {right!r}"
    broken = head.replace(right, wrong) + "".join(
        part if "# book:" in part else part.replace(right, wrong) for part in book
    )
    indices = [i for i in INDICES if SAME[VECTORS["runs"][i]["call"]][0] == name]
    assert any(largest_gap(i, broken) > 10 * TOLERANCE for i in indices)


def relative_gap(call, other, problem):
    a, b = (
        np.array(
            next(r["x"] for r in VECTORS["runs"] if r["call"] == c and r["problem"] == problem)
        )
        for c in (call, other)
    )
    return np.abs(a - b).max() / np.abs(a).max()


TORCH_NADAM = "torch.optim.NAdam(lr=alpha"
TORCH_AMSGRAD = "torch.optim.Adam(lr=alpha, amsgrad=True)"


# No rule of ours takes part: what the libraries computed, against each other.
@pytest.mark.parametrize("problem", ["bowl", "ravine", "shallow"])
@pytest.mark.parametrize(
    ("call", "other", "equal"),
    [
        (f"{TORCH_NADAM}, eps=1e-07, momentum_decay=1)", f"keras.optimizers.Nadam({RATE})", True),
        (f"{TORCH_NADAM}, momentum_decay=1e+09)", f"optax.nadam({RATE})", True),
        (f"{TORCH_NADAM}, momentum_decay=0)", f"optax.nadam({RATE})", False),
        (f"{TORCH_NADAM})", f"optax.nadam({RATE})", False),
        (
            "torch.optim.RMSprop(lr=alpha, alpha=0.9)",
            f"optax.rmsprop({RATE}, eps_in_sqrt=False)",
            True,
        ),
        (
            f"keras.optimizers.RMSprop({RATE}, epsilon=1e-08)",
            f"optax.rmsprop({RATE})",
            True,
        ),
        (f"optax.adagrad({RATE})", f"keras.optimizers.Adagrad({RATE})", True),
        ("torch.optim.Adamax(lr=alpha)", f"optax.adamax({RATE})", True),
        ("torch.optim.Adamax(lr=alpha)", f"keras.optimizers.Adamax({RATE})", False),
        ("torch.optim.Adam(lr=alpha)", f"optax.adam({RATE})", True),
        ("torch.optim.Adam(lr=alpha)", f"keras.optimizers.Adam({RATE})", False),
        (TORCH_AMSGRAD, f"optax.amsgrad({RATE})", False),
        (TORCH_AMSGRAD, f"keras.optimizers.Adam({RATE}, amsgrad=True)", False),
    ],
)
def test_identities_between_libraries(call, other, equal, problem):
    assert (relative_gap(call, other, problem) < TOLERANCE) == equal


def test_amsgrad_of_optax_ends_in_another_minimum_than_that_of_torch():
    ends = {
        run["library"]: run["x"][-1]
        for run in VECTORS["runs"]
        if run["rule"] == "amsgrad"
        and run["problem"] == "himmelblau"
        and UNCORRECTED not in run["call"]
    }
    minima = descent.himmelblau.minima
    nearest = {
        library: int(np.argmin(np.linalg.norm(minima - end, axis=1)))
        for library, end in ends.items()
    }
    assert nearest == {"torch": 0, "keras": 0, "optax": 3}
