"""What a search does over time: its score, and its inner state."""

import itertools

import numpy as np

from ..checks import name_of
from ..inner import effective_rate, over_time
from .shared import (
    FONT,
    check_axes,
    check_traces,
    dress,
    known_floor,
    last_run,
    legend_below,
    new_axes,
    style_of,
    styles_of,
)

_SYMBOLS = {name: f"{name}_t" for name in "bsmvun"} | {"v_max": r"v^{\max}_t"}


def plot_convergence(traces, ax=None):
    """The score of one ``Trace``, or of several as {label: trace}, against t on a log axis.

    Where every objective has known minima the axis shows f(x_t) - f_min, else f(x_t); the label
    says which. A value that a log axis cannot show (zero or less) leaves a gap; where no value
    can be shown the axis is linear. The legend reports divergence.

    ax   axes to draw on; default: a new figure
    Returns the axes. Raises ValueError for a batch (pick one member), for a trace that does not
    keep "all", or for an empty dict.
    """
    traces = check_traces(traces)
    ax = new_axes(height=4.2) if ax is None else check_axes(ax)
    floors = [known_floor(trace.objective) for trace in traces.values()]
    known = all(floor is not None for floor in floors)
    gaps = [
        np.where(np.isfinite(trace.score), trace.score, np.nan) - (floor if known else 0.0)
        for trace, floor in zip(traces.values(), floors, strict=True)
    ]
    logarithmic = all((gap > 0).any() for gap in gaps)
    # A search that explodes must not flatten the others: the axis ends at 1000 times the start.
    top = 1e3 * max((abs(gap[0]) for gap in gaps if np.isfinite(gap[0])), default=0)
    for (label, trace), gap, style in zip(traces.items(), gaps, styles_of(traces), strict=True):
        note = ""
        if trace.diverged_at is not None:
            note = f": diverged at t = {trace.diverged_at}"
        elif logarithmic and gap[-1] > top > 0:
            note = f": above the figure from t = {last_run(gap > top)}"
        elif logarithmic and gap[-1] <= 0:
            floor = "f_min" if known else "0"
            note = f": at or below {floor} from t = {last_run(gap <= 0)}"
        ax.plot(
            np.arange(len(gap)),
            np.where(gap > 0, gap, np.nan) if logarithmic else gap,
            **style,
            linewidth=2,
            markersize=6,
            markevery=_every(len(gap)),
            label=label + note,
        )
    if logarithmic:
        ax.set_yscale("log")
        shown = np.concatenate([gap[(gap > 0) & (gap <= top)] for gap in gaps])
        if shown.size and any((gap > top).any() for gap in gaps):
            ax.set_ylim(shown.min() / 3, top)
        _round_decades(ax.yaxis)
    names = dict.fromkeys(name_of(trace.objective) for trace in traces.values())
    dress(ax, "t", r"$f(x_t) - f_\mathrm{min}$" if known else "$f(x_t)$", ", ".join(names))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.3)
    lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    legend_below(ax, lines)
    return ax


def plot_state(trace, axes=None):
    """The inner state of a search over time, one row for each of the rule's own quantities.

    The rows: every field of the rule's record but t and x (m, v, ...); then, for a rule that
    has one, the effective rate of each coordinate (see ``effective_rate``); last the step taken,
    (x_t - x_{t-1}) / alpha, with the sign of the move (the interactive figures count it downhill).
    Each row shows one line per coordinate.

    axes   as many axes as there are rows; default: a new figure
    Returns the array of axes, top to bottom. Raises ValueError for a batch (pick one member), for
    a trace that does not keep "all", for more than ten coordinates, or for a number of axes that
    does not fit.
    """
    (trace,) = check_traces(trace, one="plot_state shows one Trace").values()
    d = trace.x.shape[1]
    if d > 10:
        raise ValueError(f"plot_state shows at most 10 coordinates, the trace has {d}")
    t = np.arange(len(trace.x))
    rows = {
        f"${_SYMBOLS.get(name, name)}$": field
        for name, field in zip(trace.state._fields, trace.state, strict=True)
        if name not in ("t", "x") and np.shape(field) == trace.x.shape
    }
    rate = effective_rate(trace)
    if rate is not None:
        rows["effective\nrate"] = rate
    with np.errstate(all="ignore"):
        step = np.diff(trace.x, axis=0, prepend=np.nan)
        alpha = over_time(trace, "alpha")
        rows["step" if alpha is None else r"step / $\alpha$"] = (
            step if alpha is None else step / alpha
        )
    if axes is None:
        axes = new_axes(height=1.0 + 1.45 * len(rows), nrows=len(rows))
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != len(rows):
        raise ValueError(
            f"axes must be {len(rows)} axes, one for each of {', '.join(rows)}; got {len(axes)}"
        )
    colors = [style_of(trace)["color"], "#303030"]
    if d > 2:
        import matplotlib

        colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.9, d))
    names = ("x", "y") if d == 2 else [f"coordinate {i}" for i in range(d)]
    dashes = itertools.cycle(["-", (0, (4, 1.5))])
    lines = list(zip(range(d), colors, names, dashes, strict=False))
    for ax, (label, values) in zip(axes, rows.items(), strict=True):
        if trace.diverged_at is not None:  # show how it starts, not 1e300 on a broken axis
            first = np.abs(values[1:2]).max(initial=0)
            values = np.where(np.abs(values) <= 1e3 * first, values, np.nan)
        for i, color, name, dash in lines:
            ax.plot(t, values[:, i], color=color, linestyle=dash, linewidth=2, label=name)
        positive = values[1:][values[1:] > 0]
        if (values[1:] >= 0).all() and positive.size and positive.max() > 100 * positive.min():
            ax.set_yscale("log")
            _round_decades(ax.yaxis)
        elif (values < 0).any():
            ax.axhline(0, color="#909090", linewidth=0.8, zorder=0)
        dress(ax, "", label)
        ax.set_xlim(0, max(1, t[-1]))
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3)
    note = "" if trace.diverged_at is None else f": diverged at t = {trace.diverged_at}"
    title = f"{name_of(trace.rule)} on {name_of(trace.objective)}{note}"
    axes[0].set_title(title, fontsize=FONT)
    dress(axes[-1], "t", axes[-1].get_ylabel())
    legend_below(axes[-1], axes[-1].get_lines()[:d])
    return axes


def _round_decades(axis):
    """Ticks of a long log axis every 2, 5, 10, 20, 50, ... decades; a short one keeps its own."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = np.log10(axis.get_view_interval())
    apart = next(k for k in (1, 2, 5, 10, 20, 50, 100) if high - low <= 8 * k)
    if apart > 1:
        axis.set_major_locator(LogLocator(base=10.0**apart))
        axis.set_minor_locator(LogLocator(base=10.0 ** max(1, apart // 5)))
        axis.set_minor_formatter(NullFormatter())


def _every(n):
    """Marker spacing: about eight to a path, never more than one a step."""
    return max(1, (n - 1) // 8)
