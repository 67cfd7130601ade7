// The view of a stream of gradients in one coordinate: the gradients as bars, below them the step
// over alpha of each run, and below that a number from inside of the rules, all over the same t.
var descentStreamView = (() => {
"use strict";

const { ticks, plot, line, bar, mark } = descentDraw;
const { make, select, radios, format } = descentControls;
const MARGINS = { top: [52, 20, 14, 8], bottom: [52, 20, 14, 44] }; // left, top, right, bottom
const INNER = { average: "average", root: "divisor", rate: "rate", x: "x" };
const LABELS = {
  g: "gradient gₜ",
  step: "step / α",
  average: "what takes the gradient's place: m̂, b or g",
  root: "what it is divided by: √v̂, u, √v_max, …",
  rate: "effective rate α / (divisor + ε)",
  x: "xₜ",
};

function streamView(figure) {
  const { config, ask, now, last, lookOf } = figure;
  const streamOf = (name) => config.streams.find((stream) => stream.name === name);
  const canvases = ["gradients as bars over t", "step over α of each run", "a number from inside of each rule"]
    .map((label) => make("canvas", { role: "img", "aria-label": label }));
  const pictures = make("div", { class: "plot stack" }, ...canvases);
  const stream = select("stream", config.streams.map(({ name }) => name), (name) => {
    ask({ stream: name });
    choose(streamOf(name).interval ? "x" : inner === "x" ? "average" : inner);
  });
  const first = ({ inner, stream }) => inner ?? (streamOf(stream).interval ? "x" : "average");
  let inner = first(figure.settings); // what the third picture shows
  const options = radios("inner", "third picture", INNER, choose);

  function choose(name) {
    inner = name;
    figure.el.dataset.inner = name;
    options.show(inner);
    figure.redraw();
  }

  function show() {
    stream.value = figure.settings.stream;
    options.show(inner);
    figure.el.dataset.inner = inner;
  }

  // The y axis for lines of numbers, around 0 and with room for dots.
  function yAxis(columns, label) {
    let lo = 0, hi = 0;
    for (const column of columns) {
      for (const v of column) {
        if (v < lo && v > -Infinity) lo = v;
        if (v > hi && v < Infinity) hi = v;
      }
    }
    const room = 0.07 * (hi - lo) || 1;
    return { lo: lo - room, hi: hi + room, label, ticks: ticks(lo, hi || (lo ? 0 : 1), 4) };
  }

  function drawLines(canvas, name, margins, x) {
    const { runs, run } = figure.result;
    const columns = runs.map(({ fields }) => fields[name] ?? []);
    const limits = (name === "x" && streamOf(run.stream).interval) || [];
    const y = yAxis([...columns, limits], LABELS[name]);
    plot(canvas, margins, x, y, (c, toX, toY, { left, top, width, height }) => {
      const across = (v, dash) => line(c, [[left, toY(v)], [left + width, toY(v)]], "gray", 1, dash);
      across(0, []);
      limits.forEach((v) => across(v, [6, 3]));
      line(c, [[toX(now()), top], [toX(now()), top + height]], "gray", 1, [3, 3]);
      const order = [...runs.keys()].filter((i) => i !== run.selected).concat(run.selected);
      for (const i of order) {
        const { color, dash } = lookOf(i), column = columns[i], thick = i === run.selected ? 2.2 : 3.2;
        const can = (t) => Number.isFinite(column[t]), at = (t) => [toX(t), toY(column[t])];
        line(c, [...column.keys()].filter(can).map(at), color, thick, dash);
        if (can(now())) mark(c, at(now()), color, "white", 4.5);
      }
    });
  }

  function draw() {
    if (!canvases[0].clientWidth) return;
    const { runs } = figure.result, g = runs[0].fields.g;
    const numbered = { lo: -0.02 * last(), hi: 1.02 * last(), label: "step t", ticks: ticks(0, last(), 6, { whole: true }) };
    const bare = { ...numbered, label: "", ticks: [] };
    plot(canvases[0], MARGINS.top, bare, yAxis([g], LABELS.g), (c, toX, toY, { width }) => {
      const thick = Math.max(1, (0.6 * width) / (1.04 * last()));
      g.forEach((v, t) => v && bar(c, toX(t), thick, toY(0), toY(v), t === now() ? getComputedStyle(canvases[0]).color : "gray"));
    });
    drawLines(canvases[1], "step", MARGINS.top, bare);
    drawLines(canvases[2], inner, MARGINS.bottom, numbered);
  }

  // What happened, in words.
  function sentence({ label, fields: { step, x } }) {
    let longest = 1;
    step.forEach((v, t) => {
      if (Math.abs(v) > (1 + 1e-9) * Math.abs(step[longest])) longest = t; // more than rounding
    });
    const broken = step.findIndex((v, t) => t && !Number.isFinite(v));
    if (broken > 0) return `${label} diverges: at step ${broken} its step is no longer a finite number.`;
    return `${label}: the last step is ${format(step.at(-1))} α, the longest ${format(Math.abs(step[longest]))} α ` +
      `at t = ${longest}; x ends at ${format(x.at(-1))}.`;
  }

  return { choice: stream, options: options.node, pictures: [pictures], fields: "",
    canvases, show, draw, sentence, note: () => "", rows: ["step"], details: ["g", "x"], inner: () => inner,
    reset: () => choose(first(config.initial)) };
}

return { streamView };
})();
