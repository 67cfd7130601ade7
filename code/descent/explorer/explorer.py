"""``Explorer``: an update rule with its hyperparameters on sliders."""

import base64
import html
import inspect
import io
import json
import math
import sys
import sysconfig
import traceback
from functools import partial
from numbers import Integral, Real
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from ..checks import as_floats, hyperparameters, name_of, whole_number
from ..minimize import DECAY_RATES, minimize
from ..objectives import OBJECTIVES, Objective, on_mesh
from ..plots import STYLE, plot_convergence, plot_path
from ..plots.shared import OTHER
from ..rules import RULES

_HERE = Path(__file__).parent
_GRID = 129  # points along each axis of the grid under the contours

# Where the slider of alpha stands at first, if not at the rule's own default: a default below
# 0.01 is meant for long runs, and in 100 steps the path would hardly leave its start.
_LEAST_ALPHA, _FIRST_ALPHA = 0.01, 0.02
_FIRST = {"adagrad": 0.1}
_CHOICES = {"correction": ["power", "constant"]}  # hyperparameters that are words
_RANGES = {"alpha": (-4.0, 0.5), "eps": (-12.0, 0.0)}  # of log10(value)
_SHOWN = ["objective", "x0", "n_iter", "hyperparameters", "compare"]  # what a page begins with
_SETTINGS = [*_SHOWN, "axes", "request"]


class Explorer(anywidget.AnyWidget):
    """An interactive figure of a rule: its path, its loss, and a slider for each hyperparameter.

        Explorer(adam)
        Explorer(adam, [rosenbrock, beale], n_iter=200, alpha=0.05, beta1=0.8)
        Explorer(my_rule, my_surface)

    rule             one of ``RULES``, or any generator function of that form. If the notebook
                     gives its name to a new function, the figure follows (surfaces likewise)
    objectives       an ``Objective`` of two variables, or several to choose from, the first
                     shown first; default: all of ``OBJECTIVES``
    x0               the start; default: ``start(1)`` of the first surface
    n_iter           number of steps
    compare          the name of a second rule, laid over with the same start and alpha
    hyperparameters  where the sliders stand at first; default: the rule's own defaults (for
                     some rules of the book a larger alpha, so that the path is seen to move)

    The sliders of alpha and eps move along log10(value), those of decay rates (beta, beta1, ...)
    along -log10(1 - value); the number beside a slider is the value. A rule of your own gets a
    slider for each number among its defaults.

    In a notebook ``minimize`` computes every path; on a static page a JavaScript mirror of the
    book's rules and surfaces does, to the same bits. The traits ``objective``, ``x0``,
    ``n_iter``, ``hyperparameters`` and ``compare`` can be read, set, and linked to another
    widget's; ``traces`` holds what ``minimize`` returned last.

    Raises TypeError or ValueError for an argument that cannot be used. An error inside a rule or
    a surface is shown in the figure, which recovers when it is fixed.
    """

    _esm = "".join((_HERE / file).read_text("utf-8") for file in ("draw.js", "explorer.js"))
    _esm += "\nexport default descentExplorer;\n"
    _css = (_HERE / "explorer.css").read_text("utf-8")

    objective = traitlets.Unicode().tag(sync=True)
    x0 = traitlets.List(traitlets.Float()).tag(sync=True)
    n_iter = traitlets.Int().tag(sync=True)
    hyperparameters = traitlets.Dict().tag(sync=True)
    compare = traitlets.Unicode().tag(sync=True)
    axes = traitlets.Dict().tag(sync=True)  # of the sensitivity map; {}: none is shown
    request = traitlets.Int().tag(sync=True)  # counts what the view has asked for

    _shell = None  # the notebook whose cells are watched

    config = traitlets.Dict().tag(sync=True)
    surface = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)

    def __init__(
        self, rule, objectives=None, *, x0=None, n_iter=100, compare=None, **hyperparameters
    ):
        surfaces = _surfaces(objectives)
        first = surfaces[0]
        if compare is not None and compare not in RULES:
            raise ValueError(f"compare must be one of {', '.join(RULES)}, got {compare!r}")
        start = as_floats("x0", first.start(1) if x0 is None else x0, "two finite numbers")
        if start.shape != (2,) or not np.isfinite(start).all():
            raise ValueError(f"x0 must be two finite numbers, got {x0!r}")
        n_iter = whole_number("n_iter", n_iter, 1)
        _, values = _controls(rule, hyperparameters)
        for name in hyperparameters:
            if name not in values:
                allowed = ", ".join(values) or "none"
                raise ValueError(f"{name} is not a slider of {name_of(rule)}; it has: {allowed}")
        self._given, self._start = hyperparameters, start.tolist()
        self._rule, self._namespace = rule, _namespace(rule)
        self._surfaces = {}
        for surface in surfaces:
            self._surfaces.setdefault(surface.name, surface)
        self._followed = [o.name for o in surfaces if any(o is v for v in _notebook().values())]
        self._is_running = True  # nothing is to be computed before all is set
        super().__init__(
            objective=first.name,
            x0=self._start,
            n_iter=n_iter,
            hyperparameters=values,
            compare=compare or "",
        )
        self._initial = {"n_iter": self.n_iter}
        self._latest = None
        self._is_stale = True  # the view does not know yet what there is
        self._refresh()
        if "IPython" in sys.modules:
            self._shell = sys.modules["IPython"].get_ipython()
        if self._shell is not None:
            self._shell.events.register("post_run_cell", self._after_cell)

    def close(self):
        """Take the figure away; the notebook's cells are no longer watched."""
        if self._shell is not None:
            self._shell.events.unregister("post_run_cell", self._after_cell)
            self._shell = None
        super().close()

    # ---- What to run -----------------------------------------------------------------------

    def _configure(self):
        """Tell the view what there is: controls, surfaces, rules to compare with, colours."""
        given = {k: v for k, v in self._given.items() if k in hyperparameters(self._rule)}
        controls, initial = _controls(self._rule, given)
        self.hyperparameters = {
            name: self.hyperparameters.get(name, value) for name, value in initial.items()
        }
        if any(axis["name"] not in {*initial, "n_iter"} for axis in self.axes.values()):
            self.axes = {}
        controls.append(
            {"name": "n_iter", "scale": "linear", "min": 1, "max": max(500, self.n_iter), "step": 1}
        )
        rule = name_of(self._rule)
        others = [name for name in RULES if name != rule]
        self.config = self._initial | {
            "grid": _GRID,
            "rule": rule,
            "controls": controls,
            "hyperparameters": initial,
            "surfaces": [
                _description(surface) | ({} if i else {"start": self._start})
                for i, surface in enumerate(self._surfaces.values())
            ],
            "compare_with": others,
            "styles": {name: _style(name) for name in [rule, *others]},
        }

    def _follow(self):
        """Take up a rule or a surface that the notebook has given a new definition."""
        rule = self._namespace.get(name_of(self._rule), self._rule)
        if callable(rule) and rule is not self._rule:
            self._rule, self._is_stale = rule, True
        for name in self._followed:
            named = [v for v in _notebook().values() if isinstance(v, Objective) and v.name == name]
            if named and not any(v is self._surfaces[name] for v in named):
                self._surfaces[name], self._is_stale = named[-1], True
                self.surface = {}

    def _after_cell(self, _):
        self._follow()
        if self._is_stale or "error" in self.result:
            self._refresh()

    @traitlets.observe(*_SETTINGS)
    def _changed(self, _):
        if not self._is_running and self._settings() != self._latest:
            self._refresh()

    def _settings(self):
        return {name: getattr(self, name) for name in _SETTINGS}

    # ---- Running it ------------------------------------------------------------------------

    def _refresh(self):
        """Compute for the settings of now and send the result to the view."""
        self._is_running = True
        try:
            with self.hold_sync():
                computed = self._computed()
                self._latest = self._settings()
                self.result = {"settings": self._latest} | computed
        finally:
            self._is_running = False

    def _computed(self):
        """The paths, and the sensitivity map if one is shown; or the student's error."""
        try:
            self._follow()
            if self._is_stale:
                self._configure()
                self._is_stale = False
            objective = self._surfaces[self.objective]
            if self.surface.get("name") != self.objective:
                self.surface = _grid(objective)
            self.traces = [self._trace(objective, self._rule, self.hyperparameters)]
            if self.compare:
                shared = {k: v for k, v in self.hyperparameters.items() if k == "alpha"}
                self.traces.append(self._trace(objective, RULES[self.compare], shared))
            computed = {"paths": [_path(trace) for trace in self.traces]}
            if self.axes:
                computed["map"] = _bytes(self._sensitivity(objective))
            return computed
        except Exception as error:  # the student's: shown in the figure
            return _report(error)

    def _trace(self, objective, rule, settings):
        return minimize(objective, self.x0, rule, self.n_iter, **settings)

    def _sensitivity(self, objective):
        """The final score for every pair of values of the two axes, in one batch."""
        x, y = self.axes["x"], self.axes["y"]
        batch = self.hyperparameters | {x["name"]: np.array(x["values"], dtype=float)}
        steps = np.array(y["values"], dtype=int) if y["name"] == "n_iter" else self.n_iter
        if y["name"] != "n_iter":
            batch[y["name"]] = np.array(y["values"], dtype=float)[:, None]
        trace = minimize(
            partial(on_mesh, objective),
            self.x0,
            self._rule,
            int(np.max(steps)),
            gradient=partial(on_mesh, objective.gradient, shape=(2,)),
            **batch,
        )
        return trace.score[steps]

    # ---- What a notebook stores ------------------------------------------------------------

    def __repr__(self):
        x0 = ", ".join(f"{v:.6g}" for v in self.x0)
        what = f"Explorer: {name_of(self._rule)} on {self.objective} from ({x0})"
        if "error" in self.result:
            return f"{what}: {self.result['error']}"
        trace = self.traces[0]
        x = ", ".join(f"{v:.6g}" for v in trace.x[-1])
        return f"{what}, {self.n_iter} steps: x = ({x}), f = {trace.score[-1]:.6g}"

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = repr(self)
        if "error" in self.result:
            return data, metadata
        try:
            data["image/png"] = base64.b64encode(self._still()).decode()
        except ValueError:  # nothing to draw, as where f is nowhere finite: the figure says more
            return data, metadata
        if self._is_mirrored():
            data["text/html"] = self._html(data["image/png"])
        return data, metadata

    def _is_mirrored(self):
        """Whether rules.js knows the rule and the surfaces, so that a page can do without us."""
        return RULES.get(name_of(self._rule)) is self._rule and all(
            OBJECTIVES.get(name) is surface for name, surface in self._surfaces.items()
        )

    def _html(self, still=""):
        """What a page brings to life; until then, and in an editor before the cell is run, a still.

        An editor takes the HTML where it has the choice, so the picture must be in there too.
        """
        config = json.dumps(self.config | {name: getattr(self, name) for name in _SHOWN})
        what = f"path of {name_of(self._rule)} on the contours of {self.objective}, and the loss"
        image = f'<img alt="{html.escape(what)}" src="data:image/png;base64,{still}">'
        return (
            f'<div class="descent-explorer" data-config="{html.escape(config)}">'
            f"{image if still else ''}<p>Interactive figure (run this cell; on a web page it needs "
            f"JavaScript). {html.escape(repr(self))}.</p></div>"
        )

    def _still(self):
        """A picture of the figure as it stands, in 64 colours, which keep it small."""
        from matplotlib.figure import Figure
        from PIL import Image

        figure = Figure(figsize=(10.4, 5), dpi=100, layout="constrained")
        left, right = figure.subplots(1, 2)
        traces = {name_of(trace.rule): trace for trace in self.traces}
        plot_path(traces, ax=left)
        plot_convergence(traces, ax=right)
        drawn, file = io.BytesIO(), io.BytesIO()
        figure.savefig(drawn, format="png")
        image = Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE)
        image.save(file, format="PNG", optimize=True)
        return file.getvalue()


def _notebook():
    """The names that a notebook's cells (or a script) have given, in definition order."""
    names = vars(sys.modules["__main__"])
    return {name: value for name, value in list(names.items()) if not name.startswith("_")}


def _namespace(rule):
    """Where the rule's name is looked up at every run: the notebook, its module, or nowhere."""
    for module in ("__main__", getattr(rule, "__module__", None)):
        names = vars(sys.modules[module]) if module in sys.modules else {}
        if names.get(name_of(rule)) is rule:
            return names
    return {}


def _surfaces(objectives):
    if objectives is None:
        objectives = OBJECTIVES.values()
    elif callable(objectives):
        objectives = [objectives]
    surfaces = list(objectives)
    if not surfaces:
        raise ValueError("objectives must hold at least one Objective, got none")
    for surface in surfaces:
        if not isinstance(surface, Objective):
            raise TypeError(f"objectives must be Objectives, got {surface!r}")
        if len(surface.bounds) != 2:
            raise ValueError(
                f"the figure shows two variables, but {surface.name} has {len(surface.bounds)}"
            )
    return surfaces


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _controls(rule, given):
    """A control for each hyperparameter that is a number or a known word, and where it stands."""
    controls, values = [], {}
    for name, default in hyperparameters(rule).items():
        value = given.get(name, default)
        if name == "alpha" and name not in given and RULES.get(name_of(rule)) is rule:
            first = default if default >= _LEAST_ALPHA else _FIRST_ALPHA
            value = _FIRST.get(name_of(rule), first)
        choices = _CHOICES.get(name, []) if isinstance(default, str) else []
        if choices:
            if value not in choices:
                raise ValueError(f"{name} must be one of {choices}, got {value!r}")
            controls.append({"name": name, "scale": "choice", "choices": choices})
        elif _is_number(value):
            value = int(value) if isinstance(value, Integral) else float(value)
            controls.append({"name": name} | _slider(name, value))
        elif name in given:
            raise TypeError(f"{name} must be a finite number, got {value!r}")
        elif default is inspect.Parameter.empty:
            raise ValueError(f"{name_of(rule)} needs a value for {name}")
        else:
            continue
        values[name] = value
    return controls, values


def _slider(name, value):
    """The scale of a slider and its range, in the slider's raw value (SCALES in explorer.js)."""
    is_decay = name in DECAY_RATES or 0.5 <= value < 1 and name not in _RANGES
    if is_decay and 0 <= value < 1:  # -log10(1 - value)
        return {"scale": "decay", "min": 0, "max": max(4, -math.log10(1 - value)), "step": 0.01}
    if name in _RANGES or isinstance(value, float) and value > 0:  # log10(value)
        raw = math.log10(value) if value > 0 else -math.inf
        low, high = _RANGES.get(name, (raw - 2, raw + 2))
        if math.isfinite(raw):
            low, high = min(low, math.floor(raw)), max(high, raw)
        return {"scale": "log", "min": low, "max": high, "step": 0.01}
    reach = max(1, 2 * abs(value))
    step = 1 if isinstance(value, int) else reach / 100
    return {"scale": "linear", "min": -reach if value <= 0 else 0, "max": reach, "step": step}


def _description(surface):
    is_own = OBJECTIVES.get(surface.name) is not surface
    names = [k for k, v in _notebook().items() if is_own and v is surface]
    floor, warning = None, {}
    try:
        floor = min((float(surface(p)) for p in surface.minima), default=None)
        if is_own:
            surface.check_gradient()
    except ValueError as error:  # most of all, that the gradient is not that of f
        warning = {"warning": f"The path may mislead: {error}."}
    except Exception:  # a fault of f: the search meets it too, and shows it
        pass
    return warning | {
        "name": surface.name,
        "code": names[0] if names else surface.name,  # what to write in a call of minimize
        "bounds": surface.bounds.tolist(),
        "minima": surface.minima.tolist(),
        "floor": floor,
        "start": surface.start(1).tolist(),
    }


def _style(rule):
    style = STYLE.get(rule, OTHER)
    dash = [] if style["linestyle"] == "-" else [2.2 * length for length in style["linestyle"][1]]
    return {"color": style["color"], "dash": dash}


def _bytes(array):
    return np.ascontiguousarray(array, dtype="<f8").tobytes()


def _grid(surface):
    """f on a grid over the bounds, row by row from below."""
    axes = [np.linspace(lo, hi, _GRID) for lo, hi in surface.bounds]
    values = on_mesh(surface, np.stack(np.meshgrid(*axes)))
    return {"name": surface.name, "n": _GRID, "values": _bytes(values)}


def _path(trace):
    fields = {"f": trace.score, "x": trace.x}
    for name, field in zip(trace.state._fields, trace.state, strict=True):
        if name != "t" and np.shape(field) in (trace.score.shape, trace.x.shape):
            fields.setdefault(name, field)
    return {
        "rule": name_of(trace.rule),
        "fields": {name: _bytes(field) for name, field in fields.items()},
    }


def _report(error):
    """What went wrong in a sentence, and the traceback, in which only the student's lines stand."""
    report = traceback.TracebackException.from_exception(error)
    theirs = [frame for frame in report.stack if _is_theirs(frame.filename)]
    where = f" in line {theirs[-1].lineno} of {theirs[-1].name}" if theirs else ""
    if theirs:
        report.stack = traceback.StackSummary.from_list(theirs)
    message = str(error) or "no message"
    return {
        "error": f"{type(error).__name__}{where}: {message}",
        "traceback": "".join(report.format()),
    }


_LIBRARIES = [str(_HERE.parent), *map(sysconfig.get_path, ("stdlib", "purelib", "platlib"))]


def _is_theirs(filename):
    """Whether the student wrote this file: it is not ours, nor Python's, nor that of a library."""
    installed = {"site-packages", "dist-packages"} & {*Path(filename).parts}
    return not (installed or filename.startswith((*_LIBRARIES, "<frozen ")))
