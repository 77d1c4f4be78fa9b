/** The matrix of a layer: entries with one weight have one colour. */

import { ORBITS } from "../drawing/colours.js";
import { Panel } from "../drawing/panel.js";

const MARGIN = 18;

/**
 * Return the colour of an orbital as three bytes: seven hues, each lighter and darker in turn.
 * @param {number} number
 * @param {boolean} dark
 */
export function orbitalBytes(number, dark) {
  const hue = ORBITS[number % ORBITS.length];
  const plain = [1, 3, 5].map((at) => parseInt(hue.slice(at, at + 2), 16));
  const round = Math.floor(number / ORBITS.length);
  const shares = [0, 0.55, -0.4, 0.75, -0.6, 0.3, -0.2];
  const share = shares[round % shares.length];
  const to = share > 0 ? (dark ? 40 : 255) : dark ? 220 : 0;
  return plain.map((value) => Math.round(value + Math.abs(share) * (to - value)));
}

/** The same as text. */
export function orbitalColour(number, dark) {
  return `rgb(${orbitalBytes(number, dark).join(",")})`;
}

/**
 * Make the panel of the matrix.
 * @param {object} view  with orbitals, order (of rows and of columns), marked (an orbital or -1),
 *   at ([row, column] in the order shown, or null), point(entry), choose(entry), step(dx, dy).
 * @returns {Panel}
 */
export function matrixPanel(view) {
  const panel = new Panel({
    title: "The matrix", className: "panel-layer", ratio: 1, tallest: 720,
    ground: (pen) => ground(pen, panel, view),
    front: (pen) => front(pen, panel, view),
    pointer: { hover: (place) => view.point(place ? entryAt(panel, view, place) : null) },
    arrows: (dx, dy) => view.step(dx, -dy),
  });
  panel.canvas.addEventListener("click", (event) => {
    view.choose(entryAt(panel, view, { x: event.offsetX, y: event.offsetY }));
  });
  panel.canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      view.choose(view.at);
    }
  });
  return panel;
}

/** Return the size of an entry and where the matrix begins. */
function gridOf(panel, { rows, columns }) {
  const side = Math.min((panel.width - MARGIN - 2) / columns, (panel.height - MARGIN - 2) / rows);
  const left = MARGIN + Math.max(0, (panel.width - MARGIN - side * columns) / 2);
  return { side, left, top: MARGIN };
}

function entryAt(panel, { orbitals }, { x, y }) {
  const { side, left, top } = gridOf(panel, orbitals);
  const [row, column] = [Math.floor((y - top) / side), Math.floor((x - left) / side)];
  const inside = row >= 0 && column >= 0 && row < orbitals.rows && column < orbitals.columns;
  return inside ? [row, column] : null;
}

function square(x, y, wide, high = wide) {
  return [x, y, x + wide, y, x + wide, y + high, x, y + high];
}

function ground(pen, panel, view) {
  const { theme } = panel;
  const { orbitals, order } = view;
  const { rows, columns, labels } = orbitals;
  const { side, left, top } = gridOf(panel, orbitals);
  const label = (i, j) => labels[order.rows[i] * columns + order.columns[j]];
  const words = `X: ${columns} points across, Y: ${rows} down`;
  pen.text(left + (side * columns) / 2, 8, words, { size: 11, align: "center", fill: theme.soft });
  const known = Array.from({ length: orbitals.count }, (_, k) => orbitalBytes(k, theme.dark));
  if (side < 8) {
    const pixels = new Uint8ClampedArray(4 * rows * columns);
    for (let i = 0, at = 0; i < rows; i += 1) {
      for (let j = 0; j < columns; j += 1, at += 4) {
        pixels.set(known[label(i, j)], at);
        pixels[at + 3] = 255;
      }
    }
    pen.mosaic(left, top, side * columns, side * rows, columns, rows, pixels, false);
    return;
  }
  const far = side - 1;
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const [x, y] = [left + side * j, top + side * i];
      const number = label(i, j);
      const bytes = known[number];
      pen.poly(square(x, y, far), { fill: `rgb(${bytes.join(",")})` });
      if (side < 17) continue;
      const light = 0.3 * bytes[0] + 0.59 * bytes[1] + 0.11 * bytes[2] > 125;
      const fill = light ? "#14181d" : "#ffffff";
      const name = `w${number}`;
      pen.text(x + far / 2, y + far / 2, name, { size: Math.min(13, side * 0.5, (1.5 * side) / name.length), align: "center", fill });
    }
  }
}

function front(pen, panel, view) {
  const { theme } = panel;
  const { orbitals, at } = view;
  const { side, left, top } = gridOf(panel, orbitals);
  if (view.marked >= 0) veil(pen, theme, view, { side, left, top });
  if (!at) return;
  const grow = Math.max(0, 6 - side / 2);
  const [x, y] = [left + side * at[1] - grow, top + side * at[0] - grow];
  pen.poly(square(x, y, side + 2 * grow), { stroke: theme.focus, width: 2.5 });
}

/** Everything but one orbital steps back; its entries get a frame. */
function veil(pen, theme, { orbitals, order, marked }, { side, left, top }) {
  const { rows, columns, labels } = orbitals;
  const frames = [];
  for (let i = 0; i < rows; i += 1) {
    const y = top + side * i;
    let from = 0;
    for (let j = 0; j <= columns; j += 1) {
      const inside = j < columns && labels[order.rows[i] * columns + order.columns[j]] === marked;
      if (!inside && j < columns) continue;
      if (j > from) {
        pen.poly(square(left + side * from, y, side * (j - from), side), { fill: theme.surface, alpha: 0.74 });
      }
      from = j + 1;
      if (inside) frames.push([left + side * j, y]);
    }
  }
  if (side < 7) return;
  for (const [x, y] of frames) pen.poly(square(x, y, side - 1), { stroke: theme.ink, width: 2 });
}
