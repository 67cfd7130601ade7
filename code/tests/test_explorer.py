"""The interactive figure: what Python computes, and what a notebook stores.

Several runs, and what they make of a stream, are tested in test_explorer_runs.py, what a page makes
of it all in test_explorer_page.py, what is seen of it in test_explorer_picture.py, and the mirror
of the rules in test_explorer_parity.py.
"""

import functools
import gzip
import json
import math
import re
import subprocess
import sys

import live_figures
import numpy as np
import pytest
from course import ROOT
from figure import FOLDER, config_of
from traitlets import TraitError

from descent import (
    OBJECTIVES,
    RULES,
    STREAMS,
    STYLE,
    Explorer,
    Objective,
    adam,
    bowl,
    gradient_descent,
    minimize,
    nadam,
    rosenbrock,
)
from descent.checks import hyperparameters
from descent.inner import inner_values
from descent.rules import GradientDescentStep

# ---- What a notebook stores ---------------------------------------------------------------------


def test_size():
    """All that a page loads for its figures is at most 20,000 bytes as it travels, compressed."""
    files = live_figures.scripts()
    assert {"page.js", "figure.js", "explorer.css"} == set(files)
    assert {*live_figures.modules(), "page.js"} == {file.name for file in FOLDER.glob("*.js")}
    assert sum(len(gzip.compress(text.encode())) for text in files.values()) <= 20_000


def test_a_figure_of_five_runs_adds_little_to_its_page():
    """Beside its still, which the site moves to a file: 1.4 KB as it travels."""
    explorer = Explorer(adam, compare=list(RULES)[:4])
    assert len(gzip.compress(explorer._html().encode())) <= 1_700


def test_loaded_on_first_use():
    """``import descent`` must not pay for widgets."""
    code = (
        "import sys, descent; assert 'anywidget' not in sys.modules, 'widgets were imported'; "
        "descent.Explorer; assert 'anywidget' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def stored(explorer):
    """The stored output without what only a live kernel can use."""
    data, _ = explorer._repr_mimebundle_()
    del data["application/vnd.jupyter.widget-view+json"]
    return data


def test_stored_output_is_deterministic():
    first, second = (Explorer(adam), Explorer(adam))
    assert first.model_id != second.model_id
    assert stored(first) == stored(second)
    data = stored(first)
    assert sorted(data) == ["image/png", "text/html", "text/plain"]
    assert data["image/png"].startswith("iVBORw0KGgo")
    assert data["text/plain"] == (
        "Explorer: adam on bowl from (-0.165956, 0.440649), 100 steps: "
        "x = (1.92766e-05, -0.00241375), f = 5.82654e-06"
    )
    assert "needs JavaScript" in data["text/html"] and data["text/plain"] in data["text/html"]
    # An editor shows the HTML, before the cell is run too: the picture must be in there.
    assert f'src="data:image/png;base64,{data["image/png"]}">' in data["text/html"]
    assert len(data["image/png"]) < 30_000


def test_the_still_in_the_html_of_a_notebook_is_the_one_beside_it():
    """nbval compares neither."""
    notebooks = [json.loads(path.read_text("utf-8")) for path in ROOT.glob("book/**/*.ipynb")]
    cells = [cell for notebook in notebooks for cell in notebook["cells"]]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    figures = [data for data in outputs if "descent-explorer" in "".join(data.get("text/html", ""))]
    assert figures
    for data in figures:
        (still,) = re.findall(r'src="data:image/png;base64,([^"]*)"', "".join(data["text/html"]))
        assert still == "".join(data["image/png"]).strip()


def test_stored_config():
    config = config_of(Explorer(nadam, [rosenbrock, bowl], n_iter=70, x0=[0.5, 2]))
    values = {"alpha": 0.02, "beta1": 0.975, "beta2": 0.999, "eps": 1e-8, "correction": "power"}
    assert config["initial"] == {
        "view": "surface",
        "objective": "rosenbrock",
        "x0": [0.5, 2],
        "stream": "constant",
        "n_iter": 70,
        "runs": [{"rule": "nadam", "hyperparameters": values}],
        "selected": 0,
    }
    assert list(config["rules"]) == list(RULES)  # each can be added
    for name, rule in config["rules"].items():
        assert list(rule["hyperparameters"]) == [
            key for key in hyperparameters(RULES[name]) if key != "project"
        ]
        assert rule["hyperparameters"].keys() <= config["controls"].keys()
        assert rule["color"] == STYLE[name]["color"]  # as in every other picture of the book
        assert bool(rule["dash"]) == (STYLE[name]["linestyle"] != "-")
    assert [surface["name"] for surface in config["surfaces"]] == ["rosenbrock", "bowl"]
    assert config["surfaces"][0]["start"] == [0.5, 2]
    assert config["rules"]["adagrad"]["hyperparameters"]["alpha"] == 0.1
    assert config["controls"]["alpha"]["max"] > 0  # a logarithm: beyond 1
    assert [stream["name"] for stream in config["streams"]] == list(STREAMS)
    assert [s["interval"] for s in config["streams"] if "interval" in s] == [[-1, 1]]


def test_a_figure_stores_the_state_that_it_is_in():
    """A notebook that has set the traits shows the same on a page."""
    explorer = Explorer(adam, compare="momentum")
    explorer.selected, explorer.n_iter, explorer.x0 = 1, 40, [0.5, -0.25]
    explorer.objective = "ravine"
    explorer.hyperparameters = {"alpha": 0.01, "beta": 0.5}
    assert config_of(explorer)["initial"] == {
        "view": "surface",
        "objective": "ravine",
        "x0": [0.5, -0.25],
        "stream": "constant",
        "n_iter": 40,
        "runs": explorer.runs,
        "selected": 1,
    }


def test_own_rule_or_surface_is_not_stored_as_a_live_page():
    """The mirror does not know them: the page shows the still image."""
    mine = Objective(bowl.f, bowl.gradient, "bowl")
    assert sorted(stored(Explorer(adam, mine))) == ["image/png", "text/plain"]
    assert sorted(stored(Explorer(halving))) == ["image/png", "text/plain"]


# ---- What Python computes -----------------------------------------------------------------------


def halving(gradient, x0, alpha=0.3, factor=2.0, offset=0, label="none", flag=True):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - alpha * gradient(x) / factor, t + 1


def numbers(data):
    return np.frombuffer(data, dtype="<f8")


def final(explorer):
    path = explorer.result["runs"][0]["fields"]
    return numbers(path["x"])[-2:].tolist(), numbers(path["f"])[-1]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_result_is_what_minimize_gives(rule):
    explorer = Explorer(rule, rosenbrock, n_iter=30)
    trace = minimize(rosenbrock, rosenbrock.start(1), rule, 30, **explorer.hyperparameters)
    (path,) = explorer.result["runs"]
    np.testing.assert_array_equal(numbers(path["fields"]["x"]), trace.x.ravel())
    np.testing.assert_array_equal(numbers(path["fields"]["f"]), trace.score)
    assert path["own"] == [name for name in trace.state._fields if name not in ("t", "x")]
    for name in path["own"]:
        state = getattr(trace.state, name)
        np.testing.assert_array_equal(numbers(path["fields"][name]), state.ravel())
    g = numbers(path["fields"]["g"]).reshape(31, 2)  # g_t is the gradient at x_{t-1}
    with np.errstate(all="ignore"):  # some diverge
        np.testing.assert_array_equal(g[1:], rosenbrock.gradient(trace.x[:-1].T).T)
    assert np.isnan(g[0]).all()
    inner = inner_values(trace, g)
    assert {"f", "x", "g", *path["own"], *inner} == set(path["fields"])
    for name, values in inner.items():
        np.testing.assert_array_equal(numbers(path["fields"][name]), values.ravel())


def test_traits_can_be_set_and_linked():
    import traitlets

    one, other = Explorer(adam), Explorer(gradient_descent)
    link = traitlets.link((one, "x0"), (other, "x0"))
    one.x0 = [0.5, -0.5]
    one.hyperparameters = one.hyperparameters | {"alpha": 0.1}
    trace = minimize(bowl, [0.5, -0.5], adam, 100, alpha=0.1)
    assert final(one) == (trace.x[-1].tolist(), trace.score[-1])
    trace = minimize(bowl, [0.5, -0.5], gradient_descent, 100, alpha=0.1)
    assert final(other) == (trace.x[-1].tolist(), trace.score[-1])
    link.unlink()


def test_sensitivity_map_is_one_batch():
    explorer = Explorer(adam, rosenbrock, n_iter=60)
    alphas, betas = np.geomspace(1e-4, 1, 64), np.linspace(0, 0.99, 64)
    explorer.axes = {
        "x": {"name": "alpha", "values": alphas.tolist()},
        "y": {"name": "beta1", "values": betas.tolist()},
    }
    scores = numbers(explorer.result["map"]).reshape(64, 64)
    for i, j in [(0, 0), (5, 40), (63, 63)]:
        trace = minimize(rosenbrock, rosenbrock.start(1), adam, 60, alpha=alphas[j], beta1=betas[i])
        assert scores[i, j] == trace.score[-1]
    explorer.axes = explorer.axes | {"y": {"name": "n_iter", "values": [1, 7, 90]}}
    scores = numbers(explorer.result["map"]).reshape(3, 64)
    trace = minimize(rosenbrock, rosenbrock.start(1), adam, 90, alpha=alphas)
    np.testing.assert_array_equal(scores, trace.score[[1, 7, 90]])


def test_sliders_of_an_own_rule_come_from_its_signature():
    explorer = Explorer(halving)
    controls = explorer.config["rules"]["halving"]["controls"]
    assert list(controls) == ["alpha", "factor", "offset"]
    assert explorer.hyperparameters == {"alpha": 0.3, "factor": 2.0, "offset": 0}
    assert controls["factor"]["scale"] == "log" and controls["offset"]["scale"] == "linear"
    for name in ("alpha", "factor"):
        raw = np.log10(explorer.hyperparameters[name])
        assert controls[name]["min"] < raw < controls[name]["max"]
    trace = minimize(bowl, bowl.start(1), halving, 100)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])


def test_numbers_of_numpy_and_doubled_surfaces():
    surfaces = [rosenbrock, *OBJECTIVES.values()]
    n_iter, alpha = np.int64(30), np.float64(0.05)
    explorer = Explorer(adam, surfaces, x0=np.array([1, 2]), n_iter=n_iter, alpha=alpha)
    config = config_of(explorer)
    names = [surface["name"] for surface in config["surfaces"]]
    assert names[0] == "rosenbrock" and sorted(names) == sorted(OBJECTIVES)
    assert (config["initial"]["x0"], config["initial"]["n_iter"]) == ([1, 2], 30)
    mine = Objective(bowl.f, bowl.gradient, "bowl", bounds=[[-3, 3], [-3, 3]])
    explorer = Explorer(adam, [mine, bowl])  # of the same name: the first
    assert [s["bounds"] for s in explorer.config["surfaces"]] == [[[-3, 3], [-3, 3]]]


def test_surface_that_takes_one_point_at_a_time():
    def f(p):
        return 1.0 if p[0] > 0.5 else float(p[0] ** 2 + p[1] ** 2)

    explorer = Explorer(adam, Objective(f, bowl.gradient, "cliff"))
    values = numbers(explorer.surface["values"]).reshape(129, 129)
    assert "error" not in explorer.result and values[64, 64] == 0 and values[64, 128] == 1


ROTATION = np.array([[0.8, -0.6], [0.6, 0.8]])
POINTWISE = {
    "math": (
        lambda p: math.cos(p[0]) + p[1] ** 2,
        lambda p: np.array([-math.sin(p[0]), 2 * p[1]]),
    ),
    "matrix": (lambda p: bowl(ROTATION.T @ p), lambda p: ROTATION @ bowl.gradient(ROTATION.T @ p)),
    "sum": (lambda p: (p * p).sum(), lambda p: 2 * p),
}


@pytest.mark.parametrize("case", POINTWISE)
def test_pointwise_surface_works_in_every_way(case):
    f, gradient = POINTWISE[case]
    explorer = Explorer(gradient_descent, Objective(f, gradient, case, minima=[[0.5, 0]]))
    assert "error" not in explorer.result
    assert "warning" not in explorer.config["surfaces"][0]
    assert sorted(stored(explorer)) == ["image/png", "text/plain"]
    values = numbers(explorer.surface["values"]).reshape(129, 129)
    assert values[0, 128] == f(np.array([1.0, -1.0]))
    alphas = np.geomspace(1e-3, 0.1, 64)
    explorer.axes = {
        "x": {"name": "alpha", "values": alphas.tolist()},
        "y": {"name": "n_iter", "values": [1, 5, 9]},
    }
    scores = numbers(explorer.result["map"]).reshape(3, 64)
    for i, n in enumerate([1, 5, 9]):
        mine = explorer.traces[0].objective
        alone = minimize(mine, bowl.start(1), gradient_descent, n, alpha=alphas[40])
        # to rounding: a matrix product of one point and of many may differ in the last bit
        np.testing.assert_allclose(scores[i, 40], alone.score[-1], rtol=1e-12)


def test_a_wrong_gradient_is_said_and_drawn_all_the_same():
    wrong = Objective(bowl.f, lambda p: 3 * bowl.gradient(p), "mine")
    explorer = Explorer(adam, [wrong, rosenbrock])
    assert "error" not in explorer.result
    mine, theirs = explorer.config["surfaces"]
    assert mine["warning"].startswith("The path may mislead: gradient of mine disagrees with fini")
    assert "warning" not in theirs


def test_a_surface_that_is_nowhere_finite_has_no_still_but_a_figure():
    nowhere = Objective(lambda p: p[0] * np.nan, lambda p: p * np.nan, "nowhere")
    explorer = Explorer(adam, nowhere)
    assert "error" not in explorer.result and list(stored(explorer)) == ["text/plain"]


def test_an_error_names_the_line_of_the_student():
    def my_rule(gradient, x0, alpha=0.1):
        yield GradientDescentStep(0, x0)
        yield GradientDescentStep(1, x0 - alpha * np.sgn(gradient(x0)))

    result = Explorer(my_rule).result
    line = my_rule.__code__.co_firstlineno + 2
    assert result["error"].startswith(f"AttributeError in line {line} of my_rule: module 'numpy'")
    assert "np.sgn(gradient(x0))" in result["traceback"]
    assert "__getattr__" not in result["traceback"] and "numpy/" not in result["traceback"]


@pytest.mark.parametrize("minima", [(), [[0, 0]]])
def test_an_error_in_a_surface_shows_the_lines_of_the_surface_alone(minima):
    def slope(p):
        return np.sin(p[0]) + undefined  # noqa: F821

    explorer = Explorer(adam, Objective(slope, bowl.gradient, "mine", minima=minima))
    line = slope.__code__.co_firstlineno + 1
    assert explorer.result["error"] == (
        f"NameError in line {line} of slope: name 'undefined' is not defined"
    )
    assert explorer.result["traceback"].count("  File ") == 1
    assert "During handling" not in explorer.result["traceback"]
    assert explorer.config["surfaces"][0]["name"] == "mine"  # so that the figure can show it


def test_a_partial_rule_has_the_name_of_its_rule():
    explorer = Explorer(functools.partial(adam, beta1=0.5))
    assert explorer.runs[0]["rule"] == "adam" and explorer.hyperparameters["beta1"] == 0.5
    trace = minimize(bowl, bowl.start(1), adam, 100, alpha=0.001, beta1=0.5)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])
    assert sorted(stored(explorer)) == ["image/png", "text/plain"]  # a page does not know it


def broken(gradient, x0, alpha=0.1):
    yield GradientDescentStep(0, x0)
    raise ZeroDivisionError("division by the student")


def faster(gradient, x0, alpha=0.1, speed=3.0):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - speed * alpha * gradient(x), t + 1


def test_error_in_a_rule_is_shown_and_fixed(define):
    define(my_rule=broken)
    explorer = Explorer(broken)
    assert re.fullmatch(
        r"ZeroDivisionError in line \d+ of (broken|my_rule): division by the student",
        explorer.result["error"],
    )
    assert 'raise ZeroDivisionError("division by the student")' in explorer.result["traceback"]
    assert "minimize.py" not in explorer.result["traceback"]
    assert "division by the student" in repr(explorer)
    assert list(stored(explorer)) == ["text/plain"]
    define(my_rule=faster)  # the cell is run again, with another hyperparameter
    explorer._after_cell(None)
    assert "error" not in explorer.result
    assert explorer.hyperparameters == {"alpha": 0.1, "speed": 3.0}
    assert list(explorer.config["rules"]["my_rule"]["controls"]) == ["alpha", "speed"]
    trace = minimize(bowl, bowl.start(1), faster, 100)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])


def demanding(gradient, x0, alpha):
    yield GradientDescentStep(0, x0)


def test_redefinition_that_cannot_be_used_is_shown_and_fixed(define):
    define(my_rule=halving)
    explorer = Explorer(halving)
    define(my_rule=demanding)
    explorer.x0 = [0.25, 0.5]
    assert explorer.result["error"] == "ValueError: my_rule needs a value for alpha"
    define(my_rule=faster)
    explorer._after_cell(None)
    trace = minimize(bowl, [0.25, 0.5], faster, 100, alpha=0.3)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])


def test_redefined_rule_is_followed_at_the_next_interaction(define):
    define(my_rule=halving)
    explorer = Explorer(halving)
    explorer.hyperparameters = explorer.hyperparameters | {"alpha": 0.2}
    define(my_rule=faster)
    explorer.x0 = [0.25, 0.5]
    trace = minimize(bowl, [0.25, 0.5], faster, 100, alpha=0.2)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])


def test_redefined_surface_is_followed(define):
    first = Objective(bowl.f, bowl.gradient, "mine")
    second = Objective(rosenbrock.f, rosenbrock.gradient, "mine", bounds=[[-2, 2], [-1, 3]])
    define(surface=first)
    explorer = Explorer(adam, first)
    assert explorer.config["surfaces"][0]["code"] == "surface"
    define(surface=second)
    explorer._after_cell(None)
    trace = minimize(rosenbrock, bowl.start(1), adam, 100, alpha=0.02)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])
    assert explorer.config["surfaces"][0]["bounds"] == [[-2, 2], [-1, 3]]
    corner = numbers(explorer.surface["values"])[0]
    assert corner == rosenbrock([-2.0, -1.0])


BAD = {
    "rule that is none": (lambda: Explorer("adam"), TypeError, "rule must be a gen"),
    "no surface": (lambda: Explorer(adam, []), ValueError, "at least one Objective"),
    "surface by name": (lambda: Explorer(adam, ["bowl"]), TypeError, "must be Objectives, got 'b"),
    "three variables": (
        lambda: Explorer(adam, Objective(np.sum, np.ones_like, "s", bounds=[[0, 1]] * 3)),
        ValueError,
        "two variables, but s has 3",
    ),
    "unknown hyperparameter": (
        lambda: Explorer(adam, gamma=1),
        ValueError,
        "gamma is not a slider",
    ),
    "not a number": (lambda: Explorer(adam, alpha="big"), TypeError, "alpha must be a finite"),
    "nan": (lambda: Explorer(adam, alpha=np.nan), TypeError, "alpha must be a finite"),
    "unknown word": (lambda: Explorer(nadam, correction="x"), ValueError, "correction must be"),
    "start of three": (lambda: Explorer(adam, x0=[1, 2, 3]), ValueError, "x0 must be two finite"),
    "start not finite": (lambda: Explorer(adam, x0=[1, np.inf]), ValueError, "x0 must be two"),
    "start of one": (lambda: Explorer(adam, x0=5), ValueError, "x0 must be two finite .* got 5"),
    "start that is none": (lambda: Explorer(adam, x0="ab"), TypeError, "x0 must be two finite"),
    "plain function": (lambda: Explorer(adam, np.sum), TypeError, "must be Objectives, got <func"),
    "steps in words": (lambda: Explorer(adam, n_iter="9"), TypeError, "n_iter must be a whole"),
    "no steps": (lambda: Explorer(adam, n_iter=0), ValueError, "n_iter must be a whole"),
    "half a step": (lambda: Explorer(adam, n_iter=2.5), ValueError, "n_iter must be a whole"),
    "negative": (lambda: Explorer(adam, alpha=-1), ValueError, "alpha must be .* greater than 0"),
    "a beta of 1": (lambda: Explorer(adam, beta1=1), ValueError, "beta1 must be .* less than 1"),
    "a schedule": (
        lambda: Explorer(adam, alpha=lambda t: 1 / t),
        TypeError,
        "alpha must be a finite number, got <func",
    ),
    "too many steps": (
        lambda: Explorer(adam, n_iter=10_001),
        ValueError,
        "n_iter must be a whole number, from 1 to 10000, got 10001",
    ),
}


@pytest.mark.parametrize("make, error, message", BAD.values(), ids=BAD)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


BAD_SETTINGS = {
    "view": ("map", "'view' trait .* any of \\['surface', 'stream'\\], not the str 'map'"),
    "objective": ("x", "objective must be one of bowl, ravine, .*, got 'x'"),
    "x0": ([1, 2, 3], "x0 must be two finite numbers, got \\[1.0, 2.0, 3.0\\]"),
    "n_iter": (0, "n_iter must be a whole number, from 1 to 10000, got 0"),
    "hyperparameters": ({"gamma": 1}, "gamma is not a slider of adam; it has: alpha, beta1, beta2"),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_a_trait_cannot_be_set_to_what_it_cannot_be(name):
    value, message = BAD_SETTINGS[name]
    explorer = Explorer(adam)
    before, result = getattr(explorer, name), explorer.result
    with pytest.raises((ValueError, TraitError), match=message):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before and explorer.result is result
