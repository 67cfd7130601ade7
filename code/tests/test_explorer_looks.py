"""How the interactive figure lies on a page: at every width, in every mode, in print.

On one page, and with every control used once at each size: test_explorer_page.py looks at the
figures of the built site.
"""

import json
import re

import numpy as np
import pytest
from figure import SIZES, Figure, document

from descent import OBJECTIVES, Explorer, adam, ravine

# Numbers as long as they come: f falls to 1e-27 and below, or rises beyond 1e200.
RUNS = [
    "gradient_descent,alpha=0.45",
    "nadam,alpha=0.3,correction=constant",
    "adamax,alpha=0.0123",
    "gradient_descent,alpha=2.9",
    "momentum,alpha=0.3,beta=0.99",
    "adam,alpha=0.02,beta2=0.9995",
    "adam,alpha=0.02,beta2=0.99",
    "amsgrad,alpha=0.02",
]
MODES = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
    "calm": {"color_scheme": "light", "reduced_motion": "reduce"},
}
PLAIN = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}


@pytest.fixture(scope="module")
def page(folder):
    """A page that follows the system's colours, with a figure of each view."""
    surfaces = [ravine, *OBJECTIVES.values()]
    figures = [
        Explorer(adam, surfaces, compare="gradient_descent"),
        Explorer(adam, stream="cycle"),
    ]
    text = document("".join(figure._html() for figure in figures))
    (folder / "looks.html").write_text(
        text.replace("<html", '<html style="color-scheme: light dark"')
    )
    return "looks.html"


def test_no_texts_touch(browser, address, page):
    """With one, three and eight runs, in both views, with every second picture, at every size."""
    stream = {"view": "stream"}
    states = [
        {"objective": "bowl", "n_iter": 60, "run": RUNS[:1]},
        {"objective": "egg_box", "n_iter": 400, "run": RUNS[:3]},
        {"objective": "rosenbrock", "n_iter": 60, "run": RUNS[:8]},
        {"objective": "ravine", "n_iter": 150, "run": RUNS[:8]},
        {"objective": "himmelblau", "panel": "beta1", "run": RUNS[5:6], "n_iter": 40},
        {"objective": "ravine", "panel": "n_iter", "run": RUNS[:1], "n_iter": 40},
        stream | {"stream": "spike", "n_iter": 10000, "run": RUNS[4:5]},
        stream | {"stream": "growing", "inner": "root", "run": RUNS[3:6]},
        stream | {"stream": "cycle", "inner": "x", "n_iter": 250, "run": RUNS[:8]},
        stream | {"stream": "noise", "inner": "rate", "run": RUNS[:8]},
    ]
    with Figure(browser, f"{address}{page}") as figure:
        seen = ""
        for state in states:
            figure.visit(figure=1, **state)
            assert figure.complaint == "" and len(figure.runs) == len(state["run"])
            for size in SIZES:
                figure.resize(size)
                assert figure.overlaps() == [], (state, size)
                width = figure.page.evaluate("document.documentElement.scrollWidth")
                assert width <= size[0], (state, size)
            seen += figure.text(".readout") + figure.text("output")
        assert re.search(r"e−\d\d\d", seen) and re.search(r"e\d\d\d", seen)  # long numbers


def test_an_overlap_would_be_seen(browser, address, page):
    with Figure(browser, f"{address}{page}") as figure:
        assert figure.ready().overlaps() == []
        rows = figure.page.add_style_tag(content=".step { margin-bottom: -14px !important }")
        assert any("gradient_descent" in found for found in figure.overlaps())
        rows.evaluate("e => e.remove()")
        figure.page.add_style_tag(
            content=".step { white-space: nowrap; flex-wrap: nowrap !important }"
        )
        figure.resize((320, 2))
        assert any("sticks out" in found for found in figure.overlaps())


# ---- Every control once, at every size and in every mode ----------------------------------------


def use_every_control(figure, objective, stream):
    """Each control of each kind once, as a reader would; the attributes follow."""

    def changed(*names):
        nonlocal data
        now = figure.data
        for name in names:
            assert now[name] != data[name], name
        data = now

    data = figure.data
    figure.choose("objective", objective)
    changed("objective", "x0", "x", "score")
    figure.control("x0").press("ArrowRight")
    changed("x0", "x")
    figure.type("x0-y", 0.25)
    changed("x0", "x")
    assert json.loads(data["x0"])[1] == 0.25
    figure.press("panel", "beta1")
    changed("panel", "best")
    figure.press("panel", "loss")
    for view in ("surface", "stream"):
        if view == "stream":
            figure.press("view", "stream")
            changed("view")
            figure.choose("stream", stream)
            changed("stream", "x")
            figure.press("inner", "rate")
            changed("inner")
        figure.choose("add", "nadam")
        changed("runs", "selected", "rule")
        figure.choose("correction", "constant")
        changed("hyperparameters", "x")
        figure.slide("beta1", 0.5)
        changed("hyperparameters", "x")
        figure.type("alpha-value", "0,07")
        changed("hyperparameters", "x")
        figure.type("n_iter-value", 47)
        changed("nIter")
        figure.slide("t", 11)
        changed("t")
        figure.control("play").click()
        figure.wait("+e.dataset.t > 11")
        figure.control("play").click()
        data = figure.data
        figure.control("run").first.click()
        changed("selected", "rule", "hyperparameters")
        figure.control("remove").last.click()
        changed("runs")
        figure.slide("n_iter", 60)
        changed("nIter")
    figure.check()
    for name in ("copy", "link"):
        figure.control(name).click()
        figure.wait(f"e.querySelector('[name={name}]').innerText === 'Copied'")
    figure.control("reset").click()


SIZED = list(zip(SIZES, ["light", "dark", "forced", "calm", "forced"], strict=True))


def test_every_control_at_every_size_and_in_every_mode(browser, address, page):
    with Figure(browser, f"{address}{page}") as figure:
        figure.context.grant_permissions(["clipboard-read", "clipboard-write"])
        figure.ready()
        first = figure.data
        for (size, mode), objective, stream in zip(
            SIZED, ["bowl", "rosenbrock", "beale", "himmelblau", "egg_box"],
            ["alternating", "noise", "rare", "cycle", "spike"], strict=True,
        ):  # fmt: skip
            figure.page.emulate_media(**PLAIN | MODES[mode])
            figure.resize(size)
            use_every_control(figure, objective, stream)
            assert first.items() <= figure.data.items()
            assert figure.overlaps() == []
        boxes = {}
        for size in SIZES:
            figure.resize(size)
            canvases = figure.page.locator("canvas").all()
            figure.choose("objective", "bowl")
            boxes[size] = [canvas.bounding_box() for canvas in canvases[:2]]
            assert figure.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        for (width, _), (left, right) in boxes.items():
            assert (right["x"] > left["x"] + 100) == (width >= 650), width  # the loss is beside
        assert all(url.startswith(figure.home) for url in figure.requests)


def colour_of(figure, css):
    """(red, green, blue) of a CSS colour inside the figure, where forced colours are forced."""
    return figure.root.evaluate(
        """(e, css) => {
            const probe = document.createElement("i");
            probe.style.cssText = `color: ${css}; forced-color-adjust: none`;
            e.append(probe);
            const c = document.createElement("canvas").getContext("2d");
            c.fillStyle = getComputedStyle(probe).color;
            probe.remove();
            c.fillRect(0, 0, 1, 1);
            return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }""",
        css,
    )


@pytest.mark.parametrize("mode", ["light", "dark", "forced"])
def test_ink_stands_out_from_paper(browser, address, page, mode):
    """The words, the pictures' words, the start on the map, the bars of the runs."""
    with Figure(browser, f"{address}{page}", **MODES[mode]) as figure:
        paper = np.array(colour_of(figure.ready(), "Canvas"))
        ink = np.array(
            figure.root.evaluate("e => getComputedStyle(e).color.match(/\\d+/g).map(Number)")
        )
        assert (paper.mean() > 200) == (mode == "light")
        assert abs(ink - paper).min() > 150
        for n in (0, 1):
            left, top, _, height = figure.frame(n)
            shot = figure.shot(n)
            x, y = np.meshgrid(np.arange(1, left - 3, 0.5), np.arange(top, top + height, 0.5))
            assert abs(shot(x, y) - paper).mean(axis=-1).max() > 100
            assert np.median(abs(shot(x, y) - paper)) < 6
        shot = figure.shot(0)
        x, y = figure.place(*json.loads(figure.data["x0"]))
        assert shot.is_colour("white", x, y).all()
        ring = np.linspace(x + 5, x + 8, 13)
        assert shot(ring, np.full(13, y)).mean(axis=-1).min() < 100
        bars = figure.root.locator(".step").evaluate_all(
            "all => all.map((e) => getComputedStyle(e).borderLeftColor)"
        )
        assert bars == ["rgb(30, 150, 255)", "rgb(240, 15, 60)"]
        lines = figure.root.locator(".chip line").evaluate_all(
            "all => all.map((e) => getComputedStyle(e).stroke)"
        )
        assert lines == bars


# ---- A screen reader ----------------------------------------------------------------------------


def test_axe(browser, address, page):
    """No finding of axe in either view, on a desktop and a phone, in light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    with Figure(browser, f"{address}{page}") as figure:
        figure.ready().press("panel", "beta1")
        figure.type("alpha-value", "many")  # a number refused is part of it
        for width, mode in [(1300, "light"), (390, "dark")]:
            figure.page.emulate_media(**PLAIN | MODES[mode])
            figure.resize((width, 1))
            report = Axe().run(figure.page)
            assert not report.response["violations"], report.generate_report()


# ---- Print --------------------------------------------------------------------------------------


def test_print(browser, address, page):
    """From a dark page: dark ink, no controls, the start on its path, each figure on one page."""
    with Figure(browser, f"{address}{page}", color_scheme="dark") as figure:
        figure.ready()
        screen = figure.place(*json.loads(figure.data["x0"]))
        figure.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        figure.page.emulate_media(media="print")
        for name in ("play", "t", "alpha", "add", "remove", "view", "copy", "link", "reset"):
            assert not figure.control(name).first.is_visible(), name
        for name in ("output", ".readout", "[name=run]", "canvas", "[name=x0]"):
            assert figure.root.locator(name).first.is_visible(), name
        assert figure.overlaps() == []
        ink = figure.root.evaluate("e => getComputedStyle(e).color.match(/\\d+/g).map(Number)")
        assert max(ink) < 60
        left, top, width, height = figure.frame(1)
        pixels = figure.canvas(1).evaluate(
            "(e, box) => [...e.getContext('2d').getImageData(...box).data]",
            [0, int(top), int(left) - 8, int(height)],
        )
        numbers = np.reshape(pixels, (-1, 4))  # beside the axis
        numbers = numbers[numbers[:, 3] > 150]
        assert len(numbers) > 20 and numbers[:, :3].max() < 60
        box = figure.control("x0").bounding_box()
        canvas = figure.root.locator("canvas").first.bounding_box()
        place = figure.place(*json.loads(figure.data["x0"]))
        assert box["x"] + box["width"] / 2 - canvas["x"] == pytest.approx(place[0], abs=1)
        assert box["y"] + box["height"] / 2 - canvas["y"] == pytest.approx(place[1], abs=1)
        # On paper, narrower than the window, a picture keeps the shape that it was drawn in.
        stretched = (
            "e => (e.style.height = '99px', e.clientWidth * e.height / e.clientHeight / e.width)"
        )
        for n in (0, 1):
            assert figure.canvas(n).evaluate(stretched) == pytest.approx(1, abs=0.01)
        figure.page.evaluate("dispatchEvent(new Event('afterprint'))")
        figure.page.emulate_media(media="screen")
        assert figure.place(*json.loads(figure.data["x0"])) == screen
        assert not figure.root.evaluate("e => e.classList.contains('on-paper')")


def test_no_figure_is_parted_in_print(browser, folder):
    """Half a page of text, then two figures that would not fit under it: a page for each."""
    text = '<div style="height: 500px"></div>'
    figures = Explorer(adam)._html() + Explorer(adam, stream="cycle", compare="nadam")._html()
    (folder / "print.html").write_text(document(text + figures))
    with Figure(browser, (folder / "print.html").as_uri()) as figure:
        pdf = figure.ready().page.pdf().decode("latin1")
        pages = re.findall(r"/Type /Page\n(.*?)endobj", pdf, re.S)
        # The first has the font of the heading alone, the others that of the figures.
        fonts = [set(re.findall(r"/F(\d+) ", page)) for page in pages]
        assert len(pages) == 3 and not fonts[0] & (fonts[1] | fonts[2]) and fonts[1] & fonts[2]
