/** What the layer view hands out. */

import { s } from "../ui/dom.js";
import { inLight } from "../ui/theme.js";
import { groupName, moduleCode } from "../map/exports.js";
import { degreesOf, pairedWith } from "./orbitals.js";

const MOST_CELLS = 2e5;

/**
 * @param {object} view  the layer view.
 * @returns {{svg: SVGElement|null, table: object|null, json: object|null, tikz: string|null,
 *   python: string|null}}
 */
export function layerExports(view) {
  const { orbitals, module, target, app } = view;
  if (!orbitals || view.body.hidden) return { svg: null, table: null, json: null, tikz: null, python: null };
  return {
    svg: inLight(() => pictureOf(view)),
    table: tableOf(view),
    json: {
      group: nameOf(app.record, module, target), title: app.record.title, source: module.id, target: target.id,
      shape: [orbitals.rows, orbitals.columns], weights: orbitals.count, sizes: orbitals.sizes,
      labels: rowsOf(orbitals),
    },
    tikz: null,
    python: codeOf(app.record, module, target),
  };
}

function nameOf(record, module, target) {
  return groupName(record, target.id === "natural" ? target : module);
}

function rowsOf({ labels, rows, columns }) {
  return Array.from({ length: rows }, (_, i) => [...labels.subarray(i * columns, (i + 1) * columns)]);
}

/** One row for each row of the matrix where it is small; one for each orbital beyond. */
function tableOf({ orbitals, module, target, app }) {
  const { rows, columns, count } = orbitals;
  const name = `Numbers of the weights of layers from ${module.title} to ${target.title} of ${app.record.title}`;
  if (rows * columns <= MOST_CELLS && columns <= 1024) {
    return {
      name,
      columns: ["y \\ x", ...Array.from({ length: columns }, (_, x) => String(x))],
      rows: rowsOf(orbitals).map((row, y) => [y, ...row]),
    };
  }
  return {
    name, columns: ["weight", "entries", "in a row", "in a column", "transpose"],
    rows: Array.from({ length: count }, (_, k) => {
      const { size, inRow, inColumn } = degreesOf(orbitals, k);
      return [k, size, inRow, inColumn, module === target ? pairedWith(orbitals, k) : null];
    }),
  };
}

function pictureOf({ matrix, functions }) {
  const parts = [matrix, functions].filter((panel) => panel.shown && panel.width).map((panel) => panel.svg());
  const svg = s("svg", null);
  let y = 24;
  let wide = 0;
  for (const part of parts) {
    svg.append(
      s("text", { x: 24, y: y + 12, "font-size": 14, "font-weight": 600, fill: "#20242a" }, part.title),
      s("g", { transform: `translate(24,${y + 26})` }, part.group),
    );
    y += part.height + 60;
    wide = Math.max(wide, part.width + 48);
  }
  svg.setAttribute("viewBox", `0 0 ${wide} ${y}`);
  return svg;
}

function codeOf(record, module, target) {
  const same = module === target;
  return [
    "import toolkit as tk",
    "",
    `G = tk.group(${JSON.stringify(nameOf(record, module, target))})  # ${record.title}`,
    `X = ${moduleCode(module)}`,
    same ? "Y = X" : `Y = ${moduleCode(target)}`,
    "basis = tk.layer_basis(X, Y)",
    "print(basis.dimension, basis.sizes)",
    "print(basis.label_matrix)",
    "print(tk.fourier_basis(X).row_labels)",
    "layer = tk.nn.EquivariantLinear(X, Y, 1, 1)",
    "",
  ].join("\n");
}
