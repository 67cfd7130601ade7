// The interactive figure: its runs, its time, its words, and its two views. It asks a model for
// numbers and knows no algorithm.
//
// render({ model, el, link }) is anywidget's interface. The model is a live kernel's (explorer.py
// computes) or the one of page.js (rules.js computes). It holds
//
//   config   rules, the controls that they share, surfaces, streams, and the initial settings
//   surface  { name, n, values }: f on an n x n grid over the bounds, row by row from below
//   result   { settings, runs: [{ fields: { x, step, ... }, own: [names of the rule's record] }],
//            map }; or { settings, error, traceback }
//
// Settings say what to run: view, objective, x0, stream, n_iter, runs, selected; axes, which is {}
// or a sensitivity map's { x: { name, values }, y: { name, values } }; and request, a count. To
// ask for other runs the view sets them on the model under these names.
//
// Numbers arrive as Float64Array (page) or as the bytes of one (kernel). On a page, link(settings)
// gives the address of the figure as it stands.
var descentExplorer = (() => {
"use strict";

const { make, button, select, radios, hyperparameter, holdSwipes, symbolOf, tuple } = descentControls;
const json = JSON.stringify;

function numbers(data) {
  if (!(data instanceof DataView)) return data;
  const { buffer, byteOffset, byteLength } = data;
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

// The numbers of step t, of 0 to last.
const rowOf = (data, t, last, width = data.length / (last + 1)) => data.subarray(width * t, width * (t + 1));

// ---- Runs

// A name for each run: its rule, and where a rule comes twice, what tells its runs apart.
function labelsOf(runs) {
  return runs.map(({ rule, hyperparameters }, i) => {
    const twins = runs.filter((other) => other.rule === rule);
    const own = Object.entries(hyperparameters)
      .filter(([name, value]) => twins.some((twin) => twin.hyperparameters[name] !== value));
    const label = [rule, ...own.map(([name, value]) => `${symbolOf(name)} = ${value}`)].join(", ");
    const before = runs.slice(0, i).filter((other) => json(other) === json(runs[i])).length;
    return before ? `${label} (${before + 1})` : label;
  });
}

// The colour and dash of each run: its rule's; where a rule comes twice, the later ones are closer to
// the ink of the page, from which every colour stands out, and have other dashes.
function looksOf(runs, rules, ink) {
  const dashes = Object.values(rules).filter(({ controls }) => !controls).map(({ dash }) => dash);
  return runs.map(({ rule }, i) => {
    const { color, dash } = rules[rule];
    const same = [...runs.keys()].filter((j) => rules[runs[j].rule].color === color), k = same.indexOf(i);
    if (!k) return { color, dash };
    const mix = (0.65 * k) / (same.length - 1);
    const parts = color.match(/\w\w/g).map((part) => Math.round((1 - mix) * parseInt(part, 16) + mix * ink));
    return { color: `rgb(${parts})`, dash: dashes[(dashes.indexOf(dash) + k) % dashes.length] };
  });
}

// Black or white, whichever is nearer to the colour of the page's text. JupyterLab renders before the
// page holds the figure, which has no colour then.
function inkOf(el) {
  const [r, g, b] = getComputedStyle(el).color.match(/[\d.]+/g) ?? [];
  return +r + +g + +b > 382 ? 255 : 0;
}

function render({ model, el, link }) {
  let close;
  const build = () => {
    close?.();
    close = figure(model, el, link);
  };
  build();
  model.on("change:config", build); // a rule was redefined, or a link sets the figure
  return () => {
    model.off("change:config", build);
    close();
  };
}

function figure(model, el, link) {
  const config = model.get("config");
  let { settings } = model.get("result"); // what the controls show
  let result = null; // the last runs that succeeded
  let scrubbed = settings.t ?? Infinity; // the step under the scrubber; Infinity: the last
  let looks = []; // of its runs
  let frame = 0, timer = 0; // of the next drawing, of the play button
  const last = () => result.run.n_iter;
  const now = () => Math.min(scrubbed, last());
  const selected = () => settings.runs[settings.selected];
  const controlsOf = (rule) => descentControls.controlsOf(config, rule);
  const valueOf = (name) => (name === "n_iter" ? settings.n_iter : selected().hyperparameters[name]);

  function ask(changes) {
    settings = { ...settings, ...changes, request: settings.request + 1 };
    // A map of another rule's numbers shows nothing of this one.
    if (Object.values(settings.axes).some(({ name }) => !controlsOf(selected().rule)[name])) settings.axes = {};
    for (const name in settings) model.set(name, settings[name]);
    model.save_changes();
    showSettings();
  }

  // Change the selected run, or the number of steps.
  function set({ n_iter = settings.n_iter, ...others }) {
    const run = { ...selected(), hyperparameters: { ...selected().hyperparameters, ...others } };
    ask({ n_iter, runs: settings.runs.with(settings.selected, run) });
  }

  const complaint = make("p", { role: "alert", class: "note" });
  const complain = (text) => (complaint.textContent = text);
  const shared = {
    config, model, el, ask, set, now, last, controlsOf, valueOf, complain, numbers,
    lookOf: (i) => looks[i],
    redraw: () => draw(),
    get settings() { return settings; },
    get result() { return result; },
  };
  const views = { surface: descentSurfaceView.surfaceView(shared), stream: descentStreamView.streamView(shared) };
  let view = views[settings.view];

  // ---- Runs, as chips

  const chips = make("div", { class: "runs", role: "group", "aria-label": "runs" });
  const add = select("add", [{ value: "", text: "add a run …" }, { value: "same", text: "the same again" },
    ...Object.keys(config.rules)], addRun, "add a run");

  function addRun(rule) {
    add.value = "";
    const twin = settings.runs.findLast((run) => run.rule === rule) ?? selected();
    const { alpha } = twin.hyperparameters;
    const fresh = structuredClone(rule === "same" ? selected()
      : { rule, hyperparameters: config.rules[rule].hyperparameters });
    if (alpha !== undefined && fresh.hyperparameters.alpha !== undefined) fresh.hyperparameters.alpha = alpha;
    ask({ runs: [...settings.runs, fresh], selected: settings.runs.length });
  }

  function removeRun(i) {
    const runs = settings.runs.toSpliced(i, 1);
    ask({ runs, selected: Math.min(settings.selected - (i < settings.selected), runs.length - 1) });
    chips.querySelector("[aria-pressed=true]").focus();
  }

  let chipsShown = "";
  function showRuns() {
    const labels = labelsOf(settings.runs), key = json([labels, settings.selected, inkOf(el)]);
    if (key === chipsShown) return;
    chipsShown = key;
    const focus = [...chips.children].findIndex((chip) => chip.contains(document.activeElement));
    chips.replaceChildren(...looksOf(settings.runs, config.rules, inkOf(el)).map(({ color, dash }, i) => {
      const swatch = make("svg", { width: 30, height: 6, "aria-hidden": "true" },
        make("line", { x1: 0, y1: 3, x2: 30, y2: 3, stroke: color, "stroke-width": 3, "stroke-dasharray": dash.join(" ") }));
      const chip = button("run", "", () => ask({ selected: i }));
      chip.append(swatch, labels[i]);
      chip.setAttribute("aria-pressed", i === settings.selected);
      const remove = button("remove", "×", () => removeRun(i));
      remove.setAttribute("aria-label", `remove ${labels[i]}`);
      return make("span", { class: "chip" }, chip, ...(labels.length > 1 ? [remove] : []));
    }));
    chips.children[focus]?.firstChild.focus();
  }

  // ---- Controls, named as in Python

  const sliders = make("div", { class: "sliders" });
  let slidersOf = ""; // the rule and view that they were made for
  let shownSliders = [];
  function showSliders() {
    const { rule } = selected(), key = `${settings.view} ${rule}`;
    if (slidersOf !== key) {
      slidersOf = key;
      shownSliders = Object.entries(controlsOf(rule)).map(([name, control]) =>
        ({ name, ...hyperparameter(name, control, (value) => set({ [name]: value }), complain) }));
      sliders.replaceChildren(...shownSliders.map(({ row }) => row), view.fields);
    }
    for (const { name, show } of shownSliders) show(valueOf(name));
  }

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
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches; // ten pictures, no motion
    timer = setInterval(() => {
      seek(now() + Math.ceil(last() / (calm ? 10 : 150)));
      if (now() === last()) stop();
    }, calm ? 800 : 30);
  });

  const reset = button("reset", "Reset", () => {
    scrubbed = Infinity;
    complain("");
    views.stream.reset();
    ask({ ...config.initial, axes: {} });
  });

  // ---- The same figure elsewhere

  const call = make("code");
  async function copyText(pressed, text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not allowed here: copy it as a reader would
      const spare = make("p", {}, text);
      form.append(spare);
      getSelection().selectAllChildren(spare);
      document.execCommand("copy");
      spare.remove();
    }
    pressed.textContent = "Copied"; // until the call is another
  }
  const copy = button("copy", "Copy", () => copyText(copy, call.textContent));
  const share = button("link", "", () => copyText(share, link ? link(address()) : explorerCall()));

  const address = () => ({ ...settings, panel: settings.axes.y?.name, inner: views.stream.inner(), t: now() < last() ? now() : undefined });
  const python = (values) => Object.entries(values).map(([name, value]) => `${name}=${json(value)}`);
  const codeOf = () => config.surfaces.find(({ name }) => name === settings.objective).code;

  function explorerCall() {
    const [first, ...others] = settings.runs;
    const compare = others.map(({ rule, hyperparameters }) => {
      const name = config.rules[rule].controls ? rule : json(rule); // one's own is known by its name
      return `{"rule": ${name}, ${Object.entries(hyperparameters).map((entry) => entry.map(json).join(": ")).join(", ")}}`;
    });
    const { own } = config.streams.find(({ name }) => name === settings.stream);
    const what = settings.view === "stream" ? [`stream=${own ?? json(settings.stream)}`]
      : [`[${codeOf()}]`, `x0=[${settings.x0.join(", ")}]`];
    return `Explorer(${[first.rule, ...what, `n_iter=${settings.n_iter}`, ...python(first.hyperparameters),
      ...(others.length ? [`compare=[${compare.join(", ")}]`] : [])].join(", ")})`;
  }

  function showCall() {
    const { rule, hyperparameters } = selected();
    call.textContent = settings.view === "stream" ? explorerCall()
      : `minimize(${[codeOf(), `x0=[${settings.x0.join(", ")}]`, `rule=${rule}`, `n_iter=${settings.n_iter}`,
        ...python(hyperparameters)].join(", ")})`;
    copy.textContent = "Copy";
    share.textContent = link ? "Link" : "Copy figure";
  }

  // ---- The form

  const choice = make("span", { class: "head" });
  const which = radios("view", "view", { surface: "surface", stream: "stream" }, (name) => ask({ view: name }));
  const pictures = make("div", { class: "plots" });
  const note = make("p", { class: "note" });
  const readout = make("div", { class: "readout" });
  const output = make("output", { "aria-live": "polite" });
  const alert = make("p", { role: "alert" }), trace = make("pre");
  const problem = make("div", { class: "problem", hidden: "" }, alert, trace);
  const form = make("form", {},
    make("div", { class: "head" }, which.node, choice),
    make("div", { class: "head" }, chips, add),
    pictures,
    note,
    make("div", { class: "time" }, play, scrub, time),
    sliders,
    complaint,
    readout,
    output,
    problem,
    make("div", { class: "call" }, call, copy, share, reset));
  form.onsubmit = (event) => event.preventDefault();
  holdSwipes(form);

  let viewShown = "";
  function showSettings() {
    view = views[settings.view];
    if (viewShown !== settings.view) {
      viewShown = settings.view;
      choice.replaceChildren(view.choice, view.options);
      pictures.replaceChildren(...view.pictures);
      resized.disconnect();
      resized.observe(view.canvases[0].parentNode);
    }
    which.show(settings.view);
    view.show();
    showRuns();
    showSliders();
    showCall();
    for (const node of form.elements) node.dataset.lmSuppressShortcuts = true; // JupyterLab's keys
    draw();
  }

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
      const { settings: run } = latest, labels = labelsOf(run.runs);
      const runs = latest.runs.map(({ fields: sent, own }, i) => {
        const fields = Object.fromEntries(Object.entries(sent).map(([name, data]) => [name, numbers(data)]));
        const points = Array.from({ length: run.n_iter + 1 }, (_, t) => rowOf(fields.x, t, run.n_iter));
        return { ...run.runs[i], label: labels[i], own, fields, f: fields.f, points };
      });
      const scores = latest.map && numbers(latest.map);
      result = { run, runs, scores, rule: run.runs[run.selected].rule };
      view = views[run.view];
      publish();
      showStep();
    }
    if (latest.complaint) complain(latest.complaint);
    showSettings();
  }

  const endOf = ({ points }) => json(Array.from(points.at(-1)));

  function publish() {
    const { run, runs, scores } = result, main = runs[run.selected];
    const best = scores && descentSurfaceView.bestOf(scores, run.axes);
    Object.assign(el.dataset, {
      state: "ready", view: run.view, rule: main.rule, objective: run.objective, stream: run.stream,
      x0: json(run.x0), nIter: run.n_iter, hyperparameters: json(main.hyperparameters), x: endOf(main),
      score: main.f?.at(-1) ?? "", selected: run.selected, panel: run.axes.y?.name ?? "loss", best: best ? json(best) : "",
      runs: json(runs.map(({ rule, hyperparameters, points, f }) =>
        ({ rule, hyperparameters, x: Array.from(points.at(-1)), score: f?.at(-1) ?? null }))),
    });
    output.replaceChildren(...runs.map((source) => make("span", {}, `${view.sentence(source)} `)));
    note.textContent = view.note();
    scrub.max = last();
  }

  // The numbers of step t: a row for each run, and from inside of the selected one.
  function showStep() {
    const { runs, run } = result, shown = now();
    looks = looksOf(run.runs, config.rules, inkOf(el));
    el.dataset.t = scrub.value = shown;
    time.textContent = `t = ${shown}`;
    const at = ({ fields }, name) => tuple(rowOf(fields[name], shown, last()));
    const part = (source, name, text) => make("span", {}, make("i", {}, text), ` ${at(source, name)} `);
    readout.replaceChildren(...runs.map((source, i) => {
      const { average, root } = config.rules[source.rule];
      const inside = [...view.details.map((name) => [name, { step: "step/α" }[name] ?? name]),
        ...source.own.map((name) => [name, name]),
        ...[["average", average], ["root", root !== "u" && root], ["rate", root && "rate"]].filter(([, text]) => text)];
      const row = make("p", { class: "step" }, make("b", {}, source.label), " ",
        ...view.rows.map((name) => part(source, name, name === "step" ? "step/α" : name)),
        ...(i === run.selected ? inside.map(([name, text]) => part(source, name, text)) : []));
      row.style.borderColor = looks[i].color;
      return row;
    }));
    scrub.setAttribute("aria-valuetext", `t = ${shown}: ${readout.children[run.selected].textContent}`);
    draw();
  }

  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (result?.run.view === viewShown) view.draw();
    });
  }

  // ---- Life

  const restyle = () => {
    showRuns();
    if (result?.run.view === settings.view) showStep(); // else its numbers are on their way
  };
  const resized = new ResizeObserver(restyle), themed = new MutationObserver(restyle);
  el.classList.add("descent-explorer");
  el.replaceChildren(form);
  for (const node of [document.documentElement, document.body]) themed.observe(node, { attributes: true });
  const printing = ({ type }) => { // dark ink on white paper
    el.classList.toggle("on-paper", type === "beforeprint");
    if (result) view.draw();
  };
  addEventListener("beforeprint", printing);
  addEventListener("afterprint", printing);
  model.on("change:result", receive);
  receive();
  return () => {
    stop();
    resized.disconnect();
    themed.disconnect();
    removeEventListener("beforeprint", printing);
    removeEventListener("afterprint", printing);
    model.off("change:result", receive);
  };
}

return { render };
})();
