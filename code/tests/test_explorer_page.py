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
from figure import Figure, LiveFigure, config_of, div_of, document, numbers_in

from descent import (
    OBJECTIVES,
    RULES,
    Explorer,
    Objective,
    adam,
    bowl,
    minimize,
    nadam,
    rosenbrock,
)
from descent.rules import GradientDescentStep

SITE_PAGES = [  # the pages of the notebooks whose stored output holds an explorer
    notebook.relative_to(ROOT).with_suffix(".html").as_posix()
    for notebook in sorted(ROOT.glob("book/**/*.ipynb"))
    if "descent-explorer" in notebook.read_text("utf-8")
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
            label = control.locator("xpath=../span[@class='value']").inner_text()
            assert float(label) == float(control.get_attribute("aria-valuetext")) == value
            assert abs(float(control.input_value()) - raw) < 0.02  # the thumb stays where it is
            before = data
    figure.slide("n_iter", 37)
    assert figure.check()["nIter"] == "37"
    figure.control("x0").press("ArrowLeft")
    assert figure.check()["x0"] != figure.first["x0"]
    figure.control("reset").click()
    reset = figure.check()
    assert {name: reset[name] for name in ("nIter", "hyperparameters", "x0")} == {
        name: figure.first[name] for name in ("nIter", "hyperparameters", "x0")
    }


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


def check_readout(figure, n, trace, t):
    """The n-th line of the readout names each number of the rule's step t as the rule does."""
    names = ["f", *trace.state._fields[1:]]
    values = [trace.score[t], *(field[t] for field in trace.state[1:])]
    text = " ".join(figure.text(f".step >> nth={n}").split())
    shown = re.fullmatch(
        f"{trace.rule.__name__} " + " ".join(f"{name} (.*)" for name in names), text
    )
    assert shown, (names, text)
    for part, value in zip(shown.groups(), values, strict=True):
        np.testing.assert_allclose(numbers_in(part), np.ravel(value), rtol=6e-3, atol=5e-5)
    return text


def check_time(figure):
    trace, last = figure.trace, int(figure.data["nIter"])
    assert figure.text(".time").split()[-3:] == ["t", "=", str(last)]
    check_readout(figure, 0, trace, last)
    figure.slide("t", 5)
    assert figure.data["t"] == "5"
    assert figure.text(".time").split()[-3:] == ["t", "=", "5"]
    text = check_readout(figure, 0, trace, 5)
    spoken = figure.control("t").get_attribute("aria-valuetext")
    assert " ".join(spoken.split()) == f"t = 5: {text}"
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


def check_compare(figure):
    other = "adam" if figure.data["rule"] != "adam" else "nadam"
    figure.slide("alpha", -1.3)  # is shared, all else is not
    beta = figure.control("beta2")
    if beta.count():
        figure.slide("beta2", 0.3)
    figure.choose("compare", other)
    data = figure.check()
    assert data["compare"] == other
    assert json.loads(data["compareX"]) == figure.other.x[-1].tolist()
    check_readout(figure, 0, figure.trace, int(data["nIter"]))
    check_readout(figure, 1, figure.other, int(data["nIter"]))
    for trace, part in zip(
        (figure.trace, figure.other), figure.text("output").split(f" {other} "), strict=True
    ):
        check_sentence(part, trace)
    figure.choose("compare", "")
    assert figure.data["compareX"] == "" and figure.root.locator(".step").count() == 1
    figure.control("reset").click()


def check_sensitivity(figure):
    figure.choose("objective", "rosenbrock")
    for panel in figure.control("panel").all()[1:]:
        loss = figure.ink(1)
        panel.check()
        figure.wait("e.dataset.best")
        best = json.loads(figure.check()["best"])
        words = figure.text(".note")
        assert "dark is low, yellow no better than the start, grey not finite" in words
        said = dict(re.findall(r"(\w+) = (\S+?)[,.](?: |$)", words.split("Lowest:")[1]))
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
    assert figure.text(".note") == ""


def check_everything(figure):
    figure.first = figure.check()
    check_all_controls(figure)
    check_surfaces(figure)
    check_start(figure)
    figure.choose("objective", "ravine")  # five times as wide as it is high
    check_start(figure)
    figure.choose("objective", figure.first["objective"])
    check_time(figure)
    check_compare(figure)
    check_sensitivity(figure)


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
    """Each starts, draws both pictures, and answers a slider with the right numbers."""
    assert (SITE / path).exists(), f"{SITE / path} is missing: build the site with `make book`"
    count = (SITE / path).read_text("utf-8").count('class="descent-explorer"')
    assert count
    for n in range(count):
        with Figure(browser, site_address + path, n) as figure:
            before = figure.ready().check()
            pictures = figure.ink(0), figure.ink(1)
            figure.slide("alpha", -1.23)
            after = figure.check()
            assert json.loads(after["hyperparameters"])["alpha"] == 0.0589
            assert after["x"] != before["x"]
            assert figure.ink(0) != pictures[0] and figure.ink(1) != pictures[1]


def test_every_chapter_has_a_figure():
    chapters = {"gradient_descent", "adam", "adamax", "amsgrad", "nadam"}
    assert {f"book/{chapter}/notebook.html" for chapter in chapters} <= set(SITE_PAGES)


@pytest.mark.site
def test_built_site_from_disk(browser):
    with Figure(browser, (SITE / SITE_PAGES[0]).as_uri()) as figure:
        figure.ready().slide("alpha", -2)
        figure.check()


def test_page_without_a_figure_loads_nothing(browser, address):
    with Figure(browser, f"{address}none.html") as figure:
        figure.page.wait_for_timeout(200)
        names = {url.rsplit("/", 1)[1] for url in figure.requests}
        assert names - {"favicon.ico"} == {"none.html", "explorer.css", "page.js"}


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
        figure.ready().choose("objective", "beale")
        figure.slide("alpha", -1.234)
        figure.choose("correction", "constant")
        figure.control("x0").press("ArrowLeft")
        figure.control("copy").click()
        figure.root.get_by_text("Copied").wait_for()
        if clipboard == "granted":
            call = figure.page.evaluate("navigator.clipboard.readText()")
        else:
            call = figure.page.evaluate("getSelection().toString()")
        trace = eval(call, {"minimize": minimize, **RULES, **OBJECTIVES})
        data = figure.check()
        assert json.loads(data["x"]) == trace.x[-1].tolist()
        assert json.loads(data["x0"]) == trace.x[0].tolist()
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
    divs = [div_of(config) for config in DAMAGED.values()]
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
    """A hostile word where any text is allowed: it is shown as text, or not at all."""
    config = config_of(Explorer(nadam, compare="momentum"))
    config["surfaces"][0]["code"] = HOSTILE
    config["styles"]["nadam"]["color"] = HOSTILE
    config["controls"][0]["note"] = HOSTILE
    for control in config["controls"]:
        if "choices" in control:
            control["choices"].append(HOSTILE)
    config["controls"].append(config["controls"][0] | {"name": HOSTILE})
    config["hyperparameters"][HOSTILE] = 0.5
    (folder / "hostile.html").write_text(document(div_of(config)))
    with Figure(browser, (folder / "hostile.html").as_uri()) as figure:
        figure.ready()
        assert HOSTILE in figure.text("code") and HOSTILE in figure.text(".sliders")
        assert figure.page.locator(".descent-explorer img").count() == 0
        assert figure.page.evaluate("window.hurt") is None


def test_readers_without_scripts(browser, folder):
    with Figure(browser, f"{folder.as_uri()}/adam.html", java_script_enabled=False) as figure:
        text = figure.root.inner_text()
        assert text.startswith("Interactive figure (run this cell; on a web page it needs JavaScr")
        assert "Explorer: adam on bowl" in text


def test_the_site_has_a_still_for_readers_without_scripts(browser, site_address):
    """And for them alone: whoever runs scripts does not load it."""
    url = site_address + SITE_PAGES[0]
    for scripts in (True, False):
        with Figure(browser, url, java_script_enabled=scripts) as figure:
            if scripts:
                figure.ready()
            assert figure.root.locator("img").count() == (not scripts)
            (still,) = re.findall(
                r'<noscript><img alt="([^"]+)" src="\.\./\.\./(_images/\w+\.png)"></noscript>',
                (SITE / SITE_PAGES[0]).read_text("utf-8"),
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
        assert figure.ready().text(".note") == "The path may mislead."
        figure.control("objective").select_option("rosenbrock")
        figure.check()
        assert figure.text(".note") == ""


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
        assert asked["hyperparameters"]["alpha"] == 0.316 and asked["n_iter"] == 30
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
        assert HOSTILE in figure.text("[role=alert]")
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
