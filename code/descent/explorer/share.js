// The state of a figure as the fragment of an address, and what may stand in one.
//
//   #figure=ID&view=stream&stream=spike&n_iter=60&run=adam,alpha=0.02&run=nadam&selected=1
//
// ID is the figure's id, or its number on the page. What a fragment does not name stays as the
// figure begins; a hyperparameter by itself (alpha=0.5) is that of the first run. A fragment is
// what a stranger wrote: every name must be known and every number allowed.
var descentShare = (() => {
"use strict";

const { fault, controlsOf } = descentControls;
const MOST = { letters: 4000, runs: 20 };

function write(settings, id) {
  const { view, objective, x0, stream, n_iter, runs, selected, panel, inner, t } = settings;
  const parts = { figure: id, view, objective, x0: x0.join(","), panel, stream, inner, n_iter, selected, t };
  const listed = runs.map(({ rule, hyperparameters }) =>
    ["run", [rule, ...Object.entries(hyperparameters).map((entry) => entry.join("="))].join(",")]);
  return "#" + [...Object.entries(parts).filter(([, value]) => value !== undefined), ...listed]
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3D/g, "=")}`).join("&");
}

function fail(message) {
  throw new Error(message);
}

const quoted = (value) => `“${String(value).slice(0, 40)}”`;
const known = (what, name, names) => names.includes(name) ? name
  : fail(`${what} must be one of ${names.join(", ")}, got ${quoted(name)}`);

function number(name, text, allowed = {}) {
  const value = typeof text === "string" && text.trim() ? Number(text) : text;
  const wrong = fault(name, value, allowed);
  return wrong ? fail(wrong) : value;
}

// A run in full, or an error that says what is wrong.
function checkedRun({ rule, hyperparameters }, config) {
  const first = config.rules[known("rule", rule, Object.keys(config.rules))].hyperparameters;
  for (const name in hyperparameters) known(`a hyperparameter of ${rule}`, name, Object.keys(first));
  const values = Object.entries({ ...first, ...hyperparameters }).map(([name, value]) => {
    const control = controlsOf(config, rule)[name];
    return [name, control.choices ? known(name, value, control.choices) : number(name, value, control)];
  });
  return { rule, hyperparameters: Object.fromEntries(values) };
}

// Settings as they may be, or an error that says what is wrong.
function checked({ view, objective, x0, stream, n_iter, runs, selected, inner }, config) {
  if (!Array.isArray(runs) || !runs.length || runs.length > MOST.runs) fail(`a figure shows 1 to ${MOST.runs} runs`);
  if (!Array.isArray(x0) || x0.length !== 2) fail("x0 must be two numbers");
  const names = (list) => list.map(({ name }) => name);
  return {
    view: known("view", view, ["surface", "stream"]),
    objective: known("objective", objective, names(config.surfaces)),
    stream: known("stream", stream, names(config.streams)),
    x0: x0.map((v) => number("x0", v, { least: -1e6, most: 1e6 })),
    n_iter: number("n_iter", n_iter, { least: 1, most: config.most, whole: true }),
    runs: runs.map((run) => checkedRun(run, config)),
    selected: number("selected", selected, { least: 0, most: runs.length - 1, whole: true }),
    ...(inner !== undefined && { inner: known("inner", inner, ["average", "root", "rate", "x"]) }),
  };
}

// The settings that a fragment asks for, over the initial ones; an error says what is wrong.
function read(fragment, config) {
  if (fragment.length > MOST.letters) fail(`an address may have ${MOST.letters} letters after the #`);
  const settings = { ...config.initial }, extra = {}, runs = [];
  for (const [name, value] of new URLSearchParams(fragment)) {
    if (name === "figure") continue;
    if (name === "x0") settings.x0 = value.split(",");
    else if (["view", "objective", "stream", "n_iter", "selected", "inner"].includes(name)) settings[name] = value;
    else if (["panel", "t"].includes(name)) extra[name] = value;
    else if (name === "run") {
      const [rule, ...parts] = value.split(",");
      runs.push({ rule, hyperparameters: Object.fromEntries(parts.map((part) => part.split("="))) });
    } else {
      const [first, ...others] = settings.runs;
      settings.runs = [{ ...first, hyperparameters: { ...first.hyperparameters, [name]: value } }, ...others];
    }
  }
  if (settings.objective !== config.initial.objective && settings.x0 === config.initial.x0) {
    settings.x0 = config.surfaces.find(({ name }) => name === settings.objective)?.start ?? settings.x0;
  }
  const result = checked(runs.length ? { ...settings, runs } : settings, config);
  if ("t" in extra) result.t = number("t", extra.t, { least: 0, most: result.n_iter, whole: true });
  const { rule } = result.runs[result.selected];
  result.axes = descentSurfaceView.axesFor(extra.panel, controlsOf(config, rule), result.n_iter);
  if (!result.axes.y && !["loss", undefined].includes(extra.panel)) fail(`${rule} has no panel ${quoted(extra.panel)}`);
  return result;
}

return { write, read, checked };
})();
