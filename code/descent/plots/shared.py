"""What every picture shares: sizes, the look of each rule, marks, legends, and the checks."""

import numpy as np

from ..checks import check_whole, name_of
from ..minimize import Trace

# Nine colours that keep a CIELAB distance of at least 20 under normal vision and three kinds of
# colour blindness, with a contrast of at least 3 : 1 on white and on the dark page; nine dashes
# and nine markers, for readers who see no colour at all.
STYLE = {
    "gradient_descent": {"color": "#f00f3c", "linestyle": "-", "marker": "o"},
    "momentum": {"color": "#875a69", "linestyle": (0, (5, 1)), "marker": "<"},
    "nesterov": {"color": "#b43ca5", "linestyle": (0, (5, 1, 1, 1)), "marker": ">"},
    "adagrad": {"color": "#969678", "linestyle": (0, (1, 1)), "marker": "p"},
    "rmsprop": {"color": "#ff00f0", "linestyle": (0, (3, 1, 1, 1)), "marker": "d"},
    "adam": {"color": "#1e96ff", "linestyle": (0, (8, 1)), "marker": "^"},
    "adamax": {"color": "#e17800", "linestyle": (0, (3, 1)), "marker": "v"},
    "amsgrad": {"color": "#2d782d", "linestyle": (0, (8, 1, 2, 1)), "marker": "D"},
    "nadam": {"color": "#8a14ff", "linestyle": (0, (3, 1, 1, 1, 1, 1)), "marker": "X"},
}
OTHER = {"color": "#505050", "linestyle": "-", "marker": "h"}  # a rule that is not the book's

# 6.4 inches fill the text column. 13 points are large there and still legible on a phone, where
# the picture is half as wide. The background is always white: a picture made for a
# light page can be read on a dark one, not the other way round.
WIDTH, MAP_HEIGHT, DPI, FONT = 6.4, 5.4, 120, 13

MARK = {"linestyle": "none", "markeredgecolor": "black", "markerfacecolor": "white"}
START = MARK | {"marker": "o", "markersize": 11}
END = MARK | {"marker": "s", "markersize": 12, "markerfacecolor": "#a0a0a0"}
STAR = MARK | {"marker": "*", "markersize": 16}


def new_axes(height, nrows=1, projection=None):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(
        nrows,
        figsize=(WIDTH, height),
        dpi=DPI,
        facecolor="white",
        layout="compressed",
        sharex=nrows > 1,
        subplot_kw={"projection": projection},
    )
    return axes


def dress(ax, xlabel, ylabel, title=None):
    ax.set_xlabel(xlabel, fontsize=FONT)
    ax.set_ylabel(ylabel, fontsize=FONT)
    ax.tick_params(which="both", labelsize=FONT - 1)
    if title is not None:
        ax.set_title(title, fontsize=FONT)


def legend_below(ax, handles):
    """A legend under the axes, in up to three columns: as many as the labels leave room for."""
    longest = max(len(handle.get_label()) for handle in handles)
    columns = min(len(handles), 3 if longest < 20 else 2 if longest < 25 else 1)
    ax.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        borderaxespad=4.2,  # clear of the tick labels and the axis label
        ncols=columns,
        fontsize=FONT - 1,
        handlelength=2.6,
        frameon=False,
    )
    return columns


def check_axes(ax):
    if not hasattr(ax, "get_xlim"):
        raise TypeError(f"ax must be one Matplotlib axes, got {type(ax).__name__}")
    return ax


def check_objective(objective):
    for attribute in ("bounds", "minima", "name"):
        if not hasattr(objective, attribute):
            raise TypeError(
                f"objective must be an Objective, which has {attribute}; got {objective!r}: "
                "wrap a plain function as Objective(f, gradient, bounds=...)"
            )
    d = len(objective.bounds)
    if d != 2:
        raise ValueError(
            f"a map shows two variables, but {objective.name} has {d}: "
            "use plot_convergence or plot_state for more"
        )


def check_traces(traces, d=None, one=None):
    """traces as a dict {label: single Trace}, checked."""
    if isinstance(traces, Trace):
        traces = {name_of(traces.rule): traces}
    elif one is not None:
        raise TypeError(f"{one}, got {type(traces).__name__}: pass minimize(...) itself")
    elif not isinstance(traces, dict):
        raise TypeError(
            f"traces must be a Trace or a dict {{label: Trace}}, got {type(traces).__name__}"
        )
    if not traces:
        raise ValueError("traces is an empty dict: pass at least one {label: Trace}")
    for label, trace in traces.items():
        if not isinstance(trace, Trace):
            raise TypeError(
                f"traces[{label!r}] must be a Trace, what minimize returns; "
                f"got {type(trace).__name__}"
            )
        if trace.score.ndim != 1:
            raise ValueError(
                f"{label!r} is a batch of shape {trace.score.shape[1:]}: a figure shows single "
                "searches, so pick one member and run it alone (the numbers are the same)"
            )
        check_whole(repr(label), trace)
        if d is not None and trace.x.shape[1] != d:
            raise ValueError(
                f"a map shows two variables, but {label!r} has {trace.x.shape[1]}: "
                "use plot_convergence or plot_state"
            )
    return {str(label): trace for label, trace in traces.items()}


def style_of(trace):
    return STYLE.get(name_of(trace.rule), OTHER)


def styles_of(traces):
    """A style per trace: the rule's own; where a rule comes twice, shades of its colour."""
    import matplotlib.colors as colors

    styles = [style_of(trace) for trace in traces.values()]
    others = [s for s in STYLE.values()]
    result = []
    for i, style in enumerate(styles):
        same = [j for j, other in enumerate(styles) if other == style]
        if len(same) > 1:
            k = same.index(i)
            rgb = np.array(colors.to_rgb(style["color"]))
            shade = np.linspace(0.45, -0.65, len(same))[k]  # from light to dark
            rgb = rgb + shade * (1 - rgb) if shade > 0 else rgb * (1 + shade)
            style = others[k % len(others)] | {"color": colors.to_hex(rgb)}
        result.append(style)
    return result


def known_floor(objective):
    """The least value at the known minima, or None."""
    minima = getattr(objective, "minima", ())
    if not len(minima):
        return None
    return float(np.min([objective(p) for p in minima]))


def last_run(mask):
    """Where the last unbroken run of True begins, to the end of mask."""
    return len(mask) - int(np.argmin(mask[::-1])) if not mask.all() else 0
