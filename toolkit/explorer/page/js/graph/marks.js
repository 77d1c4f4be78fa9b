/** How lines look: dashes and width, and what they mean. The same as in the pictures of plrep. */

/**
 * By kind of line: the class of its colour, dashes in line widths, and words.
 * @type {Record<string, {faint: boolean, dashes: number[], words: string}>}
 */
export const LINES = {
  even: { faint: false, dashes: [], words: "even part" },
  odd: { faint: false, dashes: [1, 1.2], words: "odd part" },
  "even and odd": { faint: false, dashes: [5, 1.2, 1, 1.2], words: "even and odd part" },
  polynomial: { faint: false, dashes: [7, 2], words: "polynomial part only" },
  linear: { faint: true, dashes: [2.2, 1.4], words: "linear part only" },
  constant: { faint: true, dashes: [1, 2.2], words: "constant part only" },
  unknown: { faint: true, dashes: [], words: "part not stated" },
};

/** Words by type of simple. */
export const TYPES = { R: "real", C: "complex", H: "quaternionic" };

/**
 * Return the width of a line that carries this share of the energy: like the square root, so that
 * small shares stay visible.
 * @param {number|undefined} share
 * @returns {number}
 */
export function lineWidth(share) {
  const known = Number.isFinite(share) ? share : 0.04;
  return 0.9 + 2.5 * Math.sqrt(Math.min(1, Math.max(0, known)));
}

/**
 * Return the value of stroke-dasharray.
 * @param {string} kind
 * @param {number} width
 * @returns {string|null}
 */
export function dashArray(kind, width) {
  const { dashes } = LINES[kind];
  if (!dashes.length) return null;
  const unit = Math.max(width, 1.6);
  return dashes.map((d) => Math.round(10 * d * unit) / 10).join(" ");
}

/**
 * Return the outline of an arrow head as a path.
 * @param {number[]} head  tip and direction
 * @param {number} width  of the line
 * @returns {string}
 */
export function headPath([x, y, dx, dy], width) {
  const length = 5.5 + 1.5 * width;
  const half = 2.1 + 0.8 * width;
  const [bx, by] = [x - dx * length, y - dy * length];
  const r = (value) => Math.round(10 * value) / 10;
  return (
    `M${r(x)} ${r(y)}L${r(bx - dy * half)} ${r(by + dx * half)}` +
    `L${r(bx + 0.22 * dx * length)} ${r(by + 0.22 * dy * length)}` +
    `L${r(bx + dy * half)} ${r(by - dx * half)}Z`
  );
}

/**
 * Return path and head of a loop at the right edge of a box.
 * @param {{x:number, y:number, w:number}} box
 * @param {number} reach  how far it extends
 * @returns {{d: string, heads: number[][]}}
 */
export function loopPath({ x, y, w }, reach = 20) {
  const r = (value) => Math.round(10 * value) / 10;
  const left = x + w / 2;
  const half = 8;
  const far = left + reach;
  return {
    d:
      `M${r(left)} ${r(y - half)}C${r(left + 0.7 * reach)} ${r(y - half - 1)} ${r(far)} ` +
      `${r(y - 0.8 * half)} ${r(far)} ${r(y)}C${r(far)} ${r(y + 0.8 * half)} ` +
      `${r(left + 0.75 * reach)} ${r(y + half)} ${r(left + 5)} ${r(y + half)}`,
    heads: [[left, y + half, -1, 0]],
  };
}
