// The view of the interactive figure. It draws and asks; it knows no algorithm.
//
// render({ model, el }) is the interface of anywidget. The model is either a live kernel's
// (explorer.py computes) or the plain one of page.js (rules.js computes). It holds
//
//   config    the rule, its controls, the surfaces, the rules to compare with, their colours
//   surface   { name, n, values }: f on an n x n grid over the bounds, row by row from below
//   objective, x0, n_iter, hyperparameters, compare, axes, request    what to run; axes is {}
//             or, for a sensitivity map, { x: {name, values}, y: {name, values} }
//   result    what came of it: { settings, paths: [{ rule, score, fields }], map }, or
//             { settings, error, traceback }; paths[0] is the rule's, paths[1] the compared one
//
// Arrays of numbers arrive as Float64Array (page) or as the bytes of one (kernel).
var descentExplorer = (() => {
  "use strict";

  const SYMBOLS = { alpha: "α", beta: "β", beta1: "β₁", beta2: "β₂", eps: "ε", n_iter: "n" };
  const VIRIDIS = ["440154", "482878", "3e4989", "31688e", "26828e",
    "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"]
    .map((hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const CELLS = 64; // of the sensitivity map, along each axis

  // How a slider's raw value becomes a hyperparameter: "log" sliders move along log10(value),
  // "decay" sliders along -log10(1 - value), so that 0.9, 0.99 and 0.999 are equally far apart.
  // Both round to three digits of the value, or of 1 - value; data-hyperparameters has the result.
  const SCALES = {
    linear: { raw: (value) => value, value: (raw) => raw },
    log: { raw: Math.log10, value: (raw) => Number((10 ** raw).toPrecision(3)) },
    decay: {
      raw: (value) => -Math.log10(1 - value),
      value: (raw) => Number((1 - Number((10 ** -raw).toPrecision(3))).toFixed(8)),
    },
  };

  // ---- Small helpers ---------------------------------------------------------------------

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

  const clamp = (value, lo, hi) => Math.min(Math.max(value, lo), hi);

  function format(value) {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    const text = size && (size < 1e-3 || size >= 1e4) ? value.toExponential(2) : value.toFixed(4);
    return text.replace("e+", "e").replaceAll("-", "−");
  }

  const point = (x, y) => `(${format(x)}, ${format(y)})`;

  const power = (k) => "10" + String(k).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

  // Round tick positions, about n of them between lo and hi.
  function ticks(lo, hi, n) {
    const rough = (hi - lo) / n;
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = size * [1, 2, 5, 10].find((k) => k * size >= rough);
    const result = [];
    for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; k++) {
      result.push(Number((k * step).toPrecision(12)));
    }
    return result;
  }

  function viridis(u) {
    const at = clamp(u, 0, 1) * (VIRIDIS.length - 1);
    const k = Math.min(Math.floor(at), VIRIDIS.length - 2);
    return VIRIDIS[k].map((c, i) => c + (at - k) * (VIRIDIS[k + 1][i] - c));
  }

  // ---- The pictures ----------------------------------------------------------------------

  // A canvas of the size that the page gives it, cleared, and its drawing context.
  function prepare(canvas) {
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const pixels = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) {
      [canvas.width, canvas.height] = pixels;
    }
    const c = canvas.getContext("2d");
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.clearRect(0, 0, width, height);
    const style = getComputedStyle(canvas);
    c.font = `12px ${style.fontFamily}`;
    const [ink, muted, line] = ["--ink", "--muted", "--line"].map((v) => style.getPropertyValue(v));
    return { c, width, height, scale, ink, muted, line };
  }

  // Axes with ticks around the box; returns the maps from data to pixels.
  function axes(p, box, x, y) {
    const { c } = p;
    const [left, top, width, height] = box;
    const toX = (v) => left + (width * (v - x.lo)) / (x.hi - x.lo);
    const toY = (v) => top + height - (height * (v - y.lo)) / (y.hi - y.lo);
    c.strokeStyle = p.line;
    c.fillStyle = p.muted;
    c.lineWidth = 1;
    c.textAlign = "center";
    c.textBaseline = "top";
    for (const [v, text] of x.ticks) c.fillText(text, toX(v), top + height + 6);
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const [v, text] of y.ticks) {
      c.fillText(text, left - 6, toY(v));
      if (!y.grid) continue;
      c.beginPath();
      c.moveTo(left, toY(v));
      c.lineTo(left + width, toY(v));
      c.stroke();
    }
    c.textAlign = "center";
    c.textBaseline = "alphabetic";
    if (x.label) c.fillText(x.label, left + width / 2, p.height - 3);
    if (y.label) {
      c.save();
      c.translate(11, top + height / 2);
      c.rotate(-Math.PI / 2);
      c.fillText(y.label, 0, 0);
      c.restore();
    }
    return [toX, toY];
  }

  // Filled contours as pixels: 14 bands, spaced by log(f - lowest) where that spans two decades.
  function bands(surface, floor, width, height) {
    const { n } = surface;
    const values = numbers(surface.values);
    const finite = values.filter(Number.isFinite).sort();
    const base = floor === null ? finite[0] : Math.min(floor, finite[0]);
    const above = finite.filter((v) => v > base).map((v) => v - base);
    const low = above[Math.floor(above.length / 100)], high = above[above.length - 1];
    const log = high > 100 * low;
    const level = (v) => log ? Math.log(Math.max(v - base, low) / low) / Math.log(high / low)
      : (v - base) / (high || 1);
    const count = 14;
    const colors = Array.from({ length: count }, (_, k) => viridis(k / (count - 1)));
    const image = new ImageData(width, height);
    const row = new Float64Array(width);
    for (let j = 0; j < height; j++) {
      const gy = (n - 1) * (1 - (j + 0.5) / height);
      const y = clamp(Math.floor(gy), 0, n - 2), dy = gy - y;
      let before = NaN;
      for (let i = 0; i < width; i++) {
        const gx = ((n - 1) * (i + 0.5)) / width;
        const x = clamp(Math.floor(gx), 0, n - 2), dx = gx - x, at = y * n + x;
        const v = (1 - dy) * ((1 - dx) * values[at] + dx * values[at + 1]) +
          dy * ((1 - dx) * values[at + n] + dx * values[at + n + 1]);
        const u = clamp(level(v), 0, 1) * count;
        const k = Math.min(Math.floor(u), count - 1);
        // The last part of a band, as wide as one pixel, blends into the next: smooth edges.
        const slope = Math.abs(u - before) + Math.abs(u - row[i]);
        const blend = slope > 0 ? clamp((u - k - 1) / Math.min(slope, 1) + 1, 0, 1) : 0;
        const a = colors[k], b = colors[Math.min(k + 1, count - 1)];
        const pixel = 4 * (j * width + i);
        for (let q = 0; q < 3; q++) image.data[pixel + q] = a[q] + blend * (b[q] - a[q]);
        image.data[pixel + 3] = Number.isFinite(v) ? 255 : 0;
        row[i] = before = u;
      }
    }
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  function star(c, x, y) {
    c.beginPath();
    for (let k = 0; k < 10; k++) {
      const r = k % 2 ? 3.4 : 8, angle = (Math.PI * k) / 5;
      c.lineTo(x + r * Math.sin(angle), y - r * Math.cos(angle));
    }
    c.closePath();
    mark(c, "white");
  }

  function mark(c, fill) {
    c.fillStyle = fill;
    c.strokeStyle = "black";
    c.lineWidth = 1.2;
    c.setLineDash([]);
    c.fill();
    c.stroke();
  }

  function stroke(c, points, color, width, dash = []) {
    c.beginPath();
    for (const [x, y] of points) c.lineTo(x, y);
    c.strokeStyle = color;
    c.lineWidth = width;
    c.lineJoin = c.lineCap = dash.length ? "butt" : "round";
    c.lineJoin = "round";
    c.setLineDash(dash);
    c.stroke();
    c.setLineDash([]);
  }

  // ---- The figure ------------------------------------------------------------------------

  function render({ model, el }) {
    let close = figure(model, el);
    const rebuild = () => {
      close();
      close = figure(model, el);
    };
    model.on("change:config", rebuild); // the rule was redefined with other hyperparameters
    return () => {
      model.off("change:config", rebuild);
      close();
    };
  }

  function figure(model, el) {
    const config = model.get("config");
    const own = config.controls.filter((control) => control.scale !== "choice");
    const acrossName = (own.find(({ name }) => name === "alpha") || own[0]).name;
    const upNames = own.map(({ name }) => name).filter((name) => name.startsWith("beta"));
    if (!upNames.length && acrossName !== "n_iter") upNames.push("n_iter");

    const names = ["objective", "x0", "n_iter", "hyperparameters", "compare", "axes", "request"];
    let s = Object.fromEntries(names.map((name) => [name, model.get(name)])); // what controls show
    let result = null; // the last run that succeeded
    let t = Infinity; // the step under the scrubber; Infinity: the last
    let frame = 0, timer = 0; // of the next drawing, of the play button
    let background = {}; // the filled contours and what they were made for
    const last = () => result.paths[0].score.length - 1;
    const now = () => Math.min(t, last());
    const surfaceOf = (name) => config.surfaces.find((surface) => surface.name === name);
    const controlOf = (name) => config.controls.find((control) => control.name === name);
    const styleOf = (rule) => config.styles[rule] || config.styles[""];
    const get = (name) => (name === "n_iter" ? s.n_iter : s.hyperparameters[name]);

    function ask(changes) {
      s = { ...s, ...changes, request: s.request + 1 };
      for (const name in changes) model.set(name, s[name]);
      model.set("request", s.request);
      model.save_changes();
      controls();
    }

    const set = (values) => {
      const { n_iter = s.n_iter, ...others } = values;
      ask({ n_iter, hyperparameters: { ...s.hyperparameters, ...others } });
    };

    // ---- Controls: native elements, named as in Python ----

    const label = (text, node, kind = "") => make("label", { class: kind }, make("span", {}, text), node);
    const options = (names) => names.map((name) => make("option", { value: name }, name || "nothing"));

    const objective = make("select", { name: "objective" }, ...options(config.surfaces.map((o) => o.name)));
    objective.oninput = () => ask({ objective: objective.value, x0: surfaceOf(objective.value).start });

    const compare = make("select", { name: "compare" }, ...options(["", ...config.compare_with]));
    compare.oninput = () => ask({ compare: compare.value });

    const panels = ["", ...upNames].map((name) => {
      const input = make("input", { type: "radio", name: "panel", value: name || "loss" });
      input.oninput = () => ask({ axes: name ? { x: grid(acrossName), y: grid(name) } : {} });
      const symbols = `${SYMBOLS[acrossName] || acrossName} × ${SYMBOLS[name] || name}`;
      return make("label", {}, input, make("span", {}, name ? `map ${symbols}` : "loss"));
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
      const head = make("span", {}, make("i", {}, SYMBOLS[name] || ""), name);
      if (scale === "choice") {
        const input = make("select", { name }, ...options(choices));
        input.oninput = () => set({ [name]: input.value });
        return { name, input, row: make("label", {}, head, input), show: (value) => (input.value = value) };
      }
      const input = make("input", { type: "range", name, min, max, step });
      const value = make("span", { class: "value" });
      input.oninput = () => set({ [name]: SCALES[scale].value(Number(input.value)) });
      input.ondblclick = () => set({ [name]: initial(name) });
      const show = (v) => {
        input.value = SCALES[scale].raw(v);
        value.textContent = v;
        input.setAttribute("aria-valuetext", v);
      };
      return { name, input, row: make("label", {}, head, input, value), show };
    });
    const initial = (name) => (name === "n_iter" ? config.n_iter : config.hyperparameters[name]);

    const play = make("button", { type: "button", name: "play" }, "Play");
    const scrub = make("input", { type: "range", name: "t", min: 0, step: 1, "aria-label": "step t" });
    scrub.oninput = () => {
      stop();
      seek(Number(scrub.value));
    };
    const seek = (value) => {
      t = value >= last() ? Infinity : value;
      show();
    };
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    };
    play.onclick = () => {
      if (timer) return stop();
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches; // few large jumps
      const stride = Math.ceil(last() / (calm ? 10 : 150));
      if (now() === last()) seek(0);
      play.textContent = "Pause";
      timer = setInterval(() => {
        seek(now() + stride);
        if (now() === last()) stop();
      }, calm ? 600 : 30);
    };

    const reset = make("button", { type: "button", name: "reset" }, "Reset");
    reset.onclick = () => {
      t = Infinity;
      ask({ n_iter: config.n_iter, hyperparameters: { ...config.hyperparameters },
        x0: s.objective === config.surfaces[0].name ? config.x0 : surfaceOf(s.objective).start });
    };
    const call = make("code");
    const copy = make("button", { type: "button", name: "copy" }, "Copy");
    copy.onclick = async () => {
      try {
        await navigator.clipboard.writeText(call.textContent);
      } catch { // not allowed here: select the call and copy the selection
        getSelection().selectAllChildren(call);
        document.execCommand("copy");
      }
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = "Copy"), 1500);
    };

    const map = make("canvas", { role: "img" });
    const side = make("canvas", { role: "img" });
    const handle = make("button", { type: "button", name: "x0", class: "start" });
    const note = make("p", { class: "note" });
    const readout = make("table");
    const output = make("output", { "aria-live": "polite" });
    const alert = make("p", { role: "alert" });
    const trace = make("pre");
    const problem = make("div", { class: "problem" }, alert, trace);

    const form = make("form", {},
      make("div", { class: "head" }, label("surface", objective), label("compare with", compare),
        make("div", { class: "head", role: "radiogroup", "aria-label": "second picture" }, ...panels)),
      make("div", { class: "plots" },
        make("div", { class: "plot" }, map, handle),
        make("div", { class: "plot" }, side)),
      note,
      make("div", { class: "time" }, play, scrub),
      make("div", { class: "readout" }, readout),
      make("div", { class: "sliders" }, ...sliders.map(({ row }) => row)),
      output,
      problem,
      make("div", { class: "call" }, call, copy, reset));
    form.onsubmit = (event) => event.preventDefault();

    // Show the settings in the controls.
    function controls() {
      objective.value = s.objective;
      compare.value = s.compare;
      for (const { name, show } of sliders) show(get(name));
      for (const input of form.elements.panel) {
        input.checked = input.value === (s.axes.y ? s.axes.y.name : "loss");
      }
      const [x, y] = s.x0;
      handle.setAttribute("aria-label", `start x = ${format(x)}, y = ${format(y)}; arrow keys move it`);
    }

    // ---- The start, dragged by pointer or arrow keys ----

    const frameOfMap = () => [38, 8, map.clientWidth - 46, map.clientHeight - 34];

    function moveStart(x, y) {
      const { bounds } = surfaceOf(s.objective);
      const x0 = [x, y].map((v, i) => {
        const [lo, hi] = bounds[i];
        const digits = Math.ceil(-Math.log10((hi - lo) / 300));
        return Number(clamp(v, lo, hi).toFixed(Math.max(digits, 0)));
      });
      if (x0.some((v, i) => v !== s.x0[i])) ask({ x0 });
    }

    function drag(event) {
      const [left, top, width, height] = frameOfMap();
      const [[x0, x1], [y0, y1]] = surfaceOf(s.objective).bounds;
      const at = map.getBoundingClientRect();
      moveStart(x0 + ((x1 - x0) * (event.clientX - at.left - left)) / width,
        y1 - ((y1 - y0) * (event.clientY - at.top - top)) / height);
    }

    function grab(event) {
      if (event.button !== 0) return;
      if (event.currentTarget === map && event.pointerType === "touch") return; // it may scroll
      event.preventDefault();
      handle.focus({ preventScroll: true });
      handle.setPointerCapture(event.pointerId);
      handle.onpointermove = drag;
      if (event.currentTarget === map) drag(event);
    }
    handle.onpointerdown = map.onpointerdown = grab;
    handle.onpointerup = handle.onpointercancel = () => (handle.onpointermove = null);
    map.onclick = drag; // a tap
    handle.onkeydown = (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1],
        ArrowDown: [0, -1] }[event.key] || [0, 0];
      if (!dx && !dy) return;
      event.preventDefault();
      const [[x0, x1], [y0, y1]] = surfaceOf(s.objective).bounds;
      const part = event.shiftKey ? 20 : 100;
      moveStart(s.x0[0] + (dx * (x1 - x0)) / part, s.x0[1] + (dy * (y1 - y0)) / part);
    };

    // ---- A result arrives ----

    function receive() {
      const latest = model.get("result");
      if (!latest.settings) return;
      if (latest.settings.request >= s.request) s = latest.settings;
      controls();
      alert.textContent = latest.error || "";
      trace.textContent = latest.traceback || "";
      problem.hidden = !latest.error;
      if (latest.error) {
        stop();
        el.dataset.state = "error";
        output.textContent = "";
        return;
      }
      const paths = latest.paths.map(({ rule, score, fields }) => ({
        rule,
        score: numbers(score),
        fields: Object.entries(fields).map(([name, values]) => [name, numbers(values)]),
      }));
      result = { settings: latest.settings, paths, map: latest.map && numbers(latest.map) };
      scrub.max = last();
      publish();
      show();
    }

    const endOf = ({ fields: [[, x]] }) => [...x.slice(-2)];
    const json = JSON.stringify;

    function publish() {
      const { settings: run, paths: [path, other] } = result;
      const best = result.map && bestOf(result.map, run.axes);
      const data = {
        state: "ready", rule: config.rule, objective: run.objective, x0: json(run.x0),
        nIter: run.n_iter, hyperparameters: json(run.hyperparameters), x: json(endOf(path)),
        score: path.score.at(-1), compare: run.compare, panel: run.axes.y ? run.axes.y.name : "loss",
        compareX: other ? json(endOf(other)) : "", compareScore: other ? other.score.at(-1) : "",
        best: best ? json(best) : "",
      };
      for (const name in data) el.dataset[name] = data[name];
      output.textContent = result.paths.map((p) => sentence(p, run)).join(" ");
      note.textContent = !result.map ? ""
        : best ? `f after the last step: dark is low, yellow as high as at the start or higher, ` +
          `grey not finite. Lowest: ${format(best.score)} at ${best.names}. Click to set the sliders.`
          : "No setting on this map ends at a finite f.";
      const { code } = surfaceOf(run.objective);
      const arguments_ = Object.entries(run.hyperparameters).map(([k, v]) => `${k}=${json(v)}`);
      call.textContent = `minimize(${[code, `x0=[${run.x0.join(", ")}]`, `rule=${config.rule}`,
        `n_iter=${run.n_iter}`, ...arguments_].join(", ")})`;
      handle.style.setProperty("--rule", styleOf(config.rule).color);
    }

    function bestOf(scores, { x, y }) {
      let at = -1;
      scores.forEach((v, k) => { if (Number.isFinite(v) && !(scores[at] <= v)) at = k; });
      if (at < 0) return null;
      const setting = { [x.name]: x.values[at % CELLS], [y.name]: y.values[Math.floor(at / CELLS)] };
      const names = Object.entries(setting).map(([k, v]) => `${k} = ${v}`).join(", ");
      return { ...setting, score: scores[at], names };
    }

    // What happened, in words.
    function sentence({ rule, score, fields: [[, x]] }, { n_iter, objective: name }) {
      const broken = score.findIndex((f) => !Number.isFinite(f));
      if (broken >= 0) return `${rule} diverges: at step ${broken} f is no longer a finite number.`;
      const [[x0, x1], [y0, y1]] = surfaceOf(name).bounds;
      const outside = (t) => !(x[2 * t] >= x0 && x[2 * t] <= x1 && x[2 * t + 1] >= y0 && x[2 * t + 1] <= y1);
      const left = score.findIndex((_, t) => outside(t));
      const [x_, y_] = x.slice(-2);
      return `${rule} ends at ${point(x_, y_)} with f = ${format(score.at(-1))} after ${n_iter} steps.` +
        (left < 0 ? "" : ` It leaves the map at step ${left} and ` +
          (outside(score.length - 1) ? "ends outside." : "comes back."));
    }

    // ---- Drawing ----

    function show() {
      const t = now();
      el.dataset.t = scrub.value = t;
      const rows = result.paths.map(({ rule, score, fields }) => [
        rule, format(score[t]), ...fields.map(([, v]) => point(v[2 * t], v[2 * t + 1])),
      ]);
      const names = result.paths.map(({ fields }) => ["f", ...fields.map(([name]) => name)]);
      scrub.setAttribute("aria-valuetext", `t = ${t}: f = ${rows[0][1]} at ${rows[0][2]}`);
      readout.replaceChildren(...rows.map(([rule, ...cells], i) => {
        const head = make("th", { scope: "row" }, i ? rule : `t = ${t}`);
        head.style.setProperty("--rule", styleOf(rule).color);
        return make("tr", {}, head,
          ...cells.map((cell, k) => make("td", {}, make("i", {}, names[i][k]), cell)));
      }));
      frame = frame || requestAnimationFrame(draw);
    }

    function draw() {
      frame = 0;
      if (!result || !map.clientWidth) return;
      drawMap();
      if (result.map) drawSensitivity();
      else drawLoss();
    }

    function drawMap() {
      const p = prepare(map), { c, scale } = p;
      const box = frameOfMap();
      const [left, top, width, height] = box;
      const { bounds, minima, floor } = surfaceOf(result.settings.objective);
      const surface = model.get("surface");
      const size = [Math.round(width * scale), Math.round(height * scale)];
      if (surface.name === result.settings.objective &&
          (background.surface !== surface || String(background.size) !== String(size))) {
        background = { surface, size, image: bands(surface, floor, ...size) };
      }
      if (background.image) c.drawImage(background.image, left, top, width, height);
      const [x, y] = bounds.map(([lo, hi]) => ({ lo, hi, ticks: ticks(lo, hi, 4).map((v) => [v, format0(v)]) }));
      const [toX, toY] = axes(p, box, x, y);
      c.save();
      c.beginPath();
      c.rect(left, top, width, height);
      c.clip();
      for (const [a, b] of minima) star(c, toX(a), toY(b));
      for (const { rule, fields: [[, x]] } of [...result.paths].reverse()) {
        const { color, dash } = styleOf(rule);
        const points = [];
        for (let k = 0; k <= last() && Number.isFinite(x[2 * k] + x[2 * k + 1]); k++) {
          points.push([clamp(toX(x[2 * k]), -1e4, 1e4), clamp(toY(x[2 * k + 1]), -1e4, 1e4)]);
        }
        const gone = points.slice(0, now() + 1);
        stroke(c, points, "rgb(255 255 255 / 45%)", 1.5);
        stroke(c, gone, "white", 4.5);
        stroke(c, gone, color, 2.2, dash);
        const every = Math.max(1, Math.floor(last() / 12)); // the pace: a dot every so many steps
        for (let k = every; k < gone.length; k += every) dot(c, gone[k], 2.6, color);
        if (gone.length > last()) {
          const [px, py] = points.at(-1);
          c.beginPath();
          c.rect(px - 5, py - 5, 10, 10);
          mark(c, color);
        } else if (gone.length > now()) dot(c, gone.at(-1), 5.5, color);
      }
      c.restore();
      const [x0, y0] = s.x0;
      handle.style.left = `${toX(x0)}px`;
      handle.style.top = `${toY(y0)}px`;
      map.setAttribute("aria-label", `Contours of ${result.settings.objective} with the path of ` +
        result.paths.map(({ rule }) => rule).join(" and of "));
    }

    function dot(c, [x, y], r, color) {
      c.beginPath();
      c.arc(x, y, r, 0, 7);
      c.fillStyle = color;
      c.strokeStyle = "white";
      c.lineWidth = 1;
      c.fill();
      c.stroke();
    }

    const format0 = (v) => String(v).replace("-", "−");

    function drawLoss() {
      const p = prepare(side), { c } = p;
      const box = [52, 8, p.width - 60, p.height - 50];
      const { floor } = surfaceOf(result.settings.objective);
      const gaps = result.paths.map(({ score }) => score.map((f) => f - (floor || 0)));
      const shown = gaps.flatMap((gap) => [...gap]).filter((v) => v > 0 && v < Infinity);
      // A search that explodes must not flatten the rest; 32 decades are all that float64 can mean.
      const top = Math.min(Math.max(...shown, 1e-300), 1e3 * Math.max(gaps[0][0], 1e-300));
      const bottom = Math.max(Math.min(...shown, top), top * 1e-32);
      const y = { lo: Math.log10(bottom), hi: Math.log10(top), grid: true };
      const room = Math.max(0.06 * (y.hi - y.lo), 0.15);
      y.lo -= room;
      y.hi += room;
      y.ticks = ticks(y.lo, y.hi, 6).filter(Number.isInteger).map((k) => [k, power(k)]);
      y.label = floor ? "f(xₜ) − lowest f" : "f(xₜ)";
      const x = { lo: 0, hi: Math.max(last(), 1), label: "step t" };
      x.ticks = ticks(0, x.hi, 5).filter(Number.isInteger).map((k) => [k, k]);
      const [toX, toY] = axes(p, box, x, y);
      c.save();
      c.beginPath();
      c.rect(box[0] - 1, box[1], box[2] + 2, box[3]);
      c.clip();
      stroke(c, [[toX(now()), box[1]], [toX(now()), box[1] + box[3]]], p.muted, 1, [3, 3]);
      result.paths.forEach(({ rule }, i) => {
        const { color, dash } = styleOf(rule);
        const points = [];
        gaps[i].forEach((v, t) => {
          if (v >= 0 && v < Infinity) points.push([toX(t), toY(Math.log10(clamp(v, bottom, 1e3 * top)))]);
        });
        stroke(c, points, color, 2, dash);
        const v = gaps[i][now()];
        if (v >= 0 && v < Infinity) {
          dot(c, [toX(now()), toY(Math.log10(clamp(v, bottom, top)))], 4.5, color);
        }
      });
      c.restore();
      side.setAttribute("aria-label", "The loss f at every step, on a log axis");
      side.onclick = null;
    }

    // The axis of a hyperparameter: evenly spaced in its slider's raw value.
    function rawAxis(name) {
      const { scale, min, max } = controlOf(name);
      const half = (max - min) / (CELLS - 1) / 2; // cells are centred on their values
      const axis = { lo: min - half, hi: max + half, label: name };
      axis.ticks = scale === "linear" ? ticks(min, max, 5).map((v) => [v, format0(v)])
        : scale === "log" ? ticks(min, max, 5).filter(Number.isInteger).map((k) => [k, power(k)])
          : ticks(min, max, 5).filter(Number.isInteger).map((k) => [k, SCALES.decay.value(k)]);
      return axis;
    }

    function drawSensitivity() {
      const p = prepare(side), { c } = p;
      const box = [58, 8, p.width - 66, p.height - 50];
      const [left, top, width, height] = box;
      const { axes: { x: { name: xName, values: xs }, y: { name: yName, values: ys } } } = result.settings;
      const { floor } = surfaceOf(result.settings.objective);
      const gap = (f) => Math.log10(Math.max(f - (floor || 0), 1e-300));
      const high = gap(result.paths[0].score[0]);
      let low = Infinity;
      for (const f of result.map) low = Math.min(low, Number.isFinite(f) ? gap(f) : Infinity);
      low = clamp(low, high - 16, high - 1);
      const image = new ImageData(CELLS, CELLS);
      result.map.forEach((f, k) => {
        const color = Number.isFinite(f) ? viridis((gap(f) - low) / (high - low)) : [128, 128, 128];
        image.data.set([...color, 255], 4 * ((CELLS - 1 - Math.floor(k / CELLS)) * CELLS + (k % CELLS)));
      });
      const cells = document.createElement("canvas");
      cells.width = cells.height = CELLS;
      cells.getContext("2d").putImageData(image, 0, 0);
      c.imageSmoothingEnabled = false;
      c.drawImage(cells, left, top, width, height);
      const x = rawAxis(xName), y = rawAxis(yName);
      const [toX, toY] = axes(p, box, x, y);
      const raw = (name) => SCALES[controlOf(name).scale].raw(get(name));
      const at = [clamp(toX(raw(xName)), left, left + width), clamp(toY(raw(yName)), top, top + height)];
      stroke(c, [[left, at[1]], [left + width, at[1]]], "rgb(255 255 255 / 60%)", 1);
      stroke(c, [[at[0], top], [at[0], top + height]], "rgb(255 255 255 / 60%)", 1);
      dot(c, at, 5.5, styleOf(config.rule).color);
      side.setAttribute("aria-label", `Final f over ${xName} and ${yName}; the sliders choose the point`);
      side.onclick = (event) => {
        const rect = side.getBoundingClientRect();
        const cell = (u) => clamp(Math.floor(u * CELLS), 0, CELLS - 1);
        set({
          [xName]: xs[cell((event.clientX - rect.left - left) / width)],
          [yName]: ys[cell(1 - (event.clientY - rect.top - top) / height)],
        });
      };
    }

    // ---- Life ----

    el.classList.add("descent-explorer");
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's keys are not for here
    el.replaceChildren(form);
    controls();
    const again = () => (frame = frame || requestAnimationFrame(draw));
    const resized = new ResizeObserver(again);
    resized.observe(map);
    const themed = new MutationObserver(again);
    for (const node of [document.documentElement, document.body]) {
      themed.observe(node, { attributes: true, attributeFilter: ["data-theme", "class", "data-jp-theme-light"] });
    }
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", again);
    model.on("change:result", receive);
    model.on("change:surface", again);
    receive();
    return () => {
      stop();
      cancelAnimationFrame(frame);
      resized.disconnect();
      themed.disconnect();
      dark.removeEventListener("change", again);
      model.off("change:result", receive);
      model.off("change:surface", again);
    };
  }

  return { render };
})();
