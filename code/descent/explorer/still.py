"""The picture of an ``Explorer`` for places where nothing runs: print, editors, no scripts."""

import io
import json

import numpy as np

from ..plots import plot_convergence, plot_path
from ..plots.shared import styles_of


def label_runs(runs):
    """A name for each run: its rule, and where a rule comes twice, what tells its runs apart."""
    labels = []
    for i, run in enumerate(runs):
        twins = [r["hyperparameters"] for r in runs if r["rule"] == run["rule"]]
        own = run["hyperparameters"]
        differing = [n for n in own if any(twin.get(n) != own[n] for twin in twins)]
        label = ", ".join([run["rule"], *(f"{n} = {_text(own[n])}" for n in differing)])
        before = sum(r == run for r in runs[:i])
        labels.append(f"{label} ({before + 1})" if before else label)
    return labels


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)


def still(view, runs, traces, result):
    """The figure as it stands, as a PNG in 64 colours, which keep it small."""
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(10.4, 5), dpi=100, layout="constrained")
    labelled = dict(zip(label_runs(runs), traces, strict=True))
    if view == "stream":
        _draw_stream(figure, labelled, result)
    else:
        _draw_surface(figure, labelled)
    drawn, file = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    image = Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    image.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _draw_surface(figure, labelled):
    """The paths and the loss, with one legend for both."""
    left, right = figure.subplots(1, 2)
    plot_path(labelled, ax=left)
    plot_convergence(labelled, ax=right)
    marks, lines = (ax.get_legend().legend_handles for ax in (left, right))
    marks = [handle for handle in marks if handle.get_label() in ("start", "end", "minimum")]
    for ax in (left, right):
        ax.get_legend().remove()
    figure.legend(handles=[*lines, *marks], loc="outside lower center", ncols=4, frameon=False)


def _draw_stream(figure, labelled, result):
    """The gradients as bars, and below them the step over alpha of each run."""
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1, 2])
    fields = [run["fields"] for run in result["runs"]]
    g = np.frombuffer(fields[0]["g"])
    t = np.arange(len(g))
    above.bar(t[1:], g[1:], color="#808080")
    above.set_ylabel("gradient")
    styles = styles_of(labelled)
    for label, run, style in zip(labelled, fields, styles, strict=True):
        look = {name: style[name] for name in ("color", "linestyle")}
        below.plot(t, np.frombuffer(run["step"]), label=label, linewidth=2, **look)
    below.set(xlabel="t", ylabel=r"step / $\alpha$")
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    for ax in (above, below):
        ax.axhline(0, color="#909090", linewidth=0.8, zorder=0)
        ax.grid(alpha=0.3)
