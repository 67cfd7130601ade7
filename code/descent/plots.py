"""The pictures of the course: surfaces, paths on their contours, convergence, inner state.

Every function draws on ``ax``, or on a new figure of its own, and returns the axes. The colour,
dash and marker of a rule are the same in every picture of the book: ``STYLE``. Only where a rule
comes more than once in a picture, its runs have shades of its colour and dashes of their own.

Matplotlib is imported where it is first needed, because importing it takes longer than all the
rest of the package.
"""

import inspect
import io
import itertools

import numpy as np

from .minimize import Trace
from .rules import RULES

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
_OTHER = {"color": "#505050", "linestyle": "-", "marker": "h"}  # a rule that is not the book's

# 6.4 inches fill the text column. 13 points are large there and still legible on a phone, where
# the picture is half as wide. The background is always white: a picture made for a
# light page can be read on a dark one, not the other way round.
_WIDTH, _MAP_HEIGHT, _DPI, _FONT = 6.4, 5.4, 120, 13


def plot_surface(objective, ax=None):
    """The surface z = f(x, y) over the objective's bounds, its known minima marked by stars.

    Where a few steep walls would flatten all the rest (the highest point is more than ten times
    the median height) the height is log10(f - f_min), and the label says so.

    ax   Matplotlib 3-D axes (``subplot_kw={"projection": "3d"}``); default: a new figure
    Returns the axes. Raises ValueError for an objective that is not of two variables, TypeError
    for one that is no ``Objective``.
    """
    _check_objective(objective)
    if ax is None:
        ax = _new_axes(height=5.0, projection="3d")
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
    ax.plot(*objective.minima.T, np.full(len(objective.minima), bottom), zorder=2, **_STAR)
    ax.view_init(elev=38, azim=-60)
    ax.locator_params(nbins=5)
    ax.set_box_aspect(None, zoom=0.9)
    _dress(ax, "x", "y", objective.name)
    ax.set_zlabel(zlabel, fontsize=_FONT, labelpad=8)
    return ax


def plot_contours(objective, ax=None):
    """Filled contours of f over the objective's bounds, its known minima marked by stars.

    Where f - f_min spans a decade and a half the levels are log-spaced in it. f_min is the value
    at the known minima, or the least value on the map where no minimum is known.

    ax   Matplotlib axes; default: a new figure, with a colour bar
    Returns the axes. Raises ValueError for an objective that is not of two variables, TypeError
    for one that is no ``Objective``.
    """
    _check_objective(objective)
    return _draw_map(objective, objective.bounds, ax)


def plot_path(traces, ax=None):
    """The path of one ``Trace``, or of several as {label: trace}, on the contours.

    A circle marks the start, a square the end, stars the known minima. The map shows the
    objective's bounds, and up to a quarter more where a path needs it. A path that leaves the
    map or diverges says so in the legend.

    ax   axes to draw on; those of ``plot_contours`` keep their map, empty ones get a map;
         default: a new figure
    Returns the axes. Raises ValueError for a batch (pick one member), for points that are not of
    two variables, for an empty dict, or for traces of different objectives.
    """
    ax, _ = _draw_paths(_check_traces(traces, d=2), ax)
    return ax


def plot_convergence(traces, ax=None):
    """The score of one ``Trace``, or of several as {label: trace}, against t on a log axis.

    Where every objective has known minima the axis shows f(x_t) - f_min, else f(x_t); the label
    says which. A value that a log axis cannot show (zero or less) leaves a gap; where no value
    can be shown the axis is linear. Divergence is said in the legend.

    ax   axes to draw on; default: a new figure
    Returns the axes. Raises ValueError for a batch (pick one member) or an empty dict.
    """
    traces = _check_traces(traces)
    ax = _new_axes(height=4.2) if ax is None else _check_axes(ax)
    floors = [_known_floor(trace.objective) for trace in traces.values()]
    known = all(floor is not None for floor in floors)
    gaps = [
        np.where(np.isfinite(trace.score), trace.score, np.nan) - (floor if known else 0.0)
        for trace, floor in zip(traces.values(), floors, strict=True)
    ]
    logarithmic = all((gap > 0).any() for gap in gaps)
    # A search that explodes must not flatten the others: the axis ends at 1000 times the start.
    top = 1e3 * max((abs(gap[0]) for gap in gaps if np.isfinite(gap[0])), default=0)
    for (label, trace), gap, style in zip(traces.items(), gaps, _styles(traces), strict=True):
        note = ""
        if trace.diverged_at is not None:
            note = f": diverged at t = {trace.diverged_at}"
        elif logarithmic and gap[-1] > top > 0:
            note = f": above the figure from t = {_last_run(gap > top)}"
        elif logarithmic and gap[-1] <= 0:
            floor = "f_min" if known else "0"
            note = f": at or below {floor} from t = {_last_run(gap <= 0)}"
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
    names = dict.fromkeys(_objective_name(trace.objective) for trace in traces.values())
    _dress(ax, "t", r"$f(x_t) - f_\mathrm{min}$" if known else "$f(x_t)$", ", ".join(names))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.3)
    lines = ax.get_lines()
    _legend_below(ax, lines, any(" t = " in line.get_label() for line in lines))
    return ax


def plot_state(trace, axes=None):
    """The inner state of a search over time, one row for each of the rule's own quantities.

    The rows: every field of the rule's record but t and x (m, v, ...); then, for a rule that
    has one, the effective rate of each coordinate (see ``effective_rate``); last the step taken,
    (x_t - x_{t-1}) / alpha. Each row shows one line per coordinate.

    axes   as many axes as there are rows; default: a new figure
    Returns the array of axes, top to bottom. Raises ValueError for a batch (pick one member), for
    more than ten coordinates, or for a number of axes that does not fit.
    """
    (trace,) = _check_traces(trace, one="plot_state shows one Trace").values()
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
        alpha = _over_time(trace, "alpha")
        rows["step" if alpha is None else r"step / $\alpha$"] = (
            step if alpha is None else step / alpha
        )
    if axes is None:
        axes = _new_axes(height=1.0 + 1.45 * len(rows), nrows=len(rows))
    axes = np.atleast_1d(axes).ravel()
    if len(axes) != len(rows):
        raise ValueError(
            f"axes must be {len(rows)} axes, one for each of {', '.join(rows)}; got {len(axes)}"
        )
    colors = [_style(trace)["color"], "#303030"]
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
        elif (values < 0).any():
            ax.axhline(0, color="#909090", linewidth=0.8, zorder=0)
        _dress(ax, "", label)
        ax.set_xlim(0, max(1, t[-1]))
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3)
    note = "" if trace.diverged_at is None else f": diverged at t = {trace.diverged_at}"
    name = getattr(trace.rule, "__name__", "rule")
    axes[0].set_title(f"{name} on {_objective_name(trace.objective)}{note}", fontsize=_FONT)
    _dress(axes[-1], "t", axes[-1].get_ylabel())
    _legend_below(axes[-1], axes[-1].get_lines()[:d], False)
    return axes


def effective_rate(trace):
    """alpha_t over the divisor of each coordinate, shape (n_iter + 1, d, *S); nan at t = 0.

        adagrad  alpha / (sqrt(s_t) + eps)          adam     alpha / (sqrt(v_hat_t) + eps)
        rmsprop  alpha / (sqrt(v_t) + eps)          adamax   alpha / u_t
        amsgrad  alpha / (sqrt(v_max_t) + eps)      nadam    alpha / (sqrt(n_hat_t) + eps)

    It is what multiplies the (corrected) gradient average. None for any other rule: the three
    without a divisor take every coordinate at the one rate alpha.
    """
    fields = {
        "adagrad": "s", "rmsprop": "v", "adam": "v", "adamax": "u", "amsgrad": "v_max", "nadam": "n"
    }  # fmt: skip
    name = getattr(trace.rule, "__name__", None)
    if name not in fields or trace.rule is not RULES[name]:
        return None
    alpha, eps = _over_time(trace, "alpha"), _over_time(trace, "eps")
    divisor = getattr(trace.state, fields[name])
    with np.errstate(all="ignore"):
        if name in ("adam", "nadam"):
            beta2 = _over_time(trace, "beta2")
            if trace.hyperparameters.get("correction") == "constant":
                divisor = beta2 * divisor / (1 - beta2)
            else:
                beta2[0] = 1.0
                divisor = divisor / (1 - np.cumprod(beta2, axis=0))
        rate = alpha / (divisor if name == "adamax" else np.sqrt(divisor) + eps)
    rate[0] = np.nan
    return rate


def animate_paths(traces, n_frames=60):
    """The paths of {label: trace} (or of one ``Trace``) growing step by step, on the contours.

    Returns a ``PathAnimation``: a notebook shows it as an animated PNG, which plays once, in
    n_frames frames and less than five seconds, and rests on its last frame. It needs no script,
    so it also plays on the static website. ``.ax`` are its axes, showing the last frame (a
    still); ``.draw(t)`` shows step t; ``.save(path)`` writes the file.

    Raises ValueError as ``plot_path`` does, or for n_frames less than 2.
    """
    if isinstance(n_frames, bool) or not isinstance(n_frames, int):
        raise TypeError(f"n_frames must be a whole number, 2 or more, got {n_frames!r}")
    if n_frames < 2:
        raise ValueError(f"n_frames must be 2 or more, got {n_frames}")
    return PathAnimation(_check_traces(traces, d=2), n_frames)


class PathAnimation:
    """What ``animate_paths`` returns: ``ax``, ``draw(t)``, ``save(path)``; notebooks show it."""

    def __init__(self, traces, n_frames):
        import matplotlib.pyplot as plt

        self.ax, self._lines = _draw_paths(traces, None)
        self.ax.figure.draw_without_rendering()
        self.ax.figure.set_layout_engine("none")  # else the map moves a little between frames
        self._title = self.ax.get_title()
        self._n_iter = max(len(trace.x) for trace in traces.values()) - 1
        self._frames = np.unique(np.linspace(0, self._n_iter, n_frames).round().astype(int))
        self._paths = [np.array(path.get_xydata()) for _, path, _ in self._lines]
        self.draw(self._n_iter)
        plt.close(self.ax.figure)  # the notebook shows the animation, not the still as well

    def draw(self, t):
        """Show the paths up to step t and return the axes."""
        if not 0 <= t <= self._n_iter:
            raise ValueError(f"t must be between 0 and {self._n_iter}, got {t!r}")
        for x, (casing, path, head) in zip(self._paths, self._lines, strict=True):
            x = x[: t + 1]
            casing.set_data(*x.T)
            path.set_data(*x.T)
            if head is not None:
                head.set_data(*x[-1:].T)
        self.ax.set_title(f"{self._title}, t = {t}", fontsize=_FONT)
        return self.ax

    def save(self, path):
        """Write the animated PNG to a file."""
        with open(path, "wb") as file:
            file.write(self._repr_png_())

    def _repr_png_(self):
        from PIL import Image

        images = []
        for t in self._frames:
            self.draw(int(t))
            frame = io.BytesIO()
            self.ax.figure.savefig(frame, format="png", dpi=100)
            images.append(Image.open(frame).convert("RGB"))
        # One palette for all frames, the commonest colours of the last: what does not move stays
        # the same to the bit, and the file holds only what does.
        colors = sorted(images[-1].getcolors(maxcolors=2**24), reverse=True)[:256]
        palette = Image.new("P", (1, 1))
        palette.putpalette([value for _, color in colors for value in color])
        images = [i.quantize(palette=palette, dither=Image.Dither.NONE) for i in images]
        out = io.BytesIO()
        images[0].save(
            out,
            format="PNG",
            save_all=True,
            append_images=images[1:],
            duration=4800 // len(images),
            loop=1,
            optimize=True,
        )
        return out.getvalue()

    def __repr__(self):
        return f"PathAnimation({len(self._paths)} paths, t = 0 to {self._n_iter})"


_MARK = {"linestyle": "none", "markeredgecolor": "black", "markerfacecolor": "white"}
_START = _MARK | {"marker": "o", "markersize": 11}
_END = _MARK | {"marker": "s", "markersize": 12, "markerfacecolor": "#a0a0a0"}
_STAR = _MARK | {"marker": "*", "markersize": 16}
_SYMBOLS = {name: f"{name}_t" for name in "bsmvun"} | {"v_max": r"v^{\max}_t"}


def _new_axes(height, nrows=1, projection=None):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(
        nrows,
        figsize=(_WIDTH, height),
        dpi=_DPI,
        facecolor="white",
        layout="compressed",
        sharex=nrows > 1,
        subplot_kw={"projection": projection},
    )
    return axes


def _dress(ax, xlabel, ylabel, title=None):
    ax.set_xlabel(xlabel, fontsize=_FONT)
    ax.set_ylabel(ylabel, fontsize=_FONT)
    ax.tick_params(which="both", labelsize=_FONT - 1)
    if title is not None:
        ax.set_title(title, fontsize=_FONT)


def _legend_below(ax, handles, one_column):
    ax.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        borderaxespad=4.2,  # clear of the tick labels and the axis label
        ncols=1 if one_column else min(3, len(handles)),
        fontsize=_FONT - 1,
        handlelength=2.6,
        frameon=False,
    )


def _check_axes(ax):
    if not hasattr(ax, "get_xlim"):
        raise TypeError(f"ax must be one Matplotlib axes, got {type(ax).__name__}")
    return ax


def _check_objective(objective):
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


def _check_traces(traces, d=None, one=None):
    """traces as a dict {label: single Trace}, checked."""
    if isinstance(traces, Trace):
        traces = {getattr(traces.rule, "__name__", "search"): traces}
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
        if d is not None and trace.x.shape[1] != d:
            raise ValueError(
                f"a map shows two variables, but {label!r} has {trace.x.shape[1]}: "
                "use plot_convergence or plot_state"
            )
    return {str(label): trace for label, trace in traces.items()}


def _style(trace):
    return STYLE.get(getattr(trace.rule, "__name__", None), _OTHER)


def _styles(traces):
    """A style per trace: the rule's own; where a rule comes twice, shades of its colour."""
    import matplotlib.colors as colors

    styles = [_style(trace) for trace in traces.values()]
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


def _every(n):
    """Marker spacing: about eight to a path, never more than one a step."""
    return max(1, (n - 1) // 8)


def _known_floor(objective):
    """The least value at the known minima, or None."""
    minima = getattr(objective, "minima", ())
    if not len(minima):
        return None
    return float(np.min([objective(p) for p in minima]))


def _objective_name(objective):
    return getattr(objective, "name", getattr(objective, "__name__", "f"))


def _landscape(objective, box, n=201):
    """The mesh over a box, the height f - base over it (nan where f is not finite), and base."""
    xs, ys = (np.linspace(lo, hi, n) for lo, hi in box)
    mesh = np.stack(np.meshgrid(xs, ys))
    with np.errstate(all="ignore"):
        z = np.asarray(objective(mesh), dtype=float)
    if z.shape != (n, n):
        raise ValueError(
            f"{objective.name} must take a mesh of shape (2, {n}, {n}) and return ({n}, {n}), "
            f"the coordinate on the first axis; it returned shape {z.shape}"
        )
    finite = np.isfinite(z)
    if not finite.any():
        raise ValueError(f"{objective.name} has no finite value within {box.tolist()}")
    floor = _known_floor(objective)
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
    ax = _new_axes(height=_MAP_HEIGHT) if own else _check_axes(ax)
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
        bar.set_label(label, fontsize=_FONT)
        bar.ax.minorticks_off()
        bar.set_ticks(bar.ax.yaxis.get_ticklocs() if norm is None else levels[::2])
        bar.ax.yaxis.set_major_formatter(lambda x, _: f"{float(f'{x:.2g}'):g}")
        bar.ax.tick_params(which="both", labelsize=_FONT - 1)
    ax.plot(*objective.minima.T, zorder=8, **_STAR)
    ax.set(xlim=box[0], ylim=box[1])
    wide, high = np.ptp(box, axis=1)
    if 0.5 <= wide / high <= 2:
        ax.set_aspect("equal")
    else:  # a strip: stretched to half as high as it is wide, or half as wide as high
        ax.set_box_aspect(0.5 if wide > high else 2)
    ax.locator_params(nbins=6)
    _dress(ax, "x", "y", objective.name)
    return ax


def _draw_paths(traces, ax):
    """The axes with the paths on their map, and per trace its lines (casing, path, end)."""
    own = ax is None
    ax, objective = _map_for(traces, ax)
    box = np.array([sorted(ax.get_xlim()), sorted(ax.get_ylim())])
    notes = [_where(trace, box) for trace in traces.values()]
    lines = []
    for (label, trace), style, note in zip(traces.items(), _styles(traces), notes, strict=True):
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
        ax.plot(*x[:1].T, zorder=7, **_START)
        end = None
        if trace.diverged_at is None:
            mark = _END | {"markerfacecolor": style["color"]}
            (end,) = ax.plot(*x[-1:].T, zorder=6, **mark)
        lines.append((casing, path, end))
    ax.set(xlim=box[0], ylim=box[1])
    handles = [path for _, path, _ in lines] + _mark_handles(objective, traces)
    _legend_below(ax, handles, any(notes))
    if own:
        rows = len(handles) if any(notes) else -(-len(handles) // 3)
        ax.figure.set_figheight(_MAP_HEIGHT + 0.24 * rows)
    return ax, lines


def _map_for(traces, ax):
    """Axes with a map under the traces, and the objective that the map shows (or None)."""
    objectives = list({id(t.objective): t.objective for t in traces.values()}.values())
    if len(objectives) > 1:
        names = ", ".join(_objective_name(o) for o in objectives)
        raise ValueError(
            f"a map shows one objective, the traces have {len(objectives)} ({names}): "
            "draw one figure each"
        )
    (objective,) = objectives
    if ax is None or not _check_axes(ax).has_data():
        _check_objective(objective)
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
            notes.append(f"off the map between t = {left} and {_last_run(inside) - 1}")
        elif left == 0:
            notes.append("starts off the map" if inside.any() else "is off the map")
        else:
            notes.append(f"left the map at t = {left}")
    if trace.diverged_at is not None:
        notes.append(f"diverged at t = {trace.diverged_at}")
    return ": " + ", ".join(notes) if notes else ""


def _last_run(mask):
    """Where the last unbroken run of True begins, to the end of mask."""
    return len(mask) - int(np.argmin(mask[::-1])) if not mask.all() else 0


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

    marks = {"start": _START}
    if any(trace.diverged_at is None for trace in traces.values()):
        marks["end"] = _END
    if len(getattr(objective, "minima", ())):
        marks["minimum"] = _STAR
    return [Line2D([], [], label=label, **mark) for label, mark in marks.items()]


def _over_time(trace, name):
    """A hyperparameter at t = 0, 1, ..., shaped to broadcast against trace.x; None if unknown.

    Its value at t = 0 has no meaning; it is that of t = 1.
    """
    value = trace.hyperparameters.get(name)
    if value is None:
        parameter = inspect.signature(trace.rule).parameters.get(name)
        value = getattr(parameter, "default", None)
    if not callable(value) and not isinstance(value, (int, float, np.ndarray)):
        return None
    n = len(trace.x)
    values = [value(max(t, 1)) if callable(value) else value for t in range(n)]
    values = np.array(values, dtype=float)
    gap = trace.x.ndim - 1 - (values.ndim - 1)
    return values.reshape(n, *(1,) * gap, *values.shape[1:])
