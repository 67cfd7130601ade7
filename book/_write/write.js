// The editors of a page: a reader writes an update rule, runs it, and sees its path in a figure.
//
// Python runs in a worker (worker.js), so that a loop without an end can be ended. It is loaded on
// the first Run: write-python.js, which calls descentWrite.python below, and the mistakes that can be
// made in this rule, write-NAME.js, which calls descentWrite.mistakes.
var descentWrite = (() => {
"use strict";

const { src: here, dataset: { version } } = document.currentScript;
const INSTEAD = "Use the notebook instead: what you have written can be pasted there as it is.";

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

// ---- Python, in a worker that is ended when it takes too long

let address, modules; // of the worker's script; its Python modules, by name
let worker; // a promise of one that is ready

// The text of a function reaches a worker also on a page opened from disk, where no file does.
function python(scripts, found) {
  const text = String(scripts);
  const body = text.slice(text.indexOf("{") + 1, text.lastIndexOf("}"));
  const path = `var __BRYTHON__ = { brython_path: "https://localhost/" };`; // a Blob has none that it could read
  address = URL.createObjectURL(new Blob([path, body], { type: "text/javascript" }));
  modules = found;
}

// A file beside this one, write-NAME.js; what is in it, in words.
function loaded(name, what) {
  return new Promise((done, failed) => {
    const script = make("script", { src: new URL(`write-${name}.js?v=${version}`, here) });
    script.onload = done;
    script.onerror = () => failed(new Error(`${what} could not be loaded. Try again when you are connected.`));
    document.head.append(script);
  });
}

async function started() {
  if (!address) await loaded("python", "Python");
  return new Promise((done, failed) => {
    const cannot = () => failed(new Error(`This browser cannot run Python in a page. ${INSTEAD}`));
    if (!globalThis.Worker) return cannot();
    const fresh = new Worker(address);
    fresh.onerror = cannot;
    fresh.onmessage = ({ data }) => (data.ready ? done(fresh) : cannot());
    fresh.postMessage({ modules });
  });
}

function ready() {
  worker ??= started().catch((error) => {
    worker = null; // the next Run tries again
    throw error;
  });
  return worker;
}

// What Python says of a task (worker.js); show(text) sees what is printed. One at a time, and not
// twice the same: the figure asks for what Run has just seen.
const last = { task: "", answer: null };
let before = Promise.resolve();
function run(task, show = () => {}) {
  const answer = before.then(async () => {
    const key = JSON.stringify(task);
    if (key === last.task) return last.answer;
    const busy = await ready();
    return new Promise((done) => {
      const end = (value) => {
        clearTimeout(timer);
        busy.onmessage = busy.onerror = null;
        if (!value.error) Object.assign(last, { task: key, answer: value });
        done(value);
      };
      const restart = (error) => {
        busy.terminate();
        worker = null;
        ready().catch(() => {});
        end({ error, line: 0, column: 0 });
      };
      const timer = setTimeout(() => restart(`It was stopped after ${page.limit / 1000} seconds: is there a loop without an end?`), page.limit);
      busy.onmessage = ({ data }) => (data.answer ? end(data.answer) : show(data.printed));
      busy.onerror = (event) => {
        event.preventDefault();
        restart(`Python itself failed: ${event.message}.`);
      };
      busy.postMessage(task);
    });
  });
  before = answer.catch(() => {});
  return answer;
}

const tables = {}; // of mistakes, by rule
const mistakes = (name, table) => (tables[name] = table);

// What descent.check says of a rule, in a sentence; of one that did not run as far as the page asked
// (failed) it says nothing, if the steps that were compared are right.
async function checked(source, name, failed) {
  try {
    if (!tables[name]) await loaded(name, "The names of the mistakes");
    const { error, right, sentence } = await run({ source, name, mistakes: tables[name] });
    if (error) return "It was not compared with the book’s rule: that took too long.";
    return failed && right ? "" : sentence;
  } catch ({ message }) {
    return message;
  }
}

// ---- A rule of the reader's own in a figure

const LOOK = { color: "#d81b60", dash: [9, 3, 2, 3] }; // on light and on dark pages, and no rule's
const controlOf = (name, value, { controls }) => controls[name] ?? { scale: "linear", min: Math.min(0, 2 * value),
  max: Math.max(1, 2 * value), step: Math.max(1, 2 * Math.abs(value)) / 100 };

// A link holds the runs that every page knows.
function linkWithout(mine) {
  const { write } = descentShare;
  descentShare.write = ({ runs, selected, ...others }, id) => {
    const known = runs.filter(({ rule }) => rule !== mine);
    return write({ ...others, runs: known, selected: Math.max(0, known.indexOf(runs[selected])) }, id);
  };
}

// Puts the reader's rule beside those of rules.js in a figure. Python computes its runs, and the
// rule that the figure calls takes their steps again. Numbers for what was asked come later, so the
// model is as a live kernel's: what was asked in the meantime, but the last, is forgotten.
function joined({ config, model }, mine, name, source) {
  const { get, set, save_changes: save, restore } = model;
  let wanted = get("result").settings; // what the figure asked for last
  let error = ""; // of Python, at what it shows
  let waiting = false, busy = false;
  const paths = {}; // [hyperparameters]: what page.py says
  const isMine = ({ rule }) => rule === mine;
  linkWithout(mine);

  descentRules.RULES[mine] = (hyperparameters, inner) => {
    const { fields, own, width } = paths[JSON.stringify(hyperparameters)], state = {};
    let t = -1;
    const first = () => {
      t += 1;
      for (const field of own) state[field] = fields[field].slice(width * t, width * (t + 1));
    };
    first();
    const step = (i, x) => {
      const next = fields.x[width * t + i];
      inner[i] = [(x - next) / (hyperparameters.alpha ?? 1)];
      return next;
    };
    return { state, first, step };
  };

  async function compute(settings) {
    error = "";
    for (const { hyperparameters } of settings.runs.filter(isMine)) {
      const answer = await run(taskOf(source(), name, settings, hyperparameters)).catch(({ message }) => ({ error: message }));
      if (answer.error) error = `${mine}: ${answer.error}`;
      const none = { x: Array.from({ length: 2 * settings.n_iter + 2 }, () => NaN) };
      const { fields, own } = answer.error ? { fields: none, own: [] } : answer;
      paths[JSON.stringify(hyperparameters)] = { fields, own, width: fields.x.length / (settings.n_iter + 1) };
    }
  }

  async function work() {
    busy = true;
    while (waiting) {
      const now = { ...wanted };
      waiting = false;
      await compute(now);
      if (!wanted.runs.some(isMine)) continue; // it was removed
      for (const key in now) set(key, now[key]);
      save();
      for (const key in wanted) set(key, wanted[key]);
    }
    busy = false;
  }

  Object.assign(model, {
    set(key, value) {
      wanted = { ...wanted, [key]: value };
      set(key, value);
    },
    restore(settings, complaint) {
      wanted = { ...config.initial, axes: {}, ...settings, request: wanted.request + 1 };
      restore(settings, complaint);
    },
    save_changes() {
      const { runs, selected, axes } = wanted;
      waiting = runs.some(isMine);
      if (axes.y && isMine(runs[selected])) model.set("axes", {}); // thousands of runs
      if (!waiting) error = "";
      if (!waiting) save();
      else if (!busy) work();
    },
    get(key) {
      const value = get(key);
      if (key !== "result") return value;
      if (error) return { settings: value.settings, error };
      value.settings.runs.forEach((one, i) => { // of a rule that is not the book's only the step is known
        if (isMine(one)) for (const field of ["average", "rate"]) delete value.runs[i].fields[field];
      });
      return value;
    },
  });

  return (defaults) => {
    const { runs: [first] } = wanted;
    const adopted = Object.fromEntries(Object.entries(defaults).map(([k, v]) => [k, first.hyperparameters[k] ?? v]));
    config.rules[mine] = { hyperparameters: adopted, ...LOOK,
      controls: Object.fromEntries(Object.entries(adopted).map(([k, v]) => [k, controlOf(k, v, config)])) };
    const others = wanted.runs.filter((one) => !isMine(one));
    model.restore({ ...wanted, runs: [...others, { rule: mine, hyperparameters: adopted }], selected: 0, axes: {} });
  };
}

// What Python is asked for a run of a figure.
const taskOf = (source, name, { view, objective, x0, stream, n_iter }, h) =>
  ({ source, name, n_iter, settings: h, ...(view === "stream" ? { stream } : { objective, x0 }) });

// ---- The editor

function editor(box, n) {
  const told = JSON.parse(box.dataset.write), { name } = told;
  const skeleton = box.querySelector("pre").textContent;
  const key = `descent-write ${location.pathname} ${name} ${n}`;
  const stored = (() => {
    try {
      return localStorage;
    } catch { // not allowed here: nothing is kept
      return { getItem: () => null, setItem() {}, removeItem() {} };
    }
  })();

  const gutter = make("div", { class: "lines", "aria-hidden": "true" });
  const hint = make("p", { class: "note", id: `write-hint-${n}` },
    "Tab indents; Escape, then Tab leaves the editor. Shift and Enter run. What you write is kept in this browser.");
  const text = make("textarea", { spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off",
    "aria-label": `${name}, in Python`, "aria-describedby": hint.id });
  const status = make("p", { role: "status" });
  const verdict = make("p", { class: "verdict", role: "status" });
  const printed = make("pre", { class: "printed", tabindex: 0, "aria-label": "what it printed" });
  const button = (label, press) => {
    const node = make("button", { type: "button" }, label);
    node.onclick = press;
    return node;
  };
  const go = button("Run", press);
  box.replaceChildren(
    make("div", { class: "sheet" }, gutter, text), hint,
    make("div", { class: "buttons" }, go, button("Start again", again), button("Download", download)),
    status, verdict, printed);
  text.value = stored.getItem(key) ?? skeleton;
  layOut();

  function layOut() {
    const lines = text.value.split("\n").length;
    text.rows = lines + 1;
    if (gutter.childElementCount !== lines) {
      gutter.replaceChildren(...Array.from({ length: lines }, (_, i) => make("span", {}, String(i + 1))));
    }
  }

  // Where a line goes on, the edge fades (course.css).
  const look = () => {
    text.classList.toggle("more-left", text.scrollLeft > 1);
    text.classList.toggle("more-right", text.scrollLeft + text.clientWidth < text.scrollWidth - 1);
  };
  text.onscroll = look;
  new ResizeObserver(look).observe(text);

  // Put text in place of what is chosen, so that it can be undone.
  function insert(chars) {
    if (document.execCommand("insertText", false, chars)) return;
    text.setRangeText(chars, text.selectionStart, text.selectionEnd, "end");
    text.oninput();
  }

  function indent(back) {
    const { value, selectionStart: from, selectionEnd: to } = text;
    if (!back && from === to) return insert(" ".repeat(4 - ((from - value.lastIndexOf("\n", from - 1) - 1) % 4)));
    const first = value.lastIndexOf("\n", from - 1) + 1, end = value.indexOf("\n", Math.max(first, to - (to > from)));
    const old = value.slice(first, end < 0 ? value.length : end);
    const fresh = old.replace(back ? /^ {1,4}/gm : /^(?=.)/gm, back ? "" : "    ");
    if (fresh === old) return;
    text.setSelectionRange(first, first + old.length);
    insert(fresh);
    const moved = fresh.length - old.length;
    if (from === to) text.setSelectionRange(Math.max(first, from + moved), Math.max(first, from + moved));
    else text.setSelectionRange(first, first + fresh.length);
  }

  let leaving = false; // Escape was pressed: Tab does what it does elsewhere
  text.onkeydown = (event) => {
    const { key: pressed, shiftKey, ctrlKey, altKey, metaKey, isComposing } = event;
    if (pressed === "Escape") leaving = true;
    if (isComposing || altKey || ["Escape", "Shift"].includes(pressed)) return;
    if (pressed === "Enter" && (shiftKey || ctrlKey || metaKey)) {
      event.preventDefault();
      press();
    } else if (pressed === "Tab" && !leaving && !ctrlKey && !metaKey) {
      event.preventDefault();
      indent(shiftKey);
    } else if (pressed === "Enter") {
      event.preventDefault();
      const line = text.value.slice(text.value.lastIndexOf("\n", text.selectionStart - 1) + 1, text.selectionStart);
      insert("\n" + /^ */.exec(line)[0] + (/:\s*$/.test(line) ? "    " : ""));
    }
    leaving = false;
  };
  text.onblur = () => (leaving = false);
  text.oninput = () => {
    layOut();
    look();
    mark(0);
    try {
      if (text.value === skeleton) stored.removeItem(key);
      else stored.setItem(key, text.value);
    } catch { // no room: nothing is kept
    }
  };

  function mark(line) {
    gutter.querySelector(".wrong")?.classList.remove("wrong");
    box.classList.toggle("failed", line > 0);
    if (!line) return text.removeAttribute("aria-invalid");
    gutter.children[line - 1]?.classList.add("wrong");
    text.setAttribute("aria-invalid", true);
  }

  function again() {
    text.focus();
    text.select();
    insert(skeleton);
    text.setSelectionRange(0, 0);
    say("The first lines are back. Undo brings back what you wrote.");
  }

  function download() {
    const link = make("a", { href: URL.createObjectURL(new Blob([text.value], { type: "text/x-python" })), download: `${name}.py` });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function say(sentence) {
    status.textContent = sentence;
    verdict.textContent = "";
  }

  let ran = ""; // what the figure runs
  let join = null;
  async function press() {
    if (go.getAttribute("aria-disabled")) return;
    const source = text.value;
    mark(0);
    printed.textContent = "";
    say(address ? "It runs …" : "Python is being loaded (a third of a megabyte, once) …");
    go.setAttribute("aria-disabled", true);
    try {
      const figure = globalThis.descentPage?.figures.find(({ id }) => id === told.figure);
      if (!figure) throw new Error("The figure is not there yet. Run again in a moment.");
      const { settings } = figure.model.get("result");
      const task = taskOf(source, name, { ...settings, view: "surface" }, settings.runs[0].hyperparameters);
      const answer = await run(task, (more) => (printed.textContent += more));
      if (answer.error) {
        const { error, line, column } = answer;
        mark(line);
        const place = column ? `Line ${line}, column ${column}: ` : line ? `Line ${line}: ` : "";
        say(place + error);
      } else {
        ran = source;
        join ??= joined(figure, `my_${name}`, name, () => ran);
        join(answer.hyperparameters);
        say(sentence(answer, settings));
      }
      if (!answer.error || answer.named) verdict.textContent = await checked(source, name, answer.error);
    } catch ({ message }) {
      say(message);
    } finally {
      go.removeAttribute("aria-disabled");
    }
  }

  // How the path lies to that of the book's rule with the same hyperparameters.
  function sentence({ fields: { x }, hyperparameters }, { objective, x0, n_iter, runs: [first] }) {
    const book = [], h = { ...hyperparameters, ...first.hyperparameters };
    descentRules.minimize(objective, x0, name, n_iter, h, (t, px, py) => book.push(px, py));
    const isSame = (v, k) => Object.is(v, book[k]);
    const at = x.findIndex((v, k) => !isSame(v, k) && !(Math.abs(v - book[k]) <= 1e-9 * Math.max(1, Math.abs(book[k]))));
    const what = x.every(isSame) ? `the same as that of the book’s ${name}, to the last bit`
      : at < 0 ? `that of the book’s ${name}, to nine digits`
      : `another than that of the book’s ${name}, from step ${Math.floor(at / 2)} on`;
    return `It ran: ${n_iter} steps on ${objective}. Its path, my_${name} in the figure, is ${what}.`;
  }
}

const page = { python, mistakes, limit: 2000 }; // milliseconds that a run may take
document.querySelectorAll(".descent-write").forEach(editor);

return page;
})();
