"""Paths that grow step by step on their map, as an animated PNG."""

import io

import numpy as np

from ..checks import whole_number
from .maps import draw_paths
from .shared import FONT, check_traces


def animate_paths(traces, n_frames=60):
    """The paths of {label: trace} (or of one ``Trace``) growing step by step, on the contours.

    Returns a ``PathAnimation``: a notebook shows it as an animated PNG, which plays once, in
    n_frames frames and less than five seconds, and rests on its last frame. It needs no script,
    so it also plays on the static website. ``.ax`` are its axes, showing the last frame (a
    still); ``.draw(t)`` shows step t; ``.save(path)`` writes the file.

    Raises ValueError as ``plot_path`` does, or for n_frames less than 2.
    """
    n_frames = whole_number("n_frames", n_frames, 2)
    return PathAnimation(check_traces(traces, d=2), n_frames)


class PathAnimation:
    """What ``animate_paths`` returns: ``ax``, ``draw(t)``, ``save(path)``; notebooks show it."""

    def __init__(self, traces, n_frames):
        import matplotlib.pyplot as plt

        self.ax, self._lines = draw_paths(traces, None)
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
        self.ax.set_title(f"{self._title}, t = {t}", fontsize=FONT)
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
