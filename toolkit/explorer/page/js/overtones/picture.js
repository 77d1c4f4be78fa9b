/** The picture: the wave and f of it above, the energies by frequency below. */

import { h, s } from "../ui/dom.js";

const LEFT = 58;
const RIGHT = 12;
/** From here on the wave and the bars stand side by side. */
const BESIDE = 860;

/**
 * Where the wave and the bars stand.
 * @param {number} width of the picture
 * @returns {{wave: Frame, bars: Frame, height: number}}
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Frame
 */
export function framesOf(width) {
  if (width >= BESIDE) {
    const own = (width - 2 * LEFT - 2 * RIGHT) / 2;
    const [top, height] = [26, 258];
    return {
      wave: { left: LEFT, top, width: own, height },
      bars: { left: 2 * LEFT + RIGHT + own, top, width: own, height },
      height: top + height + MARKS + 42,
    };
  }
  const inner = width - LEFT - RIGHT;
  return {
    wave: { left: LEFT, top: 14, width: inner, height: 200 },
    bars: { left: LEFT, top: 268, width: inner, height: 180 },
    height: 268 + 180 + MARKS + 42,
  };
}

/** Bars narrower than this have strokes in place of discs, rings and crosses. */
const NARROW = 7;
const MARKS = 16;
const LABELS = 36;
const FLOOR = 1e-6; // of the logarithmic scale
/** Shares below this are rounding. */
export const SILENT = 1e-12;

/**
 * @typedef {object} Shown
 * @property {number} width
 * @property {{fine: {input: number[], output: number[]}, points: {input: number[], output: number[]}}}
 *   wave
 * @property {Bar[]} bars
 * @property {"linear"|"log"} scale
 *
 * @typedef {object} Bar
 * @property {number} frequency
 * @property {number|null} points share of the energy on the points, null beyond n/2
 * @property {number|null} circle share on the circle
 * @property {string[]|null} parts that give the frequency on the points; null: it cannot occur
 * @property {string|null} label of the simple
 */

/**
 * Draws the picture.
 * @param {Shown} shown
 * @param {string} words what it shows, for those who do not see it
 * @returns {SVGElement}
 */
export function picture({ width, wave, bars, scale }, words) {
  const frames = framesOf(width);
  return s("svg", {
    class: "picture overtones-picture", viewBox: `0 0 ${width} ${frames.height}`, width,
    height: frames.height, role: "img", "aria-label": words,
  }, waves(wave, frames.wave), energies(bars, scale, frames.bars));
}

// -- the wave -------------------------------------------------------------------------------------

function waves({ fine, points }, frame) {
  const { left, width: inner } = frame;
  const largest = Math.max(1e-9, ...[...fine.input, ...fine.output].filter(Number.isFinite).map(Math.abs));
  const { step, top } = ticks(largest);
  const middle = frame.top + frame.height / 2;
  const y = (value) => middle - (value / top) * (frame.height / 2);
  const x = (turn) => left + turn * inner;
  const grid = [];
  for (let value = -top; value <= top + step / 2; value += step) {
    grid.push(s("line", { class: Math.abs(value) < step / 2 ? "axis" : "grid", x1: left, x2: left + inner, y1: y(value), y2: y(value) }));
    grid.push(s("text", { class: "tick", x: left - 7, y: y(value) + 4, "text-anchor": "end" }, plain(value)));
  }
  const turns = [["0", 0], ["π/2", 0.25], ["π", 0.5], ["3π/2", 0.75], ["2π", 1]].map(([text, turn]) =>
    s("text", { class: "tick", x: x(turn), y: frame.top + frame.height + 18,
      "text-anchor": turn === 0 ? "start" : turn === 1 ? "end" : "middle" }, text));
  const line = (values) => values.map((value, i) =>
    `${i ? "L" : "M"}${x(i / (values.length - 1)).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const n = points.output.length;
  const radius = n > 120 ? 1.6 : n > 48 ? 2.6 : 4;
  const stems = points.output.map((value, j) => [
    n > 120 ? null : s("line", { class: "stem", x1: x(j / n), x2: x(j / n), y1: y(0), y2: y(value) }),
    n > 48 ? null : s("circle", { class: "before", cx: x(j / n), cy: y(points.input[j]), r: 2.4 }),
    s("circle", { class: n > 48 ? "point bare" : "point", cx: x(j / n), cy: y(value), r: radius }),
  ]);
  return s("g", { class: "overtones-waves" },
    s("rect", { class: "ground", x: left, y: frame.top, width: inner, height: frame.height }),
    grid, turns,
    s("path", { class: "input", d: line([...fine.input, fine.input[0]]) }),
    s("path", { class: "output", d: line([...fine.output, fine.output[0]]) }),
    stems);
}

function ticks(largest) {
  const rough = largest / 2;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((m) => m >= rough * 0.999);
  return { step, top: step * Math.max(1, Math.ceil(largest / step - 1e-9)) };
}

// -- the bars -------------------------------------------------------------------------------------

function energies(bars, scale, frame) {
  const { left, top: start, width: inner } = frame;
  const column = inner / bars.length;
  const bottom = start + frame.height;
  const most = Math.max(0.1, ...bars.map((bar) => Math.max(bar.points ?? 0, bar.circle ?? 0)));
  const top = Math.min(1, Math.ceil(most * 10 - 1e-9) / 10);
  const height = (share) => {
    if (!share || share < SILENT) return 0;
    const part = scale === "log" ? Math.max(0, 1 - Math.log10(share) / Math.log10(FLOOR)) : share / top;
    return part * frame.height;
  };
  const values = scale === "log" ? [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5] : levels(top);
  const grid = values.map((value) => {
    const y = bottom - height(value);
    return [s("line", { class: "grid", x1: left, x2: left + inner, y1: y, y2: y }),
      s("text", { class: "tick", x: left - 7, y: y + 4, "text-anchor": "end" }, percent(value))];
  });
  const every = Math.ceil((bars.length > 100 ? 32 : 22) / column);
  const gap = Math.min(6, column * 0.14);
  const thick = Math.max(0.8, (column - 2 * gap) / 2);
  const drawn = bars.map((bar, i) => {
    const from = left + i * column;
    const middle = from + column / 2;
    const solid = height(bar.points);
    const hollow = height(bar.circle);
    const parts = [
      bar.points === null ? null : s("rect", { class: "solid", x: from + gap, y: bottom - solid, width: thick, height: solid }),
      bar.circle === null || hollow <= 0 ? null : s("rect", { class: "hollow", x: middle + (bar.points === null ? -thick / 2 : 0.5), y: bottom - hollow, width: Math.max(0.5, thick - 1), height: hollow }),
      mark(bar, middle, bottom + MARKS, column),
      i % every ? null : s("text", { class: "tick", x: middle, y: bottom + LABELS, "text-anchor": "middle" }, bar.frequency),
    ];
    return s("g", { class: "bar", "data-frequency": bar.frequency },
      s("rect", { class: "reach", x: from, y: start - 6, width: column, height: frame.height + 6 + LABELS }), parts);
  });
  return s("g", { class: "overtones-bars" },
    s("text", { class: "caption", x: left, y: start - 14 }, "share of the energy by frequency"),
    grid, s("line", { class: "axis", x1: left, x2: left + inner, y1: bottom, y2: bottom }), drawn,
    s("text", { class: "tick", x: left - 7, y: bottom + LABELS, "text-anchor": "end" }, "k"));
}

/**
 * Under a bar: a disc (occurs), a ring (can, but is silent here), a cross (cannot). Where there is
 * no room for these: a long stroke, a short one, none.
 */
function mark(bar, x, y, column) {
  if (bar.points === null) return null;
  if (column < NARROW) {
    const long = bar.points < SILENT ? 3 : 8;
    return bar.parts ? s("line", { class: "can", x1: x, x2: x, y1: y - 4, y2: y - 4 + long }) : null;
  }
  const size = Math.min(4, column * 0.3);
  if (!bar.parts) {
    const d = `M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`;
    return s("path", { class: "cannot", d });
  }
  const isSilent = bar.points < SILENT;
  return s("circle", { class: isSilent ? "can silent" : "can", cx: x, cy: y, r: size });
}

function levels(top) {
  const step = top > 0.5 ? 0.2 : top > 0.2 ? 0.1 : 0.05;
  const out = [];
  for (let value = 0; value <= top + 1e-9; value += step) out.push(value);
  return out;
}

/** @param {number} share @returns {string} */
export function percent(share) {
  const value = share * 100;
  if (value === 0) return "0";
  if (value < 1e-4) return `${value.toExponential(0)} %`;
  return `${Number(value.toPrecision(value >= 10 ? 3 : 2))} %`;
}

function plain(value) {
  const text = String(Number(value.toPrecision(3)));
  return text.replace("-", "−").replace(/^−0$/, "0");
}

/** @returns {HTMLElement} what the lines and marks mean */
export function legend(n) {
  const item = (draw, words) => h("li", null,
    s("svg", { class: "overtones-key", viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" }, draw), words);
  return h("ul", { class: "overtones-legend" },
    item(s("path", { class: "input", d: "M1 7H25" }), "the wave"),
    item(s("path", { class: "output", d: "M1 7H25" }), "f of it, on the circle"),
    item([s("line", { class: "stem", x1: 13, x2: 13, y1: 14, y2: 6 }), s("circle", { class: "point", cx: 13, cy: 5, r: 4 })], `f of it, on ${n} points`),
    item(s("rect", { class: "solid", x: 8, y: 1, width: 10, height: 13 }), `energy on ${n} points`),
    item(s("rect", { class: "hollow", x: 8, y: 1, width: 10, height: 13 }), "energy on the circle"),
    item(s("circle", { class: "can", cx: 13, cy: 7, r: 4 }), "can occur"),
    item(s("circle", { class: "can silent", cx: 13, cy: 7, r: 4 }), "can, and is silent here"),
    item(s("path", { class: "cannot", d: "M9 3L17 11M9 11L17 3" }), "is exactly 0, whatever the wave"));
}
