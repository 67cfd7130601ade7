"""The controls of the interactive figure under a reader's hands: keyboard, mouse, and finger."""

import json

import numpy as np
import pytest
from figure import Figure, document, rgb

from descent import Explorer, adam
from descent.explorer.still import label_runs
from descent.plots.shared import STYLE

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def focused(figure):
    """(name, place among those of its name) of what has the focus."""
    return figure.root.evaluate("""root => {
        const e = document.activeElement;
        return [e.name, [...root.querySelectorAll(`[name="${e.name}"]`)].indexOf(e)];
    }""")


# ---- Runs, as chips -----------------------------------------------------------------------------


def swatches(figure):
    """The colour and the dash of each chip."""
    lines = figure.root.locator(".chip line")
    return lines.evaluate_all(
        "all => all.map((e) => [getComputedStyle(e).stroke.match(/\\d+/g).map(Number),"
        "e.getAttribute('stroke-dasharray').split(' ').filter(Boolean).map(Number)])"
    )


def check_chips(figure):
    """Names as in Python; a rule's first run looks as in all pictures of the book, its others like
    no other; one chip is pressed; the same colours stand before the numbers of the runs."""
    runs, selected = figure.runs, int(figure.data["selected"])
    labels = [
        label.replace("beta1", "β₁").replace("beta2", "β₂").replace("alpha", "α")
        for label in label_runs(runs)
    ]
    chips = figure.control("run")
    assert chips.all_inner_texts() == labels
    pressed = chips.evaluate_all("all => all.map((e) => e.getAttribute('aria-pressed'))")
    assert pressed == [str(n == selected).lower() for n in range(len(runs))]
    removes = figure.control("remove").evaluate_all("e => e.map((e) => e.ariaLabel)")
    assert removes == ([f"remove {label}" for label in labels] if len(runs) > 1 else [])
    looks, seen = swatches(figure), set()
    for run, (colour, dash) in zip(runs, looks, strict=True):
        if run["rule"] not in seen:
            style = STYLE[run["rule"]]["linestyle"]
            expected = [] if style == "-" else [2.2 * length for length in style[1]]
            assert colour == rgb(run["rule"]).tolist() and dash == pytest.approx(expected)
            seen.add(run["rule"])
    for n, (colour, dash) in enumerate(looks):
        for other, dash_of_other in looks[:n]:
            assert colour != other and dash != dash_of_other
    rows = figure.root.locator(".step").evaluate_all(
        "all => all.map((e) => [e.querySelector('b').textContent,"
        "getComputedStyle(e).borderLeftColor.match(/\\d+/g).map(Number)])"
    )
    assert rows == [[label, colour] for label, (colour, _) in zip(labels, looks, strict=True)]


def test_chips(browser, address):
    """Select, add, the same again, remove, all by keyboard; the focus stays where one goes on."""
    with Figure(browser, f"{address}adam.html") as figure:
        keys = figure.ready().page.keyboard
        check_chips(figure)
        add = figure.control("add")
        assert figure.options("add") == ["", "same", *STYLE]

        def choose(what):
            add.focus()
            figure.choose("add", what)
            assert add.input_value() == "" and focused(figure) == ["add", 0]
            figure.check()
            check_chips(figure)

        choose("gradient_descent")
        choose("same")
        assert figure.control("run").nth(2).inner_text() == "gradient_descent (2)"
        choose("adam")
        assert figure.control("run").nth(3).inner_text() == "adam (2)"
        figure.slide("beta2", 1)  # now the two can be told apart by a number
        assert figure.control("run").nth(0).inner_text() == "adam, β₂ = 0.999"
        check_chips(figure)
        figure.control("run").nth(0).focus()
        for n, back in [(1, False), (2, False), (1, True)]:  # Tab: remove, then the next run
            for _ in range(2):
                keys.press("Shift+Tab" if back else "Tab")
            keys.press("Enter")
            assert figure.check()["selected"] == str(n) and focused(figure) == ["run", n]
            check_chips(figure)
        assert figure.control("beta2").count() == 0  # gradient descent has none
        # Another than the selected run goes: it stays selected, and has the focus.
        before = figure.runs
        figure.control("remove").nth(0).focus()
        keys.press("Enter")
        assert figure.check()["selected"] == "0" and focused(figure) == ["run", 0]
        assert figure.runs == before[1:]
        check_chips(figure)
        # The selected one goes: its neighbour is selected.
        figure.control("run").nth(2).click()
        figure.control("remove").nth(2).press("Space")
        assert figure.check()["selected"] == "1" and focused(figure) == ["run", 1]
        assert figure.runs == before[1:3]
        figure.control("remove").nth(0).press("Enter")
        assert figure.check()["selected"] == "0" and focused(figure) == ["run", 0]
        check_chips(figure)
        for _ in range(7):
            choose("same")
        assert len(figure.runs) == 8 and figure.control("run").nth(7).inner_text().endswith("(8)")
        figure.control("reset").click()
        assert len(figure.check() and figure.runs) == 1
        check_chips(figure)


# ---- Reset --------------------------------------------------------------------------------------

ELSEWHERE = {  # two figures, and what is changed in each
    "surface": Explorer(
        adam, x0=[0.5, -0.5], n_iter=40, compare=["nadam", {"rule": "adam", "beta2": 0.9}]
    ),
    "stream": Explorer(adam, stream="rare", n_iter=60, compare="amsgrad", beta1=0.5),
}


def test_a_map_goes_with_the_run_whose_numbers_are_on_it(browser, address):
    """Gradient descent has no beta2: with it selected, the loss is shown again."""
    with Figure(browser, f"{address}adam.html") as figure:
        figure.ready().choose("add", "gradient_descent")
        figure.control("run").first.click()
        figure.root.locator("[name=panel][value=beta2]").check()
        figure.wait("e.dataset.best")
        figure.control("run").last.click()
        assert figure.check()["panel"] == "loss" and figure.data["best"] == ""
        assert figure.root.locator("[name=panel]:checked").get_attribute("value") == "loss"
        figure.ink(1)
        figure.control("run").first.click()
        figure.root.locator("[name=panel][value=beta1]").check()
        figure.choose("add", "nadam")  # has a beta1: its own map
        figure.wait("e.dataset.rule === 'nadam' && e.dataset.best")
        assert figure.check()["panel"] == "beta1"


def test_a_new_run_has_the_alpha_of_the_last_one_of_its_rule(browser, address):
    with Figure(browser, f"{address}adam.html") as figure:
        figure.ready().type("alpha-value", 0.2)
        figure.choose("add", "gradient_descent")
        assert figure.setting("alpha") == 0.2  # no run of that rule: that of the selected one
        figure.type("alpha-value", 0.01)
        figure.choose("add", "adam")
        assert figure.setting("alpha") == 0.2


def test_reset(browser, folder):
    page = folder / "reset.html"
    page.write_text(document("".join(explorer._html() for explorer in ELSEWHERE.values())))
    with Figure(browser, page.as_uri()) as figure:
        for n in range(len(ELSEWHERE)):
            figure.root = figure.page.locator(".descent-explorer").nth(n)
            first, pictures = figure.ready().check(), figure.inks()
            if first["view"] == "stream":
                figure.press("inner", "root")
                figure.choose("stream", "cycle")
                figure.press("view", "surface")
            figure.choose("objective", "beale")
            figure.type("x0-x", 1.5)
            figure.choose("add", "momentum")
            figure.control("remove").nth(0).click()
            figure.slide("alpha", -1)
            figure.slide("n_iter", 20)
            figure.press("panel", "beta")
            figure.slide("t", 3)
            figure.type("alpha-value", "many")
            if first["view"] == "surface":
                figure.press("view", "stream")
                figure.choose("stream", "spike")
            assert figure.complaint
            figure.control("reset").click()
            now = figure.check()
            assert first.items() <= now.items() and figure.inks() == pictures
            assert figure.complaint == ""
            assert figure.control("alpha-value").get_attribute("aria-invalid") is None


# ---- Numbers that are typed, numbers that a slider takes ----------------------------------------

GOOD = [  # field, text, value
    ("n_iter-value", "10000", 10000),
    ("n_iter-value", "60", 60),
    ("alpha-value", "0.041", 0.041),
    ("alpha-value", "0,05", 0.05),
    ("alpha-value", " 1e-2 ", 0.01),
    ("alpha-value", "7", 7),  # beyond the slider's end
    ("beta1-value", "0", 0),
    ("beta2-value", ".9995", 0.9995),
    ("eps-value", "0", 0),
    ("x0-x", "−0,25", -0.25),
    ("x0-y", "0.75", 0.75),
]
BAD = [  # field, text, a part of the sentence
    ("alpha-value", "many", "alpha must be a number, got “many”"),
    ("alpha-value", "", "alpha must be a number, got “”"),
    ("alpha-value", "0.1.2", "alpha must be a number, got “0.1.2”"),
    ("alpha-value", "0", "alpha must be greater than 0, got 0"),
    ("alpha-value", "-1", "alpha must be greater than 0, got -1"),
    ("alpha-value", "1e999", "alpha must be a finite number, got Infinity"),
    ("beta1-value", "1", "beta1 must be less than 1, got 1"),
    ("beta2-value", "-0.1", "beta2 must be at least 0, got -0.1"),
    ("eps-value", "-1e-8", "eps must be at least 0, got -1e-8"),
    ("n_iter-value", "0", "n_iter must be at least 1, got 0"),
    ("n_iter-value", "2.5", "n_iter must be a whole number, got 2.5"),
    ("n_iter-value", "10001", "n_iter must be at most 10000, got 10001"),
    ("x0-x", "left", "start x must be a number, got “left”"),
    ("x0-y", "x" * 99, "start y must be a number, got “" + 40 * "x" + "”"),
]


def value_of(figure, field):
    if field.startswith("x0"):
        return json.loads(figure.data["x0"])["xy".index(field[-1])]
    return figure.setting(field.removesuffix("-value"))


def test_typed_numbers(browser, address):
    with Figure(browser, f"{address}adam.html") as figure:
        figure.ready()
        for field, text, sentence in BAD:
            before = figure.data
            figure.type(field, text)
            assert figure.data == before
            assert figure.complaint == f"{sentence}; nothing has changed."
            assert figure.control(field).get_attribute("aria-invalid") == "true"
        for field, text, value in GOOD:
            figure.type(field, text)
            figure.check()
            assert value_of(figure, field) == value and figure.complaint == ""
            assert float(figure.control(field).input_value()) == value
            assert figure.control(field).get_attribute("aria-invalid") in (None, "false")
        for slider in figure.root.locator("input[type=range]").all():
            at, low, high = (float(slider.evaluate(f"e => e.{k}")) for k in ("value", "min", "max"))
            assert low <= at <= high
        alpha = figure.control("alpha")
        assert float(alpha.evaluate("e => e.value")) == pytest.approx(np.log10(7), abs=0.01)
        figure.control("alpha-value").fill("0.5")  # not yet left: nothing happens
        assert figure.setting("alpha") == 7
        figure.control("beta1-value").focus()
        assert figure.setting("alpha") == 0.5


def test_sliders_take_round_numbers(browser, address):
    """Every number of one digit, and the usual decay rates; no gap of more than a step."""
    with Figure(browser, f"{address}adam.html") as figure:
        figure.ready().type("n_iter-value", 1)
        taken = {}
        for name in ("alpha", "beta2", "eps"):
            taken[name] = figure.control(name).evaluate("""(input, name) => {
                const root = input.closest(".descent-explorer"), found = [];
                for (let k = 0, n = Math.round((input.max - input.min) / input.step); k <= n; k++) {
                    input.value = +input.min + k * input.step;
                    input.dispatchEvent(new Event("input", { bubbles: true }));
                    found.push(JSON.parse(root.dataset.hyperparameters)[name]);
                }
                return found;
            }""", name)  # fmt: skip
        figure.check()
    for name, decades in [("alpha", range(-4, 0)), ("eps", range(-12, 0))]:
        assert {float(f"{k}e{d}") for d in decades for k in range(1, 10)} <= set(taken[name])
        logs = np.log10(taken[name])
        assert (np.diff(logs) > 0).all() and np.diff(logs).max() < 0.0201
    rates = {round(1 - k * 10.0**-d, 8) for d in range(1, 5) for k in range(1, 10)}
    assert (rates | {0, 0.85, 0.95, 0.975, 0.995, 0.9995}) <= set(taken["beta2"])
    assert (np.diff(taken["beta2"]) > 0).all()


# ---- A finger -----------------------------------------------------------------------------------


class Finger:
    def __init__(self, figure):
        self.page = figure.page
        self.session = figure.context.new_cdp_session(figure.page)

    def move(self, *places):
        """Down at the first place, along the others, and up again."""
        for kind, place in zip(["touchStart"] + ["touchMove"] * len(places), places, strict=False):
            points = [{"x": place[0], "y": place[1]}]
            self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        self.session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self.page.evaluate("""new Promise((done) => {  // until the page no longer glides on
            let top, still = 0;
            const look = () => {
                still = top === scrollY ? still + 1 : 0;
                top = scrollY;
                if (still < 10) requestAnimationFrame(look);
                else done();
            };
            look();
        })""")


def on(slider, part=0.8):
    box = slider.bounding_box()
    return box["x"] + part * box["width"], box["y"] + box["height"] / 2


def test_touch(browser, address):
    with Figure(browser, f"{address}adam.html", **PHONE) as figure:
        figure.ready()
        figure.root.locator("canvas").first.scroll_into_view_if_needed()
        figure.page.touchscreen.tap(*figure.at(0.5, 0.5))
        np.testing.assert_allclose(json.loads(figure.check()["x0"]), [0.5, 0.5], atol=0.01)
        finger = Finger(figure)
        finger.move(*(figure.at(*place) for place in [(0.5, 0.5), (0.2, 0.2), (-0.5, -0.25)]))
        np.testing.assert_allclose(json.loads(figure.check()["x0"]), [-0.5, -0.25], atol=0.01)
        sizes = [e.bounding_box() for e in figure.root.locator("input, button, select").all()]
        assert all(size["height"] >= 13 for size in sizes)
        ranges = figure.root.locator("input[type=range], input[type=text], button").all()
        assert all(e.bounding_box()["height"] >= 24 for e in ranges)


def test_a_swipe_across_a_slider_scrolls(browser, address):
    with Figure(browser, f"{address}adam.html", **PHONE) as figure:
        figure.ready()
        finger, top = Finger(figure), "scrollY"
        for name in ("alpha", "n_iter", "t"):
            slider = figure.control(name)
            figure.page.evaluate("scrollTo(0, 200)")
            before, shown, y = figure.data, slider.input_value(), figure.page.evaluate(top)
            x, start = on(slider)
            finger.move((x, start), *((x + k % 3, start - 20 * k) for k in range(1, 8)))
            assert figure.page.evaluate(top) > y + 50, name
            assert figure.data == before and slider.input_value() == shown, name
            # Along it, the slider follows at once, and the page stays.
            y, (x, start) = figure.page.evaluate(top), on(slider, 0.4)
            finger.move((x, start), *((x + 6 * k, start + k % 2) for k in range(1, 6)))
            assert figure.page.evaluate(top) == y
            dragged = figure.check()
            assert dragged != before, name
            finger.move(on(slider, 0.7))  # a tap
            assert figure.check() != dragged, name


def test_the_map_is_in_sight_with_every_slider_on_a_phone(browser, address):
    """With the top of the map at the top of the window, for the rule with most of them."""
    with Figure(browser, f"{address}nadam.html", **PHONE) as figure:
        figure.ready()
        for surface in figure.options("objective"):
            figure.choose("objective", surface)
            figure.canvas(0)
            top = figure.root.locator("canvas").first.bounding_box()["y"]
            for slider in figure.root.locator(".time, .slider").all():
                box = slider.bounding_box()
                assert box["y"] - top + box["height"] <= 844, surface


# ---- The keyboard, and motion -------------------------------------------------------------------


def test_keyboard(browser, address):
    """Tab comes to every control in the order of the page, and shows where it is."""
    with Figure(browser, f"{address}nadam.html") as figure:
        figure.ready()
        figure.choose("add", "same")

        def tabbed():
            page, reached = figure.page, []
            page.evaluate("() => { document.activeElement.blur(); getSelection().empty() }")
            figure.root.evaluate(
                "e => { e.tabIndex = -1; e.focus(); e.removeAttribute('tabindex') }"
            )
            for _ in range(40):
                page.keyboard.press("Tab")
                focus = page.evaluate(
                    "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                    "return e.name && [e.name, s.outlineStyle, parseFloat(s.outlineWidth)] })()"
                )
                if not focus:
                    return reached
                name, style, thickness = focus
                assert style == "solid" and thickness >= 2, name  # focus can be seen
                reached.append(name)

        before, after = ["run", "remove", "run", "remove", "add"], ["copy", "link", "reset"]
        sliders = ["alpha", "beta1", "beta2", "eps", "correction", "n_iter"]
        values = [n for s in sliders for n in ([s] if s == "correction" else [s, f"{s}-value"])]
        start = ["x0-x", "x0-y"]
        assert tabbed() == [
            "view", "objective", "panel", *before, "x0", "play", "t", *values, *start, *after
        ]  # fmt: skip
        figure.press("view", "stream")
        assert tabbed() == ["view", "stream", "inner", *before, "play", "t", *values, *after]
        was = figure.data
        figure.control("alpha").press("ArrowRight")
        now = figure.check()
        assert now["hyperparameters"] != was["hyperparameters"] and now["x"] != was["x"]
        assert figure.root.locator("output").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_play(browser, address, motion):
    """At most ten pictures where no motion is wanted, else many; nothing moves by itself."""
    with Figure(browser, f"{address}adam.html", reduced_motion=motion, own_tab=True) as figure:
        steps = figure.ready().data["t"]
        figure.page.wait_for_timeout(200)
        assert figure.data["t"] == steps == figure.data["nIter"]
        running = "document.getAnimations().filter((a) => a.playState === 'running').length"
        assert figure.page.evaluate(running) == 0
        figure.page.clock.install()
        for n_iter in (100, 7, 10000):
            figure.type("n_iter-value", n_iter)
            figure.root.evaluate("""e => {
                window.seen = [];
                window.watch?.disconnect();
                window.watch = new MutationObserver(() => seen.push([+e.dataset.t, Date.now()]));
                watch.observe(e, { attributeFilter: ["data-t"] });
            }""")
            figure.control("play").click()
            figure.page.clock.run_for(10_000)
            assert figure.control("play").inner_text() == "Play"
            seen = figure.page.evaluate("window.seen")
            steps = [step for step, _ in seen]
            assert steps[0] == 0 and steps[-1] == n_iter and (np.diff(steps) > 0).all()
            if motion == "reduce":
                assert len(steps) <= 11  # the start and ten more
                assert min(np.diff([time for _, time in seen])) >= 500
            else:
                assert len(steps) >= min(n_iter, 75)
