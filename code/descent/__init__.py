"""Gradient descent and the Adam family from scratch."""

from .minimize import Trace, minimize
from .objectives import (
    OBJECTIVES,
    Objective,
    beale,
    bowl,
    egg_box,
    himmelblau,
    ravine,
    rosenbrock,
    saddle,
)
from .plots import (
    STYLE,
    PathAnimation,
    animate_paths,
    effective_rate,
    plot_contours,
    plot_convergence,
    plot_path,
    plot_state,
    plot_surface,
)
from .rules import (
    RULES,
    adagrad,
    adam,
    adamax,
    amsgrad,
    gradient_descent,
    momentum,
    nadam,
    nesterov,
    rmsprop,
)

__version__ = "0.1.0"

__all__ = [
    "OBJECTIVES",
    "RULES",
    "STYLE",
    "Explorer",
    "Objective",
    "PathAnimation",
    "Trace",
    "adagrad",
    "adam",
    "adamax",
    "amsgrad",
    "animate_paths",
    "beale",
    "bowl",
    "effective_rate",
    "egg_box",
    "gradient_descent",
    "himmelblau",
    "minimize",
    "momentum",
    "nadam",
    "nesterov",
    "plot_contours",
    "plot_convergence",
    "plot_path",
    "plot_state",
    "plot_surface",
    "ravine",
    "rmsprop",
    "rosenbrock",
    "saddle",
]


def __getattr__(name):
    if name == "Explorer":  # on first use: the widget takes longer to import than all the rest
        from .explorer import Explorer

        return Explorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
