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
 * Return the transfer matrix of a module.
 * @param {object} record
 * @param {object} module
 * @param {Activation} activation
 * @param {boolean} [bias] whether a Gaussian constant of the same energy is added first
 * @returns {number[][] | null} row L, column K, by positions in module.contents; null where
 *   float64 is not enough for seven digits
 * @throws {Error} with a sentence, if the activation is not odd and the module has signs
 */
export function transferMatrix(record, module, activation, bias = false) {
  const orbits = orbitsOf(record, module);
  const count = module.contents.length;
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
  const zero = bias ? 1 : activation.evaluate(0) ** 2 / atOne;
  const out = Array.from({ length: count }, () => new Array(count).fill(0));
  for (const orbit of orbits) {
    const own = ofOrbit(record, module, orbit, activation, bias);
    if (!own) return null;
    const trivial = orbit.spherical.values.findIndex((row) => row.every((x) => x === 1));
    const inside = new Set(orbit.entries);
    orbit.entries.forEach((l, i) =>
      orbit.entries.forEach((k, j) => {
        out[l][k] += orbit.degree * own[i][j];
      }));
    if (trivial < 0) continue;
    for (let l = 0; l < count; l += 1) {
      // a coordinate without input is f(0), or with a bias a constant
      if (!inside.has(l)) out[l][orbit.entries[trivial]] += orbit.degree * zero;
    }
  }
  return out.map((row) => {
    const total = row.reduce((sum, x) => sum + x, 0);
    return row.map((x) => x / total);
  });
}

function ofOrbit(record, module, orbit, activation, bias) {
  const { sizes, values } = orbit.spherical;
  const order = sizes.reduce((sum, x) => sum + x, 0);
  const energies = orbit.entries.map((at, i) => {
    const entry = module.contents[at];
    const simple = entry.simple === null ? entry : record.simples[entry.simple];
    return (orbit.fixed[i] / ENDOMORPHISMS[simple.type]) * simple.dimension;
  });
  const hasBias = bias && values.some((row) => row.every((x) => x === 1));
  let worst = 0;
  const rows = values.map((phiL) => {
    const kappa = phiL.map((t) => activation.dualRatio(hasBias ? (t + 1) / 2 : t));
    return values.map((phiK, j) => {
      let total = 0;
      let size = 0;
      for (let d = 0; d < sizes.length; d += 1) {
        const own = (sizes[d] / order) * phiK[d] * kappa[d];
        total += own;
        size += Math.abs(own);
      }
      worst = Math.max(worst, energies[j] * size * ROUNDING);
      return Math.min(1, Math.max(0, energies[j] * total));
    });
  });
  return worst < ACCEPTED ? rows : null;
}
