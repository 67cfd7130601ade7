// The view of the interactive figure. It draws (with draw.js) and asks; it knows no algorithm.
//
// render({ model, el }) is anywidget's interface. The model is a live kernel's (explorer.py
// computes) or the one of page.js (rules.js computes). It holds
//
//   config   the rule, its controls, the surfaces, the rules to compare with, their styles
//   surface  { name, n, values }: f on an n x n grid over the bounds, row by row from below
//   result   { settings, paths: [{ rule, fields: { f, x, ... } }], map }, the paths of the rule
//            and of the compared one; or { settings, error, traceback }
//
// Settings say what to run: objective, x0, n_iter, hyperparameters, compare; axes, which is {} or
// a sensitivity map's { x: { name, values }, y: { name, values } }; and request, a count. To ask
// for another run the view sets them on the model under these names.
//
// Numbers arrive as Float64Array (page) or as the bytes of one (kernel).
var descentExplorer = (() => {
"use strict";

const { GREY, clamp, minus, ticks, whole, power, viridis, picture, contours, inside, plot, line, mark } =
  descentDraw;
const SYMBOLS = { alpha: "α", beta: "β", beta1: "β₁", beta2: "β₂", eps: "ε", n_iter: "n" };
const CELLS = 64; // of the sensitivity map, along each axis
// Around the map, the loss and the sensitivity map: left, top, right, bottom.
const MARGINS = { map: [38, 8, 14, 26], loss: [46, 22, 14, 44], sensitivity: [58, 22, 14, 44] };

// How a slider's raw value becomes a hyperparameter. "log" sliders move along log10(value);
// "decay" sliders along -log10(1 - value), so that 0.9, 0.99 and 0.999 are equally far apart.
// Both round to three digits, of the value or of 1 - value. data-hyperparameters has the result.
const SCALES = {
  linear: { raw: (value) => value, value: (raw) => raw },
  log: { raw: Math.log10, value: (raw) => Number((10 ** raw).toPrecision(3)) },
  decay: {
    raw: (value) => -Math.log10(1 - value),
    value: (raw) => Number((1 - Number((10 ** -raw).toPrecision(3))).toFixed(8)),
  },
};

// ---- Small helpers

// An element with attributes and children; strings become text, never HTML.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

function numbers(data) {
  if (!(data instanceof DataView)) return data;
  const { buffer, byteOffset, byteLength } = data;
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

// One row of numbers for each of n steps.
const rows = (data, n, width = data.length / n) =>
  Array.from({ length: n }, (_, t) => data.subarray(width * t, width * (t + 1)));

const symbolOf = (name) => SYMBOLS[name] ?? name;
const json = JSON.stringify;

function format(value) {
  if (!Number.isFinite(value)) return minus(value).replace("Infinity", "∞");
  const size = Math.abs(value);
  if (size && (size < 1e-3 || size >= 1e5)) return minus(value.toExponential(2).replace("+", ""));
  return minus(size < 10 ? value.toFixed(4) : value.toPrecision(5));
}

const tuple = (values) => {
  const text = Array.from(values, format).join(", ");
  return values.length > 1 ? `(${text})` : text;
};

// The lowest score on a sensitivity map and where it is.
function bestOf(scores, { x, y }) {
  let at = -1;
  scores.forEach((f, k) => {
    if (Number.isFinite(f) && !(scores[at] <= f)) at = k;
  });
  return at < 0 ? null
    : { f: scores[at], [x.name]: x.values[at % CELLS], [y.name]: y.values[Math.floor(at / CELLS)] };
}

// ---- The figure

function render({ model, el }) {
  let close;
  const build = () => {
    close?.();
    close = figure(model, el);
  };
  build();
  model.on("change:config", build); // the rule was redefined with other hyperparameters
  return () => {
    model.off("change:config", build);
    close();
  };
}

function figure(model, el) {
  const config = model.get("config");
  const surfaceOf = (name) => config.surfaces.find((surface) => surface.name === name);
  const controlOf = (name) => config.controls.find((control) => control.name === name);
  const colorOf = (rule) => config.styles[rule].color;

  let { settings } = model.get("result"); // what the controls show
  let result = null; // the last run that succeeded
  let scrubbed = Infinity; // the step under the scrubber; Infinity: the last
  let frame = 0, timer = 0; // of the next drawing, of the play button
  const last = () => result.paths[0].f.length - 1;
  const now = () => Math.min(scrubbed, last());
  const valueOf = (name) => (name === "n_iter" ? settings.n_iter : settings.hyperparameters[name]);

  function ask(changes) {
    settings = { ...settings, ...changes, request: settings.request + 1 };
    for (const name in settings) model.set(name, settings[name]);
    model.save_changes();
    showSettings();
  }

  function set({ n_iter = settings.n_iter, ...others }) {
    ask({ n_iter, hyperparameters: { ...settings.hyperparameters, ...others } });
  }

  // ---- Controls, named as in Python

  function select(name, values, choose) {
    const node = make("select", { name },
      ...values.map((value) => make("option", { value }, value || "nothing")));
    node.oninput = () => choose(node.value);
    return node;
  }

  function button(name, text, press) {
    const node = make("button", { type: "button", name }, text);
    node.onclick = press;
    return node;
  }

  const surfaces = config.surfaces.map(({ name }) => name);
  const objective = select("objective", surfaces, (name) => ask({ objective: name, x0: surfaceOf(name).start }));
  const compare = select("compare", ["", ...config.compare_with], (name) => ask({ compare: name }));

  // The second picture: the loss, or a sensitivity map over alpha and a beta (if none, n_iter).
  const own = config.controls.filter(({ choices }) => !choices).map(({ name }) => name);
  const across = own.includes("alpha") ? "alpha" : own[0];
  const betas = own.filter((name) => name.startsWith("beta"));
  const maps = betas.length ? betas : own.filter((name) => name === "n_iter" && name !== across);
  const panels = ["", ...maps].map((name) => {
    const input = make("input", { type: "radio", name: "panel", value: name || "loss" });
    input.oninput = () => ask({ axes: name ? { x: grid(across), y: grid(name) } : {} });
    const show = () => (input.checked = name === (settings.axes.y?.name ?? ""));
    return { row: make("label", {}, input, name ? `map ${symbolOf(across)} × ${symbolOf(name)}` : "loss"), show };
  });

  function grid(name) {
    const { scale, min, max } = controlOf(name);
    const values = Array.from({ length: CELLS }, (_, k) => {
      const raw = min + ((max - min) * k) / (CELLS - 1);
      return SCALES[scale].value(name === "n_iter" ? Math.round(raw) : raw);
    });
    return { name, values };
  }

  const sliders = config.controls.map(({ name, scale, min, max, step, choices }) => {
    const head = make("span", {}, make("i", {}, SYMBOLS[name] ?? ""), name);
    if (choices) {
      const input = select(name, choices, (value) => set({ [name]: value }));
      return { name, row: make("label", {}, head, input), show: (value) => (input.value = value) };
    }
    const input = make("input", { type: "range", name, min, max, step });
    const text = make("span", { class: "value" });
    input.oninput = () => set({ [name]: SCALES[scale].value(+input.value) });
    const show = (value) => {
      input.value = SCALES[scale].raw(value);
      text.textContent = value;
      input.setAttribute("aria-valuetext", value);
    };
    return { name, row: make("label", {}, head, input, text), show };
  });

  const scrub = make("input", { type: "range", name: "t", min: 0, step: 1, "aria-label": "step t" });
  scrub.oninput = () => {
    stop();
    seek(+scrub.value);
  };
  const time = make("span", { class: "value" });

  function seek(step) {
    scrubbed = step < last() ? step : Infinity;
    showStep();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }

  const play = button("play", "Play", () => {
    if (timer) return stop();
    if (now() === last()) seek(0);
    play.textContent = "Pause";
    timer = setInterval(() => {
      seek(now() + Math.ceil(last() / 150));
      if (now() === last()) stop();
    }, 30);
  });

  const reset = button("reset", "Reset", () => {
    const { n_iter, hyperparameters } = config;
    ask({ n_iter, hyperparameters, x0: surfaceOf(settings.objective).start });
  });

  const call = make("code");
  const copy = button("copy", "Copy", async () => {
    try {
      await navigator.clipboard.writeText(call.textContent);
    } catch { // not allowed here: copy it as a reader would
      getSelection().selectAllChildren(call);
      document.execCommand("copy");
    }
    copy.textContent = "Copied"; // until the call is another
  });

  const mapCanvas = make("canvas", { role: "img", "aria-label": "contours of the surface and the path" });
  const sideCanvas = make("canvas", { role: "img", "aria-label": "loss on a log axis, or sensitivity map" });
  const handle = make("button", { type: "button", name: "x0", class: "start" });
  const note = make("p", { class: "note" });
  const readout = make("div");
  const output = make("output", { "aria-live": "polite" });
  const alert = make("p", { role: "alert" }), trace = make("pre");
  const problem = make("div", { class: "problem", hidden: "" }, alert, trace);

  const form = make("form", {},
    make("div", { class: "head" },
      make("label", {}, "surface", objective),
      make("label", {}, "compare with", compare),
      make("div", { class: "head", role: "radiogroup", "aria-label": "second picture" }, ...panels.map(({ row }) => row))),
    make("div", { class: "plots" },
      make("div", { class: "plot" }, mapCanvas, handle),
      make("div", { class: "plot" }, sideCanvas)),
    note,
    make("div", { class: "time" }, play, scrub, time),
    readout,
    make("div", { class: "sliders" }, ...sliders.map(({ row }) => row)),
    output,
    problem,
    make("div", { class: "call" }, call, copy, reset));
  form.onsubmit = (event) => event.preventDefault();
  for (const node of form.elements) node.dataset.lmSuppressShortcuts = true; // JupyterLab's keys

  function showSettings() {
    objective.value = settings.objective;
    compare.value = settings.compare;
    for (const { name, show } of sliders) show(valueOf(name));
    for (const { show } of panels) show();
    handle.setAttribute("aria-label", `start ${tuple(settings.x0)}; arrow keys move it`);
    draw();
  }

  // ---- The start

  function moveStart(x0) {
    const { bounds } = surfaceOf(settings.objective);
    x0 = x0.map((v, i) => {
      const [lo, hi] = bounds[i];
      const digits = Math.ceil(Math.log10(300 / (hi - lo))); // as fine as a pixel
      return Number(clamp(v, lo, hi).toFixed(Math.max(0, digits)));
    });
    if (json(x0) !== json(settings.x0)) ask({ x0 });
  }

  function drag({ clientX, clientY }) {
    const { left, top, width, height } = inside(mapCanvas, MARGINS.map);
    const corner = mapCanvas.getBoundingClientRect();
    const [[x0, x1], [y0, y1]] = surfaceOf(settings.objective).bounds;
    moveStart([
      x0 + ((x1 - x0) * (clientX - corner.left - left)) / width,
      y1 - ((y1 - y0) * (clientY - corner.top - top)) / height,
    ]);
  }

  function grab(event) {
    const onMap = event.currentTarget === mapCanvas;
    if (event.button || (onMap && event.pointerType === "touch")) return; // a finger may scroll
    event.preventDefault();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = drag;
    if (onMap) drag(event);
  }
  handle.onpointerdown = mapCanvas.onpointerdown = grab;
  handle.onlostpointercapture = () => (handle.onpointermove = null);
  mapCanvas.onclick = drag; // a tap

  handle.onkeydown = (event) => {
    const move = { Left: [-1, 0], Right: [1, 0], Up: [0, 1], Down: [0, -1] }[event.key.slice(5)];
    if (!move) return;
    event.preventDefault();
    const { bounds } = surfaceOf(settings.objective);
    moveStart(bounds.map(([lo, hi], i) => settings.x0[i] + 0.01 * move[i] * (hi - lo)));
  };

  // ---- A result arrives

  function receive() {
    const latest = model.get("result");
    if (latest.settings.request >= settings.request) settings = latest.settings; // else newer is on its way
    alert.textContent = latest.error || "";
    trace.textContent = latest.traceback || "";
    problem.hidden = !latest.error;
    if (latest.error) {
      stop();
      el.dataset.state = "error";
      output.textContent = "";
    } else {
      const paths = latest.paths.map(({ rule, fields }) => {
        const f = numbers(fields.f);
        const columns = Object.entries(fields).map(([name, data]) => [name, rows(numbers(data), f.length)]);
        return { rule, f, points: rows(numbers(fields.x), f.length), columns };
      });
      result = { run: latest.settings, paths, scores: latest.map && numbers(latest.map) };
      publish();
      showStep();
    }
    showSettings();
  }

  const endOf = ({ points }) => json(Array.from(points.at(-1)));

  function publish() {
    const { run, paths: [path, other], scores } = result;
    const best = scores && bestOf(scores, run.axes);
    Object.assign(el.dataset, {
      state: "ready", rule: path.rule, objective: run.objective, x0: json(run.x0), nIter: run.n_iter,
      hyperparameters: json(run.hyperparameters), x: endOf(path), score: path.f.at(-1),
      compare: run.compare, compareX: other ? endOf(other) : "",
      panel: run.axes.y?.name ?? "loss", best: best ? json(best) : "",
    });
    output.textContent = result.paths.map(sentence).join(" ");
    const found = Object.entries(best ?? {}).map(([name, v]) => `${name} = ${Number(v.toPrecision(4))}`);
    const legend = scores && "f after the last step: dark is low, yellow no better than the start, " +
      `grey not finite. A click sets the sliders. Lowest: ${found.join(", ")}.`;
    note.textContent = [surfaceOf(run.objective).warning, legend].filter(Boolean).join(" ");
    const hyperparameters = Object.entries(run.hyperparameters).map(([name, v]) => `${name}=${json(v)}`);
    call.textContent = `minimize(${[surfaceOf(run.objective).code, `x0=[${run.x0.join(", ")}]`,
      `rule=${path.rule}`, `n_iter=${run.n_iter}`, ...hyperparameters].join(", ")})`;
    copy.textContent = "Copy";
    scrub.max = last();
  }

  // What happened, in words.
  function sentence({ rule, f, points }) {
    const broken = f.findIndex((v) => !Number.isFinite(v));
    if (broken >= 0) return `${rule} diverges: at step ${broken} f is no longer a finite number.`;
    const { bounds } = surfaceOf(result.run.objective), steps = last();
    const outside = (point) => bounds.some(([lo, hi], i) => !(point[i] >= lo && point[i] <= hi));
    const left = points.findIndex(outside), end = points.at(-1);
    const after = `after ${steps} step${steps === 1 ? "" : "s"}`;
    return `${rule} ends at ${tuple(end)} with f = ${format(f.at(-1))} ${after}.` +
      (left < 0 ? "" : ` It leaves the map at step ${left} and ${outside(end) ? "ends outside" : "comes back"}.`);
  }

  function showStep() {
    const shown = now();
    el.dataset.t = scrub.value = shown;
    time.textContent = `t = ${shown}`;
    readout.replaceChildren(...result.paths.map(({ rule, columns }) => {
      const row = make("p", { class: "step" }, ...columns.map(([name, values]) =>
        make("span", {}, make("i", {}, name), ` ${tuple(values[shown])} `)));
      row.firstChild.prepend(make("b", {}, rule), " ");
      row.style.borderColor = colorOf(rule);
      return row;
    }));
    scrub.setAttribute("aria-valuetext", `t = ${shown}: ${readout.firstChild.textContent}`);
    draw();
  }

  // ---- The two pictures

  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (!result || !mapCanvas.clientWidth) return;
      drawMap();
      if (result.scores) drawSensitivity();
      else drawLoss();
    });
  }

  function drawMap() {
    const name = result.run.objective, { bounds, minima, floor } = surfaceOf(name);
    const surface = model.get("surface");
    const axes = bounds.map(([lo, hi]) => ({ lo, hi, ticks: ticks(lo, hi, 4) }));
    plot(mapCanvas, MARGINS.map, ...axes, (c, toX, toY, { left, top, width, height, scale }) => {
      const size = [width, height].map((length) => Math.round(length * Math.max(scale, 2))); // smooth
      if (surface.name === name && json(surface.size) !== json(size)) {
        const image = contours(numbers(surface.values), surface.n, floor, ...size);
        Object.assign(surface, { size, image }); // drawn once
      }
      if (surface.image) c.drawImage(surface.image, left, top, width, height);
      const at = (x, y) => [clamp(toX(x), -1e4, 1e4), clamp(toY(y), -1e4, 1e4)];
      for (const minimum of minima) mark(c, at(...minimum), "white", "black", 8, 10);
      for (const { rule, points } of [...result.paths].reverse()) {
        const { color, dash } = config.styles[rule];
        const broken = points.findIndex(([a, b]) => !Number.isFinite(a + b));
        const all = points.slice(0, broken < 0 ? points.length : broken).map(([a, b]) => at(a, b));
        const taken = all.slice(0, now() + 1);
        line(c, all, "rgb(255 255 255 / 45%)", 1.5);
        line(c, taken, "white", 4.5);
        line(c, taken, color, 2.2, dash);
        const every = Math.max(1, Math.floor(last() / 12)); // a dot every so many steps: the pace
        for (let k = every; k < taken.length; k += every) mark(c, taken[k], color, "white", 2.8);
        if (taken.length > last()) mark(c, all.at(-1), color, "black", 7, 4);
        else if (taken.length > now()) mark(c, taken.at(-1), color, "white", 6);
      }
      [handle.style.left, handle.style.top] = at(...settings.x0).map((v) => `${v}px`);
    });
  }

  function drawLoss() {
    const floor = surfaceOf(result.run.objective).floor ?? 0;
    const gaps = result.paths.map(({ f }) => f.map((v) => v - floor));
    const shown = gaps.flatMap((gap) => [...gap.filter((v) => v > 0 && v < Infinity)]);
    // A search that explodes must not flatten the rest; below 32 decades there is only rounding.
    const high = Math.min(Math.max(...shown, 1e-300), 1e3 * Math.max(gaps[0][0], 1e-300));
    const low = Math.max(Math.min(...shown, high), 1e-32 * high);
    const level = (v) => Math.log10(clamp(v, low, 1e9 * high));
    const room = Math.max(0.06 * Math.log10(high / low), 0.15), beside = 0.02 * last(); // for dots
    const y = { lo: level(low) - room, hi: level(high) + room, label: floor ? "f(xₜ) − lowest f" : "f(xₜ)" };
    y.ticks = whole(ticks(y.lo, y.hi, 6, power));
    if (y.ticks.length < 2) y.ticks = ticks(10 ** y.lo, 10 ** y.hi, 4).map(([v, text]) => [Math.log10(v), text]);
    const x = { lo: -beside, hi: last() + beside, label: "step t", ticks: whole(ticks(0, last(), 5)) };
    plot(sideCanvas, MARGINS.loss, x, y, (c, toX, toY, { top, height }) => {
      const middle = toX(now());
      line(c, [[middle, top], [middle, top + height]], "gray", 1, [3, 3]);
      result.paths.forEach(({ rule }, i) => {
        const { color, dash } = config.styles[rule];
        const at = (step) => [toX(step), toY(level(gaps[i][step]))];
        const can = (step) => gaps[i][step] >= 0 && gaps[i][step] < Infinity;
        line(c, [...gaps[i].keys()].filter(can).map(at), color, 2, dash);
        if (can(now())) mark(c, at(now()), color, "white", 4.5);
      });
    });
    sideCanvas.onclick = null;
  }

  // The axis of a hyperparameter, evenly spaced in its slider's raw value; cells are centred.
  function rawAxis(name) {
    const { scale, min, max } = controlOf(name), half = (max - min) / (CELLS - 1) / 2;
    const text = { linear: minus, log: power, decay: SCALES.decay.value }[scale];
    const all = ticks(min, max, 5, text);
    return { lo: min - half, hi: max + half, label: name, ticks: scale === "linear" ? all : whole(all) };
  }

  function drawSensitivity() {
    const { axes: { x, y }, objective } = result.run, { floor } = surfaceOf(objective);
    const level = (f) => Math.log10(Math.max(f - (floor ?? 0), 1e-300));
    const high = level(result.paths[0].f[0]);
    const finite = result.scores.filter(Number.isFinite).map(level);
    const low = clamp(Math.min(...finite), high - 16, high - 1);
    const cells = picture(CELLS, CELLS, (i, j) => {
      const f = result.scores[(CELLS - 1 - j) * CELLS + i];
      return Number.isFinite(f) ? viridis((level(f) - low) / (high - low)) : GREY;
    });
    const axes = [rawAxis(x.name), rawAxis(y.name)];
    plot(sideCanvas, MARGINS.sensitivity, ...axes, (c, toX, toY, { left, top, width, height }) => {
      c.imageSmoothingEnabled = false;
      c.drawImage(cells, left, top, width, height);
      const raw = ({ name }) => SCALES[controlOf(name).scale].raw(valueOf(name));
      const at = [clamp(toX(raw(x)), left, left + width), clamp(toY(raw(y)), top, top + height)];
      mark(c, at, colorOf(config.rule), "white", 5.5);
      sideCanvas.onclick = ({ offsetX, offsetY }) => {
        const cell = (u) => clamp(Math.floor(u * CELLS), 0, CELLS - 1);
        set({
          [x.name]: x.values[cell((offsetX - left) / width)],
          [y.name]: y.values[cell(1 - (offsetY - top) / height)],
        });
      };
    });
  }

  // ---- Life

  el.classList.add("descent-explorer");
  el.replaceChildren(form);
  const resized = new ResizeObserver(draw), themed = new MutationObserver(draw);
  resized.observe(mapCanvas);
  for (const node of [document.documentElement, document.body]) themed.observe(node, { attributes: true });
  model.on("change:result", receive);
  showSettings();
  receive();
  return () => {
    stop();
    resized.disconnect();
    themed.disconnect();
    model.off("change:result", receive);
  };
}

return { render };
})();
