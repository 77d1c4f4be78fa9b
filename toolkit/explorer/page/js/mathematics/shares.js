// Expected shares of the energy of f(v) in each simple, v Gaussian in an isotypic part.
//
// T[L -> K] = (m_K dim K / |G|) * sum over D of |D| phi_K(D) kappa(phi_L(D)) / kappa(1); rows add up
// to 1. What occurs at all is exact elsewhere: these numbers only say how strongly.
//
// In a large group nearly all phi_L(D) are nearly 0 and nearly all terms cancel. There kappa is split
// into kappa(0), which goes to the trivial simple alone as the phi_K are orthogonal, and the rest,
// which its power series gives to full precision near 0.

import { energiesOf } from "./dual.js";
import { long, longMean, longSeries, longTable } from "./long_sums.js";

const ENDOMORPHISMS = { R: 1, C: 2, H: 4 };
const ROUNDING = 32 * 2 ** -52;
const ACCEPTED = 1e-7;
const NEAR = 0.1; // 0.1^40 is 1e-40
const TERMS = 40;

/**
 * @typedef {import("./activations.js").Activation} Activation
 * @typedef {{entries: number[], degree: number, fixed: number[], signed: boolean,
 *   spherical: {sizes: number[], values: number[][]}}} Orbit
 */

/**
 * Return the spherical functions of a module's orbits: one orbit for a transitive module.
 * @param {object} record of the group
 * @param {object} module
 * @returns {Orbit[]}
 */
export function orbitsOf(record, module) {
  if (module.orbits) return module.orbits.map((orbit) => ({ ...orbit, degree: Number(orbit.degree) }));
  const entries = module.contents.map((_, i) => i);
  const spherical = module.spherical ?? {
    sizes: record.classes.sizes,
    values: module.contents.map(({ simple }) => quotients(record.simples[simple].character)),
  };
  const fixed = module.contents.map((entry) => Number(entry.fixed));
  return [{ entries, degree: Number(module.degree), fixed, signed: Boolean(module.signed), spherical }];
}

/** Return chi / chi(1); whole numbers beyond 2^53 arrive as texts, and 1 and -1 stay exact. */
function quotients(character) {
  const first = Number(character[0]);
  const [same, opposite] = [String(character[0]), `-${character[0]}`];
  return character.map((x) => {
    const text = String(x);
    return text === same ? 1 : text === opposite ? -1 : Number(x) / first;
  });
}

/**
 * Return the shares of the energy between the simples of a module; a row is made when first asked.
 * @param {object} record
 * @param {object} module
 * @param {Activation} activation
 * @param {{bias?: boolean}} [options] whether a Gaussian constant of the same energy is added first
 * @returns {{share: (source: number, target: number) => number, row: (source: number) => number[]}}
 *   by positions in module.contents; rows add up to 1
 * @throws {Error} with a sentence, where there are no shares, or float64 is not enough for them
 */
export function shares(record, module, activation, { bias = false } = {}) {
  const orbits = orbitsOf(record, module);
  if (orbits.some((orbit) => orbit.signed) && activation.even !== "zero") {
    throw new Error(
      `${activation.name} is not odd, and ${module.title} has signs: use tanh, erf, sin or ` +
        "another odd activation",
    );
  }
  const atOne = activation.dual(1);
  if (!(atOne > 0) || !Number.isFinite(atOne)) {
    throw new Error(`${activation.name} has no energy to share out, or infinitely much`);
  }
  // a coordinate without input is f(0), or with a bias a constant
  const silent = bias ? 1 : activation.evaluate(0) ** 2 / atOne;
  const parts = orbits.map((orbit) => prepared(record, module, orbit, activation, bias));
  const rows = new Map();
  const row = (source) => {
    if (!rows.has(source)) rows.set(source, rowOf(source, module.contents.length, parts, silent));
    return rows.get(source);
  };
  return { row, share: (source, target) => row(source)[target] };
}

/**
 * Return all rows of {@link shares}.
 * @param {object} record
 * @param {object} module
 * @param {Activation} activation
 * @param {{bias?: boolean}} [options]
 * @returns {number[][]} row L, column K, by positions in module.contents
 */
export function transferMatrix(record, module, activation, options) {
  const found = shares(record, module, activation, options);
  return module.contents.map((_, i) => found.row(i));
}

function rowOf(source, count, parts, silent) {
  const out = new Array(count).fill(0);
  for (const part of parts) {
    const at = part.entries.indexOf(source);
    if (at >= 0) {
      part.row(at).forEach((x, j) => {
        out[part.entries[j]] += part.degree * x;
      });
    } else if (part.trivial >= 0) {
      out[part.entries[part.trivial]] += part.degree * silent;
    }
  }
  const total = out.reduce((sum, x) => sum + x, 0);
  return out.map((x) => x / total);
}

function prepared(record, module, orbit, activation, bias) {
  const { values } = orbit.spherical;
  const sizes = orbit.spherical.sizes.map(Number);
  const order = sizes.reduce((sum, x) => sum + x, 0);
  const weights = sizes.map((size) => size / order);
  const trivial = values.findIndex((phi) => phi.every((x) => x === 1));
  const energies = orbit.entries.map((at, i) => {
    const entry = module.contents[at];
    const simple = entry.simple === null ? entry : record.simples[entry.simple];
    return (orbit.fixed[i] / ENDOMORPHISMS[simple.type]) * simple.dimension;
  });
  const isShifted = bias && trivial >= 0;
  const means = (kappa) =>
    values.map((phi, j) => {
      let total = 0;
      let size = 0;
      for (let d = 0; d < weights.length; d += 1) {
        const own = weights[d] * phi[d] * kappa[d];
        total += own;
        size += Math.abs(own);
      }
      return { share: energies[j] * total, isSure: energies[j] * size * ROUNDING <= ACCEPTED };
    });
  let about = null;
  let table;
  const longMeans = (i, { rest, series }) => {
    if (table === undefined) {
      const regular = !module.orbits && !module.spherical;
      const characters = module.contents.map(({ simple }) => record.simples?.[simple]?.character);
      table = regular ? longTable(record.classes.sizes, characters) : null;
    }
    if (!table) return null;
    const isNear = values[i].map((t) => Math.abs(t) <= NEAR);
    const kappa = values[i].map((t, d) =>
      isNear[d] ? longSeries(series, table.values[i][d]) : long(rest(t)));
    return values.map((phi, j) => {
      // what is left to doubles
      const size = phi.reduce((sum, x, d) => sum + (isNear[d] ? 0 : weights[d] * Math.abs(x)), 0);
      return {
        share: longMean(table, j, kappa, energies[j]),
        isSure: energies[j] * size * ROUNDING <= ACCEPTED,
      };
    });
  };
  const row = (i) => {
    if (i === trivial) return values.map((_, j) => (j === trivial ? 1 : 0)); // constants stay so
    let found = means(values[i].map((t) => activation.dualRatio(isShifted ? (t + 1) / 2 : t)));
    if (!found.every(({ isSure }) => isSure)) {
      about ??= aboutZero(activation, isShifted);
      found = means(values[i].map(about.rest));
      if (!found.every(({ isSure }) => isSure)) found = longMeans(i, about) ?? found;
      if (trivial >= 0) found[trivial].share += about.constant;
    }
    if (!found.every(({ isSure }) => isSure)) {
      throw new Error("the terms cancel too far for the numbers of a browser; tk.transfer_matrix " +
        "has them");
    }
    return found.map(({ share }) => Math.min(1, Math.max(0, share)));
  };
  return { entries: orbit.entries, degree: orbit.degree, trivial, row };
}

/**
 * Return kappa(t) / kappa(1), or with a bias its value at (t + 1)/2, as constant + rest(t).
 * @param {Activation} activation
 * @param {boolean} isShifted
 */
function aboutZero(activation, isShifted) {
  const energies = energiesOf(activation.evaluate, activation.kinks);
  const whole = activation.dual(1);
  const series = Array.from({ length: TERMS }, (_, j) => {
    if (!isShifted) return energies[j] / whole;
    // the sum over k of e_k binomial(k, j) / 2^k
    let total = 0;
    let factor = 2 ** -j;
    for (let k = j; k < energies.length; k += 1) {
      total += energies[k] * factor;
      factor *= (k + 1) / (2 * (k + 1 - j));
    }
    return total / whole;
  });
  const constant = activation.dualRatio(isShifted ? 0.5 : 0);
  const rest = (t) => {
    if (Math.abs(t) > NEAR) return activation.dualRatio(isShifted ? (t + 1) / 2 : t) - constant;
    return t * series.slice(1).reduceRight((sum, e) => sum * t + e, 0);
  };
  return { constant, rest, series: series.map(long) };
}
