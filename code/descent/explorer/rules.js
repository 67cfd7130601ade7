// The rules and surfaces of descent in JavaScript, for pages that have no Python to ask.
//
// Every line takes the operations of rules.py and objectives.py in the same order, and all of
// them (+ - * / and the square root) are rounded alike everywhere: a run here gives the same
// bits as in Python. tests/test_explorer_parity.py holds the two together.
var descentRules = (() => {
"use strict";

const ratio = (a, b) => (a === 0 && b === 0 ? 0 : a / b); // 0/0 counts as 0

// A rule takes its hyperparameters. It returns its state (a number for each coordinate i), what
// comes first in a step, if anything, and the step of coordinate i from x with the gradient g.
// inner[i] is set to what stands between the gradient and the step: [average, root] of inner.py.
const RULES = {
  gradient_descent({ alpha = 0.1 }, inner) {
    const step = (i, x, g) => {
      inner[i] = [g];
      return x - alpha * g;
    };
    return { state: {}, step };
  },

  momentum({ alpha = 0.01, beta = 0.9 }, inner) {
    const b = [0, 0];
    const step = (i, x, g) => {
      b[i] = beta * b[i] + g;
      inner[i] = [b[i]];
      return x - alpha * b[i];
    };
    return { state: { b }, step };
  },

  nesterov({ alpha = 0.01, beta = 0.9 }, inner) {
    const b = [0, 0];
    const step = (i, x, g) => {
      b[i] = beta * b[i] + g;
      const average = g + beta * b[i];
      inner[i] = [average];
      return x - alpha * average;
    };
    return { state: { b }, step };
  },

  adagrad({ alpha = 0.01, eps = 1e-10 }, inner) {
    const s = [0, 0];
    const step = (i, x, g) => {
      s[i] = s[i] + g * g;
      const root = Math.sqrt(s[i]);
      inner[i] = [g, root];
      return x - alpha * ratio(g, root + eps);
    };
    return { state: { s }, step };
  },

  rmsprop({ alpha = 0.01, beta2 = 0.9, eps = 1e-8 }, inner) {
    const v = [0, 0];
    const step = (i, x, g) => {
      v[i] = beta2 * v[i] + (1 - beta2) * (g * g);
      const root = Math.sqrt(v[i]);
      inner[i] = [g, root];
      return x - alpha * ratio(g, root + eps);
    };
    return { state: { v }, step };
  },

  adam({ alpha = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }, inner) {
    const m = [0, 0], v = [0, 0];
    let beta1Power = 1, beta2Power = 1;
    const first = () => { beta1Power *= beta1; beta2Power *= beta2; };
    const step = (i, x, g) => {
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * (g * g);
      const mHat = m[i] / (1 - beta1Power);
      const vHat = v[i] / (1 - beta2Power);
      const root = Math.sqrt(vHat);
      inner[i] = [mHat, root];
      return x - alpha * ratio(mHat, root + eps);
    };
    return { state: { m, v }, first, step };
  },

  adamax({ alpha = 0.002, beta1 = 0.9, beta2 = 0.999 }, inner) {
    const m = [0, 0], u = [0, 0];
    let beta1Power = 1;
    const first = () => { beta1Power *= beta1; };
    const step = (i, x, g) => {
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      u[i] = Math.max(beta2 * u[i], Math.abs(g));
      inner[i] = [m[i] / (1 - beta1Power), u[i]];
      return x - (alpha / (1 - beta1Power)) * ratio(m[i], u[i]);
    };
    return { state: { m, u }, first, step };
  },

  amsgrad({ alpha = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }, inner) {
    const m = [0, 0], v = [0, 0], v_max = [0, 0];
    const step = (i, x, g) => {
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * (g * g);
      v_max[i] = Math.max(v_max[i], v[i]);
      const root = Math.sqrt(v_max[i]);
      inner[i] = [m[i], root];
      return x - alpha * ratio(m[i], root + eps);
    };
    return { state: { m, v, v_max }, step };
  },

  nadam({ alpha = 0.002, beta1 = 0.975, beta2 = 0.999, eps = 1e-8, correction = "power" }, inner) {
    const m = [0, 0], n = [0, 0];
    let beta1Power = 1, beta2Power = 1;
    const first = () => { beta1Power *= beta1; beta2Power *= beta2; };
    const step = (i, x, g) => {
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      n[i] = beta2 * n[i] + (1 - beta2) * (g * g);
      let mHat, nHat;
      if (correction === "power") {
        const lookAhead = (beta1 * m[i]) / (1 - beta1Power * beta1);
        mHat = lookAhead + ((1 - beta1) * g) / (1 - beta1Power);
        nHat = n[i] / (1 - beta2Power);
      } else {
        mHat = (beta1 * m[i] + (1 - beta1) * g) / (1 - beta1);
        nHat = (beta2 * n[i]) / (1 - beta2);
      }
      const root = Math.sqrt(nHat);
      inner[i] = [mHat, root];
      return x - alpha * ratio(mHat, root + eps);
    };
    return { state: { m, n }, first, step };
  },
};

// A surface gives f(x, y) and its two derivatives.
const OBJECTIVES = {
  bowl: (x, y) => [x * x + y * y, 2 * x, 2 * y],

  ravine: (x, y) => [0.5 * (x * x + 50 * (y * y)), x, 50 * y],

  rosenbrock(x, y) {
    const a = 1 - x, b = y - x * x;
    return [a * a + 100 * (b * b), -2 * a - 400 * (x * b), 200 * b];
  },

  beale(x, y) {
    const y2 = y * y;
    const a = 1.5 - x + x * y;
    const b = 2.25 - x + x * y2;
    const c = 2.625 - x + x * (y2 * y);
    return [
      a * a + b * b + c * c,
      2 * (a * (y - 1) + b * (y2 - 1) + c * (y2 * y - 1)),
      2 * x * (a + 2 * (b * y) + 3 * (c * y2)),
    ];
  },

  himmelblau(x, y) {
    const a = x * x + y - 11, b = x + y * y - 7;
    return [a * a + b * b, 4 * (x * a) + 2 * b, 2 * a + 4 * (y * b)];
  },

  saddle(x, y) {
    const a = y * y - 1;
    return [0.5 * (x * x) + 0.25 * (a * a), x, y * (y * y - 1)];
  },

  egg_box(x, y) {
    const x2 = x * x, y2 = y * y;
    const a = x * (4 * x2 - 3), b = y * (4 * y2 - 3);
    return [
      x2 + y2 + 2 * (a * a + b * b),
      2 * x + 4 * (a * (12 * x2 - 3)),
      2 * y + 4 * (b * (12 * y2 - 3)),
    ];
  },
};

// One search; keep(t, x, y, state, f, g, inner) sees every step, t = 0 to nIter. Returns the last f.
function minimize(objective, x0, rule, nIter, hyperparameters, keep = () => {}) {
  const surface = OBJECTIVES[objective], inner = [[], []];
  const { state, first = () => {}, step } = RULES[rule](hyperparameters, inner);
  let [x, y] = x0, g = [NaN, NaN];
  for (let t = 0; ; t++) {
    const [f, dx, dy] = surface(x, y);
    keep(t, x, y, state, f, g, inner);
    if (t === nIter) return f;
    first();
    g = [dx, dy];
    x = step(0, x, dx);
    y = step(1, y, dy);
  }
}

// What a rule makes of a stream of gradients in one coordinate, from x = 0 on; keep(t, x, state, g,
// inner) sees every step. In an interval x is the walk with the same steps that cannot leave it.
function filter(stream, rule, nIter, hyperparameters, interval, keep) {
  const inner = [[]], { state, first = () => {}, step } = RULES[rule](hyperparameters, inner);
  keep(0, 0, state, NaN, inner);
  for (let t = 1, x = 0, walk = 0; t <= nIter; t++) {
    const g = stream(t);
    first();
    const next = step(0, x, g);
    walk = interval ? Math.min(Math.max(walk + (next - x), interval[0]), interval[1]) : next;
    x = next;
    keep(t, walk, state, g, inner);
  }
}

return { RULES, OBJECTIVES, minimize, filter, ratio };
})();
