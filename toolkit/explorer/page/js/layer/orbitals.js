/** The orbitals of Y x X: which entries of an equivariant matrix share a weight. */

/** The largest matrix that the page labels. */
export const MOST_ENTRIES = 4e6;

/**
 * @typedef {object} Orbitals
 * @property {Int32Array} labels  m * n, row by row: rows are points of Y, columns of X. Numbered by
 *   first occurrence, as in Python.
 * @property {number} rows
 * @property {number} columns
 * @property {number} count
 * @property {number[]} sizes  how many entries each has.
 * @property {[number, number][]} first  the first entry of each, as (y, x).
 */

/**
 * Return the orbitals of two modules, from the images of their points under the same generators.
 * @param {number[][]} target  of the points of Y.
 * @param {number[][]} source  of the points of X.
 * @returns {Orbitals}
 */
export function orbitalsOf(target, source) {
  const rows = target[0]?.length ?? 1;
  const columns = source[0]?.length ?? 1;
  const labels = new Int32Array(rows * columns).fill(-1);
  const queue = new Int32Array(rows * columns);
  const sizes = [];
  const first = [];
  for (let start = 0; start < labels.length; start += 1) {
    if (labels[start] >= 0) continue;
    const number = sizes.length;
    let end = 1;
    queue[0] = start;
    labels[start] = number;
    for (let head = 0; head < end; head += 1) {
      const y = Math.floor(queue[head] / columns);
      const x = queue[head] - y * columns;
      for (let g = 0; g < target.length; g += 1) {
        const next = target[g][y] * columns + source[g][x];
        if (labels[next] >= 0) continue;
        labels[next] = number;
        queue[end] = next;
        end += 1;
      }
    }
    sizes.push(end);
    first.push([Math.floor(start / columns), start % columns]);
  }
  return { labels, rows, columns, count: sizes.length, sizes, first };
}

/**
 * Return what is known of one orbital.
 * @param {Orbitals} orbitals
 * @param {number} number
 * @returns {{size: number, inRow: number, inColumn: number, rows: number, columns: number}}  inRow:
 *   its entries in each row that has any, the length of the suborbit; rows: how many rows have any.
 */
export function degreesOf({ labels, rows, columns, sizes, first }, number) {
  const [y, x] = first[number];
  let inRow = 0;
  let inColumn = 0;
  for (let j = 0; j < columns; j += 1) if (labels[y * columns + j] === number) inRow += 1;
  for (let i = 0; i < rows; i += 1) if (labels[i * columns + x] === number) inColumn += 1;
  const size = sizes[number];
  return { size, inRow, inColumn, rows: size / inRow, columns: size / inColumn };
}

/** Return the number of the transposed orbital; X and Y must be the same. */
export function pairedWith({ labels, columns, first }, number) {
  const [y, x] = first[number];
  return labels[x * columns + y];
}

/** dim End(L) by the type of L. */
const UNITS = { R: 1, C: 2, H: 4 };

/**
 * Return what characters say of the number of weights: the sum of m_L(X) m_L(Y) dim End(L).
 * @param {object} record
 * @param {object} source  module X.
 * @param {object} target  module Y.
 * @returns {{rows: Array<[string, number, string, number, number, number]>, total: number}|null}
 *   label, dimension, type, multiplicities in X and Y, weights; null where simples have no names
 *   common to both modules.
 */
export function blocksOf(record, source, target) {
  const rows = [];
  let total = 0;
  for (const entry of source.contents) {
    if (entry.simple === null || entry.simple === undefined) return null;
    const other = target.contents.find((one) => one.simple === entry.simple);
    const { label, dimension, type } = record.simples[entry.simple];
    const weights = (other?.multiplicity ?? 0) * entry.multiplicity * UNITS[type];
    rows.push([label, dimension, type, entry.multiplicity, other?.multiplicity ?? 0, weights]);
    total += weights;
  }
  return { rows, total };
}
