// Brings every explorer of a static page to life: no kernel, no network, only this folder.
//
// The stored output of a notebook holds <div class="descent-explorer" data-config="...">. Where
// there is one, this script loads the view (explorer.js) and the rules (rules.js) from beside
// itself and gives the view a model that answers from them. All are classic scripts, because
// modules do not load in a page opened from disk.
(() => {
  "use strict";

  const here = document.currentScript.src;

  class Model {
    constructor(config) {
      const { objective, x0, n_iter, hyperparameters, compare } = config;
      this.settings = { objective, x0, n_iter, hyperparameters, compare, axes: {}, request: 0 };
      this.values = { config, surface: {} };
      this.listeners = {};
      this.save_changes();
    }

    get(name) {
      return this.values[name] ?? this.settings[name];
    }

    set(name, value) {
      this.settings[name] = value;
    }

    on(event, listener) {
      (this.listeners[event] ??= new Set()).add(listener);
    }

    off(event, listener) {
      this.listeners[event]?.delete(listener);
    }

    save_changes() {
      const { config, surface } = this.values;
      const settings = { ...this.settings };
      if (surface.name !== settings.objective) this.values.surface = surfaceOf(config, settings);
      this.values.result = run(config.rule, settings);
      for (const listener of this.listeners["change:result"] ?? []) listener();
    }
  }

  function surfaceOf({ surfaces }, { objective: name }) {
    const n = 129;
    const { f } = descentRules.OBJECTIVES[name];
    const [[x0, x1], [y0, y1]] = surfaces.find((surface) => surface.name === name).bounds;
    const values = Float64Array.from({ length: n * n }, (_, k) =>
      f(x0 + ((x1 - x0) * (k % n)) / (n - 1), y0 + ((y1 - y0) * Math.floor(k / n)) / (n - 1)));
    return { name, n, values };
  }

  function run(rule, settings) {
    const { objective, x0, n_iter, hyperparameters, compare, axes } = settings;
    const search = (rule, h) => ({ rule, ...descentRules.minimize(objective, x0, rule, n_iter, h) });
    const paths = [search(rule, hyperparameters)];
    if (compare) paths.push(search(compare, { alpha: hyperparameters.alpha }));
    return { settings, paths, map: axes.y && sensitivity(rule, settings) };
  }

  // The final score for every pair of values of the axes, row by row.
  function sensitivity(rule, { objective, x0, n_iter, hyperparameters, axes: { x, y } }) {
    const width = x.values.length;
    const map = new Float64Array(width * y.values.length);
    x.values.forEach((across, i) => {
      const scores = (steps, others) =>
        descentRules.scores(objective, x0, rule, steps, { ...hyperparameters, [x.name]: across, ...others });
      const column = y.name === "n_iter" ? scores(y.values, {})
        : y.values.map((up) => scores([n_iter], { [y.name]: up })[0]);
      column.forEach((score, j) => (map[j * width + i] = score));
    });
    return map;
  }

  // The config of an explorer, or an error that says what is wrong with it.
  function checked(text) {
    const config = JSON.parse(text);
    const known = (name, table) => {
      if (!Object.hasOwn(table, name)) throw new Error(`it names ${JSON.stringify(name)}, which this page does not know`);
    };
    const finite = (value, what) => {
      for (const v of [value].flat(Infinity)) {
        if (!Number.isFinite(v)) throw new Error(`${what} must be finite numbers`);
      }
    };
    known(config.rule, descentRules.RULES);
    config.compare_with.forEach((rule) => known(rule, descentRules.RULES));
    for (const { name, bounds, minima, start } of config.surfaces) {
      known(name, descentRules.OBJECTIVES);
      finite([bounds, minima, start], `the numbers of ${name}`);
    }
    known(config.objective, descentRules.OBJECTIVES);
    finite([...config.x0, config.n_iter], "x0 and n_iter");
    for (const { name, scale, min, max, step } of config.controls) {
      if (scale === "choice") continue;
      const value = name === "n_iter" ? config.n_iter : config.hyperparameters[name];
      finite([min, max, step, value], `the numbers of ${name}`);
    }
    return config;
  }

  function upgrade(el) {
    try {
      const model = new Model(checked(el.dataset.config));
      descentExplorer.render({ model, el });
    } catch (error) {
      el.dataset.state = "error";
      const sentence = document.createElement("p");
      sentence.setAttribute("role", "alert");
      sentence.textContent = `This interactive figure cannot be shown: ${error.message}.`;
      el.replaceChildren(sentence);
    }
  }

  const load = (name) => new Promise((loaded) => {
    const script = document.createElement("script");
    script.src = new URL(name, here);
    script.onload = loaded;
    document.head.append(script);
  });

  async function start() {
    const explorers = document.querySelectorAll(".descent-explorer[data-config]");
    if (!explorers.length) return;
    await Promise.all(["rules.js", "explorer.js"].map(load));
    explorers.forEach(upgrade);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
