"""The interactive figure as it is seen: colours of a screenshot at places where they are known.

A place of the loss or of a sensitivity map is found as a reader finds it, by the numbers on the
axes. What a colour must be there is computed from the path that ``minimize`` gives.
"""

import json

import numpy as np
import pytest
from figure import GREY, Figure, LiveFigure, axis, rgb

from descent import OBJECTIVES, RULES, STYLE, Explorer, Objective, adam, bowl, minimize

SHARP = {"device_scale_factor": 3}  # a fine screen: nine pixels for each of CSS


def apart(x, y, points, gap):
    """Which of the places (x, y) have this distance from all points, shape (2, k)."""
    distance = np.hypot(*(np.stack([x, y])[:, :, None] - np.asarray(points)[:, None, :]))
    return (distance > gap).all(axis=1)


def along(x, y, step=0.5):
    """Places along a polyline, this far apart, and across it: a unit vector for each."""
    places, across = [], []
    for a, b in zip(np.stack([x, y], 1)[:-1], np.stack([x, y], 1)[1:], strict=True):
        length = np.hypot(*(b - a))
        if length < step:
            continue
        parts = np.arange(0, length, step) / length
        places.append(a + parts[:, None] * (b - a))
        across.append(np.tile([a[1] - b[1], b[0] - a[0]] / length, (len(parts), 1)))
    return np.concatenate(places).T, np.concatenate(across).T


# ---- The surface --------------------------------------------------------------------------------


def check_contours(figure, shot, objective):
    """Dark is low: the colour goes with log(f) where f spans two decades, else with f."""
    left, top, width, height = figure.frame(0)
    random = np.random.default_rng(1).random((2, 600))
    x = left + 3 + (width - 6) * random[0]
    y = top + 3 + (height - 6) * random[1]
    marks = [json.loads(figure.data["x0"]), json.loads(figure.data["x"]), *objective.minima]
    free = apart(x, y, figure.place(*np.transpose(marks)), 22)
    x, y = x[free], y[free]
    (x0, x1), (y0, y1) = objective.bounds
    f = objective([x0 + (x1 - x0) * (x - left) / width, y1 - (y1 - y0) * (y - top) / height])
    u, gap = shot.viridis(x, y)
    assert (gap < 12).all()
    everywhere = objective(np.meshgrid(*np.linspace(*objective.bounds.T, 101).T))
    lowest = min(everywhere.min(), *(objective(p) for p in objective.minima))
    above = np.sort(everywhere[everywhere > lowest]) - lowest
    low, high = above[len(above) // 100], above[-1]
    level = (f - lowest) / high
    if high > 100 * low:
        level = np.log((f - lowest) / low) / np.log(high / low)
    assert abs(u - np.clip(level, 0, 1)).max() < 0.12  # within a band or so
    assert np.ptp(u) > 0.6


def check_stars_and_start(figure, shot, objective):
    """A white star with a black edge at each minimum, a white disc in a black ring at the start."""
    for x, y in np.transpose(figure.place(*objective.minima.T)):
        assert shot.is_colour("white", x, y).all()
        assert shot.near("black", x, y, 9)
    x, y = figure.place(*json.loads(figure.data["x0"]))
    turn = np.linspace(0, 2 * np.pi, 12)
    assert shot.is_colour("white", x + 3 * np.cos(turn), y + 3 * np.sin(turn)).all()
    for dx, dy in np.transpose([np.cos(turn), np.sin(turn)]):
        assert shot.near("black", x + 6.5 * dx, y + 6.5 * dy, 1.5)


def check_axes(figure, objective):
    """Every number stands where it is true."""
    (left, top, width, height), (across, up) = figure.frame(0), figure.ticks(0)
    (x0, x1), (y0, y1) = objective.bounds
    assert across and up
    for value, place in across.items():
        assert place == pytest.approx(left + width * (value - x0) / (x1 - x0), abs=0.5)
    for value, place in up.items():
        assert place == pytest.approx(top + height * (y1 - value) / (y1 - y0), abs=0.5)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_surface(browser, address, name):
    with Figure(browser, f"{address}adam.html", **SHARP) as figure:
        figure.ready().choose("objective", name)
        figure.slide("n_iter", 1)
        shot = figure.shot(0)
        check_contours(figure, shot, OBJECTIVES[name])
        check_stars_and_start(figure, shot, OBJECTIVES[name])
        check_axes(figure, OBJECTIVES[name])


# ---- The path -----------------------------------------------------------------------------------


def test_path_up_to_the_scrubber(browser, address):
    """In the rule's colour as far as the scrubber is, then pale; a disc at its step."""
    with Figure(browser, f"{address}gradient_descent.html", **SHARP) as figure:
        figure.ready().slide("alpha", -1)
        figure.slide("n_iter", 20)
        figure.move_start(-0.9, 0.6)
        figure.slide("t", 3)
        x, y = figure.place(*figure.trace.x.T)
        shot = figure.shot(0)
        middle = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
        assert shot.is_colour("gradient_descent", middle[0][1:3], middle[1][1:3]).all()
        assert not shot.is_colour("gradient_descent", middle[0][3:], middle[1][3:]).any()
        length = np.hypot(x[1] - x[0], y[1] - y[0])
        across = (y[0] - y[1]) / length, (x[1] - x[0]) / length
        beside = [np.add(m[:6], 5 * d) for m, d in zip(middle, across, strict=True)]
        assert (shot(*beside).mean(axis=1) + 20 < shot(*[m[:6] for m in middle]).mean(axis=1))[
            4:
        ].all()
        edge = x[:7] + 4 * across[0], y[:7] + 4 * across[1]  # wider than the line
        on_disc = shot.is_colour("gradient_descent", *edge)
        assert on_disc.tolist() == [False] * 3 + [True] + [False] * 3
        figure.slide("t", 20)
        shot = figure.shot(0)
        assert shot.is_colour("gradient_descent", middle[0][1:8], middle[1][1:8]).all()
        corners = np.array([[3, 3, -3, -3], [3, -3, 3, -3]])  # of a square at the end
        assert shot.is_colour("gradient_descent", *(np.array([[x[-1]], [y[-1]]]) + corners)).all()
        assert shot.near("black", x[-1] + 5, y[-1], 1.5)


PACE = {  # of log10(alpha), so that a hundred steps go a good way, and evenly
    "gradient_descent": -2, "momentum": -3, "adagrad": -1.4, "adam": -2, "amsgrad": -2.5
}  # fmt: skip


def share_of_colour(figure, shot, rule, trace):
    """How much of the first half of a path is in the rule's colour, not in the white around it."""
    places, _ = along(*figure.place(*trace.x.T))
    marks = figure.place(*np.transpose([trace.x[0], trace.x[-1], [0, 0]]))
    places = places[:, : places.shape[1] // 2]
    places = places[:, apart(*places, marks, 14)]
    assert places.shape[1] > 80
    own = shot.is_colour(rule, *places).mean()
    assert own + shot.is_colour("white", *places, tolerance=60).mean() > 0.75
    return own


def share_of_ink(rule):
    """How much of a line is drawn with the rule's dash."""
    style = STYLE[rule]["linestyle"]
    return 1 if style == "-" else sum(style[1][::2]) / sum(style[1])


@pytest.mark.parametrize("rule", PACE)
def test_path_in_colour_and_dash(browser, address, rule):
    """The path lies where minimize goes, in the rule's colour, broken as its dash says."""
    with Figure(browser, f"{address}{rule}.html", **SHARP) as figure:
        figure.ready().slide("alpha", PACE[rule])
        figure.move_start(-0.95, 0.6)
        own = share_of_colour(figure, figure.shot(0), rule, figure.trace)
        assert own == pytest.approx(share_of_ink(rule), abs=0.2)  # dots have white edges


def test_compared_path_has_its_own_dash(browser, address):
    with Figure(browser, f"{address}adagrad.html", **SHARP) as figure:
        figure.ready().slide("alpha", -1.4)
        figure.choose("compare", "gradient_descent")
        figure.move_start(-0.95, 0.6)
        shot = figure.shot(0)
        for rule, trace in ("adagrad", figure.trace), ("gradient_descent", figure.other):
            own = share_of_colour(figure, shot, rule, trace)
            assert own == pytest.approx(share_of_ink(rule), abs=0.2), rule


def test_dots_along_the_path(browser, address):
    """A dot at every k-th step, from the k-th on: the pace can be seen."""
    with Figure(browser, f"{address}adamax.html", **SHARP) as figure:
        figure.ready().slide("n_iter", 40)
        figure.slide("alpha", np.log10(0.045))
        figure.move_start(-0.95, 0.9)
        x, y = figure.place(*figure.trace.x[:16].T)
        assert (np.hypot(np.diff(x), np.diff(y)) > 6).all()  # dots can be told apart
        shot, dots = figure.shot(0), []
        for t in range(2, 15):
            d = np.array([x[t + 1] - x[t - 1], y[t + 1] - y[t - 1]])
            dx, dy = 1.8 * d[::-1] * [1, -1] / np.hypot(*d)
            sides = [x[t] + dx, x[t] - dx], [y[t] + dy, y[t] - dy]
            if shot.is_colour("adamax", *sides).all():
                dots.append(t)
        assert len(dots) >= 4 and dots == [dots[0] * k for k in range(1, len(dots) + 1)]


def test_compared_path(browser, address):
    """Each path in its own colour; where they coincide, the main one is on top."""
    with Figure(browser, f"{address}nesterov.html", **SHARP) as figure:
        figure.ready().slide("alpha", -1)
        figure.slide("beta", 0)
        figure.slide("n_iter", 24)
        figure.move_start(-0.9, 0.6)
        figure.choose("compare", "momentum")
        shot = figure.shot(0)  # both go straight to the minimum, momentum goes on beyond
        for place, rule, hidden in [(-0.4, "nesterov", "momentum"), (0.4, "momentum", "nesterov")]:
            part = place + np.linspace(-0.25, 0.25, 300)
            places = figure.place(part, -0.6 / 0.9 * part)
            assert shot.is_colour(rule, *places).mean() > 0.5
            assert shot.is_colour(hidden, *places).mean() < 0.1


def test_lines_of_the_readout_in_the_colours_of_the_rules(browser, address):
    with Figure(browser, f"{address}adam.html") as figure:
        figure.ready().choose("compare", "nadam")
        borders = figure.root.locator(".step").evaluate_all(
            "rows => rows.map((row) => getComputedStyle(row).borderLeftColor)"
        )
        assert borders == [f"rgb({', '.join(map(str, rgb(rule)))})" for rule in ("adam", "nadam")]


# ---- The loss -----------------------------------------------------------------------------------


def loss_axes(figure):
    """step -> pixel and f -> pixel, as the numbers on the axes say."""
    across, up = figure.ticks(1)
    assert len(across) >= 3 and len(up) >= 2
    return axis(across), axis(up, np.log10)


@pytest.mark.parametrize("rule, other", [("gradient_descent", "adagrad"), ("adam", "adamax")])
def test_loss(browser, address, rule, other):
    """Both curves where a log axis has them, each in its colour and dash."""
    with Figure(browser, f"{address}{rule}.html", **SHARP) as figure:
        figure.ready().slide("alpha", -1.2)
        figure.choose("compare", other)
        to_x, to_y = loss_axes(figure)
        words = [text for text, *_ in figure.words(1)]
        assert "step t" in words and "f(xₜ)" in words
        shot = figure.shot(1)
        curves = {}
        for name, trace in (rule, figure.trace), (other, figure.other):
            t = np.arange(len(trace.score))
            curves[name] = along(to_x(t), np.array([to_y(f) for f in trace.score]))[0]
        for name, places in curves.items():
            (apart_from,) = (curve for key, curve in curves.items() if key != name)
            last = places[:, -1:]
            free = apart(*places, apart_from, 5) & apart(*places, last, 8)
            assert free.sum() > 100
            own = shot.is_colour(name, *places[:, free], tolerance=60)
            assert own.mean() == pytest.approx(share_of_ink(name), abs=0.1), name
        figure.slide("t", 30)
        shot = figure.shot(1)
        for name, trace in (rule, figure.trace), (other, figure.other):
            x, y = to_x(30), to_y(trace.score[30])
            disc = [x, x, x - 3, x + 3], [y - 3, y + 3, y, y]
            assert shot.is_colour(name, *disc).all()


def test_dots_at_the_ends_of_the_loss_are_whole(browser, address):
    with Figure(browser, f"{address}gradient_descent.html", **SHARP) as figure:
        figure.ready()
        for t in (0, 100):
            figure.slide("t", t)
            to_x, to_y = loss_axes(figure)
            x, y = to_x(t), to_y(figure.trace.score[t])
            turn = np.linspace(0, 2 * np.pi, 12)
            disc = x + 3 * np.cos(turn), y + 3 * np.sin(turn)
            assert figure.shot(1).is_colour("gradient_descent", *disc).all()


def valley(p):
    return (p[0] - 0.3) ** 2 + 4 * (p[1] + 0.2) ** 2 - 5


def test_loss_over_the_lowest_value_of_the_surface_shown(browser, address):
    """A surface below zero: the axis has f less its floor, and says so."""
    objective = Objective(
        valley,
        lambda p: np.array([2 * (p[0] - 0.3), 8 * (p[1] + 0.2)]),
        "valley",
        minima=[[0.3, -0.2]],
    )
    explorer = Explorer(adam, [bowl, objective], alpha=0.05)
    with LiveFigure(browser, f"{address}live.html", explorer, **SHARP) as figure:
        figure.ready().choose("objective", "valley")
        figure.answer()
        assert "f(xₜ) − lowest f" in [text for text, *_ in figure.words(1)]
        to_x, to_y = loss_axes(figure)
        (trace,) = explorer.traces
        assert trace.objective.name == "valley"
        t = np.arange(5, 95)
        places, _ = along(to_x(t), np.array([to_y(f) for f in trace.score[t] + 5]))
        assert figure.shot(1).is_colour("adam", *places, tolerance=60).mean() > 0.8
        # the sensitivity map too: the lowest cell is dark, the start's value and above is yellow
        figure.control("panel").nth(1).check()
        figure.answer()
        check_sensitivity_colours(figure, objective, adam, "beta1")


# ---- The sensitivity map ------------------------------------------------------------------------


def sensitivity_axes(figure):
    """alpha -> pixel and beta -> pixel, as the numbers on the axes say."""
    across, up = figure.ticks(1)
    return axis(across, np.log10), axis(up, lambda beta: -np.log10(1 - beta))


def check_sensitivity_colours(figure, objective, rule, name):
    """Dark is low, yellow no better than the start, grey not finite."""
    to_x, to_y = sensitivity_axes(figure)
    left, top, width, height = figure.frame(1)
    x = left + width * (np.arange(25) + 0.5) / 25
    y = top + height * (np.arange(25) + 0.5) / 25
    alpha = 10 ** (-3 + (x - to_x(0.001)) / (to_x(0.01) - to_x(0.001)))
    beta = np.maximum(0, 1 - 10 ** (-(y - to_y(0)) / (to_y(0.9) - to_y(0))))
    data = figure.data
    settings = json.loads(data["hyperparameters"])
    x0, n_iter = json.loads(data["x0"]), int(data["nIter"])
    shot = figure.shot(1)
    x, y = (places.ravel() for places in np.meshgrid(x, y))
    free = apart(x, y, [[to_x(settings["alpha"])], [to_y(settings[name])]], 9)
    scores = []
    for factor in (0.95, 1, 1.05):  # a cell is this wide: what holds on both sides must hold here
        batch = settings | {"alpha": factor * alpha[None, :], name: beta[:, None]}
        scores.append(minimize(objective, x0, rule, n_iter, **batch).score[-1].ravel())
    finite = np.isfinite(scores)
    is_grey = np.linalg.norm(shot(x, y) - GREY, axis=-1) < 12
    assert not is_grey[free & finite.all(axis=0)].any()
    assert is_grey[free & ~finite.any(axis=0)].all()
    floor = min(objective(p) for p in objective.minima)
    high = np.log10(objective(np.array(x0)) - floor)
    low = np.clip(np.log10(max(json.loads(data["best"])["f"] - floor, 1e-300)), high - 16, high - 1)
    level = np.log10(np.maximum(np.where(finite, scores, 1) - floor, 1e-300))
    expected = np.clip((level - low) / (high - low), 0, 1)
    seen = free & finite.all(axis=0) & (np.ptp(expected, axis=0) < 0.05)
    assert seen.sum() > 100
    expected = expected[1][seen]
    u, gap = shot.viridis(x[seen], y[seen])
    assert (gap < 20).all() and np.ptp(expected) > 0.6
    assert np.median(abs(u - expected)) < 0.02
    assert np.corrcoef(u, expected)[0, 1] > 0.95
    return is_grey.any()


@pytest.mark.parametrize("rule, surface", [("momentum", "ravine"), ("adam", "himmelblau")])
def test_sensitivity_map(browser, address, rule, surface):
    with Figure(browser, f"{address}{rule}.html", **SHARP) as figure:
        figure.ready().choose("objective", surface)
        figure.slide("n_iter", 80)
        panel = figure.control("panel").nth(1)
        name = panel.get_attribute("value")
        panel.check()
        assert [text for text, *_ in figure.words(1) if text in ("alpha", name)] == ["alpha", name]
        has_grey = check_sensitivity_colours(figure, OBJECTIVES[surface], RULES[rule], name)
        assert has_grey == (rule == "momentum")  # Adam's steps are bounded
        to_x, to_y = sensitivity_axes(figure)
        left, top, width, height = figure.frame(1)
        side = figure.canvas(1)
        for alpha, beta in [(0.001, 0.9), (0.1, 0.3)]:  # a click sets both, the mark follows
            x, y = to_x(alpha), to_y(beta)
            side.click(position={"x": x, "y": y})
            settings = json.loads(figure.check()["hyperparameters"])
            assert settings["alpha"] == pytest.approx(alpha, rel=0.1)
            assert 1 - settings[name] == pytest.approx(1 - beta, rel=0.1)
            x, y = to_x(settings["alpha"]), to_y(settings[name])
            shot = figure.shot(1)
            mark = x + np.array([-3, 3, 0, 0]), y + np.array([0, 0, -3, 3])
            assert shot.is_colour(rule, *mark).all()
            assert shot.near("white", x + 5.5, y, 1.5)


# ---- What is around it --------------------------------------------------------------------------


def test_pictures_follow_theme_and_size(browser, address):
    with Figure(browser, f"{address}adam.html", **SHARP) as figure:
        figure.ready()
        for scheme in ("light", "dark"):
            figure.page.evaluate("s => document.documentElement.style.colorScheme = s", scheme)
            for n in (0, 1):
                left, top, width, height = figure.frame(n)
                shot = figure.shot(n)
                x, y = np.meshgrid(np.arange(1, left - 3, 0.3), np.arange(top, top + height, 0.3))
                grey = shot(x, y).mean(axis=-1)  # the numbers beside the axis, on the page
                paper = np.median(grey)
                ink = grey.min() if scheme == "light" else grey.max()
                assert (ink < 120 < 220 < paper) if scheme == "light" else (ink > 140 > 60 > paper)
        for width in (1300, 700, 420):
            figure.page.set_viewport_size({"width": width, "height": 900})
            for n in (0, 1):
                canvas = figure.canvas(n).element_handle()
                is_sharp = "e => e.width === 3 * e.clientWidth && e.height === 3 * e.clientHeight"
                figure.page.wait_for_function(is_sharp, arg=canvas)
            x, y = figure.place(*json.loads(figure.data["x0"]))
            assert figure.shot(0).is_colour("white", x, y).all()  # the handle moved along
