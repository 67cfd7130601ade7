"""The interactive figure as it is seen: colours of a screenshot at places where they are known.

A place of the loss or of a sensitivity map is found as a reader finds it, by the numbers on the
axes. What a colour must be there is computed from the path that ``minimize`` gives.
"""

import json

import numpy as np
import pytest
from figure import GREY, SIZES, Figure, LiveFigure, axis, numbers_in, rgb

from descent import OBJECTIVES, RULES, STYLE, Explorer, Objective, adam, bowl, minimize
from descent.inner import inner_values

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

    def level_of(f):
        if high > 100 * low:
            return np.log(max(f - lowest, low) / low) / np.log(high / low)
        return (f - lowest) / high

    check_scale(figure, shot, level_of)


def check_scale(figure, shot, level_of, n=0):
    """Dark to yellow, with true numbers at the ends and the thirds: as many digits as there are."""
    texts, (left, top, width, height) = figure.scale(n)
    parts = np.array([0, 1 / 3, 2 / 3, 1])
    u, gap = shot.viridis(left + 2 + (width - 4) * parts, top + height / 2)
    assert (gap < 12).all() and abs(u - parts).max() < 0.05
    (numbers,) = zip(*(numbers_in(text) for text in texts if text != "f"), strict=True)
    for number, part in zip(numbers, parts, strict=True):
        near = 0.1 * abs(number) + 1e-300
        assert level_of(number - near) < part + 0.06 and level_of(number + near) > part - 0.06


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
    assert len(across) >= 2 and len(up) >= 2
    words = [text for text, *_ in figure.words(0)]
    assert {"x", "y", "f"} <= set(words)
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


def scales(figure):
    """Pixels for a unit along x, and along y."""
    (_, _, width, height), bounds = (
        figure.frame(0),
        figure.surfaces[figure.data["objective"]].bounds,
    )
    return np.divide([width, height], np.diff(bounds).ravel())


def test_true_shape(browser, address):
    """One unit along x is as long as one along y, at every size: a circle is a circle."""
    with Figure(browser, f"{address}adam.html") as figure:
        figure.ready()
        for size in SIZES:
            figure.resize(size)
            for name in OBJECTIVES:
                figure.choose("objective", name)
                across, up = scales(figure)
                assert across == pytest.approx(up, rel=0.01), (name, size)
                canvas = figure.canvas(0)
                widest = canvas.evaluate("e => e.clientWidth") - 56
                _, _, width, height = figure.frame(0)
                assert width > 0.99 * widest or height > 0.95 * widest  # as large as there is room


def test_a_surface_too_long_for_one_scale(browser, address):
    """Twenty times as wide as high, or as high as wide: a map to look at, with true numbers."""
    for bounds in ([-20, 20], [-1, 1]), ([-1, 1], [-20, 20]):
        long = Objective(lambda p: p[0] ** 2 + p[1] ** 2, lambda p: 2 * p, "long", bounds=bounds)
        with LiveFigure(browser, f"{address}live.html", Explorer(adam, long)) as figure:
            _, _, width, height = figure.ready().frame(0)
            assert 0.5 < width / height < 2 and width > 200
            across, up = figure.ticks(0)
            assert len(across) >= 2 and len(up) >= 2
            start = figure.place(*json.loads(figure.data["x0"]))
            for to, at in zip((axis(across), axis(up)), range(2), strict=True):
                assert to(json.loads(figure.data["x0"])[at]) == pytest.approx(start[at], abs=1)


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
        # A square at the end, and on it the star of the minimum, where it has arrived.
        figure.slide("n_iter", 60)
        shot, ((x, *_), (y, *_)) = figure.shot(0), figure.place(*figure.trace.x[[-1]].T)
        parts = np.array([[5, -5, 0, 5.2, -5.2], [-5, -5, 5, 2, 2]])
        assert shot.is_colour("gradient_descent", x + parts[0], y + parts[1]).all()
        for dx, dy in [(6.4, 3), (-6.4, 3), (0, 6.4), (0, -6.4)]:
            assert shot.near("black", x + dx, y + dy, 1.5)
        check_stars_and_start(figure, shot, bowl)


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
        figure.choose("add", "gradient_descent")
        figure.control("run").first.click()
        figure.move_start(-0.95, 0.6)
        shot = figure.shot(0)
        for rule, trace in ("adagrad", figure.trace), ("gradient_descent", figure.traces[1]):
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
            dx, dy = 1.6 * d[::-1] * [1, -1] / np.hypot(*d)
            sides = [x[t] + dx, x[t] - dx], [y[t] + dy, y[t] - dy]
            if shot.is_colour("adamax", *sides).all():
                dots.append(t)
        assert len(dots) >= 4 and dots == [dots[0] * k for k in range(1, len(dots) + 1)]


def test_paths_that_coincide(browser, address):
    """Each path in its own colour; where they coincide, the selected one is on top, and the other
    shows on both sides of it, and in the gaps of its dash."""
    with Figure(browser, f"{address}nesterov.html", **SHARP) as figure:
        figure.ready().slide("alpha", -1)
        figure.slide("beta", 0)
        figure.slide("n_iter", 24)
        figure.move_start(-0.9, 0.6)
        figure.choose("add", "momentum")
        figure.control("run").first.click()
        shot = figure.shot(0)  # both go straight to the minimum, momentum goes on beyond
        part = np.linspace(-0.25, 0.25, 300)
        both = np.array(figure.place(part - 0.4, -0.6 / 0.9 * (part - 0.4)))
        alone = np.array(figure.place(part + 0.4, -0.6 / 0.9 * (part + 0.4)))
        assert shot.is_colour("momentum", *alone).mean() > 0.5
        assert shot.is_colour("nesterov", *alone).mean() < 0.1
        assert shot.is_colour("nesterov", *both).mean() > 0.5
        assert shot.is_colour("momentum", *both).mean() < 0.3
        _, across = along(*both, step=0.1)
        for side in (1.4, -1.4):
            beside = both + side * across[:, :1]
            assert shot.is_colour("momentum", *beside, tolerance=60).mean() > 0.4
        figure.control("run").nth(1).click()
        shot = figure.shot(0)  # the other way round
        assert shot.is_colour("momentum", *both).mean() > 0.5
        assert shot.is_colour("nesterov", *both).mean() < 0.3


def test_lines_of_the_readout_in_the_colours_of_the_rules(browser, address):
    with Figure(browser, f"{address}adam.html") as figure:
        figure.ready().choose("add", "nadam")
        borders = figure.root.locator(".step").evaluate_all(
            "rows => rows.map((row) => getComputedStyle(row).borderLeftColor)"
        )
        assert borders == [f"rgb({', '.join(map(str, rgb(rule)))})" for rule in ("adam", "nadam")]


# ---- The loss -----------------------------------------------------------------------------------


def loss_axes(figure, least=3):
    """step -> pixel and f -> pixel, as the numbers on the axes say."""
    across, up = figure.ticks(1)
    assert len(across) >= least and len(up) >= 2
    return axis(across), axis(up, np.log10)


@pytest.mark.parametrize("rule, other", [("gradient_descent", "adagrad"), ("adam", "adamax")])
def test_loss(browser, address, rule, other):
    """Both curves where a log axis has them, each in its colour and dash."""
    with Figure(browser, f"{address}{rule}.html", **SHARP) as figure:
        figure.ready().slide("alpha", -1.2)
        figure.choose("add", other)
        figure.control("run").first.click()
        to_x, to_y = loss_axes(figure)
        words = [text for text, *_ in figure.words(1)]
        assert "step t" in words and "f(xₜ)" in words
        shot = figure.shot(1)
        curves = {}
        for name, trace in (rule, figure.trace), (other, figure.traces[1]):
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
        for name, trace in (rule, figure.trace), (other, figure.traces[1]):
            x, y = to_x(30), to_y(trace.score[30])
            disc = [x, x, x - 3, x + 3], [y - 3, y + 3, y, y]
            assert shot.is_colour(name, *disc).all()


LOSSES = {  # what spans much, little, and next to nothing
    "a hundredth of a decade": {"alpha": 0.0001, "n_iter": 50},
    "a tenth": {"alpha": 0.001, "n_iter": 50},
    "half a decade": {"alpha": 0.006, "n_iter": 50},
    "one decade": {"alpha": 0.02, "n_iter": 50},
    "two": {"alpha": 0.045, "n_iter": 50},
    "five": {"alpha": 0.11, "n_iter": 50},
    "30 decades": {"alpha": 0.4, "n_iter": 50},
    "more than 32": {"alpha": 0.45, "n_iter": 500},
    "from 1e-296 on": {"alpha": 0.1, "n_iter": 50, "x0": "1e-148,0"},
    "within 1e-5": {"alpha": 0.001, "n_iter": 50, "x0": "0.003,0.003"},
    "one step": {"alpha": 0.1, "n_iter": 1},
    "up": {"alpha": 1.05, "n_iter": 50},
    "up and away": {"alpha": 3, "n_iter": 900},
    "from large numbers": {"objective": "rosenbrock", "alpha": 0.00001, "x0": "90000,0"},
    "where it stands still": {"x0": "0,0", "alpha": 0.1},
}


def test_numbers_beside_the_loss(browser, address):
    """At least two on each axis, however much or little f falls, all of them true and apart."""
    with Figure(browser, f"{address}gradient_descent.html") as figure:
        for size in (1300, 1), (320, 2):
            figure.ready().resize(size)
            for name, settings in LOSSES.items():
                figure.visit(figure=1, **settings)
                assert figure.complaint == ""
                to_x, to_y = loss_axes(figure, least=2)
                (left, top, width, height), score = figure.frame(1), figure.trace.score
                assert 0 <= to_x(0) - left < 0.05 * width and figure.overlaps() == []
                if 0 < score[0] < 1e300:  # where the curve begins
                    assert top < to_y(score[0]) < top + height, name


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
    best = json.loads(data["best"])
    marks = np.transpose([[to_x(run["alpha"]), to_y(run[name])] for run in (settings, best)])
    free = apart(x, y, marks, 9)
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
    check_scale(figure, shot, lambda f: (np.log10(max(f - floor, 1e-300)) - low) / (high - low), 1)
    turn = np.linspace(0, 2 * np.pi, 12)
    x, y = marks[:, 1]
    for dx, dy in 7 * np.transpose([np.sin(turn), np.cos(turn)]):  # a ring around the lowest cell
        if left < x + dx < left + width and top < y + dy < top + height:
            assert shot.near("white", x + dx, y + dy, 1.5)
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


def test_fewer_cells_for_long_runs(browser, address):
    """So that a map comes in about the same time."""
    with LiveFigure(browser, f"{address}live.html", Explorer(adam, bowl)) as figure:
        figure.ready()
        for steps, cells in [(100, 64), (500, 64), (2000, 32), (10000, 14)]:
            figure.type("n_iter-value", steps)
            figure.press("panel", "beta2")
            axes = figure.asked()[-1]["axes"]
            assert [len(axes[name]["values"]) for name in "xy"] == [cells, cells]
            assert [axes[name]["name"] for name in "xy"] == ["alpha", "beta2"]
            figure.press("panel", "loss")


# ---- The stream ---------------------------------------------------------------------------------


def stream_axes(figure, n):
    """t -> pixel and value -> pixel of the n-th picture, as the numbers on the axes say."""
    across, up = figure.ticks(2)[0], figure.ticks(n)[1]
    assert figure.frame(n)[::2] == figure.frame(2)[::2]  # the same t below one another
    assert len(across) >= 3 and len(up) >= 2
    return axis(across), axis(up)


@pytest.mark.parametrize("stream", ["noise", "rare", "cycle"])
def test_gradients_as_bars(browser, address, stream):
    """From zero to g_t, grey, as wide as leaves a gap; that of the scrubber's t in black."""
    with Figure(browser, f"{address}adam.html", **SHARP) as figure:
        figure.ready().visit(figure=1, view="stream", stream=stream, n_iter=40, t=10)
        to_x, to_y = stream_axes(figure, 0)
        shot, g = figure.shot(0), figure.gradients[:, 0]
        for t in range(1, 41):
            x, zero, end = to_x(t), to_y(0), to_y(g[t])
            if abs(end - zero) > 6:
                inside = np.linspace(
                    zero + np.sign(end - zero) * 2, end - np.sign(end - zero) * 2, 9
                )
                colour = (64, 64, 64) if t == 10 else GREY  # the ink of the numbers
                assert shot.is_colour(colour, np.full(9, x), inside).all(), t
            beyond = end + (3 if end > zero else -3)
            if abs(g[t]) > 0:
                assert not shot.is_colour(GREY, x, beyond, tolerance=30), t
            gap = (to_x(t) + to_x(t + 1)) / 2
            middle = (zero + end) / 2
            if abs(middle - zero) > 3 and t < 40:
                assert not shot.is_colour(GREY, gap, middle, tolerance=30), t
        words = [text for n in range(3) for text, *_ in figure.words(n)]
        assert {"gradient gₜ", "step / α", "step t"} <= set(words)


STREAM_RUNS = {  # runs, stream, the third picture
    "two rules": (["adam,alpha=0.1,beta2=0.9", "momentum,alpha=0.1"], "growing", "average"),
    "two of a kind": (
        ["adamax,alpha=0.3,beta2=0.99", "adamax,alpha=0.3,beta2=0.8"],
        "rare",
        "root",
    ),
    "the rate": (["amsgrad,alpha=0.3", "rmsprop,alpha=0.3"], "noise", "rate"),
}


@pytest.mark.parametrize("runs, stream, inner", STREAM_RUNS.values(), ids=STREAM_RUNS)
def test_lines_of_the_stream(browser, address, runs, stream, inner):
    """Each run in the colour and with the dash of its chip, where Python has its numbers."""
    with Figure(browser, f"{address}adam.html", **SHARP) as figure:
        figure.ready().visit(
            figure=1, view="stream", stream=stream, n_iter=40, inner=inner, run=runs
        )
        chips = figure.root.locator(".chip line").evaluate_all(
            "all => all.map((e) => [getComputedStyle(e).stroke.match(/\\d+/g).map(Number),"
            "e.getAttribute('stroke-dasharray').split(' ').filter(Boolean).map(Number)])"
        )
        values = [inner_values(trace, figure.gradients) for trace in figure.traces]
        for n, name in [(1, "step"), (2, inner)]:
            to_x, to_y = stream_axes(figure, n)
            shot, t = figure.shot(n), np.arange(1, 41)
            curves = [np.array([to_x(t), to_y(v[name][1:, 0])]) for v in values]
            for i, (colour, dash) in enumerate(chips):
                places, _ = along(*curves[i])
                others = along(*curves[1 - i])[0]
                free = apart(*places, others, 6) & apart(*places, curves[i][:, -1:], 8)
                assert free.sum() > 40, name
                own = shot.is_colour(colour, *places[:, free], tolerance=60).mean()
                share = sum(dash[::2]) / sum(dash) if dash else 1
                assert own == pytest.approx(share, abs=0.12), (name, i)
        figure.slide("t", 12)
        for n, name in [(1, "step"), (2, inner)]:
            to_x, to_y = stream_axes(figure, n)
            left, top, _, height = figure.frame(n)
            shot, i = figure.shot(n), int(figure.data["selected"])
            x, y = to_x(12), to_y(values[i][name][12, 0])
            disc = [x, x, x - 3, x + 3], [y - 3, y + 3, y, y]
            assert shot.is_colour(chips[i][0], *disc).all()  # a dot on the selected line
            column = shot.is_colour(GREY, np.full(60, x), np.linspace(top, top + height, 60))
            assert 0.25 < column.mean() < 0.75  # in a dashed line at t


def test_interval_of_the_cycle(browser, address):
    """x_t between two dashed lines that it does not cross."""
    with Figure(browser, f"{address}amsgrad.html", **SHARP) as figure:
        run = "adam,alpha=0.5,beta1=0,beta2=0.1"
        figure.ready().visit(figure=1, view="stream", stream="cycle", n_iter=210, run=run)
        assert "xₜ" in [text for text, *_ in figure.words(2)]
        to_x, to_y = stream_axes(figure, 2)
        left, _, width, _ = figure.frame(2)
        shot, x = figure.shot(2), figure.iterates(figure.trace)[:, 0]
        for limit in (-1, 1):
            line = shot.is_colour(GREY, left + np.linspace(5, width - 5, 600), to_y(limit), 60)
            free = ~shot.is_colour("adam", left + np.linspace(5, width - 5, 600), to_y(limit), 90)
            assert free.sum() > 100 and 0.4 < line[free].mean() < 0.9
        assert x.max() == 1 or x.min() == -1
        places, _ = along(to_x(np.arange(211)), np.array([to_y(v) for v in x]))
        assert shot.is_colour("adam", *places, tolerance=60).mean() > 0.75
        figure.press("inner", "root")
        assert len(figure.ticks(2)[1]) >= 2


# ---- Several runs -------------------------------------------------------------------------------


def test_runs_of_one_rule_in_their_own_colours(browser, address):
    """On the map and the loss as on their chips, on a light page and a dark one."""
    runs = ["adam,alpha=0.02,beta1=0.5", "adam,alpha=0.004", "adam,alpha=0.008"]
    with Figure(browser, f"{address}adam.html", **SHARP) as figure:
        for scheme in ("light", "dark"):
            figure.page.evaluate("s => document.documentElement.style.colorScheme = s", scheme)
            figure.ready().visit(figure=1, n_iter=60, x0="-0.9,0.3", run=runs)
            looks = figure.root.locator(".chip line").evaluate_all(
                "all => all.map((e) => [getComputedStyle(e).stroke.match(/\\d+/g).map(Number),"
                "e.getAttribute('stroke-dasharray').split(' ').filter(Boolean).map(Number)])"
            )
            to_x, to_y = loss_axes(figure)
            shot, traces = figure.shot(1), figure.traces
            curves = [
                along(to_x(np.arange(61)), np.array([to_y(f) for f in t.score]))[0] for t in traces
            ]
            for i, (colour, dash) in enumerate(looks):
                others = np.concatenate([c for k, c in enumerate(curves) if k != i], axis=1)
                free = apart(*curves[i], others, 5) & apart(*curves[i], curves[i][:, -1:], 8)
                assert free.sum() > 60
                share = sum(dash[::2]) / sum(dash) if dash else 1
                own = shot.is_colour(colour, *curves[i][:, free], tolerance=60).mean()
                assert own == pytest.approx(share, abs=0.12), (scheme, i)
            for (colour, _), trace in zip(looks, traces, strict=True):
                end = figure.place(*trace.x[-1])
                assert figure.shot(0).near(colour, *end, 6)


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
