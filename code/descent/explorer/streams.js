// The streams of gradients of descent in JavaScript, as functions of t = 1, 2, ..., to the same
// bits as in streams.py.
var descentStreams = (() => {
"use strict";

const MODULUS = 2 ** 31 - 1;
const uniform = []; // the states of Park and Miller's generator so far

function noise(t) {
  while (uniform.length < 12 * t) uniform.push(uniform.length ? (48271 * uniform.at(-1)) % MODULUS : 48271);
  let total = 0;
  for (const s of uniform.slice(12 * t - 12, 12 * t)) total += s / MODULUS;
  return 0.5 + (total - 6);
}

return {
  constant: () => 1,
  alternating: (t) => (t % 2 ? 1 : -1),
  growing: (t) => t / 10,
  noise,
  spike: (t) => (t === 20 ? 10 : 1),
  rare: (t) => (t % 20 === 10 ? 10 : 0),
  cycle: (t) => (t % 101 === 1 ? 1010 : -10),
};
})();
