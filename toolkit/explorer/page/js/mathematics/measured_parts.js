// The parity parts of a function, measured on samples: what Activation.from_callable does.

import { part } from "./activation_rows.js";

const HIGHEST = 6;
const AGREE = 1e-9;
const DENSE = Array.from({ length: 400 }, (_, i) => 0.02 + (i * (8 - 0.02)) / 399);
const WIDE = Array.from({ length: 61 }, (_, i) => 8 * 10 ** (0.1 + (i * 3) / 60));

/**
 * Return the parts that values suggest; null if the function is not finite on [-8, 8].
 * @param {(x: number) => number} f
 * @returns {{even: import("./activation_rows.js").Part, odd: import("./activation_rows.js").Part} | null}
 */
export function measuredParts(f) {
  const near = DENSE.map((t) => [t, f(t), f(-t)]);
  if (!near.every(([, up, down]) => Number.isFinite(up) && Number.isFinite(down))) return null;
  const wide = WIDE.map((t) => [t, f(t), f(-t)]).filter(
    ([, up, down]) => Math.abs(up) < 1e100 && Math.abs(down) < 1e100,
  );
  const all = [...near, ...wide];
  const scale = Math.max(1e-300, ...near.flatMap(([, up, down]) => [Math.abs(up), Math.abs(down)]));
  const size = all.map(([, up, down]) => Math.max(Math.abs(up), Math.abs(down), scale));
  const t = all.map(([x]) => x);
  const even = measured(t, all.map(([, up, down]) => (up + down) / 2), 0, scale, size);
  const odd = measured(t, all.map(([, up, down]) => (up - down) / 2), 1, scale, size);
  return { even, odd };
}

function measured(t, values, first, scale, size) {
  const count = DENSE.length;
  const own = nearby(t.slice(0, count), values.slice(0, count), first, scale);
  if (own.rest !== "none") return own;
  const misses = t.some((x, i) => {
    const fit = own.terms.reduce((sum, [d, c]) => sum + c * x ** d, 0);
    return Math.abs(fit - values[i]) > 1e3 * AGREE * Math.max(size[i], Math.abs(fit));
  });
  return misses ? part([], "unknown") : own;
}

function nearby(t, values, first, scale) {
  const largest = Math.max(...values.map(Math.abs));
  if (largest <= AGREE * scale) return part();
  for (let highest = first; highest <= HIGHEST; highest += 2) {
    const degrees = [];
    for (let d = first; d <= highest; d += 2) degrees.push(d);
    const solution = fitted(t, values, degrees);
    const missed = Math.max(
      ...t.map((x, i) =>
        Math.abs(degrees.reduce((sum, d, j) => sum + solution[j] * x ** d, 0) - values[i]),
      ),
    );
    if (missed <= AGREE * Math.max(largest, scale * 1e-3)) {
      const terms = degrees
        .map((d, j) => [d, solution[j]])
        .filter(([d, c]) => Math.abs(c) * 8 ** d > AGREE * Math.max(largest, scale));
      return part(terms);
    }
  }
  return part([], "unknown");
}

/** Least squares in powers of t/8, by orthogonalised columns. */
function fitted(t, values, degrees) {
  const columns = degrees.map((d) => t.map((x) => (x / 8) ** d));
  const basis = [];
  const triangle = columns.map(() => []);
  columns.forEach((column, j) => {
    let rest = [...column];
    for (let round = 0; round < 2; round += 1) {
      basis.forEach((b, i) => {
        const along = dot(b, rest);
        triangle[j][i] = (triangle[j][i] ?? 0) + along;
        rest = rest.map((x, k) => x - along * b[k]);
      });
    }
    const length = Math.sqrt(dot(rest, rest));
    triangle[j][j] = length;
    basis.push(rest.map((x) => x / length));
  });
  const along = basis.map((b) => dot(b, values));
  const out = new Array(degrees.length).fill(0);
  for (let j = degrees.length - 1; j >= 0; j -= 1) {
    let own = along[j];
    for (let k = j + 1; k < degrees.length; k += 1) own -= triangle[k][j] * out[k];
    out[j] = own / triangle[j][j];
  }
  return out.map((c, j) => c / 8 ** degrees[j]);
}

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
