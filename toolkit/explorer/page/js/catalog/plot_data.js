/** What pictures of an answer show: how many rows there are of each value, or pair of values. */

import { ROWS_AT_ONCE, breath } from "./breath.js";

const MOST_BARS = 40;
const MOST_POINTS = 2500;
const CELLS = 60;

/**
 * @typedef {object} Bar
 * @property {string} words
 * @property {number} count rows
 * @property {string|null} condition that picks these rows; null for a rest of several values
 *
 * @typedef {object} Point
 * @property {number} x
 * @property {number} y
 * @property {number} count rows
 * @property {number} row the first of them
 * @property {string} words
 * @property {string} condition that picks these rows
 */

/**
 * How many rows there are of each value: of numbers with many values in steps.
 * @param {import("./answers.js").Answer} answer
 * @param {import("./answers.js").AnswerColumn} column
 * @returns {Promise<{bars: Bar[], missing: number}>} missing: rows without a value
 */
export async function barsOf(answer, column) {
  const { counts, values, missing } = await counted(answer.rows, column);
  if (column.kind !== "number") return { bars: byCount(column, values, counts), missing };
  const sorted = [...values.values()].sort((a, b) => a - b);
  if (sorted.length <= MOST_BARS) {
    return { bars: sorted.map((value) => ({ words: short(value), count: counts.get(value), condition: equals(column, value) })), missing };
  }
  return { bars: inSteps(column, sorted, counts), missing };
}

async function counted(rows, column) {
  const counts = new Map();
  const values = new Map();
  let missing = 0;
  for (let row = 0; row < rows; row += 1) {
    if (row > 0 && row % ROWS_AT_ONCE === 0) await breath();
    const value = column.at(row);
    if (value === null) missing += 1;
    else {
      const key = Array.isArray(value) ? value.join(" ") : value;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      values.set(key, value);
    }
  }
  return { counts, values, missing };
}

function byCount(column, values, counts) {
  const keys = [...values.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
  const shown = keys.length > MOST_BARS ? keys.slice(0, MOST_BARS - 1) : keys;
  const bars = shown.map((key) => ({
    words: column.kind === "truth" ? (key ? "yes" : "no") : String(key) || "none",
    count: counts.get(key),
    condition: column.kind === "list" ? null : equals(column, key),
  }));
  if (shown.length < keys.length) {
    const rest = keys.slice(shown.length);
    bars.push({ words: `${rest.length} others`, count: rest.reduce((sum, key) => sum + counts.get(key), 0), condition: null });
  }
  return bars;
}

function inSteps(column, sorted, counts) {
  const whole = column.type !== "float64";
  const [low, high] = [sorted[0], sorted.at(-1)];
  let step = niceStep((high - low) / 24);
  if (whole) step = Math.max(1, Math.round(step));
  const first = Math.floor(low / step);
  const bars = [];
  for (let i = first; i * step <= high; i += 1) {
    const [from, to] = [clean(i * step), clean((i + 1) * step)];
    bars.push({
      words: whole && step === 1 ? short(from) : `${short(from)} to ${whole ? short(to - 1) : short(to)}`,
      count: 0,
      condition: whole ? `${column.name} between ${from} and ${to - 1}` : `${from} <= ${column.name} < ${to}`,
    });
  }
  for (const value of sorted) bars[Math.floor(clean(value / step)) - first].count += counts.get(value);
  return bars;
}

/**
 * Pairs of values; if there are too many, in cells.
 * @param {import("./answers.js").Answer} answer
 * @param {import("./answers.js").AnswerColumn} x
 * @param {import("./answers.js").AnswerColumn} y
 * @param {boolean} log whether cells are even on logarithmic axes; all values are then positive
 * @returns {Promise<{points: Point[], cells: boolean, missing: number, positive: boolean}>}
 */
export async function pointsOf(answer, x, y, log) {
  const found = new Map();
  let missing = 0;
  let positive = true;
  for (let row = 0; row < answer.rows; row += 1) {
    if (row > 0 && row % ROWS_AT_ONCE === 0) await breath();
    const a = x.at(row);
    const b = y.at(row);
    if (a === null || b === null) missing += 1;
    else {
      positive &&= a > 0 && b > 0;
      add(found, `${a} ${b}`, { x: a, y: b, row });
    }
  }
  const points = [...found.values()];
  const cells = points.length > MOST_POINTS;
  if (!cells) {
    for (const point of points) describe(point, x, y, exactly(point.x, x), exactly(point.y, y));
    return { points, cells, missing, positive };
  }
  return { points: inCells(points, x, y, log && positive), cells, missing, positive };
}

function add(found, key, point, count = 1) {
  const known = found.get(key);
  if (known) known.count += count;
  else found.set(key, { ...point, count });
}

function inCells(points, x, y, log) {
  const across = cellsOf(points.map((one) => one.x), x, log);
  const up = cellsOf(points.map((one) => one.y), y, log);
  const found = new Map();
  for (const point of points) {
    const [i, j] = [across.index(point.x), up.index(point.y)];
    add(found, `${i} ${j}`, { i, j, row: point.row }, point.count);
  }
  const cells = [...found.values()];
  for (const cell of cells) {
    const [a, b] = [across.cell(cell.i), up.cell(cell.j)];
    [cell.x, cell.y] = [a.middle, b.middle];
    describe(cell, x, y, a, b);
  }
  return cells;
}

/** Intervals of one size on the axis: which a value is in, and what an interval is. */
function cellsOf(values, column, log) {
  const to = log ? Math.log : (value) => value;
  const back = log ? Math.exp : (value) => value;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const whole = column.type !== "float64";
  let step = (to(high) - to(low)) / CELLS || 1;
  if (!log) step = whole ? Math.max(1, Math.round(niceStep(step))) : niceStep(step);
  return {
    index: (value) => Math.floor(clean(to(value) / step)),
    cell(index) {
      const [from, end] = [clean(back(index * step)), clean(back((index + 1) * step))];
      return whole ? wholeNumbers(column, Math.ceil(from), Math.ceil(end) - 1) : {
        middle: clean(back((index + 0.5) * step)), words: `${short(from)} to ${short(end)}`,
        condition: `${from} <= ${column.name} < ${end}`,
      };
    },
  };
}

function wholeNumbers(column, from, to) {
  if (from >= to) return exactly(from, column);
  return { middle: (from + to) / 2, words: `${short(from)} to ${short(to)}`, condition: `${column.name} between ${from} and ${to}` };
}

function exactly(value, column) {
  return { middle: value, words: short(value), condition: equals(column, value) };
}

function describe(point, x, y, a, b) {
  point.words = `${x.name} ${a.words}, ${y.name} ${b.words}`;
  point.condition = `${a.condition} and ${b.condition}`;
}

function equals({ name, kind }, value) {
  if (kind === "number") return `${name} == ${value}`;
  if (kind === "truth") return value ? name : `not ${name}`;
  return `${name} == '${String(value).replaceAll("'", "''")}'`;
}

/**
 * The next of 1, 2, 5, 10, ... that is at least a number.
 * @param {number} least
 * @returns {number}
 */
export function niceStep(least) {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const digit = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9));
  return clean(digit * power);
}

/** A number without the noise of floats. */
export function clean(value) {
  return Number(value.toPrecision(12));
}

/** A number in few digits. */
export function short(value) {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
