/**
 * Which simples occur in f(v), for v generic in the isotypic part of a set of simples.
 *
 * On an orbit G/H with spherical functions phi, a set A of simples has the subgroup
 * U+ = {phi = 1 on A}, U- = {phi = -1 on A}, U = U+ and U- together. A simple K occurs
 *   through a non-polynomial even part  iff dim K^U > 0,
 *   through a non-polynomial odd part   iff dim Hom_U(sgn, K) > 0,
 *   through the linear part             iff K is in A,
 *   through the constant                iff K is trivial,
 *   through t^d                         iff sum |D| phi_K(D) Phi(D)^d is not 0.
 * Membership in U is an equality of exact integers of the record. The dimensions are integers that
 * are rounded from double precision, and a sum that is not near an integer is an error.
 */

/**
 * The criterion on one orbit of a module.
 * @typedef {object} Orbit
 * @property {number[]} entries     positions in the module's contents
 * @property {number[]} fixed       dim K^H by entry (on a signed orbit dim Hom_H(sgn, K))
 * @property {number[]} dimensions  dim K by entry
 * @property {number[]} sizes       |D| by column
 * @property {bigint[]} exactSizes  the same, where a double does not hold them
 * @property {number[][]} values    phi_K(D), by entry and column
 * @property {number} trivial       place among the entries of the trivial simple, or -1
 * @property {boolean} signed       whether the orbit has signs
 * @property {boolean} integral     whether phi_K = chi_K / dim K: H acts as 1 on the orbit
 * @property {object} [pairs]       what each simple reaches, as the record has decided it
 */

/**
 * A subgroup U of a set of simples, by columns.
 * @typedef {object} Subgroup
 * @property {boolean[]} plus   columns on which the set acts as 1
 * @property {boolean[]} minus  columns on which it acts as -1
 * @property {bigint} plusOrder  |U+|
 * @property {bigint} minusSize  |U-|
 */

/**
 * A simple that occurs.
 * @typedef {object} Occurrence
 * @property {string[]} parts   sorted: "constant", "degree 2", "even", "linear", "odd"
 * @property {number} reach     dimension of the part of K^H that occurs
 */

/** What an activation is to the criterion; made by {@link partsOf}. */

/**
 * Return the parts of an activation that decide.
 * @param {{even:string, odd:string, degrees?:number[], evaluate:(x:number)=>number}} f
 * @returns {{even:boolean, odd:boolean, linear:boolean, constant:boolean, degrees:number[],
 *   level:number, atZero:number}} of the constant: `level` is that of the even part, `atZero` is
 *   f(0), which counts for coordinates that are always 0 only
 */
export function partsOf(f) {
  const even = f.even === "non-polynomial";
  const odd = f.odd === "non-polynomial";
  const degrees = (f.degrees ?? []).filter((d) => d >= 2 && !(d % 2 ? odd : even));
  const linear = !odd && (f.odd === "linear" || (f.degrees ?? []).includes(1));
  const atZero = f.evaluate(0);
  const place = (f.degrees ?? []).indexOf(0);
  const level = even || place < 0 ? 0 : f.coefficients[place];
  return { even, odd, linear, constant: level !== 0, degrees, level, atZero };
}

/**
 * Return the orbits of a module.
 * @param {object} record  record of the group
 * @param {object} module  one of its modules
 * @returns {Orbit[]}
 */
export function orbitsOf(record, module) {
  const simples = simplesOf(record, module);
  const made = (entries, fixed, table, signed) => {
    const dimensions = entries.map((e) => simples[e].dimension);
    return {
      entries,
      fixed,
      dimensions,
      sizes: table.sizes.map(Number),
      exactSizes: table.sizes.map(BigInt),
      values: table.values,
      trivial: signed ? -1 : entries.findIndex((e) => isTrivial(module.contents[e])),
      signed,
      integral: !signed && fixed.every((n, i) => n === dimensions[i]),
    };
  };
  if (module.orbits) {
    return module.orbits.map((o) => {
      const table = o.spherical ?? regularTable(record, o.entries.map((e) => simples[e]));
      return { ...made(o.entries, o.fixed, table, Boolean(o.signed)), pairs: o.pairs };
    });
  }
  const table = module.spherical ?? regularTable(record, simples);
  const fixed = module.contents.map((c) => c.fixed);
  return [{ ...made([...simples.keys()], fixed, table, false), pairs: module.pairs }];
}

/**
 * Return the simples of a module: those of the group, or those that are known in the module only.
 * @param {object} record
 * @param {object} module
 * @returns {object[]}  by position in the contents
 */
export function simplesOf(record, module) {
  return module.contents.map((c) => record.simples?.[c.simple] ?? c);
}

function isTrivial(content) {
  return content.simple === 0 || content.label === "V0";
}

/** Return phi = chi / chi(1) on the classes. */
function regularTable(record, simples) {
  return {
    sizes: record.classes.sizes,
    values: simples.map((s) => s.character.map((x) => x / s.dimension)),
  };
}

/**
 * Return the subgroup U of a set of simples.
 * @param {Orbit} orbit
 * @param {boolean[]} present  by entry; at least one
 * @returns {Subgroup}
 */
export function subgroupOf(orbit, present) {
  const rows = orbit.values.filter((_, i) => present[i]);
  const plus = orbit.sizes.map((_, c) => rows.every((row) => row[c] === 1));
  const minus = orbit.sizes.map((_, c) => rows.every((row) => row[c] === -1));
  const order = (columns) =>
    orbit.exactSizes.reduce((sum, n, c) => (columns[c] ? sum + n : sum), 0n);
  return { plus, minus, plusOrder: order(plus), minusSize: order(minus) };
}

/**
 * Return dim K^U and dim Hom_U(sgn, K) for all simples K; equal where U- is empty.
 * @param {Orbit} orbit
 * @param {Subgroup} U
 * @returns {{even:number[], odd:number[]}}
 */
export function fixedDimensions(orbit, U) {
  const order = Number(U.plusOrder + U.minusSize);
  const columns = [...orbit.sizes.keys()].filter((c) => U.plus[c] || U.minus[c]);
  const even = [];
  const odd = [];
  orbit.values.forEach((row, k) => {
    let above = 0;
    let below = 0;
    for (const c of columns) {
      if (U.plus[c]) above += orbit.sizes[c] * row[c];
      else below += orbit.sizes[c] * row[c];
    }
    const scale = orbit.fixed[k] / order;
    even.push(wholeNumber((above + below) * scale, orbit.fixed[k]));
    odd.push(U.minusSize ? wholeNumber((above - below) * scale, orbit.fixed[k]) : even[k]);
  });
  return { even, odd };
}

/** Return the integer from 0 to a bound that a sum in double precision stands for. */
function wholeNumber(x, bound) {
  const n = Math.round(x);
  if (Math.abs(x - n) > 1e-6 * Math.max(1, bound) || n < 0 || n > bound) {
    throw new Error(`A dimension between 0 and ${bound} is required, found ${x}: the record is damaged.`);
  }
  return n;
}

/**
 * Return which simples occur in the d-th powers, d >= 1.
 *
 * With the multiplicities of a regular module the sum is the inner product of chi_K with a power of
 * a character, an integer. Elsewhere it is a squared length in [0, 1]; one that is neither
 * clearly 0 nor clearly positive is an error.
 * @param {Orbit} orbit
 * @param {boolean[]} present
 * @param {number} degree
 * @returns {boolean[]}
 */
export function occurringInPowers(orbit, present, degree) {
  const weights = orbit.dimensions.map((d, i) => (present[i] ? (orbit.integral ? d : 1) : 0));
  const total = weights.reduce((a, b) => a + b, 0);
  const power = orbit.sizes.map((n, c) => {
    const phi = orbit.values.reduce((sum, row, i) => sum + weights[i] * row[c], 0) / total;
    return n * phi ** degree;
  });
  const order = orbit.sizes.reduce((a, b) => a + b, 0);
  return orbit.values.map((row, k) => {
    const mean = row.reduce((sum, x, c) => sum + x * power[c], 0) / order;
    if (orbit.integral) {
      const scale = total ** degree * orbit.dimensions[k];
      if (scale * order < 1e12) {
        return Math.round(mean * scale) !== 0;
      }
    }
    if (Math.abs(mean) < 1e-13) return false;
    if (mean > 1e-10) return true;
    throw new Error(
      `Whether a simple occurs in powers of degree ${degree} is not decided in double precision ` +
        "here; tk.occurring_simples(X, [...], f) decides it exactly.",
    );
  });
}

/**
 * Return what occurs in f(v) on one orbit from a set of simples, by entry (null: does not occur).
 * @param {Orbit} orbit
 * @param {ReturnType<typeof partsOf>} parts
 * @param {boolean[]} present  by entry; at least one
 * @returns {(Occurrence|null)[]}
 */
export function occurringOn(orbit, parts, present) {
  const U = subgroupOf(orbit, present);
  const { even, odd } = fixedDimensions(orbit, U);
  const powers = new Map(parts.degrees.map((d) => [d, occurringInPowers(orbit, present, d)]));
  return orbit.fixed.map((fixed, k) => {
    const names = [];
    let above = 0;
    let below = 0;
    const linear = parts.linear && present[k];
    if (parts.even && even[k] > 0) names.push("even");
    if (parts.even) above = even[k];
    if (parts.constant && k === orbit.trivial) {
      names.push("constant");
      above = even[k];
    }
    if (parts.odd && odd[k] > 0) names.push("odd");
    if (parts.odd) below = odd[k];
    if (linear) names.push("linear");
    if (even[k] > 0 || odd[k] > 0 || linear) {
      for (const [degree, found] of powers) {
        if (!found[k]) continue;
        names.push(`degree ${degree}`);
        if (degree % 2) below = odd[k];
        else above = even[k];
      }
    }
    if (!names.length) return null;
    const both = U.minusSize ? above + below : Math.max(above, below);
    return { parts: names.sort(), reach: linear ? fixed : both };
  });
}

/**
 * The criterion for a module, an activation and a bias.
 */
export class Criterion {
  /**
   * @param {object} record
   * @param {object} module
   * @param {object} activation
   * @param {boolean} bias  whether a generic invariant is added before the activation
   */
  constructor(record, module, activation, bias = false) {
    this.record = record;
    this.module = module;
    this.activation = activation;
    this.bias = bias;
    this.parts = partsOf(activation);
    this.orbits = orbitsOf(record, module);
    this.labels = simplesOf(record, module).map((s) => s.label);
  }

  /**
   * Return which entries of an orbit are present: of a set of positions, and the trivial simple if
   * there is a bias.
   * @param {Orbit} orbit
   * @param {Set<number>} set  positions in the contents
   * @returns {boolean[]}
   */
  present(orbit, set) {
    return orbit.entries.map((e, i) => set.has(e) || (this.bias && i === orbit.trivial));
  }

  /**
   * Return what occurs on each orbit from a set of simples: entry by entry of the orbit.
   * @param {Set<number>} set
   * @returns {(Occurrence|null)[][]}
   */
  occurringByOrbit(set) {
    return this.orbits.map((orbit) => {
      const present = this.present(orbit, set);
      if (present.some(Boolean)) return occurringOn(orbit, this.parts, present);
      return orbit.entries.map((_, i) =>
        i === orbit.trivial && this.parts.atZero !== 0 ? { parts: ["constant"], reach: 1 } : null,
      );
    });
  }

  /**
   * Return what occurs in f(v) from a set of simples.
   * @param {Iterable<number>} set  positions in the contents
   * @returns {Map<number, Occurrence>}  by position, rising
   */
  occurring(set) {
    const found = new Map();
    this.occurringByOrbit(new Set(set)).forEach((list, o) => {
      list.forEach((occurrence, i) => {
        if (!occurrence) return;
        const e = this.orbits[o].entries[i];
        const before = found.get(e);
        found.set(e, {
          parts: [...new Set([...(before?.parts ?? []), ...occurrence.parts])].sort(),
          reach: (before?.reach ?? 0) + occurrence.reach,
        });
      });
    });
    return new Map([...found].sort((a, b) => a[0] - b[0]));
  }

  /**
   * Return the closure of a set layer by layer: each array holds what is new in that layer, the set
   * itself first. A network with skip connections that starts in the set reaches them so.
   * @param {Iterable<number>} set  positions in the contents
   * @returns {number[][]}
   */
  closureLayers(set) {
    const all = new Set(set);
    const layers = [[...all].sort((a, b) => a - b)];
    for (;;) {
      const fresh = [...this.occurring(all).keys()].filter((e) => !all.has(e));
      if (!fresh.length) return layers;
      fresh.forEach((e) => all.add(e));
      layers.push(fresh);
    }
  }
}
