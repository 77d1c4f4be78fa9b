/**
 * Maps between simples, evaluated: phi(v) = sum over the points x of f(<v, w_x>) u_x.
 *
 * The vectors w_x are the orbit of the vector w at the base point 0. With the orthogonal matrices
 * rho(g) of the generators and x^g the image of a point, rho(g) w_{x^g} = w_x. Copies of a simple
 * are scaled as Python scales them (the inclusion in Fun(X) is an isometry), so that nothing is
 * normalised here.
 */

import { affinePieces, jumpsOf } from "./pieces.js";

/** @typedef {Float64Array} Vectors  N vectors of length d, one after the other. */

/**
 * Return an orthogonal matrix close to one that was rounded: one step of Newton's iteration.
 * @param {ArrayLike<number>} matrix  d * d numbers, row by row.
 * @param {number} d
 * @returns {Float64Array}
 */
export function orthogonal(matrix, d) {
  const out = new Float64Array(d * d);
  const square = new Float64Array(d * d);
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j < d; j += 1) {
      let sum = 0;
      for (let k = 0; k < d; k += 1) sum += matrix[k * d + i] * matrix[k * d + j];
      square[i * d + j] = sum;
    }
  }
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j < d; j += 1) {
      let sum = 0;
      for (let k = 0; k < d; k += 1) sum += matrix[i * d + k] * square[k * d + j];
      out[i * d + j] = 1.5 * matrix[i * d + j] - 0.5 * sum;
    }
  }
  return out;
}

/**
 * Return matrix v.
 * @param {ArrayLike<number>} matrix  e * d numbers, row by row.
 * @param {ArrayLike<number>} v  d numbers.
 * @param {number} e
 * @returns {Float64Array}
 */
export function times(matrix, v, e) {
  const d = v.length;
  const out = new Float64Array(e);
  for (let i = 0; i < e; i += 1) {
    let sum = 0;
    for (let j = 0; j < d; j += 1) sum += matrix[i * d + j] * v[j];
    out[i] = sum;
  }
  return out;
}

/**
 * Return w_x for all points, from w at point 0.
 * @param {number[][]} images  of the points under each generator.
 * @param {ArrayLike<number>[]} models  rho of each generator, row by row.
 * @param {ArrayLike<number>} base  w.
 * @returns {Vectors}
 * @throws {Error} if the points are not one orbit.
 */
export function orbitVectors(images, models, base) {
  const d = base.length;
  const many = images.length ? images[0].length : 1;
  const steps = [];
  images.forEach((forward, g) => {
    const matrix = orthogonal(models[g], d);
    const transposed = new Float64Array(d * d);
    const back = new Int32Array(many);
    for (let i = 0; i < d; i += 1) {
      for (let j = 0; j < d; j += 1) transposed[j * d + i] = matrix[i * d + j];
    }
    for (let x = 0; x < many; x += 1) back[forward[x]] = x;
    steps.push([forward, transposed], [back, matrix]);
  });
  const out = new Float64Array(many * d);
  out.set(base, 0);
  const seen = new Uint8Array(many);
  seen[0] = 1;
  const queue = [0];
  for (let head = 0; head < queue.length; head += 1) {
    const x = queue[head];
    for (const [image, matrix] of steps) {
      const y = image[x];
      if (seen[y]) continue;
      seen[y] = 1;
      out.set(times(matrix, out.subarray(x * d, x * d + d), d), y * d);
      queue.push(y);
    }
  }
  if (queue.length < many) {
    throw new Error("a map is made on one orbit of points, and this module has several");
  }
  return out;
}

/**
 * Return the choices of a copy of a simple, as Python names them.
 * @param {object} module  of a record.
 * @param {string} label
 * @returns {{key: string, name: string, vector: number[]}[]}  the default first.
 */
export function copiesOf(module, label) {
  const known = module.vectors?.[label];
  if (!known) return [];
  const many = known.copies?.length ?? 0;
  if (many <= 1) return [{ key: "", name: "", vector: known.generic ?? known.copies[0] }];
  const out = [];
  if (known.generic) out.push({ key: "", name: `generic copy, of ${many}`, vector: known.generic });
  known.copies.forEach((vector, number) => {
    out.push({ key: String(number), name: `copy ${number + 1} of ${many}`, vector });
  });
  return out;
}

/**
 * Return the copy that a key names; the default for an unknown key.
 * @param {object} module
 * @param {string} label
 * @param {string} key  "" for the generic copy, else the copy's number from 0.
 */
export function copyOf(module, label, key) {
  const choices = copiesOf(module, label);
  return choices.find((choice) => choice.key === key) ?? choices[0] ?? null;
}

/**
 * A map between two simples through an activation.
 * @typedef {object} SimpleMap
 * @property {number} count  the number of points.
 * @property {number} d  dimension of L.
 * @property {number} e  dimension of K.
 * @property {Vectors} vectors
 * @property {Vectors} covectors
 * @property {object} activation
 * @property {object|null} pieces  of the activation, if it is piecewise affine.
 * @property {(v: ArrayLike<number>, out?: Float64Array) => Float64Array} inner  <v, w_x> per point.
 * @property {(v: ArrayLike<number>, out?: Float64Array) => Float64Array} value  phi(v).
 */

/**
 * Return the map of some vectors and covectors.
 * @param {Vectors} vectors
 * @param {number} d
 * @param {Vectors} covectors
 * @param {number} e
 * @param {object} activation  with evaluate(x) and kinks.
 * @returns {SimpleMap}
 */
export function mapOf(vectors, d, covectors, e, activation) {
  const count = vectors.length / d;
  const pieces = affinePieces(activation);
  const jumps = jumpsOf(activation, pieces);
  const f = (x) => activation.evaluate(x);
  const scratch = new Float64Array(count);
  let longest = 0;
  for (let x = 0; x < count; x += 1) {
    let size = 0;
    for (let i = 0; i < d; i += 1) size += vectors[x * d + i] ** 2;
    longest = Math.max(longest, size);
  }
  longest = Math.sqrt(longest);

  function inner(v, out = new Float64Array(count)) {
    for (let x = 0, at = 0; x < count; x += 1) {
      let sum = 0;
      for (let i = 0; i < d; i += 1, at += 1) sum += vectors[at] * v[i];
      out[x] = sum;
    }
    if (jumps.length) {
      // an inner product within rounding of a jump is the jump, as in Python
      let size = 0;
      for (let i = 0; i < d; i += 1) size += v[i] ** 2;
      const slack = 2e-9 * longest * Math.sqrt(size);
      for (let x = 0; x < count; x += 1) {
        for (const k of jumps) {
          if (Math.abs(out[x] - k) <= slack + 1e-15 * Math.abs(k)) out[x] = k;
        }
      }
    }
    return out;
  }

  function value(v, out = new Float64Array(e)) {
    inner(v, scratch);
    out.fill(0);
    for (let x = 0, at = 0; x < count; x += 1) {
      const a = f(scratch[x]);
      if (a === 0) {
        at += e;
        continue;
      }
      for (let j = 0; j < e; j += 1, at += 1) out[j] += a * covectors[at];
    }
    return out;
  }

  return { count, d, e, vectors, covectors, activation, pieces, longest, inner, value };
}

/**
 * Return the map L -> K on a module of a record.
 * @param {object} record
 * @param {object} module
 * @param {string} source  label of L.
 * @param {string} target  label of K.
 * @param {object} activation
 * @param {{sourceCopy?: string, targetCopy?: string}} [copies]  as keys of {@link copiesOf}.
 * @returns {SimpleMap}
 * @throws {Error} with a sentence, if the record does not hold what is needed.
 */
export function mapBetween(record, module, source, target, activation, copies = {}) {
  const [vectors, covectors] = [
    [source, copies.sourceCopy ?? ""],
    [target, copies.targetCopy ?? ""],
  ].map(([label, key]) => orbitOf(record, module, label, key));
  const many = module.images[0]?.length ?? 1;
  return mapOf(vectors, vectors.length / many, covectors, covectors.length / many, activation);
}

/**
 * Return the matrices of the generators on a simple; labels may be a module's own.
 * @param {object} record
 * @param {object} module
 * @param {string} label
 * @returns {Float64Array[]|undefined}
 */
export function modelsOf(record, module, label) {
  return module.models?.[label] ?? record.models?.[label];
}

/**
 * Return the vectors w_x of a copy of a simple in a module of a record.
 * @param {object} record
 * @param {object} module
 * @param {string} label
 * @param {string} [key]
 * @returns {Vectors}
 */
export function orbitOf(record, module, label, key = "") {
  const copy = copyOf(module, label, key);
  const models = modelsOf(record, module, label);
  if (!copy || !models || !module.images) {
    throw new Error(
      `the matrices of ${label} on ${module.title} are not in this page: in Python, ` +
        `tk.pl_map(X, "${label}", ...)`,
    );
  }
  return orbitVectors(module.images, models, copy.vector);
}
