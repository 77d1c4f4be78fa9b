/** Where the elements of a lattice stand that Python has not placed: rows by the longest chain. */
import { spread } from "../graph/layout.js";

const [MARGIN, ROW] = [30, 72];

/**
 * Place the elements: what has nothing below it in the order of the covers is on top.
 * @param {number} count
 * @param {[number, number][]} covers  pairs [upper in the picture, lower]
 * @returns {{positions: [number, number][], width: number, height: number, spacing: number}}
 */
export function placed(count, covers) {
  const [up, down] = [0, 1].map(() => Array.from({ length: count }, () => []));
  for (const [a, b] of covers) {
    down[a].push(b);
    up[b].push(a);
  }
  const row = Array(count).fill(0);
  const open = up.map((list) => list.length);
  const queue = [...open.keys()].filter((i) => open[i] === 0);
  for (const a of queue) {
    for (const b of down[a]) {
      row[b] = Math.max(row[b], row[a] + 1);
      open[b] -= 1;
      if (!open[b]) queue.push(b);
    }
  }
  const rows = Array.from({ length: Math.max(0, ...row) + 1 }, () => []);
  row.forEach((r, i) => rows[r].push(i));
  const widest = Math.max(...rows.map((r) => r.length));
  const spacing = widest <= 24 ? 56 : 26;
  const x = Array(count).fill(0);
  for (const members of rows) members.forEach((i, j) => (x[i] = (j - (members.length - 1) / 2) * spacing));
  for (let sweep = 0; sweep < 16; sweep += 1) {
    const near = sweep % 2 ? down : up;
    for (const members of sweep % 2 ? [...rows].reverse() : rows) {
      const wanted = new Map(members.map((i) => [i, mean(near[i].map((j) => x[j]), x[i])]));
      members.sort((a, b) => wanted.get(a) - wanted.get(b));
      const xs = spread(members.map((i) => wanted.get(i)), Array(members.length - 1).fill(spacing));
      members.forEach((i, j) => (x[i] = xs[j]));
    }
  }
  const left = Math.min(...x) - MARGIN;
  return {
    positions: x.map((value, i) => [Math.round(value - left), MARGIN + row[i] * ROW]),
    width: Math.round(Math.max(...x) - left + MARGIN),
    height: 2 * MARGIN + (rows.length - 1) * ROW,
    spacing,
  };
}

function mean(values, otherwise) {
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : otherwise;
}
