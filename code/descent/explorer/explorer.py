"""``Explorer``: update rules with their hyperparameters on sliders."""

import base64
import html
import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from ..checks import as_floats, hyperparameters, name_of, whole_number
from ..errors import report
from ..inner import inner_values
from ..minimize import minimize
from ..objectives import OBJECTIVES, Objective, on_mesh
from ..rules import RULES
from ..streams import INTERVALS, STREAMS
from .config import configuration, description, initial_values, notebook
from .still import label_runs, still

_HERE = Path(__file__).parent
_MODULES = ["draw.js", "controls.js", "surface_view.js", "stream_view.js", "explorer.js"]
_GRID = 129  # points along each axis of the grid under the contours
_MOST = 10_000  # steps of one run: five runs of as many are drawn in a moment

_SHOWN = ["view", "objective", "x0", "stream", "n_iter", "runs", "selected"]
_SETTINGS = [*_SHOWN, "axes", "request"]


class _Checked(traitlets.Any):
    """A trait of which only the validator of ``Explorer`` says what it may be; None is nothing."""

    allow_none = False


class Explorer(anywidget.AnyWidget):
    """An interactive figure of rules: their paths, their loss, and a slider for each number.

        Explorer(adam)
        Explorer(adam, [rosenbrock, beale], n_iter=200, alpha=0.05, beta1=0.8)
        Explorer(adam, compare=["gradient_descent", {"rule": "adam", "beta2": 0.9}])
        Explorer(adam, stream="spike", compare="amsgrad")
        Explorer(my_rule, my_surface)

    rule             one of ``RULES``, or any generator function of that form. If the notebook
                     gives its name to a new function, the figure follows (surfaces and streams
                     likewise)
    objectives       an ``Objective`` of two variables, or several to choose from, the first
                     shown first; default: all of ``OBJECTIVES``
    x0               the start; default: ``start(1)`` of the first surface
    n_iter           number of steps, at most 10,000
    compare          more runs, with the same start and surface: the name of a rule, a rule, a dict
                     {"rule": ..., hyperparameters}, or a list of these. A run without an alpha of
                     its own takes that of the first, and all else from its rule's defaults
    stream           show what the rules make of a stream of gradients in one coordinate: one of
                     ``STREAMS`` by name, or any function of t = 1, 2, ... that gives a number. A
                     static page has the n_iter numbers of your own that it begins with, no more
    hyperparameters  of the first run; default: the rule's own defaults (for some rules of the
                     book a larger alpha, so that the path is seen to move)

    The sliders of alpha and eps move along log10(value), those of decay rates (beta, beta1, ...)
    along -log10(1 - value); the number beside a slider is the value, and can be typed. A rule of
    your own gets a slider for each number among its defaults. A map has the same scale along both
    axes, unless one side would be more than eight times the other.

    In a notebook ``minimize`` computes every run; on a static page a JavaScript mirror of the
    book's rules, surfaces and streams does, to the same bits. These traits can be read, set, and
    linked to another widget's: ``view`` ("surface" or "stream"), ``objective``, ``x0``,
    ``stream`` (its name; a function can be assigned), ``n_iter``, ``runs`` (a list of {"rule":
    name, "hyperparameters": {...}}; what ``compare`` takes can be assigned), ``selected`` (the run
    whose sliders are shown) and ``hyperparameters`` (those of that run). ``traces`` holds what
    ``minimize`` returned last.

    Raises TypeError or ValueError for an argument that cannot be used. An error inside a rule, a
    surface or a stream is shown in the figure, which recovers when it is fixed.
    """

    _esm = "".join((_HERE / file).read_text("utf-8") for file in _MODULES)
    _esm += "\nexport default descentExplorer;\n"
    _css = (_HERE / "explorer.css").read_text("utf-8")

    view = traitlets.Enum(["surface", "stream"]).tag(sync=True)
    objective = traitlets.Unicode().tag(sync=True)
    x0 = traitlets.List(traitlets.Float()).tag(sync=True)
    stream = _Checked().tag(sync=True)
    n_iter = traitlets.Int().tag(sync=True)
    runs = _Checked().tag(sync=True)
    selected = traitlets.Int().tag(sync=True)
    axes = traitlets.Dict().tag(sync=True)  # of the sensitivity map; {}: none is shown
    request = traitlets.Int().tag(sync=True)  # counts what the view has asked for
    hyperparameters = traitlets.Dict()  # of the selected run

    config = traitlets.Dict().tag(sync=True)
    surface = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)

    name = ""  # the id of the figure on a page, which links to it give
    inner = ""  # what a page shows in the third picture of a stream: average, root, rate or x
    _shell = None  # the notebook whose cells are watched

    def __init__(
        self,
        rule,
        objectives=None,
        *,
        x0=None,
        n_iter=100,
        compare=(),
        stream=None,
        **hyperparameters,
    ):
        surfaces = _surfaces(objectives)
        first = surfaces[0]
        self._start = _two_numbers(first.start(1) if x0 is None else x0)
        n_iter = whole_number("n_iter", n_iter, 1, _MOST)
        initial_values(rule, hyperparameters)  # says what is wrong with them
        own = {} if name_of(rule) in RULES else {name_of(rule): rule}
        self._rules = own | RULES
        self._surfaces = {}
        for surface in surfaces:
            self._surfaces.setdefault(surface.name, surface)
        self._streams, self._namespaces_of_streams = dict(STREAMS), {}
        self._namespaces = {name: _namespace(known) for name, known in self._rules.items()}
        self._is_stale = True  # the view does not know yet what there is
        compared = _listed("compare", compare or ())
        self._given = self._named("compare", [{"rule": rule, **hyperparameters}, *compared])
        for run in self._given[1:]:
            try:
                self._full(run)
            except (TypeError, ValueError) as error:
                raise type(error)(f"compare: {error}") from None
        self._followed = [o.name for o in surfaces if any(o is v for v in notebook().values())]
        self._is_running = True  # nothing is to be computed before all is set
        super().__init__(
            view="surface" if stream is None else "stream",
            objective=first.name,
            x0=self._start,
            stream=next(iter(STREAMS)) if stream is None else stream,
            n_iter=n_iter,
            runs=self._given,
        )
        self.hyperparameters = self.runs[0]["hyperparameters"]
        self._initial = {name: getattr(self, name) for name in _SHOWN}
        self._latest = None
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

    def _named(self, what, runs):
        """Runs as {"rule": name, hyperparameters}; a rule given as a function is known by now."""
        runs = [dict(run) if isinstance(run, Mapping) else {"rule": run} for run in runs]
        functions = _functions(what, [run.get("rule") for run in runs])
        for name, rule in functions.items():
            if self._rules.get(name) is not rule:
                self._rules[name], self._namespaces[name] = rule, _namespace(rule)
                self._is_stale = True
        named = []
        for run in runs:
            rule = run.pop("rule", None)
            name = name_of(rule) if callable(rule) else rule
            if not isinstance(name, str) or name not in self._rules:
                raise ValueError(
                    f"{what} must hold rules, dicts with a rule, or names: "
                    f"{', '.join(self._rules)}; got {name!r}"
                )
            given = run.pop("hyperparameters", {})
            if not isinstance(given, Mapping):
                raise TypeError(f"{what}: hyperparameters of {name} must be a dict, got {given!r}")
            named.append({**given, **run, "rule": name})
        return named

    def _full(self, run, shared=None):
        """A named run as {"rule": name, "hyperparameters": {...}} with a value for each of them."""
        name, given = run["rule"], {key: value for key, value in run.items() if key != "rule"}
        if shared is not None and "alpha" in hyperparameters(self._rules[name]):
            given.setdefault("alpha", shared)
        return {"rule": name, "hyperparameters": initial_values(self._rules[name], given)}

    @traitlets.validate("runs")
    def _full_runs(self, proposal):
        self._follow()
        known = dict(self._rules)
        try:
            runs = self._named("runs", _listed("runs", proposal["value"]))
            if not runs:
                raise ValueError("runs must hold at least one run, got none")
            first = self._full(runs[0])
            shared = first["hyperparameters"].get("alpha")
            return [first, *(self._full(run, shared) for run in runs[1:])]
        except (TypeError, ValueError):
            self._rules = known
            raise

    @traitlets.validate("x0")
    def _start_of_all(self, proposal):
        return _two_numbers(proposal["value"])

    @traitlets.validate("selected")
    def _selected_run(self, proposal):
        return whole_number("selected", proposal["value"], 0, max(len(self.runs) - 1, 0))

    @traitlets.validate("n_iter")
    def _steps(self, proposal):
        return whole_number("n_iter", proposal["value"], 1, _MOST)

    @traitlets.validate("objective")
    def _known_surface(self, proposal):
        name = proposal["value"]
        if name not in self._surfaces:
            raise ValueError(f"objective must be one of {', '.join(self._surfaces)}, got {name!r}")
        return name

    @traitlets.validate("stream")
    def _known_stream(self, proposal):
        stream = proposal["value"]
        if callable(stream):
            name = name_of(stream).strip("<>")  # a lambda's is <lambda>
            others = {known: value for known, value in self._streams.items() if known != name}
            self._streams = {name: stream, **others}
            self._namespaces_of_streams[name] = _namespace(stream)
            self._is_stale = True
            return name
        if not isinstance(stream, str) or stream not in self._streams:
            raise ValueError(
                f"stream must be a function of t, or one of {', '.join(self._streams)}; "
                f"got {stream!r}"
            )
        return stream

    def _configure(self):
        """Tell the view what there is: rules, controls, surfaces, streams."""
        self.runs = [self._fitting(run) for run in self.runs]
        self.hyperparameters = self.runs[self.selected]["hyperparameters"]
        self._drop_map_of_other_numbers()
        given = [self._fitting(run) for run in self._given]
        self._initial["runs"] = self._full_runs({"value": given})
        surfaces = [description(surface) for surface in self._surfaces.values()]
        surfaces[0]["start"] = self._start
        self.config = configuration(self._rules, surfaces, self._streams) | {
            "grid": _GRID,
            "most": _MOST,
            "initial": self._initial,
        }

    def _drop_map_of_other_numbers(self):
        known = {*self.runs[self.selected]["hyperparameters"], "n_iter"}
        if any(axis["name"] not in known for axis in self.axes.values()):
            self.axes = {}

    def _fitting(self, run):
        """A run without what its rule, which has a new definition, no longer takes."""
        rule, given = run["rule"], run.get("hyperparameters", run)
        known = hyperparameters(self._rules[rule])
        return {"rule": rule} | {name: value for name, value in given.items() if name in known}

    def set_state(self, sync_data):
        """Do what the view asks for, which may not know yet what a redefined rule takes."""
        if "runs" in sync_data:
            sync_data = sync_data | {"runs": [self._fitting(run) for run in sync_data["runs"]]}
        super().set_state(sync_data)

    def _follow(self):
        """Take up a rule, a surface or a stream that the notebook has given a new definition."""
        for functions, namespaces in (
            (self._rules, self._namespaces),
            (self._streams, self._namespaces_of_streams),
        ):
            for name, names in namespaces.items():
                function = names.get(name, functions[name])
                if callable(function) and function is not functions[name]:
                    functions[name], self._is_stale = function, True
        for name in self._followed:
            named = [v for v in notebook().values() if isinstance(v, Objective) and v.name == name]
            if named and not any(v is self._surfaces[name] for v in named):
                self._surfaces[name], self._is_stale = named[-1], True
                self.surface = {}

    def _after_cell(self, _):
        self._follow()
        if self._is_stale or "error" in self.result:
            self._refresh()

    @traitlets.observe("hyperparameters")
    def _changed_one(self, change):
        """The selected run is changed by its hyperparameters alone."""
        run = self.runs[self.selected]
        if change["new"] != run["hyperparameters"]:
            changed = run | {"hyperparameters": change["new"]}
            try:
                self.runs = [changed if r is run else r for r in self.runs]
            finally:  # where some are missing, or refused
                self.hyperparameters = self.runs[self.selected]["hyperparameters"]

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
                self.selected = min(self.selected, len(self.runs) - 1)
                self.hyperparameters = self.runs[self.selected]["hyperparameters"]
                self._drop_map_of_other_numbers()
                computed = self._computed()
                self._latest = self._settings()
                self.result = {"settings": self._latest} | computed
        finally:
            self._is_running = False

    def _computed(self):
        """The runs, and the sensitivity map if one is shown; or the student's error."""
        try:
            self._follow()
            if self._is_stale:
                self._configure()
                self._is_stale = False
            if self.view == "stream":
                return {"runs": self._filtered()}
            objective = self._surfaces[self.objective]
            if self.surface.get("name") != self.objective:
                self.surface = _grid(objective)
            self.traces, fields = [], []
            for run in self.runs:
                trace, g = self._searched(objective, run)
                self.traces.append(trace)
                fields.append({"f": trace.score, "x": trace.x, "g": g} | inner_values(trace, g))
            computed = {"runs": [_sent(*run) for run in zip(self.traces, fields, strict=True)]}
            if self.axes:
                computed["map"] = _bytes(self._sensitivity(objective))
            return computed
        except Exception as error:  # the student's: shown in the figure
            return report(error)

    def _searched(self, objective, run):
        """A run on the surface, and the gradients that it asked for."""
        asked = []

        def gradient(x):
            asked.append(objective.gradient(x))
            return asked[-1]

        rule = self._rules[run["rule"]]
        trace = minimize(
            objective, self.x0, rule, self.n_iter, gradient=gradient, **run["hyperparameters"]
        )
        once_a_step = len(asked) == self.n_iter
        g = np.array([np.full(2, np.nan), *asked]) if once_a_step else np.full_like(trace.x, np.nan)
        return trace, g

    def _filtered(self):
        """What each run makes of the stream, in one coordinate from x = 0 on."""
        stream = self._streams[self.stream]
        g = np.full((self.n_iter + 1, 1), np.nan)
        for t in range(1, self.n_iter + 1):
            value = as_floats(f"{self.stream}({t})", stream(t), "one finite number")
            if value.shape != () or not np.isfinite(value):
                raise ValueError(f"{self.stream}({t}) must be one finite number, got {value}")
            g[t] = value
        self.traces, sent = [], []
        for run in self.runs:
            gradients = iter(g[1:])
            trace = minimize(
                lambda x: 0.0 * x[0],
                [0.0],
                self._rules[run["rule"]],
                self.n_iter,
                gradient=lambda x, gradients=gradients: next(gradients),
                **run["hyperparameters"],
            )
            self.traces.append(trace)
            x = trace.x
            if self.stream in INTERVALS and stream is STREAMS.get(self.stream):
                x = _clipped(x, *INTERVALS[self.stream])
            sent.append(_sent(trace, {"g": g, "x": x} | inner_values(trace, g)))
        return sent

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
            self._rules[self.runs[self.selected]["rule"]],
            int(np.max(steps)),
            gradient=partial(on_mesh, objective.gradient, shape=(2,)),
            **batch,
        )
        return trace.score[steps]

    # ---- What a notebook stores ------------------------------------------------------------

    def __repr__(self):
        labels = label_runs(self.runs)
        if self.view == "stream":
            what = f"Explorer: {labels[0]} on the stream {self.stream}"
            where = "step / alpha = {}"
        else:
            x0 = ", ".join(f"{v:.6g}" for v in self.x0)
            what = f"Explorer: {labels[0]} on {self.objective} from ({x0})"
            where = "x = ({}), f = {}"
        if "error" in self.result:
            return f"{what}: {self.result['error']}"
        ends = [where.format(*self._end(i)) for i in range(len(labels))]
        others = [f"; {label}: {end}" for label, end in zip(labels[1:], ends[1:], strict=True)]
        return f"{what}, {self.n_iter} steps: {ends[0]}{''.join(others)}"

    def _end(self, i):
        """What is said of the last step of a run."""
        if self.view == "stream":
            step = np.frombuffer(self.result["runs"][i]["fields"]["step"])
            return [f"{step[-1]:.6g}"]
        trace = self.traces[i]
        return [", ".join(f"{v:.6g}" for v in trace.x[-1]), f"{trace.score[-1]:.6g}"]

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = repr(self)
        if "error" in self.result:
            return data, metadata
        try:
            picture = still(self.view, self.runs, self.traces, self.result)
        except ValueError:  # nothing to draw, as where f is nowhere finite: the figure says more
            return data, metadata
        data["image/png"] = base64.b64encode(picture).decode()
        if self._is_mirrored():
            data["text/html"] = self._html(data["image/png"], self.name)
        return data, metadata

    def _is_mirrored(self):
        """Whether the page's mirror knows rules, surfaces and streams, and can do without us.

        Of one's own stream the page needs the numbers, which we have where it is shown.
        """
        own_streams = self._streams.items() - STREAMS.items()
        shown = {self.stream} if self.view == "stream" else set()
        return (
            self._rules.items() <= RULES.items()
            and self._surfaces.items() <= OBJECTIVES.items()
            and {name for name, _ in own_streams} <= shown
        )

    def _config_of_a_page(self):
        """The config, begun as the figure stands; with the numbers of a stream of one's own."""
        shown = {setting: getattr(self, setting) for setting in _SHOWN}
        if self.inner:
            shown["inner"] = self.inner
        config = self.config | {"initial": shown}
        if STREAMS.get(self.stream) is not self._streams[self.stream]:
            g = np.frombuffer(self.result["runs"][0]["fields"]["g"])[1:].tolist()
            own = {"name": self.stream, "own": self.stream, "values": g}
            others = [stream for stream in config["streams"] if stream["name"] != self.stream]
            config |= {"streams": [own, *others], "most": self.n_iter}
        return config

    def _html(self, picture="", name=""):
        """What a page brings to life; until then, and in an editor before the cell is run, a still.

        An editor takes the HTML where it has the choice, so the picture must be in there too.
        """
        config = json.dumps(self._config_of_a_page(), separators=(",", ":"))
        labels = ", ".join(label_runs(self.runs))
        what = f"paths of {labels} on the contours of {self.objective}, and the loss"
        if self.view == "stream":
            what = f"gradients of the stream {self.stream}, and the steps of {labels}"
        image = f'<img alt="{html.escape(what)}" src="data:image/png;base64,{picture}">'
        identity = f' id="{name}"' if name else ""
        return (
            f'<div class="descent-explorer"{identity} data-config="{html.escape(config)}">'
            f"{image if picture else ''}<p>Interactive figure (run this cell; on a web page it "
            f"needs JavaScript). {html.escape(repr(self))}.</p></div>"
        )


def _listed(what, runs):
    """What ``compare`` or ``runs`` was given, as a list."""
    if isinstance(runs, (list, tuple)):
        return list(runs)
    if isinstance(runs, (str, Mapping)) or callable(runs):
        return [runs]
    raise TypeError(
        f"{what} must be a rule (adam, not adam(...)), its name, a dict with a rule, or a list of "
        f"these, got {runs!r}"
    )


def _functions(what, rules):
    """The rules that were given as functions, by name; an error where a name means two rules."""
    functions = {}
    for rule in filter(callable, rules):
        name = name_of(rule)
        hyperparameters(rule)  # says so if it is none
        if functions.setdefault(name, rule) is not rule:
            raise ValueError(
                f"{what}: two different rules are called {name}; give one of them another name, "
                f'or, for other settings of the same rule, a dict {{"rule": "{name}", ...}}'
            )
    for name, rule in functions.items():
        if name in rules and RULES.get(name, rule) is not rule:
            raise ValueError(
                f"{what}: {name} is the name of your own rule too; give it another name, so that "
                "the two can be told apart"
            )
    return functions


def _two_numbers(x0):
    x = as_floats("x0", x0, "two finite numbers")
    if x.shape != (2,) or not np.isfinite(x).all():
        raise ValueError(f"x0 must be two finite numbers, got {x0!r}")
    return x.tolist()


def _namespace(function):
    """Where a name is looked up at every run: the notebook, the function's module, or nowhere."""
    for module in ("__main__", getattr(function, "__module__", None)):
        names = vars(sys.modules[module]) if module in sys.modules else {}
        if names.get(name_of(function)) is function:
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


def _clipped(x, low, high):
    """The iterates of a walk with the same steps that cannot leave the interval."""
    walk = [x[0, 0]]
    for step in np.diff(x[:, 0]).tolist():
        walk.append(min(max(walk[-1] + step, low), high))
    return np.array(walk)[:, None]


def _bytes(array):
    return np.ascontiguousarray(array, dtype="<f8").tobytes()


def _grid(surface):
    """f on a grid over the bounds, row by row from below."""
    axes = [np.linspace(lo, hi, _GRID) for lo, hi in surface.bounds]
    values = on_mesh(surface, np.stack(np.meshgrid(*axes)))
    return {"name": surface.name, "n": _GRID, "values": _bytes(values)}


def _sent(trace, fields):
    """A run as the view gets it: its numbers by name, those of the rule's own record among them."""
    own = {}
    for name, field in zip(trace.state._fields, trace.state, strict=True):
        if name not in ("t", *fields) and np.shape(field) in (trace.score.shape, trace.x.shape):
            own[name] = field
    return {
        "fields": {name: _bytes(field) for name, field in {**fields, **own}.items()},
        "own": list(own),
    }
