"""Many small pictures in one: what races and sweeps over rules and surfaces find."""

import numpy as np

from ..checks import as_floats
from .shared import DPI, FONT, OTHER, STYLE, WIDTH

SMALL = FONT - 4  # seven panels side by side leave no room for larger letters


def plot_race(curves):
    """One panel per surface, in it a curve over t per rule: {surface: {rule: values}}.

    values   a number for each t = 0, 1, ...; what a log axis cannot show leaves a gap

    All panels share both axes. The book's rules have their looks. Returns the array of axes, one
    per surface. Raises ValueError or TypeError for what is no dict of dicts of numbers.
    """
    _check("curves", curves, "{surface: {rule: values}}", ndim=1)
    rows = -(-len(curves) // 2)
    figure, axes = _panels(rows, 2, height=1.2 + 1.75 * rows)
    shown, spare = axes.flat[: len(curves)], axes.flat[len(curves) :]
    lines = {}
    for ax, (surface, of_rules) in zip(shown, curves.items(), strict=True):
        for rule, values in of_rules.items():
            values = np.asarray(values, dtype=float)
            values = np.where(np.isfinite(values) & (values > 0), values, np.nan)
            style = STYLE.get(rule, OTHER) | {"marker": ""}
            (lines[rule],) = ax.semilogy(values, **style, linewidth=2, label=rule)
        ax.set_title(surface, fontsize=FONT - 1)
        ax.tick_params(which="both", labelsize=FONT - 3)
        ax.grid(alpha=0.3)
    for ax in spare:
        ax.remove()
    for ax in shown[-2:]:
        ax.tick_params(labelbottom=True)
    shown[-1].set_xlabel("t", fontsize=FONT - 1)
    figure.legend(
        handles=list(lines.values()),
        loc="outside lower center",
        ncols=3,
        fontsize=FONT - 2,
        handlelength=3.2,
        frameon=False,
    )
    return shown


def plot_sensitivity(maps, alphas, betas, limits):
    """A map of a score over alpha and beta for each row and column of {row: {column: values}}.

    values   shape (len(betas), len(alphas)), lower is better and drawn darker; shape
             (len(alphas),) where there is no beta; what is not finite is grey
    alphas   the values of alpha, along the horizontal axis, drawn as log10(alpha)
    betas    the values of beta, upward, drawn as -log10(1 - beta)
    limits   the scores of the darkest and of the brightest colour, for all maps

    Returns the array of axes, in rows and columns. Raises ValueError or TypeError for what does
    not fit.
    """
    from matplotlib.ticker import MultipleLocator

    _check("maps", maps, "{row: {column: values}}")
    alphas, betas = as_floats("alphas", alphas, "numbers"), as_floats("betas", betas, "numbers")
    for name, given, right in (("alphas", alphas, alphas > 0), ("betas", betas, betas < 1)):
        if given.ndim != 1 or given.size < 2 or not right.all():
            allowed = {"alphas": "greater than 0", "betas": "less than 1"}[name]
            raise ValueError(f"{name} must be two or more numbers {allowed}, got {given.tolist()}")
    shape, columns = (len(betas), len(alphas)), list(next(iter(maps.values())))
    for row, of_row in maps.items():
        if list(of_row) != columns:
            raise ValueError(f"maps[{row!r}] must have the columns {columns}, got {list(of_row)}")
        for column, values in of_row.items():
            if np.shape(values) not in (shape, shape[1:]):
                raise ValueError(
                    f"maps[{row!r}][{column!r}] must have shape {shape}, or {shape[1:]} without "
                    f"beta, got {np.shape(values)}"
                )
    figure, axes = _panels(len(maps), len(columns), height=1.3 + 0.78 * len(maps))
    figure.get_layout_engine().set(w_pad=0.015, h_pad=0.02, wspace=0.02, hspace=0.02)
    for of_axes, (row, of_row) in zip(axes, maps.items(), strict=True):
        for ax, values in zip(of_axes, of_row.values(), strict=True):
            values = np.broadcast_to(np.asarray(values, dtype=float), shape)
            drawn = ax.pcolormesh(
                np.log10(alphas),
                -np.log10(1 - betas),
                np.ma.masked_invalid(values),
                vmin=limits[0],
                vmax=limits[1],
            )
            ax.set_facecolor("#d0d0d0")
            ax.tick_params(labelsize=SMALL)
        of_axes[0].set_ylabel(row.replace("_", "\n"), fontsize=SMALL + 0.5)
    for ax, column in zip(axes[0], columns, strict=True):
        ax.set_title(column, fontsize=SMALL + 0.5)
    axes[0, 0].xaxis.set_major_locator(MultipleLocator(3))
    decades = np.arange(0, np.ceil(-np.log10(1 - betas.max())) + 1)
    axes[0, 0].set_yticks(decades, [f"{1 - 0.1**k:g}" for k in decades])
    axes[-1, len(columns) // 2].set_xlabel(r"$\log_{10} \alpha$", fontsize=FONT - 2)
    bar = figure.colorbar(drawn, ax=axes, location="bottom", shrink=0.7, aspect=40, pad=0.01)
    bar.ax.tick_params(labelsize=FONT - 3)
    return axes


def _panels(rows, columns, height):
    import matplotlib.pyplot as plt

    return plt.subplots(
        rows,
        columns,
        figsize=(WIDTH, height),
        dpi=DPI,
        facecolor="white",
        layout="constrained",
        sharex=True,
        sharey=True,
        squeeze=False,
    )


def _check(name, value, allowed, ndim=None):
    is_nested = isinstance(value, dict) and all(isinstance(v, dict) for v in value.values())
    if not is_nested:
        raise TypeError(f"{name} must be a dict of dicts, {allowed}, got {type(value).__name__}")
    if not value or not all(value.values()):
        raise ValueError(f"{name} must hold at least one of {allowed}")
    for outer, inner in value.items():
        for key, numbers in inner.items():
            array = as_floats(f"{name}[{outer!r}][{key!r}]", numbers, "numbers")
            if ndim is not None and array.ndim != ndim:
                raise ValueError(
                    f"{name}[{outer!r}][{key!r}] must have one number for each t, "
                    f"got shape {array.shape}"
                )
