"""Surfaces and maps of f, and the paths that searches take on them."""

import numpy as np

from ..checks import name_of
from ..objectives import on_mesh
from .shared import (
    END,
    FONT,
    MAP_HEIGHT,
    STAR,
    START,
    check_axes,
    check_objective,
    check_traces,
    dress,
    known_floor,
    last_run,
    legend_below,
    new_axes,
    styles_of,
)


def plot_surface(objective, ax=None):
    """The surface z = f(x, y) over the objective's bounds, its known minima marked by stars.

    Where a few steep walls would flatten all the rest (the highest point is more than ten times
    the median height) the height is log10(f - f_min), and the label says so.

    ax   Matplotlib 3-D axes (``subplot_kw={"projection": "3d"}``); default: a new figure
    Returns the axes. Raises ValueError for an objective that is not of two variables, TypeError
    for one that is not an ``Objective``.
    """
    check_objective(objective)
    if ax is None:
        ax = new_axes(height=5.0, projection="3d")
    elif not hasattr(ax, "plot_surface"):
        raise TypeError(
            'ax must be 3-D axes, made with subplot_kw={"projection": "3d"}; got plain axes'
        )
    x, y, height, base = _landscape(objective, objective.bounds)
    z, bottom, zlabel = base + height, base, "f(x, y)"
    if np.nanmax(height) > 10 * np.nanmedian(height) > 0:
        low = _low(height)
        z, bottom = np.log10(np.maximum(height, low)), np.log10(low)
        zlabel = r"$\log_{10}(f - f_\mathrm{min})$"
    ax.computed_zorder = False  # else the surface hides the stars
    ax.plot_surface(x, y, z, cmap="viridis", rcount=67, ccount=67, antialiased=False, zorder=1)
    ax.plot(*objective.minima.T, np.full(len(objective.minima), bottom), zorder=2, **STAR)
    ax.view_init(elev=38, azim=-60)
    ax.locator_params(nbins=5)
    ax.set_box_aspect(None, zoom=0.9)
    dress(ax, "x", "y", objective.name)
    ax.set_zlabel(zlabel, fontsize=FONT, labelpad=8)
    return ax


def plot_contours(objective, ax=None):
    """Filled contours of f over the objective's bounds, its known minima marked by stars.

    Where f - f_min spans a decade and a half the levels are log-spaced in it. f_min is the value
    at the known minima, or the least value on the map where no minimum is known.

    ax   Matplotlib axes; default: a new figure, with a colour bar
    Returns the axes. Raises ValueError for an objective that is not of two variables, TypeError
    for one that is not an ``Objective``.
    """
    check_objective(objective)
    return _draw_map(objective, objective.bounds, ax)


def plot_path(traces, ax=None):
    """The path of one ``Trace``, or of several as {label: trace}, on the contours.

    A circle marks the start, a square the end, stars the known minima. The map shows the
    objective's bounds, and up to a quarter more where a path needs it. A path that leaves the
    map or diverges says so in the legend.

    ax   axes to draw on; those of ``plot_contours`` keep their map, empty ones get a map;
         default: a new figure
    Returns the axes. Raises ValueError for a batch (pick one member), for points that are not of
    two variables, for a trace that does not keep "all", for an empty dict, or for traces of
    different objectives.
    """
    ax, _ = draw_paths(check_traces(traces, d=2), ax)
    return ax


def _landscape(objective, box, n=201):
    """The mesh over a box, the height f - base over it (nan where f is not finite), and base."""
    xs, ys = (np.linspace(lo, hi, n) for lo, hi in box)
    mesh = np.stack(np.meshgrid(xs, ys))
    z = on_mesh(objective, mesh)
    finite = np.isfinite(z)
    if not finite.any():
        raise ValueError(f"{objective.name} has no finite value within {box.tolist()}")
    floor = known_floor(objective)
    base = z[finite].min() if floor is None else min(floor, z[finite].min())
    height = np.where(finite, z, np.nan) - base
    return *mesh, height, base


def _low(height):
    """Where a log scale of the height begins: one point in a hundred lies lower; 0 if flat."""
    positive = height[height > 0]
    return np.nanpercentile(positive, 1) if positive.size else 0.0


def _draw_map(objective, box, ax):
    from matplotlib.colors import LogNorm

    own = ax is None
    ax = new_axes(height=MAP_HEIGHT) if own else check_axes(ax)
    x, y, height, base = _landscape(objective, box)
    low, high = _low(height), np.nanmax(height)
    if 0 < 30 * low < high:
        levels = np.geomspace(low, high, 15)
        z, norm, label = np.maximum(height, low), LogNorm(low, high), r"$f - f_\mathrm{min}$"
    else:
        z, norm, label = base + height, None, "$f$"
        levels = np.linspace(base, base + (high or 1.0), 15)
    filled = ax.contourf(x, y, np.ma.masked_invalid(z), levels=levels, norm=norm, cmap="viridis")
    if own:
        bar = ax.figure.colorbar(filled, ax=ax, pad=0.02)
        bar.set_label(label, fontsize=FONT)
        bar.ax.minorticks_off()
        bar.set_ticks(bar.ax.yaxis.get_ticklocs() if norm is None else levels[::2])
        bar.ax.yaxis.set_major_formatter(lambda x, _: f"{float(f'{x:.2g}'):g}")
        bar.ax.tick_params(which="both", labelsize=FONT - 1)
    ax.plot(*objective.minima.T, zorder=8, **STAR)
    ax.set(xlim=box[0], ylim=box[1])
    wide, high = np.ptp(box, axis=1)
    if 0.5 <= wide / high <= 2:
        ax.set_aspect("equal")
    else:  # a strip: stretched to half as high as it is wide, or half as wide as high
        ax.set_box_aspect(0.5 if wide > high else 2)
    ax.locator_params(nbins=6)
    dress(ax, "x", "y", objective.name)
    return ax


def draw_paths(traces, ax):
    """The axes with the paths on their map, and per trace its lines (casing, path, end)."""
    own = ax is None
    ax, objective = _map_for(traces, ax)
    box = np.array([sorted(ax.get_xlim()), sorted(ax.get_ylim())])
    notes = [_where(trace, box) for trace in traces.values()]
    lines = []
    for (label, trace), style, note in zip(traces.items(), styles_of(traces), notes, strict=True):
        x = _near(trace.x, box)
        (casing,) = ax.plot(*x.T, color="white", linewidth=4.5, zorder=3)
        (path,) = ax.plot(
            *x.T,
            **style,
            linewidth=2.2,
            markersize=8,
            markeredgecolor="white",
            markevery=(0.06, 0.12),  # in lengths of the diagonal, however the steps crowd
            zorder=4,
            label=label + note,
        )
        ax.plot(*x[:1].T, zorder=7, **START)
        end = None
        if trace.diverged_at is None:
            mark = END | {"markerfacecolor": style["color"]}
            (end,) = ax.plot(*x[-1:].T, zorder=6, **mark)
        lines.append((casing, path, end))
    ax.set(xlim=box[0], ylim=box[1])
    handles = [path for _, path, _ in lines] + _mark_handles(objective, traces)
    columns = legend_below(ax, handles)
    if own:
        rows = -(-len(handles) // columns)
        ax.figure.set_figheight(MAP_HEIGHT + 0.24 * rows)
    return ax, lines


def _map_for(traces, ax):
    """Axes with a map under the traces, and the objective that the map shows (or None)."""
    objectives = list({id(t.objective): t.objective for t in traces.values()}.values())
    if len(objectives) > 1:
        names = ", ".join(name_of(o) for o in objectives)
        raise ValueError(
            f"a map shows one objective, the traces have {len(objectives)} ({names}): "
            "draw one figure each"
        )
    (objective,) = objectives
    if ax is None or not check_axes(ax).has_data():
        check_objective(objective)
        ax = _draw_map(objective, _grown(objective.bounds, traces), ax)
    return ax, objective


def _grown(bounds, traces):
    """The bounds, widened by at most a quarter of their span to hold points just outside."""
    box = bounds.copy()
    margin = 0.25 * np.ptp(bounds, axis=1)
    lo, hi = bounds[:, 0] - margin, bounds[:, 1] + margin
    for trace in traces.values():
        inside = ((trace.x >= lo) & (trace.x <= hi)).all(axis=1)
        if inside.all():
            box[:, 0] = np.minimum(box[:, 0], trace.x.min(axis=0) - 0.04 * margin)
            box[:, 1] = np.maximum(box[:, 1], trace.x.max(axis=0) + 0.04 * margin)
    return box


def _where(trace, box):
    """In words, if the path leaves the map or diverges; else nothing."""
    inside = ((trace.x >= box[:, 0]) & (trace.x <= box[:, 1])).all(axis=1)
    notes = []
    if not inside.all():
        left = int(np.argmin(inside))
        if inside[-1]:
            notes.append(f"off the map between t = {left} and {last_run(inside) - 1}")
        elif left == 0:
            notes.append("starts off the map" if inside.any() else "is off the map")
        else:
            notes.append(f"left the map at t = {left}")
    if trace.diverged_at is not None:
        notes.append(f"diverged at t = {trace.diverged_at}")
    return ": " + ", ".join(notes) if notes else ""


def _near(x, box, reach=50.0):
    """The path with what is far outside the box cut off, so that no number is too large to draw.

    The first far point of a run is drawn nearer, in its own direction; the others are nan.
    """
    center, span = box.mean(axis=1), np.ptp(box, axis=1)
    with np.errstate(all="ignore"):
        far = ~(np.abs(x - center) <= reach * span).all(axis=1)
    near = x.copy()
    near[far] = np.nan
    for i in np.flatnonzero(far[1:] & ~far[:-1]) + 1:
        if np.isfinite(x[i]).all():
            size = np.abs(x[i]).max()
            direction = x[i] / size - x[i - 1] / size
            near[i] = x[i - 1] + direction / np.abs(direction).max() * span.max() * reach
    return near


def _mark_handles(objective, traces):
    from matplotlib.lines import Line2D

    marks = {"start": START}
    if any(trace.diverged_at is None for trace in traces.values()):
        marks["end"] = END
    if len(getattr(objective, "minima", ())):
        marks["minimum"] = STAR
    return [Line2D([], [], label=label, **mark) for label, mark in marks.items()]
