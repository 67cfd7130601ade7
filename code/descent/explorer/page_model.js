// The explorers of a static page: each gets a model that rules.js answers, and the page's address may
// set one of them.
var descentPage = (() => {
"use strict";

// What the view expects of a kernel's model, answered by rules.js.
function modelOf(config) {
  const answers = { config, surface: {} };
  let settings = { ...config.initial, axes: {}, request: 0 };
  const listeners = { "change:result": new Set(), "change:config": new Set() };
  const tell = (event) => listeners[event].forEach((listener) => listener());
  const model = {
    get: (name) => answers[name],
    set: (name, value) => (settings[name] = value),
    on: (event, listener) => listeners[event].add(listener),
    off: (event, listener) => listeners[event].delete(listener),
    save_changes() {
      const surface = config.surfaces.find(({ name }) => name === settings.objective);
      if (answers.surface.name !== surface.name) answers.surface = gridOf(surface, config.grid);
      answers.result = { settings: { ...settings }, ...(settings.view === "stream" ? filtered(settings, config)
        : searched(settings)) };
      tell("change:result");
    },
    // Build the figure anew with other settings, or as it begins, with a sentence that says why.
    restore(other, complaint = "") {
      settings = { ...config.initial, axes: {}, ...other, request: settings.request + 1 };
      listeners["change:result"].clear();
      model.save_changes();
      answers.result.complaint = complaint;
      tell("change:config");
    },
  };
  model.save_changes();
  return model;
}

function gridOf({ name, bounds: [[x0, x1], [y0, y1]] }, n) {
  const values = new Float64Array(n * n);
  for (let k = 0; k < n * n; k++) {
    const x = x0 + ((x1 - x0) * (k % n)) / (n - 1), y = y0 + ((y1 - y0) * Math.floor(k / n)) / (n - 1);
    values[k] = descentRules.OBJECTIVES[name](x, y)[0];
  }
  return { name, n, values };
}

// Collects the numbers of every step: keep(t, { name: one number for each coordinate }).
function record(steps) {
  const fields = {};
  const keep = (t, values) => {
    for (const name in values) {
      const row = values[name];
      (fields[name] ??= new Float64Array(row.length * (steps + 1)).fill(NaN)).set(row, row.length * t);
    }
  };
  return { fields, keep };
}

// What stands between gradient and step, from [average, root] of each coordinate (inner.py).
function innerOf(inner, { alpha, eps = 0 }) {
  const average = inner.map(([a]) => a);
  if (inner[0][1] === undefined) return { average, rate: inner.map(() => alpha), step: average };
  const root = inner.map(([, r]) => r);
  return { average, root, rate: root.map((r) => alpha / (r + eps)),
    step: inner.map(([a, r]) => descentRules.ratio(a, r + eps)) };
}

function searched({ objective, x0, n_iter, runs, selected, axes: { x, y } }) {
  function path({ rule, hyperparameters }, steps = n_iter) {
    const { fields, keep } = record(steps);
    let own;
    descentRules.minimize(objective, x0, rule, steps, hyperparameters, (t, px, py, state, f, g, inner) => {
      own ??= Object.keys(state);
      keep(t, { f: [f], x: [px, py], ...state, g, ...(t ? innerOf(inner, hyperparameters) : {}) });
    });
    return { fields, own };
  }

  // The final f for every pair of values of the axes, row by row.
  function sensitivity({ rule, hyperparameters }) {
    const width = x.values.length, map = new Float64Array(width * y.values.length);
    x.values.forEach((across, i) => {
      const h = { ...hyperparameters, [x.name]: across };
      const byStep = y.name === "n_iter" && path({ rule, hyperparameters: h }, Math.max(...y.values)).fields.f;
      y.values.forEach((up, j) => {
        map[j * width + i] = byStep ? byStep[up]
          : descentRules.minimize(objective, x0, rule, n_iter, { ...h, [y.name]: up });
      });
    });
    return map;
  }

  return { runs: runs.map((run) => path(run)), map: y && sensitivity(runs[selected]) };
}

function filtered({ stream, n_iter, runs }, config) {
  const { interval, values } = config.streams.find(({ name }) => name === stream);
  const g = values ? (t) => values[t - 1] : descentStreams[stream];
  return {
    runs: runs.map(({ rule, hyperparameters }) => {
      const { fields, keep } = record(n_iter);
      let own;
      descentRules.filter(g, rule, n_iter, hyperparameters, interval, (t, x, state, asked, inner) => {
        own ??= Object.keys(state);
        const first = Object.fromEntries(own.map((name) => [name, state[name].slice(0, 1)]));
        keep(t, { x: [x], g: [asked], ...first, ...(t ? innerOf(inner, hyperparameters) : {}) });
      });
      return { fields, own };
    }),
  };
}

// The config, or an error that says what is wrong with it.
function checkedConfig(text) {
  const config = JSON.parse(text);
  const { rules, surfaces, streams, grid, most } = config, { RULES, OBJECTIVES } = descentRules;
  const names = (list) => list.map(({ name }) => name);
  const named = streams.filter(({ values }) => !(values?.length >= most)); // the others bring their numbers
  for (const [given, mirror] of [[Object.keys(rules), RULES], [names(surfaces), OBJECTIVES], [names(named), descentStreams]]) {
    const unknown = given.find((name) => !Object.hasOwn(mirror, name));
    if (unknown !== undefined) throw new Error(`${unknown} is not known here`);
  }
  const numbers = [surfaces.map(({ bounds, minima, start }) => [bounds, minima, start]),
    streams.map(({ values = [] }) => values)].flat(Infinity);
  if (!numbers.every(Number.isFinite)) throw new Error("a number is not finite");
  if (!(grid % 1 === 0 && grid > 1 && grid < 1e3 && most > 0 && most <= 1e4)) throw new Error(`grid is ${grid}, most ${most}`);
  config.initial = descentShare.checked(config.initial, config);
  return config;
}

const figures = []; // { el, model, config, id }

function upgrade(el, n) {
  try {
    const config = checkedConfig(el.dataset.config), model = modelOf(config);
    const link = (settings) => new URL(descentShare.write(settings, el.id || n + 1), location).href;
    figures.push({ el, model, config, id: el.id || String(n + 1) });
    descentExplorer.render({ model, el, link });
  } catch (error) {
    el.dataset.state = "error";
    el.textContent = `This interactive figure cannot be shown: ${error.message}.`;
    el.setAttribute("role", "alert");
  }
}

// Set the figure that the address names as it says.
function follow() {
  const fragment = location.hash.slice(1);
  if (!fragment.startsWith("figure=") || !figures.length) return;
  const id = new URLSearchParams(fragment).get("figure");
  const named = figures.find((figure) => figure.id === id);
  const { el, model, config } = named ?? figures[0];
  try {
    if (!named) throw new Error(`this page has no figure “${id.slice(0, 40)}”`);
    model.restore(descentShare.read(fragment, config));
  } catch (error) {
    model.restore({}, `The address cannot set the figure: ${error.message}.`);
  }
  el.scrollIntoView({ block: "start" });
}

function start(explorers) {
  explorers.forEach(upgrade);
  follow();
  addEventListener("hashchange", follow);
  addEventListener("click", ({ target }) => { // the same link once more: the address does not change
    if (target.closest("a")?.href === location.href) follow();
  });
}

return { start, figures };
})();
