"""The pictures of the course: surfaces, paths on their contours, convergence, inner state, races.

Every function draws on ``ax``, or on a new figure of its own, and returns the axes. The colour,
dash and marker of a rule are the same in every picture of the book: ``STYLE``. Only where a rule
comes more than once in a picture, its runs have shades of its colour and dashes of their own.

Matplotlib is imported where it is first needed, because importing it takes longer than all the
rest of the package.
"""

from .animation import PathAnimation, animate_paths
from .curves import plot_convergence, plot_state
from .maps import plot_contours, plot_path, plot_surface
from .panels import plot_race, plot_sensitivity
from .shared import STYLE

__all__ = [
    "STYLE",
    "PathAnimation",
    "animate_paths",
    "plot_contours",
    "plot_convergence",
    "plot_path",
    "plot_race",
    "plot_sensitivity",
    "plot_state",
    "plot_surface",
]
