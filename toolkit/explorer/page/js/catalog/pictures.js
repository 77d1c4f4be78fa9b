/** Pictures of an answer: bars, points. Marks tell what they are; a click narrows or opens. */

import { s } from "../ui/dom.js";
import { clean, niceStep, short } from "./plot_data.js";

const WIDTH = 460;
const HEIGHT = 340;
const LEFT = 58;
const RIGHT = 14;
const TOP = 26;
const BOTTOM = 46;
const BAR_ROW = 22;
const WORDS_WIDTH = 130;

/**
 * @typedef {object} Mark
 * @property {string} words
 * @property {number} count
 */

/**
 * Bars from left to right, for numbers; from top to bottom, for words.
 * @param {{bars: import("./plot_data.js").Bar[], name: string, numeric: boolean,
 *   onPick: (bar: object) => void, onPeek: (bar: object|null) => void}} given
 * @returns {SVGElement}
 */
export function barPicture(given) {
  return given.numeric ? columns(given) : lines(given);
}

function columns({ bars, name, onPick, onPeek }) {
  const most = Math.max(...bars.map((bar) => bar.count), 1);
  const levels = ticks(0, most, 5);
  const y = linear(0, levels.at(-1), HEIGHT - BOTTOM, TOP);
  const step = (WIDTH - LEFT - RIGHT) / bars.length;
  const every = Math.ceil(bars.length / 11);
  const labels = bars.map((bar, i) => (i % every === 0 ? s("text", {
    x: LEFT + (i + 0.5) * step, y: HEIGHT - BOTTOM + 17, "text-anchor": "middle",
  }, bar.words.split(" to ")[0]) : null));
  return picture(HEIGHT, `Rows by ${name}: ${bars.length} bars, the highest ${most}.`,
    grid(levels, y, "y"),
    s("g", { class: "catalog-bars" }, bars.map((bar, i) => mark(s("rect", {
      x: LEFT + i * step + Math.min(1, step * 0.08), width: Math.max(step - Math.min(2, step * 0.16), 0.8),
      y: y(bar.count), height: Math.max(HEIGHT - BOTTOM - y(bar.count), bar.count > 0 ? 1 : 0),
    }), bar, name, onPick, onPeek))),
    s("g", { class: "catalog-axis" }, labels, base()), axisName(name, HEIGHT), countName());
}

function lines({ bars, name, onPick, onPeek }) {
  const most = Math.max(...bars.map((bar) => bar.count), 1);
  const height = 8 + bars.length * BAR_ROW + 26;
  const x = linear(0, most, WORDS_WIDTH, WIDTH - RIGHT - 52);
  return picture(height, `Rows by ${name}: ${bars.length} values.`,
    bars.map((bar, i) => {
      const top = 8 + i * BAR_ROW;
      const words = [...bar.words].length > 19 ? `${[...bar.words].slice(0, 18).join("")}…` : bar.words;
      return s("g", { class: "catalog-bars" },
        s("text", { x: WORDS_WIDTH - 8, y: top + 14.5, "text-anchor": "end" }, words),
        mark(s("rect", { x: WORDS_WIDTH, y: top + 2, height: BAR_ROW - 5, width: Math.max(x(bar.count) - WORDS_WIDTH, 1) }), bar, name, onPick, onPeek),
        s("text", { x: x(bar.count) + 6, y: top + 14.5 }, bar.count.toLocaleString("en")));
    }), s("text", { class: "catalog-axis-name", x: WORDS_WIDTH - 8, y: height - 8, "text-anchor": "end" }, name),
    s("text", { class: "catalog-axis-name", x: WORDS_WIDTH, y: height - 8 }, "rows"));
}

/**
 * Points: the area of a disc is the number of rows.
 * @param {{points: import("./plot_data.js").Point[], x: string, y: string, log: boolean,
 *   onPick: (point: object) => void, onPeek: (point: object|null) => void}} given
 * @returns {SVGElement}
 */
export function pointPicture({ points, x, y, log, onPick, onPeek }) {
  const [across, up] = [axis(points.map((one) => one.x), log), axis(points.map((one) => one.y), log)];
  const px = across.scale(LEFT + 8, WIDTH - RIGHT - 8);
  const py = up.scale(HEIGHT - BOTTOM - 8, TOP + 8);
  const most = Math.max(...points.map((one) => one.count), 1);
  const radius = (count) => (most === 1 ? 3.5 : 2.2 + 7.5 * Math.sqrt((count - 1) / (most - 1)));
  const ordered = [...points].sort((a, b) => b.count - a.count);
  return picture(HEIGHT, `${y} against ${x}: ${points.length} points.`,
    grid(across.ticks, px, "x"), grid(up.ticks, py, "y"), s("g", { class: "catalog-axis" }, base()),
    s("g", { class: "catalog-points" }, ordered.map((one) =>
      mark(s("circle", { cx: round(px(one.x)), cy: round(py(one.y)), r: round(radius(one.count)) }), one, null, onPick, onPeek))),
    axisName(log ? `${x} (logarithmic)` : x, HEIGHT), s("text", { class: "catalog-axis-name", x: 6, y: 11 }, log ? `${y} (logarithmic)` : y));
}

/**
 * What a mark says.
 * @param {Mark} one
 * @param {string|null} name of the column, for bars
 * @returns {string}
 */
export function markWords(one, name) {
  const rows = one.count === 1 ? "1 row" : `${one.count.toLocaleString("en")} rows`;
  return `${name === null ? "" : `${name} `}${one.words}: ${rows}`;
}

function mark(element, one, name, onPick, onPeek) {
  element.classList.add("catalog-mark-one");
  element.append(s("title", null, markWords(one, name)));
  element.addEventListener("click", () => onPick(one));
  element.addEventListener("pointerenter", () => onPeek(one));
  element.addEventListener("pointerleave", () => onPeek(null));
  return element;
}

function picture(height, words, ...children) {
  return s("svg", { class: "picture catalog-picture", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": words }, children);
}

function base() {
  return s("path", { class: "catalog-base", d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` });
}

function grid(values, scale, side) {
  return s("g", { class: "catalog-axis" }, values.map((value) => {
    const at = round(scale(value));
    return side === "y"
      ? [s("path", { class: "catalog-grid", d: `M${LEFT} ${at}H${WIDTH - RIGHT}` }),
        s("text", { x: LEFT - 7, y: at + 4, "text-anchor": "end" }, tick(value))]
      : [s("path", { class: "catalog-grid", d: `M${at} ${TOP}V${HEIGHT - BOTTOM}` }),
        s("text", { x: at, y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, tick(value))];
  }));
}

function tick(value) {
  return Math.abs(value) >= 100000 ? `${short(value / 1000)}k` : short(value);
}

function axisName(name, height) {
  return s("text", { class: "catalog-axis-name", x: (LEFT + WIDTH - RIGHT) / 2, y: height - 8, "text-anchor": "middle" }, name);
}

function countName() {
  return s("text", { class: "catalog-axis-name", x: 6, y: 11 }, "rows");
}

function axis(values, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (log) {
    return {
      ticks: powers(low, high),
      scale: (from, to) => {
        const inner = linear(Math.log(low), Math.log(high), from, to);
        return (value) => inner(Math.log(value));
      },
    };
  }
  const start = low > 0 && low < 0.4 * high ? 0 : low;
  const found = ticks(start, high, 6).filter((one) => one >= start && one <= high);
  return { ticks: found, scale: (from, to) => linear(start, high, from, to) };
}

function ticks(low, high, most) {
  const step = niceStep((high - low) / most || 1);
  const found = [];
  for (let i = Math.floor(clean(low / step)); i <= Math.ceil(clean(high / step)); i += 1) found.push(clean(i * step));
  return found;
}

function powers(low, high) {
  const found = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const digit of high / low > 500 ? [1] : [1, 2, 5]) {
      const value = clean(power * digit);
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found;
}

function linear(low, high, from, to) {
  const step = high === low ? 0 : (to - from) / (high - low);
  return (value) => (step === 0 ? (from + to) / 2 : from + (value - low) * step);
}

function round(value) {
  return Math.round(value * 10) / 10;
}
