/**
 * The affine pieces of an activation, and the hyperplanes on which a map through it breaks.
 *
 * Where f jumps: slope by s_k and value by j_k at the kink k. The map breaks on <v, w_x> = k. Two
 * of these are one hyperplane exactly if w_x and w_y lie on one line and the kinks agree with the
 * sign; on it the kinks add up, and may cancel.
 */

/** Vectors whose directions differ by less are on one line; the record has ten digits. */
const SAME_LINE = 1e-7;
const CANCEL = 1e-7;

/**
 * @typedef {object} Pieces
 * @property {Float64Array} kinks  rising.
 * @property {Float64Array} slopes  one more than kinks, from the left.
 * @property {Float64Array} intercepts
 * @property {boolean} central  whether there is no kink other than 0.
 */

/**
 * Return the affine pieces of an activation, measured between its kinks; null if it has none.
 * @param {{evaluate: (x: number) => number, kinks: number[]}} activation
 * @returns {Pieces|null}
 */
export function affinePieces(activation) {
  const kinks = Float64Array.from(new Set(activation.kinks ?? [])).sort();
  const f = (x) => activation.evaluate(x);
  const far = 6 + (kinks.length ? Math.max(Math.abs(kinks[0]), Math.abs(kinks.at(-1))) : 0);
  const ends = [(kinks[0] ?? 0) - far, ...kinks, (kinks.at(-1) ?? 0) + far];
  const slopes = [];
  const intercepts = [];
  let size = 0;
  let missed = 0;
  for (let piece = 0; piece + 1 < ends.length; piece += 1) {
    const [left, right] = [ends[piece], ends[piece + 1]];
    const at = (share) => left + share * (right - left);
    const [near, distant] = [f(at(0.25)), f(at(0.75))];
    const slope = tidy((2 * (distant - near)) / (right - left));
    const intercept = tidy((near + distant) / 2 - (slope * (left + right)) / 2);
    slopes.push(slope);
    intercepts.push(intercept);
    for (let i = 1; i < 40; i += 1) {
      const x = at(i / 40);
      const y = f(x);
      size = Math.max(size, Math.abs(y));
      missed = Math.max(missed, Math.abs(slope * x + intercept - y));
    }
  }
  if (!(missed <= 1e-9 * size) && size > 0) return null;
  if (!slopes.every(Number.isFinite)) return null;
  return {
    kinks,
    slopes: Float64Array.from(slopes),
    intercepts: Float64Array.from(intercepts),
    central: kinks.every((k) => k === 0),
  };
}

/** Return a number without the rounding of its last two digits. */
function tidy(x) {
  const short = Number(x.toPrecision(14));
  return Math.abs(short) < 1e-14 ? 0 : short;
}

/**
 * Return the kinks at which the activation jumps, or may jump.
 * @param {object} activation
 * @param {Pieces|null} pieces
 * @returns {number[]}
 */
export function jumpsOf(activation, pieces) {
  if (pieces) return [...pieces.kinks].filter((k, i) => jumpAt(pieces, i) !== 0);
  return activation.exact ? [] : [...(activation.kinks ?? [])];
}

/** Return the jump of the value at the kink with this number. */
function jumpAt(pieces, i) {
  const k = pieces.kinks[i];
  const jump =
    pieces.intercepts[i + 1] - pieces.intercepts[i] + (pieces.slopes[i + 1] - pieces.slopes[i]) * k;
  const scale = Math.abs(pieces.intercepts[i + 1]) + Math.abs(pieces.intercepts[i]) + 1e-3;
  return Math.abs(jump) > 1e-12 * scale ? jump : 0;
}

/** Return the number of the piece that contains x. */
function pieceOf(kinks, x) {
  let place = 0;
  while (place < kinks.length && kinks[place] < x) place += 1;
  return place;
}

/**
 * Return the matrix and the constant of a map near a vector on no breaking hyperplane.
 * @param {import("./models.js").SimpleMap} map  through a piecewise affine activation.
 * @param {ArrayLike<number>} v
 * @returns {{matrix: Float64Array, constant: Float64Array}}  matrix row by row, e * d numbers.
 */
export function pieceAt(map, v) {
  const { count, d, e, vectors, covectors, pieces } = map;
  const inner = map.inner(v);
  const matrix = new Float64Array(e * d);
  const constant = new Float64Array(e);
  const size = Math.hypot(...v);
  const largest = pieces.kinks.reduce((most, k) => Math.max(most, Math.abs(k)), 0);
  const slack = 1e-9 * (map.longest * size + largest);
  for (let x = 0; x < count; x += 1) {
    // at kinks that cancel, the mean of both sides remains
    const below = pieceOf(pieces.kinks, inner[x] - slack);
    const above = pieceOf(pieces.kinks, inner[x] + slack);
    const slope = (pieces.slopes[below] + pieces.slopes[above]) / 2;
    const intercept = (pieces.intercepts[below] + pieces.intercepts[above]) / 2;
    for (let i = 0; i < e; i += 1) {
      const u = covectors[x * e + i];
      constant[i] += intercept * u;
      if (slope === 0) continue;
      for (let j = 0; j < d; j += 1) matrix[i * d + j] += slope * u * vectors[x * d + j];
    }
  }
  return { matrix, constant };
}

/**
 * Group vectors into lines.
 * @param {Float64Array} vectors
 * @param {number} d
 * @returns {{normals: Float64Array[], lineOf: Int32Array, factors: Float64Array}}
 *   unit normals in the direction of the first point of each line, w_x = factor * normal.
 */
export function linesOf(vectors, d) {
  const count = vectors.length / d;
  const normals = [];
  const lineOf = new Int32Array(count).fill(-1);
  const factors = new Float64Array(count);
  const buckets = new Map();
  for (let x = 0; x < count; x += 1) {
    const w = vectors.subarray(x * d, x * d + d);
    const size = Math.hypot(...w);
    if (!(size > 0)) continue;
    const unit = w.map((value) => value / size);
    const found = lookUp(buckets, normals, unit);
    if (found) {
      lineOf[x] = found.line;
      factors[x] = found.sign * size;
    } else {
      const line = normals.length;
      normals.push(unit);
      lineOf[x] = line;
      factors[x] = size;
      const key = Math.floor(Math.abs(unit[0]) * 4096);
      if (!buckets.has(key)) buckets.set(key, []);
      buckets.get(key).push(line);
    }
  }
  return { normals, lineOf, factors };
}

function lookUp(buckets, normals, unit) {
  const key = Math.floor(Math.abs(unit[0]) * 4096);
  for (const near of [key, key - 1, key + 1]) {
    for (const line of buckets.get(near) ?? []) {
      for (const sign of [1, -1]) {
        if (unit.every((value, i) => Math.abs(value - sign * normals[line][i]) < SAME_LINE)) {
          return { line, sign };
        }
      }
    }
  }
  return null;
}

/**
 * @typedef {object} Breaks
 * @property {Float64Array[]} normals  unit vectors; parallel hyperplanes have the same ones.
 * @property {number[]} offsets  the map breaks on <v, normal> = offset.
 * @property {boolean} central  whether all pass through the origin.
 * @property {boolean} continuous
 * @property {object} lines  of the w_x.
 */

/**
 * Return the hyperplanes on which a map breaks; null if its activation is not piecewise affine.
 * @param {import("./models.js").SimpleMap} map
 * @returns {Breaks|null}
 */
export function breaksOf(map) {
  const { count, e, covectors, pieces } = map;
  if (!pieces) return null;
  const lines = linesOf(map.vectors, map.d);
  const found = new Map();
  for (let k = 0; k < pieces.kinks.length; k += 1) {
    const turn = pieces.slopes[k + 1] - pieces.slopes[k];
    const jump = jumpAt(pieces, k);
    for (let x = 0; x < count; x += 1) {
      const line = lines.lineOf[x];
      if (line < 0) continue;
      const factor = lines.factors[x];
      const kink = Math.sign(factor) * pieces.kinks[k] + 0;
      const key = `${line} ${kink}`;
      let here = found.get(key);
      if (!here) {
        const sums = () => new Float64Array(e);
        here = { line, offset: kink / Math.abs(factor), turns: sums(), jumps: sums(), scale: [0, 0] };
        found.set(key, here);
      }
      let length = 0;
      for (let i = 0; i < e; i += 1) {
        const u = covectors[x * e + i];
        here.turns[i] += Math.abs(factor) * turn * u;
        here.jumps[i] += Math.sign(factor) * jump * u;
        length += u * u;
      }
      here.scale[0] += Math.abs(factor * turn) * Math.sqrt(length);
      here.scale[1] += Math.abs(jump) * Math.sqrt(length);
    }
  }
  const normals = [];
  const offsets = [];
  let continuous = true;
  for (const { line, offset, turns, jumps, scale } of found.values()) {
    const turned = Math.hypot(...turns) > CANCEL * scale[0];
    const jumped = Math.hypot(...jumps) > CANCEL * scale[1];
    if (!turned && !jumped) continue;
    normals.push(lines.normals[line]);
    offsets.push(offset);
    continuous = continuous && !jumped;
  }
  return { normals, offsets, central: offsets.every((o) => o === 0), continuous, lines };
}
