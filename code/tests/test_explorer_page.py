"""The interactive figure on a page, in a real browser: its controls, its numbers, its words.

The pages are made from the stored output and opened with the network cut: served, from disk, and
every page of the built site that holds an explorer. Every number is compared with ``minimize``.
"""

import html
import json
import re
import sys

import numpy as np
import pytest
from course import ROOT, SITE, serve
from figure import HOSTILE, SIZES, Figure, LiveFigure, config_of, div_of, document, numbers_in

from descent import (
    OBJECTIVES,
    RULES,
    Explorer,
    Objective,
    adam,
    bowl,
    minimize,
    rosenbrock,
)
from descent.inner import inner_values
from descent.rules import GradientDescentStep
from descent.streams import INTERVALS, STREAMS

SITE_PAGES = [  # the notebooks whose stored output holds an explorer, and the texts with a live one
    source.relative_to(ROOT).with_suffix(".html").as_posix()
    for source in sorted([*ROOT.glob("book/**/*.ipynb"), *ROOT.glob("book/**/*.md")])
    if re.search("descent-explorer|^`{3,}{explorer}", source.read_text("utf-8"), re.M)
]


# ---- Every control, in full ---------------------------------------------------------------------


def start_of(figure, name):
    """Where the start stands on a surface that was just chosen."""
    is_first = name == figure.first["objective"]
    return json.loads(figure.first["x0"]) if is_first else OBJECTIVES[name].start(1).tolist()


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
            raw = low + part * (high - low)
            figure.slide(name, raw)
            data = figure.check()
            assert data["hyperparameters"] != before["hyperparameters"]
            value = json.loads(data["hyperparameters"])[name]
            typed = figure.control(f"{name}-value").input_value()
            assert float(typed) == float(control.get_attribute("aria-valuetext")) == value
            assert abs(float(control.input_value()) - raw) < 0.02  # the thumb stays where it is
            before = data
    figure.slide("n_iter", 37)
    assert figure.check()["nIter"] == "37"
    figure.control("x0").press("ArrowLeft")
    assert figure.check()["x0"] != figure.first["x0"]
    figure.control("reset").click()
    assert without_inner(figure.check()) == without_inner(figure.first)


def check_surfaces(figure):
    options = figure.options("objective")
    assert set(options) == set(OBJECTIVES)
    pictures = set()
    for name in [*options[1:], options[0]]:
        figure.choose("objective", name)
        data = figure.check()
        assert data["objective"] == name and json.loads(data["x0"]) == start_of(figure, name)
        pictures.add(figure.ink(0))
    assert len(pictures) == len(options)


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
    assert np.all(abs(np.subtract(moved, target)) < [0.01 * (x1 - x0), 0.01 * (y1 - y0)])
    mouse.move(*figure.at(x0, y1))  # no longer dragged
    assert json.loads(figure.data["x0"]) == moved
    handle = figure.control("x0")
    handle.focus()
    for key, i, sign in [("Right", 0, 1), ("Up", 1, 1), ("Left", 0, -1), ("Down", 1, -1)]:
        before = json.loads(figure.data["x0"])
        figure.page.keyboard.press(f"Arrow{key}")
        after = json.loads(figure.check()["x0"])
        assert after[1 - i] == before[1 - i]
        step = (after[i] - before[i]) / (x1 - x0, y1 - y0)[i]
        assert 0.005 < sign * step < 0.02  # fine enough to aim, coarse enough to arrive
        said = numbers_in(handle.get_attribute("aria-label"))
        np.testing.assert_allclose(said, after, rtol=6e-3, atol=5e-5)
    target = x0 + 0.6 * (x1 - x0), y0 + 0.4 * (y1 - y0)
    figure.move_start(*target)
    moved = json.loads(figure.check()["x0"])
    assert np.all(abs(np.subtract(moved, target)) < [0.01 * (x1 - x0), 0.01 * (y1 - y0)])


def check_readout(figure, n, t):
    """The n-th line of the readout has each number of step t under its name; the selected run's
    has also those of the rule's record and what stands between gradient and step (inner.py)."""
    data, trace = figure.data, figure.traces[n]
    rule = trace.rule.__name__
    if data["view"] == "surface":
        g = np.array([np.full(2, np.nan), *map(trace.objective.gradient, trace.x[:-1])])
        values = {"f": trace.score, "x": trace.x}
    else:
        g, values = figure.gradients, {}
    inner = inner_values(trace, g)
    if data["view"] == "stream":
        values["step"] = inner["step"]
    if n == int(data["selected"]):
        values |= {"g": g, "step": inner["step"], "x": figure.iterates(trace)}
        values |= {
            name: getattr(trace.state, name) for name in trace.state._fields if name not in "tx"
        }
        if rule in AVERAGE:
            values[AVERAGE[rule]] = inner["average"]
        if rule in ROOT:
            values |= {ROOT[rule]: inner["root"], "rate": inner["rate"]}
    shown = figure.readout(n)
    assert set(shown) == set(values)
    for name, text in shown.items():
        expected = np.ravel(values[name][t])
        if np.isnan(expected).all():
            assert re.fullmatch(r"–|\(–, –\)", text), name  # before the first step
        else:
            np.testing.assert_allclose(numbers_in(text), expected, rtol=6e-3, atol=5e-5)
    return figure.text(f".step >> nth={n}").split()


# What a rule calls its average and its divisor, where its record does not have them.
AVERAGE = {"nesterov": "g + βb", "adam": "m̂", "adamax": "m̂", "nadam": "m̂"}
ROOT = {
    "adagrad": "√s",
    "rmsprop": "√v",
    "adam": "√v̂",
    "adamax": "u",
    "amsgrad": "√v_max",
    "nadam": "√n̂",
}


def check_time(figure):
    last, n = int(figure.data["nIter"]), int(figure.data["selected"])
    assert figure.text(".time").split()[-3:] == ["t", "=", str(last)]
    for t in (last, 0, 5):
        figure.slide("t", t)
        assert figure.data["t"] == str(t)
        assert figure.text(".time").split()[-3:] == ["t", "=", str(t)]
        words = check_readout(figure, n, t)
        spoken = figure.control("t").get_attribute("aria-valuetext")
        assert spoken.split() == ["t", "=", f"{t}:", *words]
    figure.control("t").focus()
    figure.page.keyboard.press("ArrowRight")
    assert figure.data["t"] == "6"
    still = figure.ink(1)
    play = figure.control("play")
    play.click()
    assert play.inner_text() == "Pause"
    figure.wait("e.dataset.t > 15")
    play.click()
    paused = figure.data["t"]
    assert play.inner_text() == "Play" and figure.ink(1) != still
    figure.page.wait_for_timeout(120)
    assert figure.data["t"] == paused
    figure.slide("t", last - 3)
    play.click()
    figure.wait(f"e.dataset.t == {last} && e.querySelector('[name=play]').innerText === 'Play'")
    figure.slide("t", 5)
    figure.page.wait_for_timeout(120)
    assert figure.data["t"] == "5"  # it has come to its end, and nothing goes on
    figure.slide("t", last)
    play.click()  # at the end: from the start again
    figure.wait(f"e.dataset.t < {last} - 1")
    play.click()
    figure.slide("t", last)


def check_runs(figure):
    """Runs are added, selected, changed one at a time, and removed; each line speaks of its own."""
    first, last = figure.check(), int(figure.data["nIter"])
    other = "adam" if first["rule"] != "adam" else "amsgrad"
    figure.slide("alpha", -1.3)
    if figure.control("beta2").count():
        figure.slide("beta2", 0.3)
    before = figure.runs
    figure.choose("add", other)
    data = figure.check()
    assert (data["selected"], data["rule"]) == ("1", other)
    assert figure.runs[0] == before[0]
    defaults = config_of(Explorer(adam))["rules"][other]["hyperparameters"]
    assert json.loads(data["hyperparameters"]) == defaults | {"alpha": 0.05}  # alpha is taken over
    figure.slide("beta2", 1)
    figure.choose("add", "same")
    figure.slide("beta2", 2)
    figure.check()
    assert figure.runs[0] == before[0]
    assert [run["hyperparameters"]["beta2"] for run in figure.runs[1:]] == [0.9, 0.99]
    chips = [f"{other}, β₂ = 0.9", f"{other}, β₂ = 0.99"]
    assert figure.control("run").all_inner_texts()[1:] == chips
    for n in (1, 0):
        figure.control("run").nth(n).click()
        assert figure.check()["selected"] == str(n)
        for k in range(3):
            words = check_readout(figure, k, last)
            assert k == 0 or " ".join(words).startswith(chips[k - 1])
            check_sentence(figure.sentence(k), figure.traces[k])
    check_controls_of(figure, first["rule"])
    figure.control("remove").nth(1).click()
    figure.control("remove").nth(1).click()
    assert len(figure.runs) == figure.root.locator(".step").count() == 1
    assert figure.control("remove").count() == 0  # one run stays
    figure.control("reset").click()
    assert without_inner(figure.check()) == without_inner(first)


def check_controls_of(figure, rule):
    """The selected run's sliders are shown, with its values."""
    run = figure.runs[int(figure.data["selected"])]
    assert run["rule"] == rule
    for name, value in run["hyperparameters"].items():
        field = figure.control(f"{name}-value")
        text = (field if field.count() else figure.control(name)).input_value()
        assert text == value if isinstance(value, str) else float(text) == value


def check_sensitivity(figure):
    figure.choose("objective", "rosenbrock")
    for panel in figure.control("panel").all()[1:]:
        loss = figure.ink(1)
        panel.check()
        figure.wait("e.dataset.best")
        best = json.loads(figure.check()["best"])
        words = figure.note
        assert "dark is low, yellow no better than the start, grey not finite" in words
        said = dict(
            re.findall(r"(\w+) = (\S+?)[,.](?: |$)", words.split("Lowest, in the ring:")[1])
        )
        assert {name: float(v) for name, v in said.items()} == pytest.approx(best, rel=1e-3)
        f = best.pop("f")
        assert set(best) == {"alpha", panel.get_attribute("value")}
        data = figure.data
        run = json.loads(data["hyperparameters"]) | {"n_iter": int(data["nIter"])} | best
        trace = minimize(
            OBJECTIVES[data["objective"]], json.loads(data["x0"]), RULES[data["rule"]], **run
        )
        assert trace.score[-1] == f
        assert figure.ink(1) != loss
        before = figure.data
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
    assert figure.note == ""


def check_stream(figure):
    """What the rule makes of each stream, with every number, and every third picture."""
    first = figure.check()
    figure.press("view", "stream")
    assert figure.check()["view"] == "stream" and figure.data["inner"] == "average"
    assert figure.options("stream") == list(STREAMS)
    check_time(figure)
    other = "adamax" if first["rule"] != "adamax" else "adam"
    figure.choose("add", other)
    pictures = set()
    for name in STREAMS:
        figure.choose("stream", name)
        data = figure.check()
        assert data["stream"] == name
        assert data["inner"] == ("x" if name in INTERVALS else "average")
        for n in (0, 1):
            check_readout(figure, n, 100)
            check_stream_sentence(figure.sentence(n), figure, n)
        pictures |= {figure.ink(n) for n in range(3)}
    for name in ("average", "root", "rate", "x"):
        figure.press("inner", name)
        assert figure.check()["inner"] == name
        pictures.add(figure.ink(2))
    assert len(pictures) >= 3 * len(STREAMS) + 3
    figure.slide("n_iter", 120)
    assert figure.check()["nIter"] == "120" and figure.runs[0]["rule"] == first["rule"]
    figure.control("reset").click()
    assert without_inner(figure.check()) == without_inner(first)
    figure.press("view", "stream")
    assert figure.data["inner"] == "average"
    figure.press("inner", "root")
    figure.choose("add", other)
    figure.press("view", "surface")
    assert [run["rule"] for run in figure.runs] == [first["rule"], other]
    figure.check()
    figure.control("reset").click()
    assert without_inner(figure.check()) == without_inner(first)


def without_inner(data):
    """The attributes but the choice of the third picture of streams, which is left as it was."""
    return {name: value for name, value in data.items() if name != "inner"}


def check_stream_sentence(text, figure, n):
    trace = figure.traces[n]
    step = inner_values(trace, figure.gradients)["step"][1:, 0]
    found = re.fullmatch(
        re.escape(figure.control("run").nth(n).inner_text())
        + r": the last step is (\S+) α, the longest (\S+) α at t = (\d+); x ends at (\S+)\.",
        text.strip(),
    )
    assert found, text
    last, longest, where, end = (numbers_in(part)[0] for part in found.groups())
    expected = step[-1], abs(step).max(), abs(step[int(where) - 1]), figure.iterates(trace)[-1, 0]
    np.testing.assert_allclose((last, longest, longest, end), expected, rtol=6e-3, atol=5e-5)
    before = abs(step[: int(where) - 1])
    assert (before < abs(step).max() * (1 - 1e-9)).all()  # the first of them


def check_everything(figure):
    figure.first = figure.check()
    check_all_controls(figure)
    check_surfaces(figure)
    check_start(figure)
    figure.choose("objective", "ravine")  # five times as wide as it is high
    check_start(figure)
    figure.choose("objective", figure.first["objective"])
    check_time(figure)
    check_runs(figure)
    check_sensitivity(figure)
    check_stream(figure)


@pytest.mark.parametrize("rule", ["nadam", "gradient_descent"])
def test_every_control(browser, address, rule):
    """The rule with most hyperparameters, and the one whose map is over the number of steps."""
    with Figure(browser, f"{address}{rule}.html") as figure:
        check_everything(figure.ready())
        assert all(url.startswith(figure.home) for url in figure.requests)


def test_from_disk(browser, folder):
    """A page that is opened as a file, without a server."""
    with Figure(browser, f"{folder.as_uri()}/adam.html") as figure:
        figure.first = figure.ready().check()
        check_all_controls(figure)
        check_start(figure)


# ---- Words --------------------------------------------------------------------------------------


def check_sentence(text, trace):
    """What the figure says of a run, with its numbers."""
    if trace.diverged_at is not None:
        assert f"diverges: at step {trace.diverged_at} f is no longer a finite number." in text
        return
    steps = len(trace.x) - 1
    ends = re.search(r"ends? at (.*) with f = (\S+) after (\d+ steps?)\.", text)
    assert ends, text
    np.testing.assert_allclose(numbers_in(ends[1]), trace.x[-1], rtol=6e-3, atol=5e-5)
    np.testing.assert_allclose(numbers_in(ends[2]), [trace.score[-1]], rtol=6e-3, atol=5e-5)
    assert ends[3] == ("1 step" if steps == 1 else f"{steps} steps")
    lo, hi = trace.objective.bounds.T
    outside = ((trace.x < lo) | (trace.x > hi)).any(axis=1)
    leaves = re.search(r"leaves the map at step (\d+) and (ends outside|comes back)\.", text)
    assert bool(leaves) == outside.any(), text
    if leaves:
        assert int(leaves[1]) == outside.argmax()
        assert leaves[2] == ("ends outside" if outside[-1] else "comes back")


SENTENCES = {  # rule, surface, the alpha slider, n_iter -> a word that must be there
    "arrives": ("adam", "bowl", -1.7, 100, "100 steps."),
    "one step": ("adam", "bowl", -1.7, 1, "1 step."),
    "comes back": ("adam", "egg_box", 0, 20, "step 2 and comes back"),
    "ends outside": ("adam", "egg_box", 0, 3, "step 2 and ends outside"),
    "diverges": ("nesterov", "rosenbrock", 0.5, 50, "diverges"),
}


@pytest.mark.parametrize("rule, surface, alpha, n_iter, word", SENTENCES.values(), ids=SENTENCES)
def test_sentence(browser, address, rule, surface, alpha, n_iter, word):
    with Figure(browser, f"{address}{rule}.html") as figure:
        figure.ready().choose("objective", surface)
        figure.slide("n_iter", n_iter)
        figure.slide("alpha", alpha)
        figure.check()
        text = figure.text("output")
        assert text.startswith(rule) and word in text
        check_sentence(text, figure.trace)


# ---- The built site -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site_address():
    with serve(SITE) as address:
        yield address


@pytest.mark.site
@pytest.mark.parametrize("path", SITE_PAGES)
def test_every_figure_of_the_built_site(browser, site_address, path):
    """Each starts, draws its pictures, answers a slider with the right numbers, and fits."""
    assert (SITE / path).exists(), f"{SITE / path} is missing: build the site with `make book`"
    count = (SITE / path).read_text("utf-8").count("data-config=")
    assert count
    with Figure(browser, site_address + path) as figure:
        roots = [figure.page.locator(".descent-explorer").nth(n) for n in range(count)]
        for figure.root in roots:
            figure.ready().check()
            before = figure.inks()
            figure.slide("n_iter", 83)
            assert all(now != then for now, then in zip(figure.inks(), before, strict=True))
            figure.slide("alpha", -1.23)
            assert figure.setting("alpha") == 0.059
            figure.check()
        for size in SIZES:
            figure.resize(size)
            width = "document.documentElement.scrollWidth - innerWidth"
            assert figure.page.evaluate(width) <= 0, size
            for figure.root in roots:
                assert figure.overlaps() == [], (size, figure.root.get_attribute("id"))


def test_a_stream_of_ones_own(browser, folder):
    """The page has its numbers, and takes no more steps than there are."""

    def swing(t):
        return (t % 7) / 3 - 1

    explorer = Explorer(adam, stream=swing, n_iter=60, alpha=0.1, compare="amsgrad")
    (folder / "own.html").write_text(document(explorer._html()))
    with Figure(browser, (folder / "own.html").as_uri()) as figure:
        assert figure.ready().check()["stream"] == "swing"
        assert figure.options("stream") == ["swing", *STREAMS]
        assert "stream=swing" in figure.text(".call code")
        check_readout(figure, 1, 60)
        assert figure.control("n_iter").get_attribute("max") == "60"
        figure.slide("n_iter", 35)
        assert figure.check()["nIter"] == "35"
        figure.type("n_iter-value", "61")
        assert "n_iter must be at most 60, got 61" in figure.complaint
        figure.choose("stream", "spike")
        assert figure.check()["stream"] == "spike"
        figure.control("reset").click()
        assert figure.check()["stream"] == "swing" and figure.data["nIter"] == "60"


def test_every_chapter_has_a_figure():
    chapters = {"gradient_descent", "adam", "adamax", "amsgrad", "nadam"}
    assert {f"book/{chapter}/notebook.html" for chapter in chapters} <= set(SITE_PAGES)


@pytest.mark.site
def test_built_site_from_disk(browser):
    with Figure(browser, (SITE / "book/adam/notebook.html").as_uri()) as figure:
        figure.ready().slide("alpha", -2)
        figure.check()


def test_page_without_a_figure_loads_nothing(browser, address):
    with Figure(browser, f"{address}none.html") as figure:
        figure.page.wait_for_timeout(200)
        names = {url.rsplit("/", 1)[1] for url in figure.requests}
        assert names - {"favicon.ico"} == {"none.html", "explorer.css", "page.js"}


@pytest.mark.parametrize("clipboard", ["granted", "barred"])
def test_copied_call_makes_this_figure(browser, address, clipboard):
    with Figure(browser, f"{address}nadam.html", own_tab=True) as figure:
        figure.context.grant_permissions(["clipboard-read", "clipboard-write"])
        if clipboard == "barred":
            figure.page.add_init_script("delete Navigator.prototype.clipboard")
            figure.page.reload()
        figure.ready().choose("objective", "beale")
        figure.slide("alpha", -1.234)
        figure.choose("correction", "constant")
        figure.control("x0").press("ArrowLeft")
        field = figure.page.evaluate_handle(
            "document.body.appendChild(document.createElement('textarea'))"
        )

        def copied():
            """What a reader who pastes gets."""
            figure.control("copy").click()
            figure.root.get_by_text("Copied").wait_for()
            field.evaluate("e => { e.value = ''; e.focus() }")
            figure.page.keyboard.press("Control+V")
            return field.evaluate("e => e.value")

        call = copied()
        trace = eval(call, {"minimize": minimize, **RULES, **OBJECTIVES})
        data = figure.check()
        assert json.loads(data["x"]) == trace.x[-1].tolist()
        assert json.loads(data["x0"]) == trace.x[0].tolist()
        figure.slide("alpha", -1)
        assert figure.control("copy").inner_text() == "Copy"
        figure.press("view", "stream")
        figure.choose("stream", "noise")
        figure.choose("add", "gradient_descent")
        figure.choose("add", "nadam")
        explorer = eval(copied(), {"Explorer": Explorer, **RULES, **OBJECTIVES})
        data = figure.check()
        assert explorer.runs == [without_ends(run) for run in figure.runs]
        assert (explorer.view, explorer.stream) == (data["view"], data["stream"])
        assert explorer.n_iter == int(data["nIter"])


def without_ends(run):
    return {name: run[name] for name in ("rule", "hyperparameters")}


def test_readers_without_scripts(browser, folder):
    with Figure(browser, f"{folder.as_uri()}/adam.html", java_script_enabled=False) as figure:
        text = figure.root.inner_text()
        assert text.startswith("Interactive figure (run this cell; on a web page it needs JavaScr")
        assert "Explorer: adam on bowl" in text


def test_the_site_has_a_still_for_readers_without_scripts(browser, site_address):
    """And for them alone: whoever runs scripts does not load it."""
    path = "book/adam/notebook.html"
    for scripts in (True, False):
        with Figure(browser, site_address + path, java_script_enabled=scripts) as figure:
            if scripts:
                figure.ready()
            assert figure.root.locator("img").count() == (not scripts)
            (still,) = re.findall(
                r'<noscript><img alt="([^"]+)" src="\.\./\.\./(_images/\w+\.png)" width="1040" '
                'height="500"></noscript>',
                (SITE / path).read_text("utf-8"),
            )
            assert "contours" in still[0]
            assert any(request.endswith(still[1]) for request in figure.requests) == (not scripts)
            if not scripts:
                picture = figure.root.locator("img")
                assert picture.evaluate("e => e.naturalWidth") == 1040
                assert picture.get_attribute("alt") == html.unescape(still[0])


def test_a_wrong_gradient_is_said_in_the_figure(browser, folder):
    config = config_of(Explorer(adam))
    config["surfaces"][0]["warning"] = "The path may mislead."
    (folder / "warning.html").write_text(document(div_of(config)))
    with Figure(browser, (folder / "warning.html").as_uri()) as figure:
        assert figure.ready().note == "The path may mislead."
        figure.control("objective").select_option("rosenbrock")
        figure.check()
        assert figure.note == ""


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
        np.testing.assert_array_equal(scores, np.frombuffer(explorer.result["map"]).reshape(64, 64))
    page.close()


# ---- With a live kernel's answers ---------------------------------------------------------------


def test_answer_of_a_kernel_that_comes_late(browser, address):
    """While the kernel computes, the reader goes on: an old answer moves no control back."""
    tilted = Objective(
        lambda p: (p[0] - 0.3) ** 2 + 4 * (p[1] + 0.2) ** 2 - 5,
        lambda p: np.array([2 * (p[0] - 0.3), 8 * (p[1] + 0.2)]),
        "tilted",
        minima=[[0.3, -0.2]],
    )
    explorer = Explorer(adam, [tilted, bowl], n_iter=40)
    with LiveFigure(browser, f"{address}live.html", explorer) as figure:
        figure.ready()
        first = json.loads(figure.data["x"])
        assert first == explorer.traces[0].x[-1].tolist()
        figure.slide("alpha", -1)
        figure.slide("alpha", -0.5)
        older, newer = figure.answers()
        figure.tell(older)
        assert float(figure.control("alpha").get_attribute("aria-valuetext")) == 0.316
        assert float(figure.control("alpha").input_value()) == -0.5
        figure.slide("n_iter", 30)  # goes out with the newest alpha, not with the old one
        (asked,) = figure.asked()
        assert asked["runs"][0]["hyperparameters"]["alpha"] == 0.316 and asked["n_iter"] == 30
        figure.tell(newer)
        assert json.loads(figure.data["hyperparameters"])["alpha"] == 0.316
        assert figure.control("n_iter").input_value() == "30"
        explorer.set_state(asked)
        figure.tell(figure.news())
        assert json.loads(figure.data["x"]) == explorer.traces[0].x[-1].tolist()
        assert len(explorer.traces[0].x) == 31


def test_flat_surface(browser, address):
    """Nothing to colour and nowhere to go: a picture all the same, and no error of the script."""
    flat = Objective(lambda p: 0 * p[0] + 3, lambda p: 0 * p, "flat")
    with LiveFigure(browser, f"{address}live.html", Explorer(adam, flat, x0=[0.5, 0.5])) as figure:
        u, gap = figure.ready().shot(0).viridis(*figure.place([-0.9, 0.9, 0], [0.9, -0.9, 0]))
        assert (u == 0).all() and (gap < 12).all()
        assert "ends at (0.5000, 0.5000) with f = 3.0000" in figure.text("output")


def halving(gradient, x0, alpha=0.3, factor=2.0):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - alpha * gradient(x) / factor, t + 1


def broken(gradient, x0, alpha=0.3, factor=2.0):
    yield GradientDescentStep(0, x0)
    raise ZeroDivisionError(HOSTILE)


def faster(gradient, x0, alpha=0.3, speed=3.0):
    x, t = x0, 0
    while True:
        yield GradientDescentStep(t, x)
        x, t = x - speed * alpha * gradient(x), t + 1


def test_rule_that_is_redefined_in_a_notebook(browser, address, monkeypatch):
    def define(rule):
        rule.__name__ = "my_rule"
        monkeypatch.setattr(sys.modules["__main__"], "my_rule", rule, raising=False)

    define(halving)
    explorer = Explorer(halving)
    with LiveFigure(browser, f"{address}live.html", explorer) as figure:
        assert figure.ready().control("factor").is_visible()
        define(broken)
        explorer._after_cell(None)
        figure.tell(figure.news())
        assert figure.data["state"] == "error" and figure.text("output") == ""
        assert HOSTILE in figure.text(".problem [role=alert]")
        define(halving)  # fixed
        explorer._after_cell(None)
        figure.tell(figure.news())
        box = figure.ready().root.locator(".problem")  # with its frame
        assert box.count() == 1 and not box.is_visible()
        assert "ends at" in figure.text("output")
        define(faster)  # with another hyperparameter
        explorer._after_cell(None)
        figure.tell(figure.news())
        assert figure.ready().control("speed").is_visible()
        assert figure.control("factor").count() == 0
        assert json.loads(figure.data["x"]) == explorer.traces[0].x[-1].tolist()
        figure.slide("speed", 0)
        figure.answer()
        assert json.loads(figure.data["hyperparameters"])["speed"] != 3
        assert json.loads(figure.data["x"]) == explorer.traces[0].x[-1].tolist()
        assert figure.page.evaluate("window.hurt") is None
