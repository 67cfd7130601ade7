// The view of a search on a surface: the paths on its map, and beside it the loss, or a sensitivity
// map of the selected run over alpha and a beta (if it has none, over the number of steps).
var descentSurfaceView = (() => {
"use strict";

const { GREY, clamp, minus, ticks, logTicks, power, viridis, picture, contours, colorScale, inside, plot, line,
  mark } = descentDraw;
const { SCALES, make, select, radios, numberField, symbolOf, tuple } = descentControls;
const CELLS = 64; // of the sensitivity map, along each axis; fewer for long runs
const WORK = CELLS * CELLS * 500; // steps that a sensitivity map may take
// Around the map, the loss and the sensitivity map: left, top, right, bottom.
const MARGINS = { map: [38, 18, 18, 58], loss: [58, 22, 14, 44], sensitivity: [58, 22, 14, 78] };
const WIDE = 1.8; // a map so many times as wide as high has a row of its own
const UNEQUAL = 8; // beyond this ratio of its sides a map has no common scale

// What a sensitivity map of a run can have on its axes: [across, up, up, ...].
function axesOf(names) {
  const across = names.includes("alpha") ? "alpha" : names[0];
  const betas = names.filter((name) => name.startsWith("beta"));
  return [across, ...(betas.length ? betas : ["n_iter"]).filter((name) => name !== across)];
}

function axis(name, { scale, min, max, step }, n) {
  const values = Array.from({ length: n }, (_, k) => {
    const raw = min + ((max - min) * k) / (n - 1);
    return SCALES[scale].value(name === "n_iter" ? Math.round(raw) : raw, step);
  });
  return { name, values };
}

// The axes of the map that shows a hyperparameter of a run against alpha; {} for the loss.
function axesFor(panel, controls, steps) {
  const names = Object.keys(controls).filter((name) => !controls[name].choices);
  const [across, ...others] = axesOf(names);
  if (!others.includes(panel)) return {};
  const most = panel === "n_iter" ? controls.n_iter.max : steps;
  const n = clamp(Math.floor(Math.sqrt(WORK / most)), 12, CELLS);
  return { x: axis(across, controls[across], n), y: axis(panel, controls[panel], n) };
}

// The lowest score on a sensitivity map and where it is.
function bestOf(scores, { x, y }) {
  let at = -1;
  scores.forEach((f, k) => {
    if (Number.isFinite(f) && !(scores[at] <= f)) at = k;
  });
  const n = x.values.length;
  return at < 0 ? null : { f: scores[at], [x.name]: x.values[at % n], [y.name]: y.values[Math.floor(at / n)] };
}

function surfaceView(figure) {
  const { config, model, ask, set, now, last, lookOf, controlsOf, valueOf, complain } = figure;
  const surfaceOf = (name) => config.surfaces.find((surface) => surface.name === name);
  const shown = () => surfaceOf(figure.settings.objective);

  const mapCanvas = make("canvas", { role: "img", "aria-label": "contours of the surface and the paths" });
  const sideCanvas = make("canvas", { role: "img", "aria-label": "loss on a log axis, or sensitivity map" });
  const handle = make("button", { type: "button", name: "x0", class: "start" });
  const map = make("div", { class: "plot map" }, mapCanvas, handle);
  const side = make("div", { class: "plot side" }, sideCanvas);
  const objective = select("objective", config.surfaces.map(({ name }) => name),
    (name) => ask({ objective: name, x0: surfaceOf(name).start }), "surface");
  const panels = make("div", { class: "head" });
  const fields = [0, 1].map((i) => numberField(`x0-${"xy"[i]}`, `start ${"xy"[i]}`, {},
    (value) => ask({ x0: figure.settings.x0.with(i, value) }), complain));
  const start = make("div", { class: "slider" }, make("span", {}, "start"), make("span", { class: "pair" },
    "x", fields[0].node, "y", fields[1].node));

  function show() {
    objective.value = figure.settings.objective;
    showPanels();
    fields.forEach(({ show: showField }, i) => showField(Number(figure.settings.x0[i].toPrecision(4))));
    handle.setAttribute("aria-label", `start ${tuple(figure.settings.x0)}; arrow keys move it`);
  }

  let panelsOf = ""; // the rule that they were made for
  let panel = null;
  function showPanels() {
    const { runs, selected, axes } = figure.settings, { rule } = runs[selected];
    if (panelsOf !== rule) {
      panelsOf = rule;
      const controls = controlsOf(rule);
      const [across, ...others] = axesOf(Object.keys(controls).filter((name) => !controls[name].choices));
      const options = others.map((name) => [name, `map ${symbolOf(across)} × ${symbolOf(name)}`]);
      panel = radios("panel", "second picture", { loss: "loss", ...Object.fromEntries(options) },
        (name) => ask({ axes: axesFor(name, controls, figure.settings.n_iter) }));
      panels.replaceChildren(panel.node);
    }
    panel.show(axes.y?.name ?? "loss");
  }

  // ---- The start

  function moveStart(x0) {
    x0 = x0.map((v, i) => {
      const [lo, hi] = shown().bounds[i];
      const digits = Math.ceil(Math.log10(300 / (hi - lo))); // as fine as a pixel
      return Number(clamp(v, lo, hi).toFixed(clamp(digits, 0, 100)));
    });
    if (String(x0) !== String(figure.settings.x0)) ask({ x0 });
  }

  function drag({ clientX, clientY }) {
    const { left, top, width, height } = inside(mapCanvas, margins());
    const corner = mapCanvas.getBoundingClientRect();
    const [[x0, x1], [y0, y1]] = shown().bounds;
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
    moveStart(shown().bounds.map(([lo, hi], i) => figure.settings.x0[i] + 0.01 * move[i] * (hi - lo)));
  };

  // ---- The map

  // Width over height of the map, where both axes have the same scale.
  function aspect() {
    const [[x0, x1], [y0, y1]] = surfaceOf(figure.result.run.objective).bounds;
    const ratio = (x1 - x0) / (y1 - y0);
    return ratio > UNEQUAL || ratio < 1 / UNEQUAL ? 1 : ratio;
  }

  // The margins that leave a place of this shape in the middle.
  function margins() {
    const [left, top, right, bottom] = MARGINS.map, { width, height } = inside(mapCanvas, MARGINS.map);
    const spare = Math.max(0, width - height * aspect()) / 2;
    return [left + spare, top, right + spare, bottom];
  }

  function layOut() {
    const ratio = aspect(), [left, top, right, bottom] = MARGINS.map;
    map.parentNode.classList.toggle("wide", ratio > WIDE);
    const width = mapCanvas.clientWidth - left - right;
    const height = Math.round(Math.min(width / ratio, 1.25 * width)) + top + bottom;
    const isBeside = ratio <= WIDE && side.offsetTop === map.offsetTop;
    mapCanvas.style.height = `${height}px`;
    sideCanvas.style.height = `${isBeside ? height : Math.min(260, Math.round(0.72 * sideCanvas.clientWidth))}px`;
  }

  function draw() {
    if (!mapCanvas.clientWidth) return;
    layOut();
    drawMap();
    if (figure.result.scores) drawSensitivity();
    else drawLoss();
  }

  function drawMap() {
    const { run, runs } = figure.result;
    const name = run.objective, { bounds, minima, floor } = surfaceOf(name);
    const surface = model.get("surface");
    const [x, y] = bounds.map(([lo, hi]) => ({ lo, hi, ticks: ticks(lo, hi, 4) }));
    const box = margins();
    let place;
    const c = plot(mapCanvas, box, x, y, (c, toX, toY, { left, top, width, height, scale }) => {
      const size = [width, height].map((length) => Math.round(length * Math.max(scale, 2))); // smooth
      if (surface.name === name && String(surface.size) !== String(size)) {
        Object.assign(surface, { size }, contours(figure.numbers(surface.values), surface.n, floor, ...size));
      } // drawn once
      if (surface.image) c.drawImage(surface.image, left, top, width, height);
      const at = (a, b) => [clamp(toX(a), -1e4, 1e4), clamp(toY(b), -1e4, 1e4)];
      // The selected run on top; what is beneath is wider, so that it shows where paths coincide.
      const order = [...runs.keys()].reverse().filter((i) => i !== run.selected).concat(run.selected);
      const paths = order.map((i) => {
        const { points } = runs[i], broken = points.findIndex(([a, b]) => !Number.isFinite(a + b));
        const all = points.slice(0, broken < 0 ? points.length : broken).map(([a, b]) => at(a, b));
        return { look: lookOf(i), all, taken: all.slice(0, now() + 1), thick: i === run.selected ? 2.2 : 3.4 };
      });
      for (const { all, taken, thick } of paths) {
        if (taken.length < all.length) line(c, all, "#fff7", 1.5);
        line(c, taken, "white", thick + 2.3);
      }
      const every = Math.max(1, Math.floor(last() / 12)); // a dot every so many steps: the pace
      for (const { look: { color, dash }, taken, thick } of paths) {
        line(c, taken, color, thick, dash);
        for (let k = every; k < taken.length; k += every) mark(c, taken[k], color, "white", 2.8);
      }
      for (const { look: { color }, all, taken } of paths) {
        if (taken.length > last()) mark(c, all.at(-1), color, "black", 9, 4);
        else if (taken.length > now()) mark(c, taken.at(-1), color, "white", 6);
      }
      for (const minimum of minima) mark(c, at(...minimum), "white", "black", 8, 10); // on its square
      place = at(...figure.settings.x0);
    });
    const { left, top, width, height } = inside(mapCanvas, box), { clientWidth, clientHeight } = mapCanvas;
    place = [clamp(place[0], left, left + width), clamp(place[1], top, top + height)];
    handle.style.left = `${(100 * place[0]) / clientWidth}%`; // in print too
    handle.style.top = `${(100 * place[1]) / clientHeight}%`;
    c.textAlign = "center";
    c.fillText("x", left + width + 10, top + height - 3);
    c.fillText("y", left + 4, 8);
    if (surface.heightOf) colorScale(c, mapCanvas, { left, top: top + height + 31, width }, surface.heightOf, surface.isLog ? "≤ " : "");
    mark(c, place, "white", "black", 6.5);
  }

  // ---- Beside it

  function drawLoss() {
    const { runs, run } = figure.result, floor = surfaceOf(run.objective).floor ?? 0;
    const gaps = runs.map(({ f }) => f.map((v) => v - floor));
    const positive = gaps.flatMap((gap) => [...gap.filter((v) => v > 0 && v < Infinity)]);
    // A search that explodes must not flatten the rest, nor one that falls by more than 32 decades:
    // what is beyond leaves the picture.
    if (!positive.length) positive.push(1);
    const most = positive.reduce((a, b) => Math.max(a, b)), least = positive.reduce((a, b) => Math.min(a, b));
    const high = Math.min(most, 1e3 * (gaps[0][0] > 0 ? gaps[0][0] : most));
    const low = Math.max(Math.min(least, high), 1e-32 * high);
    const level = (v) => Math.log10(clamp(v, 1e-320, 1e9 * high));
    const room = Math.max(0.06 * Math.log10(high / low), 0.15), beside = 0.02 * last(); // for dots
    const y = { lo: level(low) - room, hi: level(high) + room, label: floor ? "f(xₜ) − lowest f" : "f(xₜ)" };
    y.ticks = logTicks(y.lo, y.hi);
    const x = { lo: -beside, hi: last() + beside, label: "step t", ticks: ticks(0, last(), 5, { whole: true }) };
    plot(sideCanvas, MARGINS.loss, x, y, (c, toX, toY, { top, height }) => {
      const middle = toX(now());
      line(c, [[middle, top], [middle, top + height]], "gray", 1, [3, 3]);
      gaps.forEach((gap, i) => {
        const { color, dash } = lookOf(i);
        const at = (step) => [toX(step), toY(level(gap[step]))];
        const can = (step) => gap[step] >= 0 && gap[step] < Infinity;
        line(c, [...gap.keys()].filter(can).map(at), color, i === run.selected ? 2.6 : 2, dash);
        if (can(now())) mark(c, at(now()), color, "white", 4.5);
      });
    });
    sideCanvas.onclick = null;
  }

  // The axis of a hyperparameter, evenly spaced in its slider's raw value; cells are centred.
  function rawAxis(name, n) {
    const { scale, min, max } = controlsOf(figure.result.rule)[name], half = (max - min) / (n - 1) / 2;
    const text = { linear: minus, log: power, decay: (k) => minus(SCALES.decay.value(k)) }[scale];
    return { lo: min - half, hi: max + half, label: name, ticks: ticks(min, max, 5, { text, whole: scale !== "linear" }) };
  }

  function drawSensitivity() {
    const { scores, runs, rule, run: { axes: { x, y }, objective: name, selected } } = figure.result;
    const floor = surfaceOf(name).floor ?? 0, n = x.values.length, controls = controlsOf(rule);
    const level = (f) => Math.log10(Math.max(f - floor, 1e-300));
    const high = level(runs[selected].f[0]);
    const finite = scores.filter(Number.isFinite).map(level);
    const low = clamp(finite.reduce((a, b) => Math.min(a, b), high), high - 16, high - 1);
    const cells = picture(n, n, (i, j) => {
      const f = scores[(n - 1 - j) * n + i];
      return Number.isFinite(f) ? viridis((level(f) - low) / (high - low)) : GREY;
    });
    const box = inside(sideCanvas, MARGINS.sensitivity), { left, top, width, height } = box;
    const c = plot(sideCanvas, MARGINS.sensitivity, rawAxis(x.name, n), rawAxis(y.name, n), (c, toX, toY) => {
      c.imageSmoothingEnabled = false;
      c.drawImage(cells, left, top, width, height);
      const raw = (axisName, value) => SCALES[controls[axisName].scale].raw(value);
      const at = (a, b) => [clamp(toX(raw(x.name, a)), left, left + width), clamp(toY(raw(y.name, b)), top, top + height)];
      const best = bestOf(scores, { x, y });
      if (best) mark(c, at(best[x.name], best[y.name]), "transparent", "white", 7);
      mark(c, at(valueOf(x.name), valueOf(y.name)), lookOf(selected).color, "white", 5.5);
    });
    colorScale(c, sideCanvas, { left, top: top + height + 48, width }, (u) => floor + 10 ** (low + u * (high - low)));
    sideCanvas.onclick = ({ offsetX, offsetY }) => {
      const cell = (u) => clamp(Math.floor(u * n), 0, n - 1);
      set({
        [x.name]: x.values[cell((offsetX - left) / width)],
        [y.name]: y.values[cell(1 - (offsetY - top) / height)],
      });
    };
  }

  // ---- Words

  // What happened, in words.
  function sentence({ label, f, points }) {
    const broken = f.findIndex((v) => !Number.isFinite(v));
    if (broken >= 0) return `${label} diverges: at step ${broken} f is no longer a finite number.`;
    const { bounds } = surfaceOf(figure.result.run.objective), steps = last();
    const outside = (point) => bounds.some(([lo, hi], i) => !(point[i] >= lo && point[i] <= hi));
    const left = points.findIndex(outside), end = points.at(-1);
    const after = `after ${steps} step${steps === 1 ? "" : "s"}`;
    return `${label} ends at ${tuple(end)} with f = ${descentControls.format(f.at(-1))} ${after}.` +
      (left < 0 ? "" : ` It leaves the map at step ${left} and ${outside(end) ? "ends outside" : "comes back"}.`);
  }

  function note() {
    const { run, scores } = figure.result, best = scores && bestOf(scores, run.axes);
    const found = Object.entries(best ?? {}).map(([name, v]) => `${name} = ${Number(v.toPrecision(4))}`);
    const legend = scores && "f after the last step: dark is low, yellow no better than the start, " +
      `grey not finite. A click sets the sliders. Lowest, in the ring: ${found.join(", ")}.`;
    return [surfaceOf(run.objective).warning, legend].filter(Boolean).join(" ");
  }

  return { choice: objective, options: panels, pictures: [map, side], fields: start,
    canvases: [mapCanvas, sideCanvas], show, draw, sentence, note, rows: ["f", "x"], details: ["g", "step"] };
}

return { surfaceView, axesFor, bestOf };
})();
