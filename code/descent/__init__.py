"""Gradient descent and the Adam family from scratch."""

# Rules and surfaces are listed once, in rules.py and objectives.py.
from .checker import Verdict, check
from .data import digits
from .inner import effective_rate
from .minimize import Trace, minimize
from .objectives import *  # noqa: F403
from .objectives import OBJECTIVES, Objective
from .plots import (
    STYLE,
    PathAnimation,
    animate_paths,
    plot_contours,
    plot_convergence,
    plot_path,
    plot_race,
    plot_sensitivity,
    plot_state,
    plot_surface,
)
from .rules import *  # noqa: F403
from .rules import RULES
from .streams import STREAMS

__version__ = "0.1.0"

__all__ = [
    "OBJECTIVES",
    "RULES",
    "STREAMS",
    "STYLE",
    "Explorer",  # noqa: F405
    "Objective",
    "PathAnimation",
    "Trace",
    "Verdict",
    "animate_paths",
    "check",
    "digits",
    "effective_rate",
    "minimize",
    "plot_contours",
    "plot_convergence",
    "plot_path",
    "plot_race",
    "plot_sensitivity",
    "plot_state",
    "plot_surface",
    *OBJECTIVES,
    *RULES,
]


def __getattr__(name):
    if name == "Explorer":  # on first use: the widget takes longer to import than all the rest
        from .explorer import Explorer

        return Explorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*globals(), "Explorer"]
