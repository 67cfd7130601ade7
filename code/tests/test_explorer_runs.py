"""Several runs in one interactive figure, and what they make of a stream of gradients."""

import base64
import functools
import io
import json
import re

import numpy as np
import pytest
import traitlets
from figure import config_of
from matplotlib.figure import Figure
from PIL import Image

from descent import (
    RULES,
    STREAMS,
    STYLE,
    Explorer,
    Objective,
    adam,
    amsgrad,
    bowl,
    gradient_descent,
    minimize,
    momentum,
    nadam,
    ravine,
)
from descent.checks import hyperparameters
from descent.inner import inner_values
from descent.rules import GradientDescentStep


def numbers(data):
    return np.frombuffer(data, dtype="<f8")


def field(explorer, run, name):
    return numbers(explorer.result["runs"][run]["fields"][name])


def check(explorer):
    """Every run is what minimize gives for what the trait says of it."""
    assert "error" not in explorer.result
    assert explorer.result["settings"]["runs"] == explorer.runs
    assert len(explorer.result["runs"]) == len(explorer.runs) == len(explorer.traces)
    for i, run in enumerate(explorer.runs):
        rule = explorer._rules[run["rule"]]
        objective = explorer._surfaces[explorer.objective]
        trace = minimize(objective, explorer.x0, rule, explorer.n_iter, **run["hyperparameters"])
        np.testing.assert_array_equal(field(explorer, i, "x"), trace.x.ravel())
        np.testing.assert_array_equal(field(explorer, i, "f"), trace.score)
        np.testing.assert_array_equal(explorer.traces[i].x, trace.x)
    return explorer


def rules(explorer):
    return [run["rule"] for run in explorer.runs]


def values(explorer, name):
    return [run["hyperparameters"].get(name) for run in explorer.runs]


def halving(gradient, x0, alpha=0.3, factor=2.0):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - alpha * gradient(x) / factor, t + 1


def quickening(gradient, x0, alpha=0.1, speed=3.0):
    return halving(gradient, x0, alpha * speed, 1.0)


def quartering(gradient, x0, rate=0.1):
    return halving(gradient, x0, rate, 4.0)


def twin(gradient, x0, alpha=0.1):
    return halving(gradient, x0, alpha)


twin.__name__ = "halving"


def own_adam(gradient, x0, alpha=0.1):
    return halving(gradient, x0, alpha)


own_adam.__name__ = "adam"

# ---- Runs ---------------------------------------------------------------------------------------


COMPARE = {
    "a name": ("momentum", ["momentum"]),
    "a rule": (amsgrad, ["amsgrad"]),
    "a dict with a name": ({"rule": "nadam"}, ["nadam"]),
    "a dict with a rule": ({"rule": nadam, "correction": "constant"}, ["nadam"]),
    "a tuple": (("momentum", "nesterov"), ["momentum", "nesterov"]),
    "all of these": (["adam", {"rule": adam, "beta2": 0.9}, halving], ["adam", "adam", "halving"]),
    "an empty list": ([], []),
    "nothing": (None, []),
}


@pytest.mark.parametrize("compare, expected", COMPARE.values(), ids=COMPARE)
def test_what_compare_takes(compare, expected):
    explorer = check(Explorer(adam, ravine, x0=[-8, 1.5], n_iter=30, compare=compare))
    assert rules(explorer) == ["adam", *expected]


def test_compared_runs_share_start_surface_steps_and_alpha_and_nothing_else():
    explorer = check(
        Explorer(nadam, alpha=0.05, beta1=0.5, compare=["adam", {"rule": "amsgrad", "alpha": 0.2}])
    )
    assert values(explorer, "alpha") == [0.05, 0.05, 0.2]
    assert values(explorer, "beta1") == [0.5, 0.9, 0.9]
    assert values(explorer, "correction") == ["power", None, None]
    for i, (rule, alpha) in enumerate([(nadam, 0.05), (adam, 0.05), (amsgrad, 0.2)]):
        beta1 = {"beta1": 0.5} if rule is nadam else {}
        trace = minimize(bowl, bowl.start(1), rule, 100, alpha=alpha, **beta1)
        np.testing.assert_array_equal(field(explorer, i, "x"), trace.x.ravel())
        g = np.vstack([np.full(2, np.nan), bowl.gradient(trace.x[:-1].T).T])
        for name, inner in inner_values(trace, g).items():
            np.testing.assert_array_equal(field(explorer, i, name), inner.ravel())


def test_a_run_without_an_alpha_neither_gives_nor_takes_one():
    explorer = Explorer(adam, alpha=0.5, compare=[quartering, "adam"])
    assert values(explorer, "alpha") == [0.5, None, 0.5]
    assert values(Explorer(quartering, compare="adam"), "alpha") == [None, 0.02]


def test_the_numbers_of_a_run_are_plain_numbers():
    """They are sent as JSON."""
    run = {"rule": "adam", "beta2": np.float32(0.5), "eps": np.int64(1)}
    explorer = Explorer(adam, alpha=np.float64(0.1), compare=run)
    assert json.loads(json.dumps(explorer.runs)) == explorer.runs
    assert values(explorer, "beta2") == [0.999, 0.5] and values(explorer, "eps") == [1e-8, 1]


def test_labels_say_what_tells_runs_apart():
    runs = ["adam", {"rule": "adam", "beta2": 0.9}, "momentum", {"rule": "nadam"}, "adam"]
    nadams = [{"rule": "nadam", "correction": "constant", "eps": 0}]
    explorer = Explorer(adam, n_iter=1, compare=[*runs, *nadams])
    end = ": x = (-0.145956, 0.420649), f = 0.198249"
    assert repr(explorer).startswith("Explorer: adam, beta2 = 0.999 on bowl from (-0.165956, 0.44")
    said = [part.split(":")[0] for part in repr(explorer).split("; ")[1:]]
    assert said == [
        "adam, beta2 = 0.999 (2)",
        "adam, beta2 = 0.9",
        "momentum",
        "nadam, eps = 1e-08, correction = power",
        "adam, beta2 = 0.999 (3)",
        "nadam, eps = 0, correction = constant",
    ]
    assert f"beta2 = 0.9{end}; momentum" in repr(explorer)


def test_the_runs_can_be_read_set_and_selected():
    explorer = Explorer(adam, compare="momentum")
    explorer.selected = 1
    assert explorer.hyperparameters == {"alpha": 0.02, "beta": 0.9}
    explorer.hyperparameters = {"alpha": 0.01, "beta": 0.5}  # of the selected run alone
    check(explorer)
    assert values(explorer, "alpha") == [0.02, 0.01] and values(explorer, "beta") == [None, 0.5]
    explorer.hyperparameters = {"alpha": 0.03}  # what is missing has its default
    assert explorer.hyperparameters == {"alpha": 0.03, "beta": 0.9}
    explorer.runs = [*explorer.runs, "adam", {"rule": amsgrad, "alpha": 0.5}]
    check(explorer)
    assert rules(explorer) == ["adam", "momentum", "adam", "amsgrad"]
    assert values(explorer, "alpha") == [0.02, 0.03, 0.02, 0.5] and explorer.selected == 1
    explorer.selected = 3
    explorer.runs = explorer.runs[:2]  # the selected one is gone
    check(explorer)
    assert (
        explorer.selected == 1 and explorer.hyperparameters == explorer.runs[1]["hyperparameters"]
    )
    assert explorer.result["settings"]["selected"] == 1
    explorer.runs = "nadam"
    check(explorer)
    assert rules(explorer) == ["nadam"] and explorer.selected == 0


def test_a_change_is_computed_once():
    explorer = Explorer(adam, compare="momentum")
    results = []
    explorer.observe(lambda change: results.append(change["new"]), "result")
    explorer.selected = 1
    explorer.runs = ["nadam", *explorer.runs]
    explorer.hyperparameters = explorer.hyperparameters | {"alpha": 0.05}
    assert len(results) == 3
    explorer.hyperparameters = explorer.hyperparameters | {"alpha": 0.05}
    assert len(results) == 3


def test_the_runs_of_two_figures_can_be_linked():
    one = Explorer(adam, bowl, compare="momentum")
    other = Explorer(nadam, ravine, n_iter=30)
    link = traitlets.link((one, "runs"), (other, "runs"))
    check(other)
    assert one.runs == other.runs and rules(other) == ["adam", "momentum"]
    other.selected = 1
    other.hyperparameters = other.hyperparameters | {"beta": 0.25}
    assert values(check(one), "beta") == [None, 0.25] and one.selected == 0
    one.runs = one.runs[:1]
    assert rules(check(other)) == ["adam"] and other.selected == 0
    link.unlink()
    one.runs = "nadam"
    assert rules(other) == ["adam"]


def test_what_a_figure_asks_for_comes_in_one_message():
    """Runs and the selected one together, as Jupyter brings them; the last that is asked for."""
    explorer = Explorer(adam)
    runs = [*explorer.runs, {"rule": "nadam", "hyperparameters": {"alpha": 0.5}}]
    explorer.set_state({"runs": runs, "selected": 1, "request": 7, "axes": {}})
    check(explorer)
    assert explorer.selected == 1 and explorer.result["settings"]["request"] == 7
    assert explorer.hyperparameters["beta1"] == 0.975
    explorer.set_state({"runs": runs[:1], "selected": 0, "request": 8})
    assert rules(check(explorer)) == ["adam"]


def test_a_request_that_crosses_a_redefinition_is_answered(define):
    """The view asks with what it knows; a cell has just given the rule other hyperparameters."""
    define(mine=halving)
    explorer = Explorer(adam, compare=halving)
    asked = [explorer.runs[0], {"rule": "mine", "hyperparameters": {"alpha": 0.5, "factor": 3.0}}]
    define(mine=quickening)
    explorer._after_cell(None)
    explorer.set_state({"runs": asked, "request": 1})
    assert check(explorer).runs[1]["hyperparameters"] == {"alpha": 0.5, "speed": 3.0}


def test_the_sensitivity_map_is_that_of_the_selected_run():
    explorer = Explorer(adam, n_iter=20, compare="momentum")
    steps = {"name": "n_iter", "values": [5, 9]}
    explorer.axes = {"x": {"name": "alpha", "values": [0.01, 0.1]}, "y": steps}
    for selected, rule in enumerate([adam, momentum]):
        explorer.selected = selected
        scores = numbers(explorer.result["map"]).reshape(2, 2)
        trace = minimize(bowl, bowl.start(1), rule, 9, alpha=0.1)
        assert scores[:, 1].tolist() == trace.score[[5, 9]].tolist()


def test_own_rules_among_the_runs(define):
    define(mine=halving)
    explorer = check(Explorer(adam, compare=[{"rule": halving, "factor": 4}, quartering]))
    assert rules(explorer) == ["adam", "mine", "quartering"]
    assert list(explorer.config["rules"]) == [*RULES, "mine", "quartering"]
    assert list(explorer.config["rules"]["mine"]["controls"]) == ["alpha", "factor"]
    assert "controls" not in explorer.config["rules"]["adam"]
    assert [run["own"] for run in explorer.result["runs"]] == [["m", "v"], [], []]
    assert set(explorer.result["runs"][1]["fields"]) == {"f", "x", "g", "step"}
    np.testing.assert_allclose(field(explorer, 1, "step")[2:], field(explorer, 1, "g")[2:] / 4)
    x = field(explorer, 2, "x").reshape(-1, 2)
    step = field(explorer, 2, "step").reshape(-1, 2)  # no alpha that it could be divided by
    np.testing.assert_array_equal(step[1:], x[:-1] - x[1:])
    assert "text/html" not in explorer._repr_mimebundle_()[0]  # a page does not know them


def test_an_own_rule_can_be_assigned_later(define):
    explorer = Explorer(adam)
    define(mine=halving)
    explorer.runs = [adam, halving, {"rule": halving, "factor": 4}]
    check(explorer)
    assert rules(explorer) == ["adam", "mine", "mine"]
    assert "mine" in explorer.config["rules"]


def test_an_own_rule_among_the_runs_is_followed(define):
    define(mine=halving)
    explorer = Explorer(adam, compare=[{"rule": halving, "factor": 4}])

    def broken(gradient, x0, alpha=0.1):
        yield GradientDescentStep(0, x0)
        raise ZeroDivisionError("by the student")

    define(mine=broken)
    explorer._after_cell(None)
    line = broken.__code__.co_firstlineno + 2
    assert explorer.result["error"].startswith(f"ZeroDivisionError in line {line} of ")
    assert "by the student" in explorer.result["error"] and "by the student" in repr(explorer)

    define(mine=quickening)
    explorer._after_cell(None)
    check(explorer)
    assert explorer.runs[1] == {"rule": "mine", "hyperparameters": {"alpha": 0.02, "speed": 3.0}}
    assert explorer.runs[0]["hyperparameters"]["beta1"] == 0.9
    assert list(explorer.config["rules"]["mine"]["controls"]) == ["alpha", "speed"]
    assert explorer.config["initial"]["runs"] == explorer.runs  # what Reset goes back to
    explorer.selected = 1
    explorer.hyperparameters = {"speed": 1.0}
    define(mine=quartering)  # other hyperparameters, while the run is selected
    explorer._after_cell(None)
    check(explorer)
    assert explorer.hyperparameters == {"rate": 0.1}


def test_a_map_over_what_a_redefined_rule_no_longer_has_is_put_away(define):
    define(mine=halving)
    explorer = Explorer(halving, n_iter=20)
    axes = {"x": {"name": "alpha", "values": [0.1]}, "y": {"name": "factor", "values": [1, 2]}}
    explorer.axes = axes
    assert len(numbers(explorer.result["map"])) == 2
    define(mine=quartering)
    explorer._after_cell(None)
    assert "map" not in check(explorer).result and explorer.axes == {}


def test_an_own_rule_with_the_name_of_one_of_the_book():
    """It stands in the place of the book's, which cannot be shown beside it."""
    explorer = check(Explorer(own_adam, compare=[{"rule": own_adam, "alpha": 0.2}, "momentum"]))
    assert rules(explorer) == ["adam", "adam", "momentum"]
    assert explorer.hyperparameters == {"alpha": 0.1}
    assert list(explorer.config["rules"]["adam"]["controls"]) == ["alpha"]
    assert explorer._rules["adam"] is own_adam
    assert "text/html" not in explorer._repr_mimebundle_()[0]
    explorer.runs = ["adam"]  # the name means it from now on
    assert explorer.hyperparameters == {"alpha": 0.1}
    for explorer in (Explorer(momentum, compare=own_adam), Explorer(momentum)):
        explorer.runs = [momentum, {"rule": own_adam, "alpha": 0.2}]
        check(explorer)
        assert explorer._rules["adam"] is own_adam
        assert explorer.runs[1] == {"rule": "adam", "hyperparameters": {"alpha": 0.2}}
        with pytest.raises(ValueError, match="gamma is not a slider of adam"):
            explorer.runs = {"rule": adam, "gamma": 1}  # refused, so the name means what it meant
        assert explorer._rules["adam"] is own_adam


TWO = "two different rules are called {0}; give one of them another name, or, .* a dict .*'?{0}"
MUST_HOLD = r"must hold rules, dicts with a rule, or names: gradient_descent, .*; got {}"
BAD_RUNS = {
    "a name that is none": ("x", ValueError, MUST_HOLD.format("'x'")),
    "a number": (3, TypeError, r"must be a rule \(adam, not adam\(...\)\), its name, .* got 3"),
    "a number in a list": ([3], ValueError, MUST_HOLD.format(3)),
    "a list in a list": ([["adam"]], ValueError, MUST_HOLD.format(r"\['adam'\]")),
    "no rule": ({"beta2": 0.9}, ValueError, MUST_HOLD.format(None)),
    "called already": (
        adam(bowl.gradient, [1.0, 1.0]),
        TypeError,
        r"must be a rule \(adam, not adam\(...\)\), .* got <generator object adam",
    ),
    "no generator function": (len, TypeError, "rule must be a generator function .* got <built-in"),
    "hyperparameter that is none": (
        {"rule": "adam", "gamma": 1},
        ValueError,
        "gamma is not a slider of adam; it has: alpha, beta1, beta2, eps",
    ),
    "words": ({"rule": "adam", "beta2": "x"}, TypeError, "beta2 must be a finite number, got 'x'"),
    "out of range": (
        {"rule": "adam", "beta2": 1.5},
        ValueError,
        "beta2 must be at least 0 and less than 1, got 1.5",
    ),
    "a batch": (
        {"rule": "adam", "beta2": [0.9, 0.99]},
        TypeError,
        r"beta2 must be a finite number, got \[0.9, 0.99\]",
    ),
    "unknown word": (
        {"rule": "nadam", "correction": "x"},
        ValueError,
        r"correction must be one of \['power', 'constant'\], got 'x'",
    ),
    "hyperparameters that are none": (
        {"rule": "adam", "hyperparameters": 3},
        TypeError,
        "hyperparameters of adam must be a dict, got 3",
    ),
    "two rules of one name": ([halving, twin], ValueError, TWO.format("halving")),
    "a partial": ([adam, functools.partial(adam, beta2=0.9)], ValueError, TWO.format("adam")),
    "one's own and the book's": (
        [own_adam, "adam"],
        ValueError,
        "adam is the name of your own rule too; give it another name, so that the two can be told",
    ),
}


@pytest.mark.parametrize("runs, error, message", BAD_RUNS.values(), ids=BAD_RUNS)
def test_runs_that_cannot_be(runs, error, message):
    with pytest.raises(error, match=message) as raised:
        Explorer(gradient_descent, compare=runs)
    assert str(raised.value).startswith(("compare", "rule must be"))
    explorer = Explorer(gradient_descent)
    before, result = explorer.runs, explorer.result
    with pytest.raises(error, match=message):
        explorer.runs = runs
    assert explorer.runs == before and explorer.result is result
    explorer.x0 = [0.5, 0.5]
    check(explorer)


def test_other_runs_that_cannot_be():
    with pytest.raises(ValueError, match="compare: adam is the name of your own rule too; give it"):
        Explorer(own_adam, compare="adam")
    with pytest.raises(ValueError, match="compare: needing needs a value for alpha"):
        Explorer(adam, compare=needing)
    assert values(Explorer(adam, compare={"rule": needing, "alpha": 1}), "alpha") == [0.02, 1]
    explorer = Explorer(adam, compare="momentum")
    for runs in ([], ()):
        with pytest.raises(ValueError, match="runs must hold at least one run, got none"):
            explorer.runs = runs
    with pytest.raises(TypeError, match="runs must be a rule .* got None"):
        explorer.runs = None
    for selected in (2, -1):
        with pytest.raises(ValueError, match=f"whole number, from 0 to 1, got {selected}"):
            explorer.selected = selected
    with pytest.raises(traitlets.TraitError, match="'selected' trait .* expected an int, not the"):
        explorer.selected = "1"
    assert explorer.selected == 0 and rules(check(explorer)) == ["adam", "momentum"]


def needing(gradient, x0, alpha):
    return halving(gradient, x0, alpha)


# ---- Streams ------------------------------------------------------------------------------------


def fed(rule, g, **given):
    """The trace of a rule in one coordinate that is given these gradients, from x = 0 on."""
    left = ([value] for value in g)
    flat = Objective(lambda x: 0.0 * x[0], lambda x: np.array(next(left)), bounds=[[-1, 1]])
    return minimize(flat, [0.0], rule, len(g), **given), np.array([np.nan, *g])[:, None]


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_is_filtered_by_every_run(stream):
    explorer = Explorer(adam, stream=stream, n_iter=30, compare=[r for r in RULES if r != "adam"])
    assert (explorer.view, explorer.stream) == ("stream", stream)
    assert explorer.result["settings"]["view"] == "stream" and "map" not in explorer.result
    g = [STREAMS[stream](t) for t in range(1, 31)]
    for i, run in enumerate(explorer.runs):
        trace, gradients = fed(RULES[run["rule"]], g, **run["hyperparameters"])
        expected = {"g": gradients, "x": trace.x} | inner_values(trace, gradients)
        own = [name for name in trace.state._fields if name not in ("t", "x")]
        expected |= {name: getattr(trace.state, name) for name in own}
        sent = explorer.result["runs"][i]
        assert sent["own"] == own and set(sent["fields"]) == set(expected)
        for name, value in expected.items():
            if name != "x" or stream != "cycle":
                np.testing.assert_array_equal(numbers(sent["fields"][name]), value.ravel())


BETAS = [(0.3, 0.9, 0.999), (1.0, 0.0, 0.1), (3.0, 0.5, 0.9)]


@pytest.mark.parametrize("alpha, beta1, beta2", BETAS)
@pytest.mark.parametrize("rule", [adam, amsgrad])
def test_the_cycle_is_a_projected_search(rule, alpha, beta1, beta2):
    """What the AMSGrad chapter does with project=, the figure does after the run."""
    given = {"alpha": alpha, "beta1": beta1, "beta2": beta2, "eps": 1e-8}
    explorer = Explorer(rule, stream="cycle", n_iter=2000, **given)
    x = field(explorer, 0, "x")
    g = [STREAMS["cycle"](t) for t in range(1, 2001)]
    trace, _ = fed(rule, g, **given, project=lambda x: np.clip(x, -1, 1))
    np.testing.assert_allclose(x, trace.x[:, 0], rtol=0, atol=1e-12)
    assert x.min() >= -1 and x.max() <= 1 and x.max() - x.min() > 0.1
    free, _ = fed(rule, g, **given)
    assert abs(free.x).max() > 1  # so that the interval matters


def test_the_counterexample_in_the_figure():
    """Adam walks to +1, the worst point, AMSGrad towards -1, the best: what its chapter shows."""
    betas = {"beta1": 0.0, "beta2": 0.1}
    other = {"rule": "amsgrad", **betas}
    explorer = Explorer(adam, stream="cycle", n_iter=10_000, alpha=0.5, compare=other, **betas)
    last_of_adam, last_of_amsgrad = (field(explorer, i, "x")[-101:] for i in (0, 1))
    assert last_of_adam.mean() > 0.9 and last_of_amsgrad.mean() < -0.7
    assert {"name": "cycle", "interval": [-1, 1]} in config_of(explorer)["streams"]


def test_views_and_streams_are_switched():
    explorer = Explorer(adam, compare="momentum")
    surface = explorer.result
    explorer.view, explorer.stream = "stream", "spike"
    assert field(explorer, 1, "g")[19:22].tolist() == [1, 10, 1]
    explorer.n_iter = 25
    assert len(field(explorer, 0, "step")) == 26
    explorer.n_iter, explorer.view = 100, "surface"
    check(explorer)
    assert explorer.result["runs"] == surface["runs"]


def test_a_function_as_a_stream():
    def swing(t):
        return (t % 7) / 3 - 1

    explorer = Explorer(adam, stream=swing, compare=halving, n_iter=20)
    assert (explorer.view, explorer.stream) == ("stream", "swing")
    g = [swing(t) for t in range(1, 21)]
    np.testing.assert_array_equal(field(explorer, 0, "g")[1:], g)
    trace, gradients = fed(adam, g, alpha=0.02)
    for name, value in inner_values(trace, gradients).items():
        np.testing.assert_array_equal(field(explorer, 0, name), value.ravel())
    np.testing.assert_allclose(field(explorer, 1, "step")[1:], np.divide(g, 2), atol=1e-14)
    assert explorer.config["streams"][0] == {"name": "swing", "own": "swing"}
    assert [stream["name"] for stream in explorer.config["streams"]] == ["swing", *STREAMS]
    assert list(explorer._repr_mimebundle_()[0])[-1:] == ["image/png"]  # a page does not know it
    explorer.stream = "spike"
    assert field(explorer, 0, "g")[20] == 10
    explorer.stream = lambda t: t  # a whole number will do
    assert explorer.stream == "lambda" and field(explorer, 0, "g")[20] == 20
    explorer.stream = "swing"
    np.testing.assert_array_equal(field(explorer, 0, "g")[1:], g)


def test_a_function_with_the_name_of_a_stream_of_the_book():
    def cycle(t):
        return -1.0

    explorer = Explorer(gradient_descent, stream=cycle, alpha=1.0)
    assert field(explorer, 0, "x")[-1] == 100  # no interval: that is the other's
    assert [s["name"] for s in explorer.config["streams"]].count("cycle") == 1
    assert explorer.config["streams"][0] == {"name": "cycle", "own": "cycle"}
    assert config_of(explorer)["streams"][0]["values"] == [-1.0] * 100


def test_a_page_has_the_numbers_of_the_stream_that_it_shows():
    def swing(t):
        return (t % 7) / 3 - 1

    explorer = Explorer(adam, stream=swing, n_iter=30)
    config = config_of(explorer)
    g = [swing(t) for t in range(1, 31)]
    assert config["streams"][0] == {"name": "swing", "own": "swing", "values": g}
    assert config["most"] == 30  # as many steps as there are numbers
    assert config_of(Explorer(adam, stream="spike"))["most"] == 10_000
    explorer.stream = "spike"  # now nothing has the numbers of swing
    assert "text/html" not in explorer._repr_mimebundle_()[0]
    explorer.stream, explorer.view = "swing", "surface"
    assert "text/html" not in explorer._repr_mimebundle_()[0]


def test_a_redefined_stream_is_followed(define):
    def before(t):
        return 1.0

    def after(t):
        return 2.0

    define(mine=before)
    explorer = Explorer(gradient_descent, stream=before)
    assert set(field(explorer, 0, "g")[1:]) == {1.0}
    define(mine=after)
    explorer._after_cell(None)
    assert explorer.stream == "mine" and set(field(explorer, 0, "g")[1:]) == {2.0}
    define(mine=before)
    explorer.n_iter = 7  # at the next interaction too
    assert field(explorer, 0, "g")[1:].tolist() == [1.0] * 7


def divides(t):
    return 1 / (t - 5)


GOT = r"Error: lambda\({}\) must be one finite number, got {}"
WRONG_STREAMS = {
    "raises": (divides, "ZeroDivisionError in line {line} of divides: "),
    "nan": (lambda t: np.nan if t == 3 else 1.0, "Value" + GOT.format(3, "nan")),
    "inf": (lambda t: 1.0 if t < 4 else np.inf, "Value" + GOT.format(4, "inf")),
    "array": (lambda t: np.ones(3), "Value" + GOT.format(1, r"\[1. 1. 1.\]")),
    "nothing": (lambda t: None, "Type" + GOT.format(1, None)),
    "words": (lambda t: "1", "Type" + GOT.format(1, "'1'")),
    "takes no t": (lambda: 1.0, "TypeError: .* takes 0 positional arguments but 1 was given"),
}


@pytest.mark.parametrize("stream, message", WRONG_STREAMS.values(), ids=WRONG_STREAMS)
def test_an_error_in_a_stream_is_shown_and_fixed(stream, message):
    explorer = Explorer(adam, stream=stream)
    message = message.replace("{line}", str(stream.__code__.co_firstlineno + 1))
    assert re.match(message, explorer.result["error"])
    assert explorer.result["error"] in repr(explorer)
    assert "image/png" not in explorer._repr_mimebundle_()[0]
    explorer.stream = "constant"
    assert "error" not in explorer.result and set(field(explorer, 0, "g")[1:]) == {1.0}


def test_the_traceback_of_a_stream_is_its_own_line():
    traceback = Explorer(adam, stream=divides).result["traceback"]
    assert "return 1 / (t - 5)" in traceback and traceback.count("  File ") == 1


@pytest.mark.parametrize("stream", ["x", 3, [1, 2], None])
def test_streams_that_cannot_be(stream):
    message = r"stream must be a function of t, or one of constant, .*; got "
    explorer = Explorer(adam)
    with pytest.raises(ValueError, match=message):
        explorer.stream = stream
    assert explorer.stream == "constant"
    if stream is not None:
        with pytest.raises(ValueError, match=message):
            Explorer(adam, stream=stream)


# ---- What is stored -----------------------------------------------------------------------------

SHOWN = {
    "five runs": (
        {"compare": ["momentum", {"rule": "adam", "beta2": 0.9}, "nadam", "adam"]},
        "Explorer: adam, beta2 = 0.999 on bowl from (-0.165956, 0.440649), 100 steps: "
        "x = (1.92766e-05, -0.00241375), f = 5.82654e-06; "
        "momentum: x = (-0.000558048, 0.00148174), f = 2.50696e-06; "
        "adam, beta2 = 0.9: x = (0.00170016, -0.00402199), f = 1.9067e-05; ",
    ),
    "stream": (
        {"stream": "spike", "compare": "adamax"},
        "Explorer: adam on the stream spike, 100 steps: step / alpha = 0.714454; "
        "adamax: step / alpha = 0.108354",
    ),
}


@pytest.mark.parametrize("given, text", SHOWN.values(), ids=SHOWN)
def test_what_is_stored_is_deterministic(given, text):
    one, other = (Explorer(adam, **given)._repr_mimebundle_()[0] for _ in range(2))
    for kind in ("text/plain", "text/html", "image/png"):
        assert one[kind] == other[kind]
    assert one["text/plain"].startswith(text)
    assert one["text/plain"] in one["text/html"]
    assert len(one["image/png"]) < 40_000 and len(one["text/html"]) < 50_000
    with Image.open(io.BytesIO(base64.b64decode(one["image/png"]))) as still:
        assert still.size == (1040, 500)


@pytest.fixture
def drawn(monkeypatch):
    """The axes of an explorer's still, from top to bottom and left to right, and its legend."""
    saved, savefig = [], Figure.savefig

    def keep(self, *where, **options):
        saved.append(self)
        savefig(self, *where, **options)

    monkeypatch.setattr(Figure, "savefig", keep)

    def draw(explorer):
        explorer._repr_mimebundle_()
        figure = saved.pop()
        box = {ax: ax.get_position() for ax in figure.axes}
        axes = sorted(figure.axes, key=lambda ax: (-round(box[ax].y1, 2), box[ax].x0))
        (legend,) = figure.legends
        return axes, legend

    return draw


def look(line):
    return line.get_color(), line.get_linestyle()


def test_the_still_of_several_runs(drawn):
    """One legend for the paths and the scores, each run with its own colour or dash."""
    explorer = Explorer(adam, compare=["momentum", {"rule": "adam", "beta2": 0.9}])
    (left, right), legend = drawn(explorer)
    labels = ["adam, beta2 = 0.999", "momentum", "adam, beta2 = 0.9"]
    assert [text.get_text() for text in legend.get_texts()][:3] == labels
    assert {text.get_text() for text in legend.get_texts()} >= {*labels, "start", "end"}
    looks = []
    for label, trace in zip(labels, explorer.traces, strict=True):
        (path,) = (line for line in left.lines if line.get_label() == label)
        (score,) = (line for line in right.lines if line.get_label() == label)
        np.testing.assert_array_equal(path.get_xydata(), trace.x)
        np.testing.assert_array_equal(score.get_ydata(), trace.score)
        (handle,) = (h for h in legend.legend_handles if h.get_label() == label)
        assert score.get_color() == handle.get_color()
        looks.append((score.get_color(), str(score._dash_pattern)))
    assert len(set(looks)) == 3 and looks[1][0] == STYLE["momentum"]["color"]
    assert left.get_legend() is None and right.get_legend() is None


def test_the_still_of_a_stream(drawn):
    explorer = Explorer(adam, stream="rare", n_iter=60, compare="adamax")
    (above, below), legend = drawn(explorer)
    heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in above.patches}
    assert heights == {t: STREAMS["rare"](t) for t in range(1, 61)}
    assert above.get_ylabel() == "gradient" and below.get_xlabel() == "t"
    assert below.get_ylabel() == r"step / $\alpha$"
    assert [text.get_text() for text in legend.get_texts()] == ["adam", "adamax"]
    for i, name in enumerate(["adam", "adamax"]):
        (line,) = (line for line in below.lines if line.get_label() == name)
        np.testing.assert_array_equal(line.get_xdata(), np.arange(61))
        np.testing.assert_array_equal(line.get_ydata(), field(explorer, i, "step"))
        assert line.get_color() == STYLE[name]["color"]


def test_a_page_is_told_all_that_a_figure_shows():
    explorer = Explorer(adam, stream="cycle", compare=["amsgrad", {"rule": "adam", "beta2": 0.1}])
    explorer.selected = 2
    config = config_of(explorer)
    assert config["initial"] == {
        "view": "stream",
        "objective": "bowl",
        "x0": bowl.start(1).tolist(),
        "stream": "cycle",
        "n_iter": 100,
        "runs": explorer.runs,
        "selected": 2,
    }
    for run in config["initial"]["runs"]:
        known = set(hyperparameters(RULES[run["rule"]])) - {"project"}
        assert set(run["hyperparameters"]) == known


def test_a_map_is_dropped_with_the_run_whose_numbers_are_on_it():
    explorer = Explorer(adam, compare="gradient_descent")
    explorer.axes = {
        "x": {"name": "alpha", "values": [0.01, 0.1]},
        "y": {"name": "beta2", "values": [0.9, 0.99]},
    }
    assert "map" in explorer.result
    explorer.selected = 1
    assert explorer.axes == {} and "map" not in explorer.result and "error" not in explorer.result
