// Brings the explorers of a static page to life, without a kernel or a network.
//
// Where a page holds <div class="descent-explorer" data-config="...">, this script loads the rules
// (rules.js) and the view (draw.js, explorer.js) from beside itself. All are classic scripts:
// modules do not load in a page opened from disk.
(() => {
"use strict";

const here = document.currentScript.src;

// What the view expects of a kernel's model, answered by rules.js.
function modelOf(config) {
  const { rule, objective, x0, n_iter, hyperparameters, compare } = config;
  const settings = { objective, x0, n_iter, hyperparameters, compare, axes: {}, request: 0 };
  const answers = { config, surface: {} };
  const listeners = { "change:result": new Set() }; // nothing else changes by itself
  const model = {
    get: (name) => answers[name],
    set: (name, value) => (settings[name] = value),
    on: (event, listener) => listeners[event]?.add(listener),
    off: (event, listener) => listeners[event]?.delete(listener),
    save_changes() {
      const surface = config.surfaces.find(({ name }) => name === settings.objective);
      if (answers.surface.name !== surface.name) answers.surface = gridOf(surface, config.grid);
      answers.result = run(rule, { ...settings });
      listeners["change:result"].forEach((listener) => listener());
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

function run(rule, settings) {
  const { objective, x0, n_iter, hyperparameters, compare, axes: { x, y } } = settings;

  function path(name, h, steps = n_iter) {
    const fields = {};
    descentRules.minimize(objective, x0, name, steps, h, (t, px, py, state, f) => {
      for (const [field, row] of Object.entries({ f: [f], x: [px, py], ...state })) {
        (fields[field] ??= new Float64Array(row.length * (steps + 1))).set(row, row.length * t);
      }
    });
    return { rule: name, fields };
  }

  // The final f for every pair of values of the axes, row by row.
  function sensitivity() {
    const width = x.values.length, map = new Float64Array(width * y.values.length);
    x.values.forEach((across, i) => {
      const h = { ...hyperparameters, [x.name]: across };
      const byStep = y.name === "n_iter" && path(rule, h, Math.max(...y.values)).fields.f;
      y.values.forEach((up, j) => {
        map[j * width + i] = byStep ? byStep[up]
          : descentRules.minimize(objective, x0, rule, n_iter, { ...h, [y.name]: up });
      });
    });
    return map;
  }

  const paths = [path(rule, hyperparameters)];
  if (compare) paths.push(path(compare, { alpha: hyperparameters.alpha }));
  return { settings, paths, map: y && sensitivity() };
}

// The config, or an error that says what is wrong with it.
function checked(text) {
  const config = JSON.parse(text);
  const { rule, objective, x0, n_iter, hyperparameters, controls, surfaces, compare_with, grid } = config;
  const { RULES, OBJECTIVES } = descentRules;
  const names = [rule, ...compare_with, objective, ...surfaces.map(({ name }) => name)];
  for (const name of names) {
    if (!Object.hasOwn({ ...RULES, ...OBJECTIVES }, name)) throw new Error(`${name} is not known here`);
  }
  const numbers = [x0[0], x0[1], surfaces.map(({ bounds, minima, start }) => [bounds, minima, start]),
    controls.map(({ name, min, max, choices }) => (choices ? [] : [min, max, { ...hyperparameters, n_iter }[name]]))];
  if (!numbers.flat(Infinity).every(Number.isFinite)) throw new Error("a number is not finite");
  if (!(n_iter % 1 === 0 && n_iter > 0 && n_iter < 1e5)) throw new Error(`n_iter is ${n_iter}`);
  if (!(grid % 1 === 0 && grid > 1 && grid < 1e3)) throw new Error(`grid is ${grid}`);
  return config;
}

function upgrade(el) {
  try {
    descentExplorer.render({ model: modelOf(checked(el.dataset.config)), el });
  } catch (error) {
    el.dataset.state = "error";
    el.textContent = `This interactive figure cannot be shown: ${error.message}.`;
    el.setAttribute("role", "alert");
  }
}

function load(name) {
  const script = document.createElement("script");
  script.async = false; // run in the order of loading: explorer.js needs draw.js
  script.src = new URL(name, here);
  document.head.append(script);
  return new Promise((loaded) => (script.onload = loaded));
}

async function start() {
  const explorers = document.querySelectorAll(".descent-explorer[data-config]");
  if (!explorers.length) return;
  await Promise.all(["rules.js", "draw.js", "explorer.js"].map(load));
  explorers.forEach(upgrade);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
})();
