/** The Fourier basis as functions on the points: by simple, copy and coordinate. */

import { modelsOf, orbitVectors } from "../mathematics/models.js";
import { layoutOf } from "../map/points.js";
import { Panel } from "../drawing/panel.js";

const SIDE = 132;
const LARGEST = 190;
const HEAD = 20;
const MOST = 60;
const MOST_POINTS = 9000;

/**
 * A function of the basis.
 * @typedef {object} BasisFunction
 * @property {string} label
 * @property {number} copy  from 0.
 * @property {number} copies
 * @property {number} coordinate  from 0.
 * @property {Float64Array} values  on the points; their squares add up to 1.
 */

/**
 * Return the functions of the basis of a module: the rows of `tk.fourier_basis(X).matrix`.
 * @param {object} record
 * @param {object} module
 * @param {string|null} only  the label of one simple.
 * @param {number} [most]
 * @returns {{functions: BasisFunction[], all: number}|null}  null if the record does not hold them.
 */
export function basisOf(record, module, only, most = mostOf(module)) {
  if (!module.images || !module.vectors) return null;
  const functions = [];
  let all = 0;
  for (const entry of module.contents) {
    const label = entry.label ?? record.simples?.[entry.simple]?.label;
    const known = module.vectors[label];
    const models = modelsOf(record, module, label);
    if (!known || !models) return null;
    if (only && label !== only) continue;
    const copies = known.copies?.length ? known.copies : [known.generic];
    copies.forEach((base, copy) => {
      const d = base.length;
      all += d;
      if (functions.length >= most) return;
      const vectors = orbitVectors(module.images, models, base);
      for (let i = 0; i < d && functions.length < most; i += 1) {
        const values = new Float64Array(vectors.length / d);
        for (let x = 0; x < values.length; x += 1) values[x] = vectors[x * d + i];
        functions.push({ label, copy, copies: copies.length, coordinate: i, values });
      }
    });
  }
  return { functions, all };
}

/** Return how many functions are drawn: fewer where there are many points. */
function mostOf({ degree }) {
  return Math.min(MOST, Math.max(12, Math.floor(MOST_POINTS / degree)));
}

/**
 * Make the panel.
 * @param {object} view  with basis (or null) and module.
 * @returns {Panel}
 */
export function basisPanel(view) {
  return new Panel({
    title: "The Fourier basis", className: "panel-basis", ratio: 1, tallest: 6000,
    ground: (pen, panel) => ground(pen, panel, view),
  });
}

function gridOf(panel, many) {
  const width = panel.canvas.clientWidth || panel.width || 700;
  const columns = Math.max(1, Math.min(many, Math.floor(width / SIDE)));
  const wide = width / columns;
  return { columns, rows: Math.ceil(many / columns), wide, high: Math.min(wide, LARGEST) + HEAD };
}

/** Set the height to what the functions need. */
export function fitBasis(panel, { basis }) {
  if (!basis?.functions.length) return;
  const { columns, rows, wide, high } = gridOf(panel, basis.functions.length);
  panel.ratio = (rows * high) / (columns * wide);
  panel.fit();
}

function ground(pen, panel, view) {
  const { theme } = panel;
  const { functions } = view.basis ?? { functions: [] };
  if (!functions.length) return;
  const { columns, wide, high } = gridOf(panel, functions.length);
  const layout = layoutOf(view.module.images, functions[0].values.length);
  functions.forEach((one, i) => {
    const [x, y] = [(i % columns) * wide, Math.floor(i / columns) * high];
    const name = `${one.label}${one.copies > 1 ? `, copy ${one.copy + 1}` : ""}`;
    pen.text(x + 10, y + 12, name, { size: 12, bold: true, fill: theme.ink });
    pen.text(x + wide - 10, y + 12, `e${one.coordinate + 1}`, { size: 11, align: "right", fill: theme.soft });
    pen.poly([x + 3, y, x + wide - 3, y, x + wide - 3, y + high - 6, x + 3, y + high - 6], { stroke: theme.line });
    const side = Math.min(wide, LARGEST) - 26;
    const spots = placesOf(layout, { x: x + (wide - side) / 2, y: y + HEAD + 4, side }, one.values.length);
    paintFunction(pen, theme, one.values, spots);
  });
}

/** Return [x, y, radius] of each point's place. */
function placesOf({ kind, rings, order }, { x, y, side }, count) {
  const out = new Array(count);
  if (kind === "rings") {
    const [cx, cy] = [x + side / 2, y + side / 2];
    const radii = rings.length === 1 ? [0.4] : [0.43, 0.24];
    rings.forEach((cycle, k) => {
      const radius = radii[k] * side;
      const dot = Math.min(side * 0.09, (Math.PI * radius) / cycle.length / 1.15);
      cycle.forEach((point, i) => {
        const angle = Math.PI / 2 - (2 * Math.PI * i) / cycle.length;
        out[point] = [cx + radius * Math.cos(angle), cy - radius * Math.sin(angle), dot];
      });
    });
    return out;
  }
  const columns = Math.ceil(Math.sqrt(count));
  const cell = side / columns;
  const top = y + (side - cell * Math.ceil(count / columns)) / 2;
  order.forEach((point, i) => {
    out[point] = [x + cell * ((i % columns) + 0.5), top + cell * (Math.floor(i / columns) + 0.5), cell * 0.44];
  });
  return out;
}

/** Paint a function: the area of a disc is the value's size, colour and sign tell its sign. */
function paintFunction(pen, theme, values, spots) {
  const most = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0) || 1;
  values.forEach((value, point) => {
    const [x, y, radius] = spots[point];
    const share = Math.abs(value) / most;
    pen.circle(x, y, radius, { stroke: theme.line, width: 1 });
    if (share < 1e-6) return;
    const positive = value > 0;
    const size = Math.max(1, radius * Math.sqrt(share));
    pen.circle(x, y, size, { fill: positive ? theme.complex : theme.real });
    if (size < 3.2) return;
    const arm = Math.min(4, size * 0.55);
    const ink = positive || theme.dark ? "#14181d" : "#ffffff";
    const ends = [x - arm, y, x + arm, y, ...(positive ? [x, y - arm, x, y + arm] : [])];
    pen.segments(ends, { stroke: ink, width: 1.4 });
  });
}
