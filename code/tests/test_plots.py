"""The pictures: what each part of them means. Pixels: see tools/stored_pictures.py."""

import io
import itertools
import subprocess
import sys
from typing import NamedTuple

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")

import matplotlib.pyplot as plt
from matplotlib.colors import LogNorm, same_color, to_rgb
from mpl_toolkits.mplot3d import Axes3D

from descent import (
    OBJECTIVES,
    RULES,
    STYLE,
    Explorer,
    Objective,
    adam,
    amsgrad,
    animate_paths,
    bowl,
    effective_rate,
    egg_box,
    gradient_descent,
    himmelblau,
    minimize,
    momentum,
    nadam,
    plot_contours,
    plot_convergence,
    plot_path,
    plot_race,
    plot_sensitivity,
    plot_state,
    plot_surface,
    ravine,
    rosenbrock,
    saddle,
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax, label):
    (found,) = [line for line in ax.get_lines() if line.get_label().split(":")[0] == label]
    return found


def marks(ax, marker):
    """The points drawn with a marker: * for minima, o for starts, s for ends."""
    (found,) = [line for line in ax.get_lines() if line.get_marker() == marker]
    return np.array(found.get_xydata())


def dash(drawn):
    """A line's dash in points; no public method tells one dash from another."""
    return drawn._unscaled_dash_pattern


def looks_like(drawn, style):
    """Whether a line has the colour, dash and marker of STYLE."""
    model = plt.Line2D([], [], **style)
    return (
        same_color(drawn.get_color(), style["color"])
        and drawn.get_marker() == style["marker"]
        and dash(drawn) == dash(model)
    )


def filled_contours(ax):
    (filled,) = [c for c in ax.collections if hasattr(c, "levels")]
    return filled


def run(objective=bowl, rule=adam, n_iter=60, seed=1, **hyperparameters):
    return minimize(objective, objective.start(seed), rule, n_iter, **hyperparameters)


# One look for each rule -----------------------------------------------------------------------


def linear_rgb(color):
    c = np.array(to_rgb(color))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(color):
    return linear_rgb(color) @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


def cielab(rgb):
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    fx, fy, fz = (np.cbrt(c) if c > 0.008856 else 7.787 * c + 16 / 116 for c in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


# What a colour looks like to a reader without one kind of cone: Machado, Oliveira & Fernandes
# (2009), severity 1, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def test_every_rule_has_a_colour_dash_and_marker_of_its_own():
    assert list(STYLE) == list(RULES)
    for key in ("color", "linestyle", "marker"):
        assert len({str(style[key]) for style in STYLE.values()}) == len(RULES), key


@pytest.mark.parametrize("vision", VISION)
def test_colours_can_be_told_apart(vision):
    labs = [cielab(VISION[vision] @ linear_rgb(s["color"])) for s in STYLE.values()]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(labs, 2)]
    assert min(distances) > 20


@pytest.mark.parametrize("page", ["#ffffff", "#14181e"])
def test_colours_stand_out_on_the_light_and_on_the_dark_page(page):
    assert min(contrast(style["color"], page) for style in STYLE.values()) >= 3


def test_importing_the_package_does_not_import_matplotlib():
    code = "import sys, descent; print([m for m in sys.modules if m.startswith('matplotlib')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Every surface, every rule ----------------------------------------------------------------------


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_maps_show_the_bounds_and_mark_every_known_minimum(objective):
    ax = plot_contours(objective)
    assert np.allclose([ax.get_xlim(), ax.get_ylim()], objective.bounds)
    assert np.allclose(marks(ax, "*"), objective.minima)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("x", "y", objective.name)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_every_rule_has_its_path_and_its_score_on_every_surface(objective):
    traces = {name: run(objective, rule, 30, seed=3) for name, rule in RULES.items()}
    maps, scores = plot_path(traces), plot_convergence(traces)
    for name, trace in traces.items():
        path, score = line(maps, name), line(scores, name)
        assert looks_like(path, STYLE[name]) and looks_like(score, STYLE[name])
        if trace.diverged_at is None:
            assert np.array_equal(path.get_xydata()[:2], trace.x[:2])
    for ax in (maps, scores):
        ax.figure.draw_without_rendering()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_shows_its_state(rule):
    states = plot_state(run(rule=rule, n_iter=30))
    assert all(ax.get_lines() for ax in states)
    states[0].figure.set_layout_engine("none")  # the layout takes most of the time
    states[0].figure.draw_without_rendering()


# Surfaces and contours ------------------------------------------------------------------------


SLOPE = Objective(lambda p: 5 + 2 * p[0] - p[1], lambda p: np.ones_like(p), "slope")


def test_contour_levels_are_log_spaced_where_f_spans_decades_and_include_both_ends():
    filled = filled_contours(plot_contours(rosenbrock))
    assert isinstance(filled.norm, LogNorm)
    ratios = filled.levels[1:] / filled.levels[:-1]
    assert np.allclose(ratios, ratios[0])
    corners = [rosenbrock(np.array(p)) for p in itertools.product(*rosenbrock.bounds)]
    assert filled.levels[-1] == max(corners)


def test_contour_levels_are_linear_where_f_spans_little():
    filled = filled_contours(plot_contours(SLOPE))
    assert np.allclose(np.diff(filled.levels), np.diff(filled.levels)[0])
    assert np.allclose([filled.levels[0], filled.levels[-1]], [2, 8])


@pytest.mark.parametrize("objective", [SLOPE, rosenbrock, ravine], ids=lambda o: o.name)
def test_each_point_of_a_map_lies_in_the_colour_of_its_height(objective):
    filled = filled_contours(plot_contours(objective))
    assert filled.cmap.name == "viridis"
    shades = [luminance(color[:3]) for color in filled.get_facecolor()]
    assert shades == sorted(shades)  # the higher the lighter
    for p in [objective.start(seed) for seed in range(20)]:
        height = objective(p) - (0 if objective is SLOPE else objective(objective.minima[0]))
        # Holes count as inside, so a point of a valley lies in its own band and all above it.
        first = next(i for i, band in enumerate(filled.get_paths()) if band.contains_point(p))
        assert filled.levels[first] <= max(height, filled.levels[0]) <= filled.levels[first + 1]


@pytest.mark.parametrize(
    ("objective", "label"), [(SLOPE, "$f$"), (rosenbrock, r"$f - f_\mathrm{min}$")]
)
def test_the_colour_bar_says_what_the_colours_measure(objective, label):
    ax = plot_contours(objective)
    filled = filled_contours(ax)
    bar = filled.colorbar.ax
    assert [*ax.figure.axes] == [ax, bar]
    assert (bar.get_ylabel(), bar.get_xlabel()) == (label, "")
    bar.figure.draw_without_rendering()
    ticks = {tick.get_loc(): tick.label2.get_text() for tick in bar.yaxis.get_major_ticks()}
    shown = {at: text for at, text in ticks.items() if text}
    assert len(shown) >= 4
    assert np.allclose([*shown], [float(text) for text in shown.values()], rtol=0.05)
    assert bar.get_ylim() == (filled.levels[0], filled.levels[-1])


@pytest.mark.parametrize("objective", [*OBJECTIVES.values(), SLOPE], ids=[*OBJECTIVES, "slope"])
def test_a_surface_has_its_own_height_over_each_point(objective, monkeypatch):
    drawn = []

    def plot_mesh(self, x, y, z, **options):
        drawn.append((x, y, z))
        return original(self, x, y, z, **options)

    original = Axes3D.plot_surface
    monkeypatch.setattr(Axes3D, "plot_surface", plot_mesh)
    ax = plot_surface(objective)
    ((x, y, z),) = drawn
    assert np.array_equal([[x.min(), x.max()], [y.min(), y.max()]], objective.bounds)
    heights = np.array([objective(p) for p in np.transpose([x.ravel(), y.ravel()])])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
    assert (ax.get_title(), ax.name) == (objective.name, "3d")
    floor = min((objective(p) for p in objective.minima), default=None)
    above = heights - min([*heights, *([] if floor is None else [floor])])
    is_steep = above.max() > 10 * np.median(above)
    assert is_steep or objective.name not in ("rosenbrock", "beale")
    if is_steep:  # on a log scale
        assert ax.get_zlabel() == r"$\log_{10}(f - f_\mathrm{min})$"
        bottom = z.min()  # what lies lower, to log10(0), is cut off
        assert bottom == np.log10(np.percentile(heights[heights > floor] - floor, 1))
        heights = np.log10(np.maximum(heights - floor, 10**bottom))
    else:
        assert ax.get_zlabel() == "f(x, y)"
        bottom = floor
    assert np.allclose(z.ravel(), heights, rtol=1e-12, atol=1e-12)
    (mesh,) = ax.collections
    assert mesh.get_cmap().name == "viridis"
    low, high = mesh.get_clim()
    assert z.min() - 1e-12 <= low < high <= z.max() + 1e-12  # means of a patch's corners
    (stars,) = [line for line in ax.get_lines() if line.get_marker() == "*"]
    at = np.transpose(stars.get_data_3d())
    assert np.array_equal(at[:, :2], objective.minima)
    assert np.allclose(at[:, 2], bottom if len(at) else [])
    ax.figure.draw_without_rendering()


def test_a_strip_is_not_stretched_to_a_square():
    assert plot_contours(ravine).get_box_aspect() == 0.5
    assert plot_contours(bowl).get_aspect() == 1


def test_surfaces_with_holes_plains_and_no_known_minimum():
    def root(p):
        return np.sqrt(p[0]) + p[1] * p[1]  # not a number left of x = 0

    holes = Objective(root, lambda p: p, "holes")
    flat = Objective(lambda p: 0 * p[0] + 7, lambda p: 0 * p, "flat")
    for objective in (holes, flat):
        assert len(marks(plot_contours(objective), "*")) == 0
        plot_contours(objective).figure.draw_without_rendering()
        plot_surface(objective).figure.draw_without_rendering()


# Paths ----------------------------------------------------------------------------------------


def test_path_marks_start_and_end_and_explains_the_marks():
    trace = run(alpha=0.02, beta1=0.8)
    ax = plot_path(trace)
    assert legend(ax) == ["adam", "start", "end", "minimum"]
    path, *keys = ax.get_legend().legend_handles
    assert looks_like(path, STYLE["adam"])
    assert [key.get_marker() for key in keys] == ["o", "s", "*"]
    assert np.array_equal(marks(ax, "o"), trace.x[:1])
    assert np.array_equal(marks(ax, "s"), trace.x[-1:])
    assert np.array_equal(marks(ax, "*"), bowl.minima)
    assert np.array_equal(line(ax, "adam").get_xydata(), trace.x)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("x", "y", "bowl")


def test_each_path_lies_on_a_white_edge_and_ends_in_its_own_colour():
    traces = {"adam": run(alpha=0.02), "nadam": run(rule=nadam, alpha=0.02)}
    ax = plot_path(traces)
    for name, trace in traces.items():
        color = STYLE[name]["color"]
        (edge,) = [
            drawn
            for drawn in ax.get_lines()
            if drawn.get_color() == "white" and np.array_equal(drawn.get_xydata(), trace.x)
        ]
        assert edge.get_zorder() < line(ax, name).get_zorder()
        assert edge.get_linewidth() > line(ax, name).get_linewidth()
        (end,) = [
            drawn
            for drawn in ax.get_lines()
            if drawn.get_marker() == "s" and drawn.get_markerfacecolor() == color
        ]
        assert np.array_equal(end.get_xydata(), trace.x[-1:])


def test_path_keeps_a_map_that_is_there_and_fills_empty_axes():
    trace = run(alpha=0.02)
    with_map = plot_contours(bowl)
    before = len(with_map.collections)
    assert plot_path(trace, ax=with_map) is with_map
    assert len(with_map.collections) == before
    _, empty = plt.subplots()
    plot_path(trace, ax=empty)
    assert np.allclose(marks(empty, "*"), bowl.minima)


def test_map_grows_for_a_path_just_outside_and_not_for_one_that_is_gone():
    near = minimize(bowl, [1.1, 0.2], adam, 5, alpha=0.01)
    (left, right), (low, high) = plot_path(near).get_xlim(), plot_path(near).get_ylim()
    assert 1.1 < right < 1.2 and left == low == -1 and high == 1
    gone = minimize(bowl, [0.5, 0.2], gradient_descent, 50, alpha=1.1)
    ax = plot_path(gone)
    assert np.allclose([ax.get_xlim(), ax.get_ylim()], bowl.bounds)
    outside = int(np.argmax(np.abs(gone.x).max(axis=1) > 1))
    assert legend(ax)[0] == f"gradient_descent: left the map at t = {outside}"


def test_path_says_that_it_diverged():
    trace = minimize(rosenbrock, [-1.5, 2.5], gradient_descent, 60, alpha=0.01)
    assert trace.diverged_at is not None
    ax = plot_path(trace)
    ax.figure.draw_without_rendering()
    assert legend(ax) == [
        f"gradient_descent: left the map at t = 1, diverged at t = {trace.diverged_at}",
        "start",
        "minimum",
    ]
    assert np.allclose([ax.get_xlim(), ax.get_ylim()], rosenbrock.bounds)
    # What is drawn of the last visible step points where the step pointed.
    (drawn,) = np.diff(line(ax, "gradient_descent").get_xydata()[:2], axis=0)
    step = trace.x[1] - [-1.5, 2.5]
    assert np.allclose(drawn / np.linalg.norm(drawn), step / np.linalg.norm(step))


def test_path_that_leaves_and_comes_back_says_so():
    trace = minimize(bowl, [-0.9, 0.0], momentum, 300, alpha=0.3, beta=0.9)
    inside = (np.abs(trace.x) <= [1.25, 1.0]).all(axis=1)
    assert inside.all()  # within the quarter by which a map may grow
    assert legend(plot_path(trace))[0] == "momentum"
    trace = minimize(bowl, [-0.9, 0.8], momentum, 300, alpha=1.5, beta=0.9)
    outside = np.flatnonzero((np.abs(trace.x) > 1).any(axis=1))
    assert legend(plot_path(trace))[0] == (
        f"momentum: off the map between t = {outside[0]} and {outside[-1]}"
    )


def test_a_start_off_the_map_is_said():
    assert legend(plot_path(minimize(bowl, [3, 3], adam, 3)))[0] == "adam: is off the map"
    trace = minimize(bowl, [3, 3], gradient_descent, 50, alpha=0.1)
    first = int(np.argmax((np.abs(trace.x) <= 1).all(axis=1)))
    assert legend(plot_path(trace))[0] == (
        f"gradient_descent: off the map between t = 0 and {first - 1}"
    )


def test_one_rule_several_times_has_as_many_looks():
    traces = {f"alpha = {a}": run(rule=gradient_descent, alpha=a) for a in (0.01, 0.1, 0.4)}
    ax = plot_path(traces)
    looks = [line(ax, label) for label in traces]
    for of in ("get_color", "get_marker"):
        assert len({str(getattr(look, of)()) for look in looks}) == 3
    brightness = [luminance(look.get_color()) for look in looks]
    assert brightness == sorted(brightness, reverse=True)


def test_a_students_own_rule_has_a_look():
    class Step(NamedTuple):
        t: int
        x: np.ndarray

    def mine(gradient, x0, alpha=0.1):
        x, t = x0, 0
        while True:
            yield Step(t, x)
            x, t = x - alpha * gradient(x), t + 1

    ax = plot_path({"mine": run(rule=mine), "adam": run()})
    assert line(ax, "mine").get_color() not in {style["color"] for style in STYLE.values()}
    assert line(ax, "adam").get_color() == STYLE["adam"]["color"]
    assert len(plot_state(run(rule=mine))) == 1


# Convergence ------------------------------------------------------------------------------------


def test_convergence_subtracts_the_known_minimum_and_says_so():
    trace = run(himmelblau, alpha=0.1)
    ax = plot_convergence(trace)
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == r"$f(x_t) - f_\mathrm{min}$"
    floor = min(himmelblau(p) for p in himmelblau.minima)
    gap = np.transpose([np.arange(61), trace.score - floor])
    assert np.array_equal(line(ax, "adam").get_xydata(), gap)
    assert (ax.get_xlabel(), ax.get_title(), legend(ax)) == ("t", "himmelblau", ["adam"])


def test_convergence_without_a_known_minimum_shows_f():
    unknown = Objective(lambda p: bowl(p) + 1, bowl.gradient, "lifted")
    ax = plot_convergence({"a": run(unknown), "b": run(bowl)})
    assert ax.get_ylabel() == "$f(x_t)$"
    assert ax.get_title() == "lifted, bowl"


def test_convergence_below_zero_is_linear():
    below = Objective(lambda p: bowl(p) - 9, bowl.gradient, "below")
    ax = plot_convergence(run(below))
    assert ax.get_yscale() == "linear"


def test_convergence_to_the_very_minimum_is_said():
    trace = minimize(bowl, [0.5, 0.5], gradient_descent, 5, alpha=0.5)
    assert trace.score[1] == 0
    assert legend(plot_convergence(trace)) == ["gradient_descent: at or below f_min from t = 1"]
    at_rest = minimize(bowl, [0, 0], adam, 5)
    assert plot_convergence(at_rest).get_yscale() == "linear"


def test_convergence_says_that_a_search_diverged_and_keeps_the_others_readable():
    bad = minimize(rosenbrock, [-1.5, 2.5], gradient_descent, 60, alpha=0.01)
    good = minimize(rosenbrock, [-1.5, 2.5], adam, 60, alpha=0.05)
    ax = plot_convergence({"bad": bad, "good": good})
    assert legend(ax) == [f"bad: diverged at t = {bad.diverged_at}", "good"]
    low, high = ax.get_ylim()
    assert high == 1e3 * good.score[0] and good.score.min() / 10 < low < good.score.min()
    slow = minimize(bowl, [0.5, 0.2], gradient_descent, 60, alpha=1.1)
    above = int(np.argmax(slow.score > 1e3 * slow.score[0]))
    assert legend(plot_convergence(slow)) == [
        f"gradient_descent: above the figure from t = {above}"
    ]


@pytest.mark.parametrize(
    ("smallest", "ticks"),
    [
        (1e-7, 10.0 ** np.arange(-7, 1)),
        (1e-14, 10.0 ** np.arange(-14, 1, 2)),
        (1e-31, 10.0 ** np.arange(-30, 1, 5)),
        (1e-67, 10.0 ** np.arange(-70, 1, 10)),
        (1e-290, 10.0 ** np.arange(-300, 1, 50)),
    ],
)
def test_a_long_log_axis_has_a_tick_every_round_number_of_decades(smallest, ticks):
    falling = Objective(lambda p: 10.0 ** -p[0], lambda p: np.array([-1.0, 0.0]), "falling")
    decades = -np.log10(smallest)
    trace = minimize(falling, [0, 0], gradient_descent, 10, alpha=decades / 10)
    assert np.isclose(trace.score[-1], smallest, rtol=1e-9)
    ax = plot_convergence(trace)
    low, high = ax.get_ylim()
    shown = [tick for tick in ax.get_yticks() if low <= tick <= high]
    assert np.allclose(np.log10(shown), np.log10(ticks))
    ax.figure.draw_without_rendering()
    labels = [t.label1.get_text() for t in ax.yaxis.get_minor_ticks()]
    assert not any(labels)


def test_legend_lists_the_labelled_lines_alone_in_columns_that_fit():
    def columns(ax):
        ax.figure.draw_without_rendering()
        return len({round(text.get_window_extent().x0) for text in ax.get_legend().get_texts()})

    _, ax = plt.subplots()
    ax.plot([1, 2])
    traces = {"stop at t = 5": run(n_iter=5), "b": run(n_iter=9), "c": run()}
    plot_convergence(traces, ax=ax)
    assert legend(ax) == ["stop at t = 5", "b", "c"]
    assert columns(ax) == 3
    assert columns(plot_convergence({"a label that needs its own line": run(), **traces})) == 1


# Inner state -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, rows",
    [
        ("gradient_descent", [r"step / $\alpha$"]),
        ("momentum", ["$b_t$", r"step / $\alpha$"]),
        ("adagrad", ["$s_t$", "effective\nrate", r"step / $\alpha$"]),
        ("adam", ["$m_t$", "$v_t$", "effective\nrate", r"step / $\alpha$"]),
        (
            "amsgrad",
            ["$m_t$", "$v_t$", r"$v^{\max}_t$", "effective\nrate", r"step / $\alpha$"],
        ),
        ("nadam", ["$m_t$", "$n_t$", "effective\nrate", r"step / $\alpha$"]),
    ],
)
def test_state_shows_every_field_and_the_step(rule, rows):
    axes = plot_state(run(rule=RULES[rule]))
    assert [ax.get_ylabel() for ax in axes] == rows
    assert axes[0].get_title() == f"{rule} on bowl"
    assert legend(axes[-1]) == ["x", "y"]


def test_state_shows_the_numbers_of_the_trace():
    trace = run(alpha=0.02)
    axes = plot_state(trace)
    steps = np.diff(trace.x, axis=0, prepend=np.nan) / 0.02
    rows = [trace.state.m, trace.state.v, effective_rate(trace), steps]
    for ax, values in zip(axes, rows, strict=True):
        for i, name in enumerate("xy"):
            shown = line(ax, name).get_xydata()
            assert np.array_equal(shown.T, [np.arange(61), values[:, i]], equal_nan=True)
    assert np.allclose(steps[1], -np.sign(bowl.gradient(trace.x[0])))
    assert [ax.get_xlabel() for ax in axes] == ["", "", "", "t"]
    for ax in axes:
        x, y = line(ax, "x"), line(ax, "y")
        assert x.get_color() == STYLE["adam"]["color"] != y.get_color()
        assert dash(x) != dash(y)


def test_state_that_spans_decades_has_a_log_axis():
    m, v, rate, step = plot_state(run(n_iter=3000, alpha=0.02, beta2=0.99))
    assert [ax.get_yscale() for ax in (m, v, rate, step)] == ["linear", "log", "log", "linear"]
    assert plot_state(run(n_iter=9))[1].get_yscale() == "linear"


def test_state_of_a_schedule_a_long_vector_and_no_steps():
    decay = minimize(bowl, [0.5, 0.5], gradient_descent, 9, alpha=lambda t: 0.1 / t)
    (ax,) = plot_state(decay)
    assert np.allclose(line(ax, "x").get_ydata()[1:], -2 * decay.x[:-1, 0])
    sphere = Objective(lambda p: (p * p).sum(axis=0), lambda p: 2 * p, "s", bounds=[[-1, 1]] * 3)
    assert legend(plot_state(run(sphere))[-1]) == [f"coordinate {i}" for i in range(3)]
    for ax in plot_state(run(n_iter=0)):
        ax.figure.draw_without_rendering()


def test_state_says_that_a_search_diverged():
    trace = minimize(rosenbrock, [-1.5, 2.5], momentum, 60, alpha=0.01)
    axes = plot_state(trace)
    assert axes[0].get_title().endswith(f"diverged at t = {trace.diverged_at}")
    for ax in axes:
        assert np.abs(ax.get_ylim()).max() < 1e8
        ax.figure.draw_without_rendering()


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "adamax", "amsgrad", "nadam"])
def test_effective_rate_is_what_multiplies_the_gradient_average(name):
    """Constant beta1 = 0 makes the average the gradient: step = -rate g for every rule."""
    rule = RULES[name]
    beta1 = {} if name in ("adagrad", "rmsprop") else {"beta1": 0.0}
    trace = run(rule=rule, n_iter=20, alpha=lambda t: 0.1 / t, **beta1)
    step = np.diff(trace.x, axis=0)
    rate = effective_rate(trace)
    assert np.isnan(rate[0]).all()
    gradients = np.array([bowl.gradient(x) for x in trace.x[:-1]])
    assert np.allclose(step, -rate[1:] * gradients, rtol=1e-9, atol=1e-15)


def test_effective_rate_of_batches_constant_correction_and_rules_without_one():
    batch = run(rule=adam, alpha=np.array([0.01, 0.1]))
    single = run(rule=adam, alpha=0.1)
    assert np.array_equal(effective_rate(batch)[1:, :, 1], effective_rate(single)[1:])
    constant = run(rule=nadam, correction="constant", beta2=0.9)
    n_hat = 0.9 * constant.state.n / (1 - 0.9)
    assert np.allclose(effective_rate(constant)[1:], 0.002 / (np.sqrt(n_hat[1:]) + 1e-8))
    for rule in (gradient_descent, momentum):
        assert effective_rate(run(rule=rule)) is None
    rate = effective_rate(run(rule=amsgrad, n_iter=200, alpha=0.1))
    assert (np.diff(rate[1:], axis=0) <= 0).all()  # AMSGrad's whole point


# Animation --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_animation_grows_the_paths_and_rests_on_the_last(tmp_path):
    from PIL import Image, ImageSequence

    traces = {"adam": run(saddle, alpha=0.05), "nadam": run(saddle, nadam, alpha=0.05)}
    animation = animate_paths(traces, n_frames=7)
    assert repr(animation) == "PathAnimation(2 paths, t = 0 to 60)"
    assert not plt.get_fignums()  # a notebook must not show the still as well
    ax = animation.draw(20)
    assert ax is animation.ax
    assert ax.get_title() == "saddle, t = 20"
    for name, trace in traces.items():
        assert np.array_equal(line(ax, name).get_xydata(), trace.x[:21])
        edges = [drawn.get_xydata() for drawn in ax.get_lines() if drawn.get_color() == "white"]
        assert any(np.array_equal(edge, trace.x[:21]) for edge in edges)
        heads = [drawn for drawn in ax.get_lines() if drawn.get_marker() == "s"]
        (head,) = [h for h in heads if h.get_markerfacecolor() == STYLE[name]["color"]]
        assert np.array_equal(head.get_xydata(), trace.x[20:21])
        starts = [d.get_xydata() for d in ax.get_lines() if d.get_marker() == "o"]
        assert np.array_equal(starts, [trace.x[:1]] * 2)
    animation.save(tmp_path / "paths.png")
    assert (tmp_path / "paths.png").stat().st_size < 300_000
    with Image.open(tmp_path / "paths.png") as image:
        assert image.n_frames == 7
        assert image.info["loop"] == 1
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    assert image.info["duration"] * 7 < 5000
    for t, frame in zip(range(0, 61, 10), frames, strict=True):
        still = io.BytesIO()
        animation.draw(t).figure.savefig(still, dpi=100)
        still = np.asarray(Image.open(still).convert("RGB"))
        assert (np.abs(frame.astype(int) - still).max(axis=2) > 32).mean() < 0.001, t
    assert np.array_equal(line(ax, "adam").get_xydata(), traces["adam"].x)
    assert animation._repr_png_() == (tmp_path / "paths.png").read_bytes()


def test_animation_of_searches_of_different_length_and_of_one_that_diverges():
    traces = {
        "short": minimize(rosenbrock, [-1.5, 2.5], adam, 5, alpha=0.05),
        "bad": minimize(rosenbrock, [-1.5, 2.5], gradient_descent, 20, alpha=0.01),
    }
    animation = animate_paths(traces, n_frames=np.int64(3))
    assert len(line(animation.draw(20), "short").get_xydata()) == 6
    assert animation._repr_png_().startswith(b"\x89PNG")


# Many small pictures ------------------------------------------------------------------------------


def test_a_race_has_a_panel_for_each_surface_and_a_curve_for_each_rule():
    t = np.arange(11)
    adams, mine = 10.0**-t, np.where(t < 5, 1.0, np.where(t < 8, 0.0, np.inf))
    axes = plot_race({name: {"adam": adams, "mine": mine} for name in ("bowl", "ravine", "beale")})
    assert [ax.get_title() for ax in axes] == ["bowl", "ravine", "beale"]
    assert len(axes[0].figure.axes) == 3
    for ax in axes:
        assert ax.get_yscale() == "log" and ax.get_ylim() == axes[0].get_ylim()
        assert np.array_equal(line(ax, "adam").get_xydata(), np.column_stack([t, adams]))
        assert looks_like(line(ax, "adam"), STYLE["adam"] | {"marker": ""})
        assert np.array_equal(np.isnan(line(ax, "mine").get_ydata()), t >= 5)
    (below,) = axes[0].figure.legends
    assert [text.get_text() for text in below.get_texts()] == ["adam", "mine"]


def test_a_map_of_settings_has_alpha_to_the_right_and_beta_upward():
    alphas, betas = np.array([0.01, 0.1, 1.0]), np.array([0, 0.9])
    values = np.array([[1.0, 2.0, np.inf], [4.0, 5.0, 6.0]])
    axes = plot_sensitivity(
        {
            "adam": {"bowl": values, "ravine": values},
            "gradient_descent": {"bowl": [7, 8, 9], "ravine": values},
        },
        alphas,
        betas,
        limits=(0, 5),
    )
    assert axes.shape == (2, 2)
    assert [ax.get_title() for ax in axes[0]] == ["bowl", "ravine"]
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["adam", "gradient\ndescent"]
    drawn = [ax.collections[0] for ax in axes.flat]
    assert {mesh.get_clim() for mesh in drawn} == {(0, 5)}
    first, beside = drawn[0].get_array(), drawn[2].get_array()
    assert first.mask.tolist() == [[False, False, True], [False] * 3]
    assert first.filled(0).tolist() == [[1, 2, 0], [4, 5, 6]]
    assert beside.tolist() == [[7, 8, 9]] * 2
    corners = drawn[0].get_coordinates()
    assert np.allclose(corners[0, :, 0], [-2.5, -1.5, -0.5, 0.5])
    assert np.allclose(corners[:, 0, 1], [-0.5, 0.5, 1.5])
    ticks = zip(axes[0, 0].get_yticks(), axes[0, 0].get_yticklabels(), strict=True)
    assert {place: label.get_text() for place, label in ticks} == {0: "0", 1: "0.9"}


# The Explorer's still -----------------------------------------------------------------------------


def test_the_still_of_the_explorer_shows_the_paths_left_and_their_scores_right(monkeypatch):
    from matplotlib.figure import Figure

    saved, savefig = [], Figure.savefig

    def keep(self, *where, **options):
        saved.append(self)
        savefig(self, *where, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    explorer = Explorer(adam, himmelblau, n_iter=40, alpha=0.1, compare="nadam")
    explorer._repr_mimebundle_()
    (figure,) = saved
    figure.draw_without_rendering()
    left, right = sorted(figure.axes, key=lambda ax: ax.get_position().x0)
    assert (left.get_xlabel(), left.get_ylabel()) == ("x", "y")
    assert (right.get_xlabel(), right.get_yscale()) == ("t", "log")
    assert left.get_position().x1 < right.get_position().x0
    floor = min(himmelblau(p) for p in himmelblau.minima)
    for name, trace in zip(("adam", "nadam"), explorer.traces, strict=True):
        assert np.array_equal(line(left, name).get_xydata(), trace.x)
        assert np.array_equal(line(right, name).get_ydata(), trace.score - floor)


# Bad input ----------------------------------------------------------------------------------------

BATCH = run(alpha=np.array([0.01, 0.1]))
LESS = {keep: run(keep=keep) for keep in ("x", "score", "last")}
LONG = minimize(lambda p: (p * p).sum(axis=0), np.ones(3), adam, 3, gradient=lambda p: 2 * p)
WIDE = minimize(lambda p: (p * p).sum(axis=0), np.ones(11), adam, 3, gradient=lambda p: 2 * p)
PLAIN = minimize(lambda p: (p * p).sum(axis=0), np.ones(2), adam, 3, gradient=lambda p: 2 * p)
SPHERE = Objective(lambda p: (p * p).sum(axis=0), lambda p: 2 * p, "sphere", bounds=[[-1, 1]] * 3)
SQUARES = Objective(lambda p: p * p, lambda p: 2 * p, "squares")
NOWHERE = Objective(lambda p: p[0] * np.nan, lambda p: p, "nowhere")


def sensitivity(alphas=(0.1, 1), betas=(0, 0.9), **rows):
    return plot_sensitivity({"adam": {"bowl": np.ones((2, 2))}, **rows}, alphas, betas, (0, 1))


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: plot_path({}), ValueError, "traces is an empty dict"),
        (lambda: plot_convergence({}), ValueError, "traces is an empty dict"),
        (lambda: animate_paths({}), ValueError, "traces is an empty dict"),
        (lambda: plot_path([run()]), TypeError, r"a Trace or a dict \{label: Trace\}, got list"),
        (lambda: plot_path({"a": run().x}), TypeError, r"traces\['a'\] must be a Trace.*ndarray"),
        (lambda: plot_path(BATCH), ValueError, r"batch of shape \(2,\).*pick one member"),
        (lambda: plot_convergence(BATCH), ValueError, "pick one member"),
        (lambda: plot_state(BATCH), ValueError, "pick one member"),
        (lambda: plot_path(LESS["x"]), ValueError, '\'adam\' was run with keep="x".*keep="all"'),
        (lambda: plot_convergence(LESS["score"]), ValueError, 'keep="score", but every step'),
        (lambda: plot_state(LESS["last"]), ValueError, 'run with keep="last", but every step'),
        (lambda: animate_paths({"a": LESS["x"]}), ValueError, "'a' was run with keep=\"x\""),
        (lambda: effective_rate(LESS["last"]), ValueError, 'the trace was run with keep="last"'),
        (lambda: plot_path(LONG), ValueError, "'adam' has 3: use plot_convergence"),
        (lambda: plot_state(WIDE), ValueError, "at most 10 coordinates, the trace has 11"),
        (lambda: plot_state({"a": run()}), TypeError, "plot_state shows one Trace, got dict"),
        (lambda: plot_state(run(), axes=plt.subplots()[1]), ValueError, "must be 4 axes"),
        (lambda: plot_path(PLAIN), TypeError, r"wrap a plain function as Objective\(f"),
        (
            lambda: plot_path({"a": run(), "b": run(egg_box)}),
            ValueError,
            r"the traces have 2 \(bowl, egg_box\)",
        ),
        (lambda: plot_contours(SPHERE), ValueError, "sphere has 3"),
        (lambda: plot_surface(SPHERE), ValueError, "sphere has 3"),
        (lambda: plot_contours(lambda p: p[0]), TypeError, "must be an Objective"),
        (
            lambda: plot_contours(SQUARES),
            ValueError,
            r"squares\(p\) must have shape \(\) for one point p, got \(2,\)",
        ),
        (lambda: plot_contours(NOWHERE), ValueError, "nowhere has no finite value"),
        (lambda: plot_surface(bowl, ax=plt.subplots()[1]), TypeError, "must be 3-D axes"),
        (lambda: plot_contours(bowl, ax=plt.subplots(2)[1]), TypeError, "one Matplotlib axes"),
        (lambda: plot_path(run(), ax=plt.figure()), TypeError, "one Matplotlib axes, got Figure"),
        (lambda: plot_convergence(run(), ax="red"), TypeError, "one Matplotlib axes, got str"),
        (lambda: animate_paths(run(), n_frames=1), ValueError, "2 or more, got 1"),
        (
            lambda: animate_paths(run(), n_frames=2.5),
            ValueError,
            "whole number, 2 or more, got 2.5",
        ),
        (lambda: animate_paths(run(), n_frames="5"), TypeError, "whole number, 2 or more"),
        (lambda: animate_paths(run()).draw(61), ValueError, "between 0 and 60, got 61"),
        (lambda: plot_race([1]), TypeError, r"curves must be a dict of dicts.*got list"),
        (lambda: plot_race({"bowl": {}}), ValueError, "curves must hold at least one"),
        (lambda: plot_race({"bowl": {"adam": "x"}}), TypeError, r"\['adam'\] must be numbers"),
        (
            lambda: plot_race({"bowl": {"adam": np.ones((2, 2))}}),
            ValueError,
            r"one number for each t, got shape \(2, 2\)",
        ),
        (lambda: sensitivity(alphas=[0, 1]), ValueError, "two or more numbers greater than 0"),
        (lambda: sensitivity(betas=[0.5, 1]), ValueError, r"less than 1, got \[0.5, 1.0\]"),
        (lambda: sensitivity(alphas=[1, 2, 3]), ValueError, r"shape \(2, 3\), or \(3,\) without"),
        (
            lambda: sensitivity(nadam={"ravine": np.ones(2)}),
            ValueError,
            r"must have the columns \['bowl'\], got \['ravine'\]",
        ),
    ],
)
def test_bad_input_says_what_is_wrong_and_what_instead(call, error, message):
    with pytest.raises(error, match=message):
        call()
