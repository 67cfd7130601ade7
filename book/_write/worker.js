// What runs in the worker, after Brython (an interpreter of Python in JavaScript) and the book's
// surfaces and streams: page.py and checking.py with what a student wrote.
//
// The worker gets first { modules }, the text of every Python module, and says { ready }. A task is
// then { source, name, n_iter, settings } and either { objective, x0 } or { stream }. The answer is
// { answer }: what page.py says. What the student prints arrives before it, as { printed }. Or the
// task is { source, name, mistakes }, with a table of mistakes, and the answer what checking.py says.
(() => {
"use strict";

const MOST = 20000; // letters that a run may print
const $B = globalThis.__BRYTHON__;

// The power of a positive number, as C and so Python round it; that of V8 is one digit off for one
// in ten. Whole powers are taken with twice the digits of a float, a number as high + low.
const power = Math.pow, HALF = 2 ** 27 + 1;
function times([a, b], [c, d]) {
  const p = a * c, [a1, a2] = halves(a), [c1, c2] = halves(c);
  const rest = a1 * c1 - p + a1 * c2 + a2 * c1 + a2 * c2 + (a * d + b * c);
  return [p + rest, rest - (p + rest - p)];
}
function halves(a) {
  const high = HALF * a - (HALF * a - a);
  return [high, a - high];
}
Math.pow = (x, n) => {
  const size = Math.abs(Math.log2(x));
  if (!Number.isInteger(n) || !(x > 0) || !(size * Math.abs(n) < 900) || size > 400) return power(x, n);
  let product = [1, 0];
  for (let k = Math.abs(n), square = [x, 0]; k; k = Math.floor(k / 2), square = times(square, square)) {
    if (k % 2) product = times(product, square);
  }
  if (n >= 0) return product[0];
  const inverse = 1 / product[0], [one, more] = times([inverse, 0], product);
  return inverse + (1 - one - more) * inverse;
};

let printed = "", left = 0;
function print(text) {
  printed += text.length < left ? text : `${text.slice(0, left)}\n… (the rest is not shown)\n`;
  left -= text.length;
  if (printed.length > 1000 || left <= 0) flush();
  return left > 0;
}
function flush() {
  if (printed) postMessage({ printed });
  printed = "";
}

// The start, and the gradient at each step.
function problemOf({ objective, x0, stream }) {
  if (objective) {
    const f = descentRules.OBJECTIVES[objective];
    return { x0, gradient: ([x, y]) => f(x, y).slice(1) };
  }
  let t = 0;
  return { x0: [0], gradient: () => [descentStreams[stream](++t)] };
}

// The entries of a table (mistakes.py) with one of the keys: names, and pairs of field and key.
const findIn = ({ names, ...sections }) => (section, keys) =>
  sections[section].filter(([key]) => keys.includes(key)).map(([, places, fields = {}]) =>
    [places.map((i) => names[i]), Object.entries(fields)]);

let run, check; // of page.py and of checking.py
globalThis.descentHost = { print, offer: (...python) => ([run, check] = python) };

onmessage = ({ data }) => {
  if (data.modules) {
    $B.use_VFS = true; // the modules are these,
    $B.protocol = "file"; // and Brython looks for others nowhere
    console.log = () => {}; // where Brython thinks aloud
    $B.VFS = data.modules;
    $B.stdlib_module_names = Object.keys(data.modules);
    $B.runPythonSource("import start\n", "worker");
    for (const found of [$B.VFS, $B.imported]) { // nobody imports the book's rules
      for (const name in found) if (name.startsWith("descent.checker")) delete found[name];
    }
    return postMessage({ ready: Boolean(run) });
  }
  const { source, name, mistakes, n_iter, settings } = data;
  if (mistakes) return postMessage({ answer: check(source, name, findIn(mistakes)) });
  left = MOST;
  const { x0, gradient } = problemOf(data);
  const answer = run(source, name, x0, gradient, n_iter, Object.entries(settings));
  flush();
  postMessage({ answer });
};
})();
