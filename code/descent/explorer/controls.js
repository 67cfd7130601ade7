// What a reader operates: elements, sliders and their scales, and what a number may be.
var descentControls = (() => {
"use strict";

const { minus } = descentDraw;
const SYMBOLS = { alpha: "α", beta: "β", beta1: "β₁", beta2: "β₂", eps: "ε" };

// How a slider's raw value becomes a hyperparameter. "log" sliders move along log10(value);
// "decay" sliders along -log10(1 - value), so that 0.9, 0.99 and 0.999 are equally far apart.
// Of the numbers that belong to a position, a slider of either kind takes the roundest, of the
// value or of 1 - value: 0.03, not 0.0302. data-hyperparameters has the result.
const SCALES = {
  linear: { raw: (value) => value, value: (raw) => raw },
  log: { raw: Math.log10, value: (raw, step = 0.01) => roundest(raw, step) },
  decay: {
    raw: (value) => -Math.log10(1 - value),
    value: (raw, step = 0.01) => Number((1 - roundest(-raw, step)).toFixed(8)),
  },
};

// The number with fewest digits whose log10 is within half a step.
function roundest(raw, step) {
  for (let digits = 1; ; digits++) {
    const value = Number((10 ** raw).toPrecision(digits));
    if (digits > 5 || Math.abs(Math.log10(value) - raw) <= step / 2) return value;
  }
}

// What is wrong with a value, in words; "" if nothing is.
function fault(name, value, { above, least, below, most, whole, choices }) {
  const rules = [ // what is wrong, and what it must be; no number is beyond a bound that is undefined
    [choices && !choices.includes(value), `one of ${choices?.join(", ")}`],
    [!choices && !Number.isFinite(value), "a finite number"],
    [value <= above, `greater than ${above}`],
    [value < least, `at least ${least}`],
    [value >= below, `less than ${below}`],
    [value > most, `at most ${most}`],
    [whole && value % 1, "a whole number"],
  ];
  const broken = rules.find(([wrong]) => wrong);
  return broken ? `${name} must be ${broken[1]}, got ${String(value).slice(0, 40)}` : "";
}

// The controls of a rule: of its hyperparameters, and of the number of steps.
function controlsOf({ rules, controls, most }, rule) {
  const { hyperparameters, controls: own = controls } = rules[rule];
  return { ...Object.fromEntries(Object.keys(hyperparameters).map((name) => [name, own[name]])),
    n_iter: { scale: "linear", min: 1, max: Math.min(500, most), step: 1, least: 1, most, whole: true } };
}

// ---- Elements

// An element with attributes and children; strings become text, never HTML.
function make(tag, attributes = {}, ...children) {
  const node = ["svg", "line"].includes(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

function button(name, text, press) {
  const node = make("button", { type: "button", name }, text);
  node.onclick = press;
  return node;
}

function select(name, options, choose, label = name) {
  const node = make("select", { name, "aria-label": label },
    ...options.map((option) => make("option", { value: option.value ?? option }, option.text ?? option)));
  node.oninput = () => choose(node.value);
  return node;
}

// Buttons of which one is pressed: options is { value: text }.
function radios(name, label, options, choose) {
  const inputs = Object.keys(options).map((value) => {
    const input = make("input", { type: "radio", name, value });
    input.oninput = () => choose(value);
    return input;
  });
  const node = make("div", { class: "head", role: "radiogroup", "aria-label": label },
    ...inputs.map((input) => make("label", {}, input, options[input.value])));
  return { node, show: (value) => inputs.forEach((input) => (input.checked = input.value === value)) };
}

// A number as text; what is typed counts when it is left, if it may be.
function numberField(name, label, control, choose, complain) {
  const node = make("input", { type: "text", inputmode: "decimal", name, "aria-label": label, class: "value" });
  let typed = false; // and not left yet: what comes late does not write over it
  node.oninput = () => (typed = true);
  node.onblur = () => (typed = false);
  node.onchange = () => {
    typed = false;
    const text = node.value.trim().replace(",", ".").replace("−", "-");
    const value = text ? Number(text) : NaN;
    const wrong = Number.isNaN(value) ? `${label} must be a number, got “${node.value.slice(0, 40)}”`
      : fault(label, value, control);
    node.setAttribute("aria-invalid", Boolean(wrong));
    complain(wrong && `${wrong}; nothing has changed.`);
    if (!wrong) choose(value);
  };
  node.onkeydown = ({ key }) => {
    if (key !== "Enter") return;
    node.blur(); // then it counts, in JupyterLab, too
    node.focus();
  };
  const show = (value) => {
    if (typed) return;
    node.value = value;
    node.removeAttribute("aria-invalid");
  };
  return { node, show };
}

// The control of a hyperparameter: a menu, or a slider with the value beside it.
function hyperparameter(name, control, choose, complain) {
  const head = make("span", {}, make("i", {}, SYMBOLS[name] ?? ""), name);
  if (control.choices) {
    const input = select(name, control.choices, choose);
    return { row: make("label", { class: "slider" }, head, input), show: (value) => (input.value = value) };
  }
  const { scale, min, max, step } = control;
  const input = make("input", { type: "range", name, min, max, step });
  input.oninput = () => choose(SCALES[scale].value(+input.value, step));
  const field = numberField(`${name}-value`, name, control, choose, complain);
  const show = (value) => {
    const raw = SCALES[scale].raw(value);
    input.min = Math.min(min, Number.isFinite(raw) ? raw : min);
    input.max = Math.max(max, Number.isFinite(raw) ? raw : max);
    input.value = Math.max(raw, input.min);
    input.setAttribute("aria-valuetext", value);
    field.show(value);
  };
  return { row: make("div", { class: "slider" }, make("label", {}, head, input), field.node), show };
}

// A finger that swipes up or down across a slider scrolls the page and leaves the slider alone.
function holdSwipes(form) {
  let held = null; // the slider under a finger that has not yet moved along it
  const release = () => {
    const { input } = held;
    held = null;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  form.addEventListener("pointerdown", ({ pointerType, target, clientX }) => {
    if (pointerType === "touch" && target.type === "range") held = { input: target, value: target.value, x: clientX };
  });
  form.addEventListener("input", (event) => held?.input === event.target && event.stopPropagation(), true);
  form.addEventListener("pointermove", ({ clientX }) => held && Math.abs(clientX - held.x) > 8 && release());
  form.addEventListener("pointerup", () => held && release());
  form.addEventListener("pointercancel", () => {
    if (held) held.input.value = held.value;
    held = null;
  });
}

// ---- Numbers as text

const symbolOf = (name) => SYMBOLS[name] ?? name;

function format(value) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return minus(value).replace("Infinity", "∞");
  const size = Math.abs(value);
  if (size && (size < 1e-3 || size >= 1e5)) return minus(value.toExponential(2).replace("+", ""));
  return minus(size < 10 ? value.toFixed(4) : value.toPrecision(5));
}

const tuple = (values) => {
  const text = Array.from(values, format).join(", ");
  return values.length > 1 ? `(${text})` : text;
};

return { SCALES, fault, controlsOf, make, button, select, radios, numberField, hyperparameter, holdSwipes, symbolOf,
  format, tuple };
})();
