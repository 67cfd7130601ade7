"""The interactive figure: what Python computes and stores, and what a page makes of it.

The page tests open pages made from the stored output in a real browser, with the network cut:
once served, once from disk, and every page of the built site that holds an explorer. They assert
on the data-* attributes, and every number there is compared with ``minimize``.
"""

import gzip
import html
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from course import ROOT, SITE, serve

import descent
from descent import (
    OBJECTIVES,
    RULES,
    Explorer,
    Objective,
    adam,
    bowl,
    gradient_descent,
    minimize,
    nadam,
    rosenbrock,
)
from descent.rules import GradientDescentStep

FOLDER = Path(descent.__file__).parent / "explorer"
SITE_PAGES = [  # the pages of the notebooks whose stored output holds an explorer
    notebook.relative_to(ROOT).with_suffix(".html").as_posix()
    for notebook in sorted(ROOT.glob("book/**/*.ipynb"))
    if "descent-explorer" in notebook.read_text("utf-8")
]


# ---- What a notebook stores ---------------------------------------------------------------------


def test_size():
    """All that a page loads for its figures is at most 16 KB as it travels, compressed."""
    files = [*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]
    assert {"page.js", "explorer.css"} < {file.name for file in files}
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 16_000


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


def test_stored_config():
    config = config_of(Explorer(nadam, [rosenbrock, bowl], n_iter=70, x0=[0.5, 2]))
    assert config["rule"] == "nadam"
    assert (config["objective"], config["n_iter"], config["x0"]) == ("rosenbrock", 70, [0.5, 2])
    assert config["hyperparameters"] == {
        "alpha": 0.02, "beta1": 0.975, "beta2": 0.999, "eps": 1e-8, "correction": "power"
    }  # fmt: skip
    assert [control["name"] for control in config["controls"]] == [
        "alpha", "beta1", "beta2", "eps", "correction", "n_iter"
    ]  # fmt: skip
    assert [surface["name"] for surface in config["surfaces"]] == ["rosenbrock", "bowl"]


def config_of(explorer):
    (text,) = re.findall(r'data-config="([^"]*)"', explorer._html())
    return json.loads(html.unescape(text))


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
    path = explorer.result["paths"][0]["fields"]
    return numbers(path["x"])[-2:].tolist(), numbers(path["f"])[-1]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_result_is_what_minimize_gives(rule):
    explorer = Explorer(rule, rosenbrock, n_iter=30)
    trace = minimize(rosenbrock, rosenbrock.start(1), rule, 30, **explorer.hyperparameters)
    (path,) = explorer.result["paths"]
    np.testing.assert_array_equal(numbers(path["fields"]["x"]), trace.x.ravel())
    np.testing.assert_array_equal(numbers(path["fields"]["f"]), trace.score)
    for name in set(trace.state._fields) - {"t", "x"}:
        state = getattr(trace.state, name)
        np.testing.assert_array_equal(numbers(path["fields"][name]), state.ravel())


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


def test_compare_shares_start_and_alpha():
    explorer = Explorer(nadam, alpha=0.05, beta1=0.5, compare="adam")
    trace = minimize(bowl, bowl.start(1), adam, 100, alpha=0.05)
    assert explorer.result["paths"][1]["rule"] == "adam"
    np.testing.assert_array_equal(
        numbers(explorer.result["paths"][1]["fields"]["x"]), trace.x.ravel()
    )


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
    controls = {control["name"]: control for control in explorer.config["controls"]}
    assert list(controls) == ["alpha", "factor", "offset", "n_iter"]
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
    assert (config["x0"], config["n_iter"]) == ([1, 2], 30)
    mine = Objective(bowl.f, bowl.gradient, "bowl", bounds=[[-3, 3], [-3, 3]])
    explorer = Explorer(adam, [mine, bowl])  # of the same name: the first
    assert [s["bounds"] for s in explorer.config["surfaces"]] == [[[-3, 3], [-3, 3]]]


def test_surface_that_takes_one_point_at_a_time():
    def f(p):
        return 1.0 if p[0] > 0.5 else float(p[0] ** 2 + p[1] ** 2)

    explorer = Explorer(adam, Objective(f, bowl.gradient, "cliff"))
    values = numbers(explorer.surface["values"]).reshape(129, 129)
    assert "error" not in explorer.result and values[64, 64] == 0 and values[64, 128] == 1


@pytest.fixture
def notebook(monkeypatch):
    """Names as a notebook's cells would give them: notebook(my_rule=...)."""
    main = sys.modules["__main__"]

    def define(**names):
        for name, value in names.items():
            if hasattr(value, "__name__"):
                value.__name__ = name
            monkeypatch.setattr(main, name, value, raising=False)

    return define


def broken(gradient, x0, alpha=0.1):
    yield GradientDescentStep(0, x0)
    raise ZeroDivisionError("division by the student")


def faster(gradient, x0, alpha=0.1, speed=3.0):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - speed * alpha * gradient(x), t + 1


def test_error_in_a_rule_is_shown_and_mended(notebook):
    notebook(my_rule=broken)
    explorer = Explorer(broken)
    assert re.fullmatch(
        r"ZeroDivisionError in line \d+ of (broken|my_rule): division by the student",
        explorer.result["error"],
    )
    assert 'raise ZeroDivisionError("division by the student")' in explorer.result["traceback"]
    assert "minimize.py" not in explorer.result["traceback"]
    assert "division by the student" in repr(explorer)
    assert list(stored(explorer)) == ["text/plain"]
    notebook(my_rule=faster)  # the cell is run again, with another hyperparameter
    explorer._after_cell(None)
    assert "error" not in explorer.result
    assert explorer.hyperparameters == {"alpha": 0.1, "speed": 3.0}
    assert [control["name"] for control in explorer.config["controls"]] == [
        "alpha", "speed", "n_iter"
    ]  # fmt: skip
    trace = minimize(bowl, bowl.start(1), faster, 100)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])


def demanding(gradient, x0, alpha):
    yield GradientDescentStep(0, x0)


def test_redefinition_that_cannot_be_used_is_shown_and_mended(notebook):
    notebook(my_rule=halving)
    explorer = Explorer(halving)
    notebook(my_rule=demanding)
    explorer.x0 = [0.25, 0.5]
    assert explorer.result["error"] == "ValueError: my_rule needs a value for alpha"
    notebook(my_rule=faster)
    explorer._after_cell(None)
    trace = minimize(bowl, [0.25, 0.5], faster, 100, alpha=0.3)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])


def test_redefined_rule_is_followed_at_the_next_interaction(notebook):
    notebook(my_rule=halving)
    explorer = Explorer(halving)
    explorer.hyperparameters = explorer.hyperparameters | {"alpha": 0.2}
    notebook(my_rule=faster)
    explorer.x0 = [0.25, 0.5]
    trace = minimize(bowl, [0.25, 0.5], faster, 100, alpha=0.2)
    assert final(explorer) == (trace.x[-1].tolist(), trace.score[-1])


def test_redefined_surface_is_followed(notebook):
    first = Objective(bowl.f, bowl.gradient, "mine")
    second = Objective(rosenbrock.f, rosenbrock.gradient, "mine", bounds=[[-2, 2], [-1, 3]])
    notebook(surface=first)
    explorer = Explorer(adam, first)
    assert explorer.config["surfaces"][0]["code"] == "surface"
    notebook(surface=second)
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
    "compare with nobody": (lambda: Explorer(adam, compare="x"), ValueError, "compare must be"),
}


@pytest.mark.parametrize("make, error, message", BAD.values(), ids=BAD)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


# ---- On a page ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pages made from stored outputs, beside the files that they load."""
    folder = tmp_path_factory.mktemp("site")
    for file in [*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]:
        (folder / file.name).write_bytes(file.read_bytes())
    for name, rule in RULES.items():
        (folder / f"{name}.html").write_text(document(Explorer(rule)._html()))
    (folder / "none.html").write_text(document("<p>no figure here</p>"))
    return folder


def document(body):
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="explorer.css"><script defer src="page.js"></script>'
        f"<main><h1>A page</h1>{body}<p id='after'>after</p></main></html>"
    )


@pytest.fixture(scope="module")
def address(folder):
    with serve(folder) as address:
        yield address


class Figure:
    """The n-th explorer of an open page, and what went wrong on that page."""

    def __init__(self, browser, url, n=0, **options):
        self.context = browser.new_context(
            **({"viewport": {"width": 1300, "height": 1000}} | options)
        )
        self.page = self.context.new_page()
        self.problems, self.requests = [], []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.hear)
        self.page.route("**/*", self.cut)
        self.home = (
            url.rsplit("/", 1)[0] if url.startswith("file") else "/".join(url.split("/")[:3])
        )
        self.page.goto(url)
        self.root = self.page.locator(".descent-explorer").nth(n)

    def hear(self, message):
        theirs = "webfonts" in message.text  # from disk the theme's icons are barred; not ours
        if message.type == "error" and not theirs and "ERR_FAILED" not in message.text:
            self.problems.append(message.text)

    def cut(self, route):
        """Nothing beyond the page's own site can be reached."""
        url = route.request.url
        self.requests.append(url)
        if url.startswith(("file://", self.home, "data:")):
            route.continue_()
        else:
            self.problems.append(f"third party: {url}")
            route.abort()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        problems = self.problems
        self.context.close()
        assert kind or not problems, problems

    def ready(self):
        self.page.wait_for_function(
            "e => e.dataset.state === 'ready'", arg=self.root.element_handle(), timeout=30_000
        )
        self.root.scroll_into_view_if_needed()
        return self

    @property
    def data(self):
        return self.root.evaluate("e => ({ ...e.dataset })")

    def control(self, name):
        return self.root.locator(f'[name="{name}"]')

    def slide(self, name, raw):
        self.control(name).evaluate(
            "(e, raw) => { e.value = raw; e.dispatchEvent(new Event('input', { bubbles: true })) }",
            raw,
        )

    def check(self):
        """The attributes say what minimize gives for the settings that they name."""
        data = self.data
        trace = minimize(
            OBJECTIVES[data["objective"]],
            json.loads(data["x0"]),
            RULES[data["rule"]],
            int(data["nIter"]),
            **json.loads(data["hyperparameters"]),
        )
        if trace.diverged_at is None:
            assert json.loads(data["x"]) == trace.x[-1].tolist()
            assert float(data["score"]) == trace.score[-1]
        else:
            assert not np.isfinite(float(data["score"]))
            assert f"at step {trace.diverged_at} f is no longer" in self.text("output")
        return data

    def text(self, selector):
        return self.root.locator(selector).inner_text()

    def at(self, x, y):
        """Where a point of the map is on the screen."""
        box = self.root.locator("canvas").first.bounding_box()
        (x0, x1), (y0, y1) = OBJECTIVES[self.data["objective"]].bounds
        return (
            box["x"] + 38 + (box["width"] - 52) * (x - x0) / (x1 - x0),
            box["y"] + 8 + (box["height"] - 34) * (y1 - y) / (y1 - y0),
        )

    def ink(self, n):
        """The pixels of the n-th picture, as one string."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        return self.root.locator("canvas").nth(n).evaluate("e => e.toDataURL()")


def check_all_controls(figure):
    """Every control changes what it should, and every number is that of minimize."""
    before = figure.check()
    for name in json.loads(before["hyperparameters"]):
        control = figure.control(name)
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option("constant")
            assert json.loads(figure.check()["hyperparameters"])[name] == "constant"
            continue
        low, high = (float(control.get_attribute(end)) for end in ("min", "max"))
        for part in (0.0, 0.35, 0.8):
            figure.slide(name, low + part * (high - low))
            data = figure.check()
            assert data["hyperparameters"] != before["hyperparameters"]
            value = json.loads(data["hyperparameters"])[name]
            label = control.locator("xpath=../span[@class='value']").inner_text()
            assert float(label) == value
            before = data
    figure.slide("n_iter", 37)
    assert figure.check()["nIter"] == "37"
    figure.control("reset").click()
    reset = figure.check()
    assert reset["nIter"] == figure.start["nIter"]
    assert reset["hyperparameters"] == figure.start["hyperparameters"]


def check_surfaces(figure):
    options = figure.control("objective").locator("option").evaluate_all("e => e.map(o => o.value)")
    pictures = set()
    for name in options:
        figure.control("objective").select_option(name)
        assert figure.check()["objective"] == name
        pictures.add(figure.ink(0))
    assert len(pictures) == len(options)
    figure.control("objective").select_option(figure.start["objective"])
    return options


def check_start(figure):
    data = figure.check()
    (x0, x1), (y0, y1) = OBJECTIVES[data["objective"]].bounds
    mouse = figure.page.mouse
    mouse.move(*figure.at(*json.loads(data["x0"])))  # the handle itself
    mouse.down()
    target = x0 + 0.3 * (x1 - x0), y0 + 0.7 * (y1 - y0)
    mouse.move(*figure.at(*target), steps=5)
    mouse.up()
    moved = json.loads(figure.check()["x0"])
    np.testing.assert_allclose(moved, target, atol=0.01 * max(x1 - x0, y1 - y0))
    mouse.move(*figure.at(x0, y1))  # no longer dragged
    assert json.loads(figure.data["x0"]) == moved
    figure.control("x0").focus()
    for key, i, sign in [("Right", 0, 1), ("Up", 1, 1), ("Left", 0, -1), ("Down", 1, -1)]:
        before = json.loads(figure.data["x0"])
        figure.page.keyboard.press(f"Arrow{key}")
        after = json.loads(figure.check()["x0"])
        assert np.sign(after[i] - before[i]) == sign and after[1 - i] == before[1 - i]
    mouse.click(*figure.at(x0 + 0.6 * (x1 - x0), y0 + 0.4 * (y1 - y0)))
    assert json.loads(figure.check()["x0"]) != moved


def check_time(figure):
    figure.slide("t", 5)
    data = figure.check()
    trace = minimize(
        OBJECTIVES[data["objective"]],
        json.loads(data["x0"]),
        RULES[data["rule"]],
        int(data["nIter"]),
        **json.loads(data["hyperparameters"]),
    )
    assert data["t"] == "5"
    shown = [
        float(v.replace("−", "-"))
        for v in re.findall(r"−?\d[\d.]*(?:e−?\d+)?", figure.text(".step >> nth=0"))
    ]
    fields = [trace.score[5:6], *(np.ravel(field[5]) for field in trace.state[1:])]
    np.testing.assert_allclose(
        shown[-sum(map(len, fields)) :], np.concatenate(fields), rtol=6e-3, atol=5e-5
    )
    figure.control("t").focus()
    figure.page.keyboard.press("ArrowRight")
    assert figure.data["t"] == "6"
    still = figure.ink(1)
    figure.control("play").click()
    figure.page.wait_for_function("e => e.dataset.t > 15", arg=figure.root.element_handle())
    figure.control("play").click()
    paused = figure.data["t"]
    assert figure.control("play").inner_text() == "Play" and figure.ink(1) != still
    figure.page.wait_for_timeout(120)
    assert figure.data["t"] == paused
    figure.slide("t", figure.data["nIter"])


def check_compare(figure):
    figure.control("compare").select_option(
        "nesterov" if figure.data["rule"] != "nesterov" else "adam"
    )
    data = figure.check()
    alpha = json.loads(data["hyperparameters"])["alpha"]
    other = minimize(
        OBJECTIVES[data["objective"]],
        json.loads(data["x0"]),
        RULES[data["compare"]],
        int(data["nIter"]),
        alpha=alpha,
    )
    if other.diverged_at is None:
        assert json.loads(data["compareX"]) == other.x[-1].tolist()
    assert figure.root.locator(".step").count() == 2
    assert re.search(rf"{data['rule']} .*{data['compare']} (ends|diverges)", figure.text("output"))
    figure.control("compare").select_option("")
    assert figure.data["compareX"] == "" and figure.root.locator(".step").count() == 1


def check_sensitivity(figure):
    options = figure.control("objective").locator("option").evaluate_all("e => e.map(o => o.value)")
    figure.control("objective").select_option(
        "rosenbrock" if "rosenbrock" in options else options[0]
    )
    for panel in figure.control("panel").all()[1:]:
        loss = figure.ink(1)
        panel.check()
        figure.page.wait_for_function("e => e.dataset.best", arg=figure.root.element_handle())
        best = json.loads(figure.check()["best"])
        f = best.pop("f")
        assert set(best) == {"alpha", panel.get_attribute("value")}
        run = (
            json.loads(figure.data["hyperparameters"])
            | {"n_iter": int(figure.data["nIter"])}
            | best
        )
        trace = minimize(
            OBJECTIVES[figure.data["objective"]],
            json.loads(figure.data["x0"]),
            RULES[figure.data["rule"]],
            **run,
        )
        assert trace.score[-1] == f
        assert figure.ink(1) != loss
        before = figure.data
        x, y = json.loads(before["x0"])
        figure.control("x0").focus()
        figure.page.keyboard.press("ArrowLeft")  # the map follows the start
        assert figure.check()["best"] != before["best"]
        side = figure.root.locator("canvas").nth(1)
        box = side.bounding_box()
        side.click(position={"x": 0.6 * box["width"], "y": 0.5 * box["height"]})
        after = figure.check()
        assert after["hyperparameters"] != before["hyperparameters"]
        figure.control("reset").click()
    figure.control("panel").first.check()
    assert figure.data["panel"] == "loss" and figure.data["best"] == ""


def check_words(figure):
    figure.control("objective").select_option("rosenbrock")
    figure.slide("alpha", figure.control("alpha").get_attribute("max"))
    figure.check()
    assert re.search("diverges|leaves the map", figure.text("output"))
    figure.control("reset").click()


def check_everything(figure):
    figure.start = figure.check()
    check_all_controls(figure)
    options = check_surfaces(figure)
    check_start(figure)
    check_time(figure)
    check_compare(figure)
    check_sensitivity(figure)
    if "rosenbrock" in options:
        check_words(figure)


def test_every_control_served(browser, address):
    with Figure(browser, f"{address}rmsprop.html") as figure:
        check_everything(figure.ready())
        assert all(url.startswith(figure.home) for url in figure.requests)


def test_from_disk(browser, folder):
    """A page that is opened as a file, without a server."""
    with Figure(browser, f"{folder.as_uri()}/adam.html") as figure:
        figure.start = figure.ready().check()
        check_all_controls(figure)
        check_start(figure)


@pytest.fixture(scope="module")
def site_address():
    with serve(SITE) as address:
        yield address


@pytest.mark.parametrize("path", SITE_PAGES)
def test_every_explorer_of_the_built_site(browser, site_address, path):
    assert (SITE / path).exists(), f"{SITE / path} is missing: build the site with `make book`"
    url = site_address + path
    count = (SITE / path).read_text("utf-8").count('class="descent-explorer"')
    assert count
    for n in range(count):
        with Figure(browser, url, n) as figure:
            check_everything(figure.ready())


def test_built_site_from_disk(browser):
    with Figure(browser, (SITE / SITE_PAGES[0]).as_uri()) as figure:
        figure.ready().slide("alpha", -2)
        figure.check()


def test_page_without_a_figure_loads_nothing(browser, address):
    with Figure(browser, f"{address}none.html") as figure:
        figure.page.wait_for_timeout(200)
        names = {url.rsplit("/", 1)[1] for url in figure.requests}
        assert names <= {"none.html", "explorer.css", "page.js", "favicon.ico"}


@pytest.mark.parametrize("width", [360, 390, 1300])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_width_and_scheme(browser, address, width, scheme):
    url = f"{address}nadam.html"
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with Figure(browser, url, **options) as figure:
        figure.ready().page.evaluate(
            "s => document.documentElement.style.colorScheme = s", scheme
        )  # a page that follows the system
        assert figure.page.evaluate("document.documentElement.scrollWidth") == width
        boxes = [canvas.bounding_box() for canvas in figure.root.locator("canvas").all()]
        beside = boxes[1]["x"] > boxes[0]["x"] + 100
        assert beside == (width > 700)
        ink, paper = figure.root.evaluate(
            "e => [getComputedStyle(e).color, 'Canvas'].map((color) => {"
            "  const c = document.createElement('canvas').getContext('2d');"
            "  e.style.outlineColor = color; c.fillStyle = getComputedStyle(e).outlineColor;"
            "  c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data[0]; })"
        )
        assert (ink < 60 < 200 < paper) if scheme == "light" else (ink > 200 > 60 > paper)


def test_touch(browser, address):
    url = f"{address}adam.html"
    options = {"viewport": {"width": 360, "height": 800}, "has_touch": True, "is_mobile": True}
    with Figure(browser, url, **options) as figure:
        figure.ready()
        figure.root.locator("canvas").first.scroll_into_view_if_needed()
        figure.page.touchscreen.tap(*figure.at(0.5, 0.5))
        np.testing.assert_allclose(json.loads(figure.check()["x0"]), [0.5, 0.5], atol=0.01)
        finger = figure.context.new_cdp_session(figure.page)
        for kind, places in [
            ("touchStart", [(0.5, 0.5)]),
            ("touchMove", [(0.2, 0.2)]),
            ("touchMove", [(-0.5, -0.25)]),
            ("touchEnd", []),
        ]:
            points = [dict(zip("xy", figure.at(*place), strict=True)) for place in places]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        np.testing.assert_allclose(json.loads(figure.check()["x0"]), [-0.5, -0.25], atol=0.01)
        sizes = [e.bounding_box() for e in figure.root.locator("input, button, select").all()]
        assert all(size["height"] >= 13 for size in sizes)
        ranges = figure.root.locator("input[type=range], button").all()
        assert all(e.bounding_box()["height"] >= 24 for e in ranges)


def test_keyboard_and_screen_reader(browser, address):
    from axe_playwright_python.sync_playwright import Axe

    url = f"{address}nadam.html"
    with Figure(browser, url) as figure:
        figure.ready()
        report = Axe().run(figure.page)
        assert not report.response["violations"], report.generate_report()
        page, reached = figure.page, []
        page.keyboard.press("Tab")
        for _ in range(30):
            focus = page.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                "return e.name && [e.name, s.outlineStyle, parseFloat(s.outlineWidth)] })()"
            )
            if not focus:
                break
            name, style, thickness = focus
            assert style == "solid" and thickness >= 2, name  # focus can be seen
            reached.append(name)
            page.keyboard.press("Tab")
        assert reached == [
            "objective", "compare", "panel", "x0", "play", "t", "alpha", "beta1", "beta2", "eps",
            "correction", "n_iter", "copy", "reset",
        ]  # fmt: skip
        before = figure.data
        figure.control("alpha").focus()
        page.keyboard.press("ArrowRight")
        assert figure.check()["hyperparameters"] != before["hyperparameters"]
        assert figure.root.locator("output").get_attribute("aria-live") == "polite"
        assert figure.data["score"] != before["score"]


def test_no_motion_unless_asked(browser, address):
    url = f"{address}adam.html"
    with Figure(browser, url, reduced_motion="reduce") as figure:
        steps = figure.ready().data["t"]
        figure.page.wait_for_timeout(300)
        assert figure.data["t"] == steps == figure.data["nIter"]
        running = "document.getAnimations().filter((a) => a.playState === 'running').length"
        assert figure.page.evaluate(running) == 0


@pytest.mark.parametrize("clipboard", ["granted", "barred"])
def test_copied_call_makes_this_figure(browser, address, clipboard):
    url = f"{address}nadam.html"
    with Figure(browser, url) as figure:
        figure.context.grant_permissions(["clipboard-read", "clipboard-write"])
        if clipboard == "barred":
            figure.page.add_init_script("delete Navigator.prototype.clipboard")
            figure.page.reload()
        figure.ready().control("objective").select_option("beale")
        figure.slide("alpha", -1.234)
        figure.control("correction").select_option("constant")
        figure.control("copy").click()
        figure.root.get_by_text("Copied").wait_for()
        if clipboard == "granted":
            call = figure.page.evaluate("navigator.clipboard.readText()")
        else:
            call = figure.page.evaluate("getSelection().toString()")
        trace = eval(call, {"minimize": minimize, **RULES, **OBJECTIVES})
        data = figure.check()
        assert json.loads(data["x"]) == trace.x[-1].tolist()
        figure.slide("alpha", -1)
        assert figure.control("copy").inner_text() == "Copy"


def changed(**changes):
    return json.dumps(config_of(Explorer(adam)) | changes)


HOSTILE = '<img src="nowhere.png" onerror="window.hurt = 1">'
DAMAGED = {
    "not JSON": "{rule: adam",
    "empty": "",
    "null": "null",
    "a list": "[]",
    "nothing in it": "{}",
    "unknown rule": changed(rule="atom"),
    "hostile rule": changed(rule=HOSTILE),
    "inherited name": changed(rule="constructor"),
    "unknown surface": changed(objective="bowel"),
    "surface for a rule": changed(rule="bowl"),
    "rule for a surface": changed(objective="adam"),
    "no surfaces": changed(surfaces=[]),
    "infinite start": changed(x0=[0.1, 7]).replace("7]", "1e999]"),
    "start of words": changed(x0=["0", "1"]),
    "one coordinate": changed(x0=[0.5]),
    "nan": changed(n_iter="NaN").replace('"NaN"', "NaN"),
    "null steps": changed(n_iter=None),
    "endless": changed(n_iter=10**9),
    "half a step": changed(n_iter=2.5),
    "alpha is missing": changed(hyperparameters={"beta1": 0.9, "beta2": 0.9, "eps": 1e-8}),
    "hostile number": changed(hyperparameters={"alpha": HOSTILE}),
    "no styles": changed(styles={}),
    "no controls": changed(controls=None),
}


def test_damaged_configs_harm_nothing_else(browser, folder):
    good = Explorer(adam)._html()
    divs = [
        f'<div class="descent-explorer" data-config="{html.escape(c)}"></div>'
        for c in DAMAGED.values()
    ]
    page = folder / "damaged.html"
    page.write_text(document("".join([*divs, good])))
    with Figure(browser, page.as_uri(), len(divs)) as figure:
        figure.ready().slide("alpha", -1)
        figure.check()
        assert figure.page.locator("#after").inner_text() == "after"
        broken = figure.page.locator(".descent-explorer[data-state=error]")
        texts = broken.all_inner_texts()
        assert len(texts) == len(DAMAGED)
        for name, text in zip(DAMAGED, texts, strict=True):
            assert re.fullmatch(r"This interactive figure cannot be shown: [^\n]+\.", text), (
                name,
                text,
            )
        assert figure.page.locator(".descent-explorer img").count() == 0
        assert figure.page.evaluate("window.hurt") is None


def test_config_values_are_never_html(browser, folder):
    """A hostile word where any text is allowed: in the code of a surface and in a style."""
    config = config_of(Explorer(adam, compare="momentum"))
    config["surfaces"][0]["code"] = HOSTILE
    config["styles"]["adam"]["color"] = HOSTILE
    config["controls"][0]["note"] = HOSTILE
    div = f'<div class="descent-explorer" data-config="{html.escape(json.dumps(config))}"></div>'
    (folder / "hostile.html").write_text(document(div))
    with Figure(browser, (folder / "hostile.html").as_uri()) as figure:
        figure.ready().check()
        assert HOSTILE in figure.text("code")
        assert figure.page.locator(".descent-explorer img").count() == 0
        assert figure.page.evaluate("window.hurt") is None


def test_readers_without_scripts(browser, folder):
    with Figure(browser, f"{folder.as_uri()}/adam.html", java_script_enabled=False) as figure:
        text = figure.root.inner_text()
        assert text.startswith("Interactive figure (it needs JavaScript). Explorer: adam on bowl")


def test_sensitivity_of_the_page_is_the_batch_of_minimize(browser, address):
    """All 64 x 64 numbers, read from the model that page.js gives the view."""
    page = browser.new_page()
    spy = (
        "var descentExplorer = { render: ({ model, el }) => "
        "{ window.model = model; el.dataset.state = 'ready' } }"
    )
    page.route(
        "**/explorer.js", lambda route: route.fulfill(body=spy, content_type="text/javascript")
    )
    alphas, betas = np.geomspace(1e-4, 3, 64), 1 - np.geomspace(1, 1e-4, 64)
    for rule, y, values in [
        ("adam", "beta1", betas.tolist()),
        ("amsgrad", "beta2", betas.tolist()),
        ("gradient_descent", "n_iter", list(range(1, 65))),
    ]:
        page.goto(f"{address}{rule}.html")
        page.wait_for_selector("[data-state=ready]")
        axes = {
            "x": {"name": "alpha", "values": alphas.tolist()},
            "y": {"name": y, "values": values},
        }
        result = page.evaluate(
            "axes => { model.set('axes', axes); model.set('n_iter', 60);"
            "model.set('x0', [-1.5, 2]);"
            "model.set('objective', 'rosenbrock'); model.save_changes();"
            "return Array.from(model.get('result').map, String) }",
            axes,
        )
        scores = np.array([float(score) for score in result]).reshape(64, 64)
        explorer = Explorer(RULES[rule], rosenbrock, n_iter=60, x0=[-1.5, 2], **({"alpha": 0.1}))
        explorer.axes = axes
        np.testing.assert_array_equal(scores, numbers(explorer.result["map"]).reshape(64, 64))
    page.close()
