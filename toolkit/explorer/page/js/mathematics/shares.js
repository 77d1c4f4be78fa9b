// Expected shares of the energy of f(v) in each simple, v Gaussian in an isotypic part.
//
// T[L -> K] = (m_K dim K / |G|) * sum over D of |D| phi_K(D) kappa(phi_L(D)) / kappa(1); rows add up
// to 1. What occurs at all is exact elsewhere: these numbers only say how strongly.

const ENDOMORPHISMS = { R: 1, C: 2, H: 4 };
const ROUNDING = 32 * 2 ** -52;
const ACCEPTED = 1e-7;

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
  if (module.orbits) return module.orbits;
  const entries = module.contents.map((_, i) => i);
  const spherical = module.spherical ?? {
    sizes: record.classes.sizes,
    values: module.contents.map(({ simple }) => {
      const { character } = record.simples[simple];
      return character.map((x) => (x === character[0] ? 1 : x === -character[0] ? -1 : x / character[0]));
    }),
  };
  const fixed = module.contents.map((entry) => entry.fixed);
  return [{ entries, degree: module.degree, fixed, signed: Boolean(module.signed), spherical }];
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
  const { sizes, values } = orbit.spherical;
  const order = sizes.reduce((sum, x) => sum + x, 0);
  const weights = sizes.map((size) => size / order);
  const trivial = values.findIndex((phi) => phi.every((x) => x === 1));
  const energies = orbit.entries.map((at, i) => {
    const entry = module.contents[at];
    const simple = entry.simple === null ? entry : record.simples[entry.simple];
    return (orbit.fixed[i] / ENDOMORPHISMS[simple.type]) * simple.dimension;
  });
  const row = (i) => {
    const kappa = values[i].map((t) =>
      activation.dualRatio(bias && trivial >= 0 ? (t + 1) / 2 : t));
    return values.map((phi, j) => {
      let total = 0;
      let size = 0;
      for (let d = 0; d < weights.length; d += 1) {
        const own = weights[d] * phi[d] * kappa[d];
        total += own;
        size += Math.abs(own);
      }
      if (energies[j] * size * ROUNDING > ACCEPTED) {
        throw new Error("the terms cancel too far for the numbers of a browser; tk.transfer_matrix " +
          "has them");
      }
      return Math.min(1, Math.max(0, energies[j] * total));
    });
  };
  return { entries: orbit.entries, degree: orbit.degree, trivial, row };
}
