// What the pictures of the interactive figure are drawn with: colours, ticks, axes, lines, marks.
// It knows canvases and numbers; what they mean is explorer.js's affair.
var descentDraw = (() => {
"use strict";

const BANDS = 14; // of the contours
const GREY = [128, 128, 128]; // not finite
const VIRIDIS = "4401544828783e498931688e26828e1f9e8935b7796ece58b5de2bfde725".match(/.{6}/g)
  .map((hex) => hex.match(/../g).map((part) => parseInt(part, 16)));

const clamp = (value, lo, hi) => Math.min(Math.max(value, lo), hi);
const minus = (text) => String(text).replaceAll("-", "−");
const plain = (v) => minus(v && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5) ? v.toExponential().replace("+", "") : v);

// About n round tick positions, at least three where there is room for them, as [value, text].
function ticks(lo, hi, n, { text = plain, whole = false } = {}) {
  const rough = (hi - lo) / n, size = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 2, ...(whole ? [] : [2.5]), 5, 10].map((k) => k * size);
  const step = Math.max(steps.find((k) => k >= rough * (1 - 1e-9)), whole ? 1 : 0);
  const result = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; k++) {
    const value = Number((k * step).toPrecision(12));
    result.push([value, text(value)]);
  }
  return result;
}

const power = (k) => "10" + String(k).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

// Ticks of a log axis from 10^lo to 10^hi: powers of ten, or, where there are not two of them,
// 1, 2 and 5 times those, or, where there are not two of these, evenly spaced numbers.
function logTicks(lo, hi) {
  const powers = ticks(lo, hi, 6, { text: power, whole: true });
  if (powers.length > 1) return powers;
  const values = [1, 2, 5].flatMap((k) => [-1, 0, 1].map((j) => k * 10 ** (Math.floor(lo) + j)));
  const some = values.map((v) => [Math.log10(v), plain(Number(v.toPrecision(1)))])
    .filter(([v]) => v >= lo && v <= hi);
  return some.length > 1 ? some : ticks(10 ** lo, 10 ** hi, 4).map(([v, text]) => [Math.log10(v), text]);
}

function viridis(u) {
  const at = clamp(u, 0, 1) * (VIRIDIS.length - 1), k = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return VIRIDIS[k].map((c, i) => c + (at - k) * (VIRIDIS[k + 1][i] - c));
}

// An image of width x height pixels; color(i, j) gives [r, g, b] of column i, row j.
function picture(width, height, color) {
  const image = new ImageData(width, height);
  for (let j = 0, at = 0; j < height; j++) {
    for (let i = 0; i < width; i++, at += 4) {
      const rgb = color(i, j);
      for (let k = 0; k < 3; k++) image.data[at + k] = rgb[k];
      image.data[at + 3] = 255;
    }
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Filled contours, spaced by log(f - lowest) where that spans two decades: the image, and the
// height of a part of the scale from 0 to 1.
// values: f on an n x n grid, row by row from below.
function contours(values, n, floor, width, height) {
  const finite = values.filter(Number.isFinite).sort();
  const base = Math.min(floor ?? Infinity, finite[0]);
  const above = finite.filter((v) => v > base).map((v) => v - base);
  const low = above[Math.floor(above.length / 100)], high = above.at(-1) ?? 1; // 1: f is flat
  const isLog = high > 100 * low;
  const level = isLog
    ? (v) => Math.log(Math.max(v - base, low) / low) / Math.log(high / low)
    : (v) => (v - base) / high;
  const colors = Array.from({ length: BANDS + 1 }, (_, k) => viridis(k / (BANDS - 1)));
  const image = picture(width, height, (i, j) => {
    const gx = ((n - 1) * (i + 0.5)) / width, gy = (n - 1) * (1 - (j + 0.5) / height);
    const column = Math.floor(gx), row = Math.floor(gy), at = row * n + column;
    const dx = gx - column, dy = gy - row;
    const v = (1 - dy) * ((1 - dx) * values[at] + dx * values[at + 1]) +
      dy * ((1 - dx) * values[at + n] + dx * values[at + n + 1]);
    return Number.isFinite(v) ? colors[Math.floor(clamp(level(v), 0, 1) * BANDS)] : GREY;
  });
  return { image, isLog, heightOf: (u) => base + (isLog ? low * (high / low) ** u : high * u) };
}

// A colour scale under the axes, numbered at both ends and at the thirds between.
function colorScale(c, canvas, { left, top, width }, heightOf, first = "") {
  for (let k = 0; k < BANDS; k++) {
    c.fillStyle = `rgb(${viridis(k / (BANDS - 1))})`;
    c.fillRect(left + (width * k) / BANDS, top, width / BANDS + 0.5, 8);
  }
  c.fillStyle = getComputedStyle(canvas).color;
  [0, 1 / 3, 2 / 3, 1].forEach((u, k) => {
    c.textAlign = ["left", "center", "center", "right"][k];
    c.fillText((k ? "" : first) + short(heightOf(u)), left + width * u, top + 19);
  });
  c.textAlign = "right";
  c.fillText("f", left - 6, top + 4);
}

const short = (v) => {
  const text = String(Number(v.toPrecision(2)));
  return minus(text.length > 6 ? v.toExponential(0).replace("+", "") : text);
};

// Where the axes of a canvas are, in CSS pixels from its corner.
const inside = ({ clientWidth, clientHeight }, [left, top, right, bottom]) =>
  ({ left, top, width: clientWidth - left - right, height: clientHeight - top - bottom });

// Axes on a cleared canvas, in its color, the lines across it in its outline-color; x and y are
// { lo, hi, ticks, label }. paint draws what is inside.
// data-plot says where on the canvas that is: left, top, width, height.
function plot(canvas, margins, x, y, paint) {
  const scale = devicePixelRatio, { clientWidth, clientHeight } = canvas;
  const size = [clientWidth, clientHeight].map((length) => Math.round(length * scale));
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const c = canvas.getContext("2d"), style = getComputedStyle(canvas);
  const { left, top, width, height } = inside(canvas, margins);
  canvas.dataset.plot = [left, top, width, height];
  const toX = (v) => left + (width * (v - x.lo)) / (x.hi - x.lo);
  const toY = (v) => top + height - (height * (v - y.lo)) / (y.hi - y.lo);
  c.setTransform(scale, 0, 0, scale, 0, 0);
  c.clearRect(0, 0, clientWidth, clientHeight);
  c.save();
  c.beginPath();
  c.rect(left, top, width, height);
  c.clip();
  for (const [v] of y.ticks) line(c, [[left, toY(v)], [left + width, toY(v)]], style.outlineColor, 1);
  paint(c, toX, toY, { left, top, width, height, scale });
  c.restore();
  c.font = `12px ${style.fontFamily}`;
  c.fillStyle = style.color;
  c.textBaseline = "middle";
  c.textAlign = "center";
  for (const [v, text] of x.ticks) c.fillText(text, toX(v), top + height + 13);
  if (x.label) c.fillText(x.label, left + width / 2, top + height + 31);
  c.textAlign = "right";
  for (const [v, text] of y.ticks) c.fillText(text, left - 6, toY(v));
  c.textAlign = "left";
  if (y.label) c.fillText(y.label, Math.max(left - 30, 2), 8);
  return c;
}

// In pieces: the time that one stroke takes grows with the square of its turns.
function line(c, points, color, width, dash = []) {
  c.strokeStyle = color;
  c.lineWidth = width;
  c.lineJoin = "round";
  c.setLineDash(dash);
  for (let k = 0; k < points.length - 1; k += 100) {
    c.beginPath();
    for (const [x, y] of points.slice(k, k + 101)) c.lineTo(x, y);
    c.stroke();
  }
  c.setLineDash([]);
}

// A bar from the line y = 0 to a value; a small one is still seen.
function bar(c, x, width, from, to, color) {
  const length = to - from;
  c.fillStyle = color;
  c.fillRect(x - width / 2, from, width, length && Math.sign(length) * Math.max(Math.abs(length), 1.5));
}

// A shape with as many corners around a point: a square (4), a star (10), or a circle.
function mark(c, [x, y], fill, outline, radius, corners = 0) {
  c.beginPath();
  if (!corners) c.arc(x, y, radius, 0, 7);
  for (let k = 0; k < corners; k++) {
    const r = corners === 10 && k % 2 ? 0.42 * radius : radius;
    const angle = (2 * Math.PI * (corners === 4 ? k + 0.5 : k)) / corners;
    c.lineTo(x + r * Math.sin(angle), y - r * Math.cos(angle));
  }
  c.closePath();
  c.fillStyle = fill;
  c.strokeStyle = outline;
  c.lineWidth = 1.2;
  c.fill();
  c.stroke();
}

return { GREY, clamp, minus, ticks, logTicks, power, viridis, picture, contours, colorScale, inside, plot,
  line, bar, mark };
})();
