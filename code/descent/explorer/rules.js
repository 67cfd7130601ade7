// The rules and surfaces of descent in JavaScript, for pages that have no Python to ask.
//
// Every line takes the operations of rules.py and objectives.py in the same order, and all of
// them (+ - * / and the square root) are rounded alike everywhere: a run here gives the same
// bits as in Python. tests/test_explorer_parity.py holds the two together.
var descentRules = (() => {
  "use strict";

  const ratio = (a, b) => (a === 0 && b === 0 ? 0 : a / b); // 0/0 counts as 0

  // A rule takes its hyperparameters and returns its state and the step that updates x, in place,
  // with the gradient g.
  const RULES = {
    gradient_descent({ alpha = 0.1 }) {
      const step = (x, g) => {
        for (let i = 0; i < 2; i++) x[i] = x[i] - alpha * g[i];
      };
      return { state: {}, step };
    },

    momentum({ alpha = 0.01, beta = 0.9 }) {
      const b = [0, 0];
      const step = (x, g) => {
        for (let i = 0; i < 2; i++) {
          b[i] = beta * b[i] + g[i];
          x[i] = x[i] - alpha * b[i];
        }
      };
      return { state: { b }, step };
    },

    nesterov({ alpha = 0.01, beta = 0.9 }) {
      const b = [0, 0];
      const step = (x, g) => {
        for (let i = 0; i < 2; i++) {
          b[i] = beta * b[i] + g[i];
          x[i] = x[i] - alpha * (g[i] + beta * b[i]);
        }
      };
      return { state: { b }, step };
    },

    adagrad({ alpha = 0.01, eps = 1e-10 }) {
      const s = [0, 0];
      const step = (x, g) => {
        for (let i = 0; i < 2; i++) {
          s[i] = s[i] + g[i] * g[i];
          x[i] = x[i] - alpha * ratio(g[i], Math.sqrt(s[i]) + eps);
        }
      };
      return { state: { s }, step };
    },

    rmsprop({ alpha = 0.01, beta2 = 0.9, eps = 1e-8 }) {
      const v = [0, 0];
      const step = (x, g) => {
        for (let i = 0; i < 2; i++) {
          v[i] = beta2 * v[i] + (1 - beta2) * (g[i] * g[i]);
          x[i] = x[i] - alpha * ratio(g[i], Math.sqrt(v[i]) + eps);
        }
      };
      return { state: { v }, step };
    },

    adam({ alpha = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) {
      const m = [0, 0], v = [0, 0];
      let beta1Power = 1, beta2Power = 1;
      const step = (x, g) => {
        beta1Power = beta1Power * beta1;
        beta2Power = beta2Power * beta2;
        for (let i = 0; i < 2; i++) {
          m[i] = beta1 * m[i] + (1 - beta1) * g[i];
          v[i] = beta2 * v[i] + (1 - beta2) * (g[i] * g[i]);
          const mHat = m[i] / (1 - beta1Power);
          const vHat = v[i] / (1 - beta2Power);
          x[i] = x[i] - alpha * ratio(mHat, Math.sqrt(vHat) + eps);
        }
      };
      return { state: { m, v }, step };
    },

    adamax({ alpha = 0.002, beta1 = 0.9, beta2 = 0.999 }) {
      const m = [0, 0], u = [0, 0];
      let beta1Power = 1;
      const step = (x, g) => {
        beta1Power = beta1Power * beta1;
        for (let i = 0; i < 2; i++) {
          m[i] = beta1 * m[i] + (1 - beta1) * g[i];
          u[i] = Math.max(beta2 * u[i], Math.abs(g[i]));
          x[i] = x[i] - (alpha / (1 - beta1Power)) * ratio(m[i], u[i]);
        }
      };
      return { state: { m, u }, step };
    },

    amsgrad({ alpha = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) {
      const m = [0, 0], v = [0, 0], v_max = [0, 0];
      const step = (x, g) => {
        for (let i = 0; i < 2; i++) {
          m[i] = beta1 * m[i] + (1 - beta1) * g[i];
          v[i] = beta2 * v[i] + (1 - beta2) * (g[i] * g[i]);
          v_max[i] = Math.max(v_max[i], v[i]);
          x[i] = x[i] - alpha * ratio(m[i], Math.sqrt(v_max[i]) + eps);
        }
      };
      return { state: { m, v, v_max }, step };
    },

    nadam({ alpha = 0.002, beta1 = 0.975, beta2 = 0.999, eps = 1e-8, correction = "power" }) {
      const m = [0, 0], n = [0, 0];
      let beta1Power = 1, beta2Power = 1;
      const step = (x, g) => {
        beta1Power = beta1Power * beta1;
        beta2Power = beta2Power * beta2;
        for (let i = 0; i < 2; i++) {
          m[i] = beta1 * m[i] + (1 - beta1) * g[i];
          n[i] = beta2 * n[i] + (1 - beta2) * (g[i] * g[i]);
          let mHat, nHat;
          if (correction === "power") {
            const lookAhead = (beta1 * m[i]) / (1 - beta1Power * beta1);
            mHat = lookAhead + ((1 - beta1) * g[i]) / (1 - beta1Power);
            nHat = n[i] / (1 - beta2Power);
          } else {
            mHat = (beta1 * m[i] + (1 - beta1) * g[i]) / (1 - beta1);
            nHat = (beta2 * n[i]) / (1 - beta2);
          }
          x[i] = x[i] - alpha * ratio(mHat, Math.sqrt(nHat) + eps);
        }
      };
      return { state: { m, n }, step };
    },
  };

  // A surface is f(x, y) and its gradient.
  const OBJECTIVES = {
    bowl: {
      f: (x, y) => x * x + y * y,
      gradient: (x, y) => [2 * x, 2 * y],
    },

    ravine: {
      f: (x, y) => 0.5 * (x * x + 50 * (y * y)),
      gradient: (x, y) => [x, 50 * y],
    },

    rosenbrock: {
      f(x, y) {
        const a = 1 - x, b = y - x * x;
        return a * a + 100 * (b * b);
      },
      gradient(x, y) {
        const a = 1 - x, b = y - x * x;
        return [-2 * a - 400 * (x * b), 200 * b];
      },
    },

    beale: {
      f(x, y) {
        const y2 = y * y;
        const a = 1.5 - x + x * y;
        const b = 2.25 - x + x * y2;
        const c = 2.625 - x + x * (y2 * y);
        return a * a + b * b + c * c;
      },
      gradient(x, y) {
        const y2 = y * y;
        const a = 1.5 - x + x * y;
        const b = 2.25 - x + x * y2;
        const c = 2.625 - x + x * (y2 * y);
        return [
          2 * (a * (y - 1) + b * (y2 - 1) + c * (y2 * y - 1)),
          2 * x * (a + 2 * (b * y) + 3 * (c * y2)),
        ];
      },
    },

    himmelblau: {
      f(x, y) {
        const a = x * x + y - 11, b = x + y * y - 7;
        return a * a + b * b;
      },
      gradient(x, y) {
        const a = x * x + y - 11, b = x + y * y - 7;
        return [4 * (x * a) + 2 * b, 2 * a + 4 * (y * b)];
      },
    },

    saddle: {
      f(x, y) {
        const a = y * y - 1;
        return 0.5 * (x * x) + 0.25 * (a * a);
      },
      gradient: (x, y) => [x, y * (y * y - 1)],
    },

    egg_box: {
      f(x, y) {
        const a = x * (4 * (x * x) - 3), b = y * (4 * (y * y) - 3);
        return x * x + y * y + 2 * (a * a + b * b);
      },
      gradient(x, y) {
        const x2 = x * x, y2 = y * y;
        const a = x * (4 * x2 - 3), b = y * (4 * y2 - 3);
        return [2 * x + 4 * (a * (12 * x2 - 3)), 2 * y + 4 * (b * (12 * y2 - 3))];
      },
    },
  };

  // One search, every step kept: x and each field of the state hold two numbers per step.
  function minimize(objective, x0, rule, nIter, hyperparameters) {
    const { f, gradient } = OBJECTIVES[objective];
    const { state, step } = RULES[rule](hyperparameters);
    const x = [...x0];
    const score = new Float64Array(nIter + 1);
    const fields = { x: new Float64Array(2 * nIter + 2) };
    for (const name in state) fields[name] = new Float64Array(2 * nIter + 2);
    for (let t = 0; t <= nIter; t++) {
      if (t > 0) step(x, gradient(x[0], x[1]));
      fields.x.set(x, 2 * t);
      for (const name in state) fields[name].set(state[name], 2 * t);
      score[t] = f(x[0], x[1]);
    }
    return { score, fields };
  }

  // The score after each of the numbers of steps (rising), nothing else kept.
  function scores(objective, x0, rule, steps, hyperparameters) {
    const { f, gradient } = OBJECTIVES[objective];
    const { step } = RULES[rule](hyperparameters);
    const x = [...x0];
    let t = 0;
    return steps.map((n) => {
      for (; t < n; t++) step(x, gradient(x[0], x[1]));
      return f(x[0], x[1]);
    });
  }

  return { RULES, OBJECTIVES, minimize, scores };
})();
