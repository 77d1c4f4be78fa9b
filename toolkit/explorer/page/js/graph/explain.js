/**
 * Why there is an edge between two simples, or none: two sentences and the integer that decides, in
 * the words of tk.explain.
 */
import { fixedDimensions, subgroupOf } from "../mathematics/support.js";

/**
 * The integers that decide on a target on one orbit.
 * @typedef {object} Decision
 * @property {number} plusOrder  |U+|
 * @property {number} minusSize  |U-|
 * @property {number} even   dim K^U
 * @property {number} odd    dim Hom_U(sgn, K)
 * @property {number} fixed  dim K^H
 * @property {import("../mathematics/support.js").Subgroup} U
 */

/**
 * Return the integers that decide on source -> target on one orbit; null if one of them is missing.
 * @param {import("../mathematics/support.js").Criterion} criterion
 * @param {number} number  0-based number of the orbit
 * @param {number} source  position in the contents
 * @param {number} target
 * @returns {Decision|null}
 */
export function decisionOn(criterion, number, source, target) {
  const orbit = criterion.orbits[number];
  const k = orbit.entries.indexOf(target);
  if (k < 0 || !orbit.entries.includes(source)) return null;
  const U = subgroupOf(orbit, criterion.present(orbit, new Set([source])));
  const { even, odd } = fixedDimensions(orbit, U);
  const { plusOrder, minusSize } = U;
  return { plusOrder, minusSize, even: even[k], odd: odd[k], fixed: orbit.fixed[k], U };
}

/**
 * Return in two sentences why the edge is there, or why there is none.
 * @param {import("../mathematics/support.js").Criterion} criterion
 * @param {number} source  position in the contents
 * @param {number} target
 * @returns {string}
 */
export function explain(criterion, source, target) {
  const { orbits, labels, parts, bias, activation: f, module } = criterion;
  const [L, K] = [labels[source], labels[target]];
  const found = new Map();
  criterion.occurringByOrbit(new Set([source])).forEach((list, n) => {
    const i = orbits[n].entries.indexOf(target);
    if (i >= 0 && list[i]) found.set(n, list[i]);
  });
  const own = [...orbits.keys()].filter((n) => orbits[n].entries.includes(target));
  const both = own.filter((n) => orbits[n].entries.includes(source));
  const silent = own.filter((n) => !both.includes(n));
  let here = `${L} -> ${K} under ${f.name}${bias ? " with a bias" : ""}`;
  const partsAre = partsWord(f);
  if (partsAre !== "exact") here = `${here}, by the ${partsAre} parts of ${f.name}`;
  const verdict = `There is ${found.size ? "an" : "no"} edge ${here}`;
  const rest = whereSilent(silent.some((n) => found.has(n)), parts.atZero, bias);
  if (!both.length) {
    const name = module.name ?? module.title;
    return `No orbit of ${name} contains both ${L} and ${K}. ${verdict}: ${rest}.`;
  }
  const decisions = new Map(both.map((n) => [n, decisionOn(criterion, n, source, target)]));
  const best = both.reduce((one, two) => (isBefore(key(one), key(two)) ? two : one));
  function key(n) {
    return [found.get(n)?.parts.length ?? 0, decisions.get(n).even, decisions.get(n).odd];
  }
  let first = subgroupWords(criterion, best, decisions.get(best), source);
  if (orbits.length > 1) {
    const shared = both.length > 1 ? `${both.length} orbits contain` : "no other orbit contains";
    first = `In orbit ${best + 1} of ${orbits.length}, ${first} (${shared} both)`;
  }
  if (found.size) {
    const reasons = given(criterion, found, best, both, decisions, [source, target]);
    if (silent.some((n) => found.has(n))) reasons.push(rest);
    return `${first}. ${verdict}: ${reasons.join(", and ")}.`;
  }
  const edge = [source, target];
  let why = excluded(criterion, decisions.get(best), best, edge).join(" and ") || "f is 0";
  if (both.length > 1) why += "; the same holds in the other orbits that contain both";
  if (silent.length) why += `; ${rest}`;
  return `${first}. ${verdict}: ${why}.`;
}

/**
 * Return how the parts of an activation are known: "exact" or "measured".
 * @param {object} f
 * @returns {string}
 */
export function partsWord(f) {
  return f.partsAre ?? (f.exact === false ? "measured" : "exact");
}

/** Whether one triple comes before another. */
function isBefore(one, two) {
  const i = one.findIndex((x, j) => x !== two[j]);
  return i >= 0 && one[i] < two[i];
}

function subgroupWords(criterion, n, decision, source) {
  const orbit = criterion.orbits[n];
  const L = criterion.labels[source];
  const k = orbit.entries.indexOf(source);
  let who = orbit.fixed[k] === orbit.dimensions[k] ? L : `${L}^H`;
  if (orbit.signed) who = `Hom_H(sgn, ${L})`;
  if (criterion.bias && orbit.trivial >= 0 && orbit.trivial !== k) who += " and the constants";
  const { plusOrder, minusSize } = decision;
  const act = Number(plusOrder) === 1 ? "element acts" : "elements act";
  return (
    `U = U_${L} has order ${plusOrder + minusSize}: ${plusOrder} ${act} as +1 and ` +
    `${minusSize} as -1 on ${who}`
  );
}

function whereSilent(edge, atZero, bias) {
  if (bias) {
    return `where v is 0, the bias ${edge ? "gives it" : "gives at most the trivial simple"}`;
  }
  if (!atZero) return "where v is 0, f(0) = 0 gives nothing";
  const gives = edge ? "gives it" : "gives the trivial simple only";
  return `where v is 0, f(0) = ${general(atZero)} ${gives}`;
}

function ofFixed(orbit, decision, K) {
  return `dim ${orbit.signed ? `Hom_H(sgn, ${K})` : `${K}^H`} = ${decision.fixed}`;
}

function ofSigns(decision, K) {
  return decision.minusSize ? `dim Hom_U(sgn, ${K})` : `dim ${K}^U`;
}

function powerWords(criterion, orbit, degree, [source, target]) {
  const isShifted = criterion.bias && orbit.trivial >= 0 && orbit.entries[orbit.trivial] !== source;
  const [L, K] = [criterion.labels[source], criterion.labels[target]];
  const phi = isShifted ? `(phi_${L}(D) + 1)` : `phi_${L}(D)`;
  return `the sum of |D| phi_${K}(D) ${phi}^${degree}`;
}

function excluded(criterion, decision, n, edge) {
  const orbit = criterion.orbits[n];
  const { parts, bias, labels } = criterion;
  const [L, K] = edge.map((i) => labels[i]);
  const fixed = ofFixed(orbit, decision, K);
  const out = [];
  if (parts.even) out.push(`dim ${K}^U = ${decision.even} of ${fixed} excludes the even part,`);
  if (parts.odd) {
    out.push(`${ofSigns(decision, K)} = ${decision.odd} of ${fixed} excludes the odd part,`);
  }
  for (const d of evenThenOdd(parts.degrees)) {
    out.push(`${powerWords(criterion, orbit, d, edge)}, which is 0, excludes degree ${d},`);
  }
  if (parts.linear) {
    const also = bias ? " or trivial" : "";
    out.push(`${K} is not ${L} itself${also}, which excludes the linear part`);
  }
  if (parts.constant) out.push(`${K} is not trivial, which excludes the constant`);
  if (out.length) out[out.length - 1] = out[out.length - 1].replace(/,$/, "");
  return out;
}

function evenThenOdd(degrees) {
  return [...degrees.filter((d) => d % 2 === 0), ...degrees.filter((d) => d % 2)];
}

function given(criterion, found, best, both, decisions, edge) {
  const givers = new Map();
  for (const n of [best, ...both.filter((m) => m !== best)]) {
    for (const name of found.get(n)?.parts ?? []) {
      if (!givers.has(name)) givers.set(name, n);
    }
  }
  return [...givers]
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([name, n]) => {
      const reason = reasonFor(criterion, name, decisions.get(n), criterion.orbits[n], edge);
      return n === best ? reason : `in orbit ${n + 1} ${reason}`;
    });
}

function reasonFor(criterion, name, decision, orbit, edge) {
  const K = criterion.labels[edge[1]];
  const fixed = ofFixed(orbit, decision, K);
  if (name === "even") {
    return `dim ${K}^U = ${decision.even} of ${fixed} gives it through the even part`;
  }
  if (name === "odd") {
    return `${ofSigns(decision, K)} = ${decision.odd} of ${fixed} gives it through the odd part`;
  }
  if (name === "linear") return `${K} is present itself, all of ${fixed}, through the linear part`;
  if (name === "constant") {
    return `${K} is trivial, and f has the constant ${general(criterion.parts.level)}`;
  }
  const degree = Number(name.split(" ")[1]);
  return `${powerWords(criterion, orbit, degree, edge)} is positive (${name})`;
}

/**
 * Return a number as Python's format "g" writes it: six significant digits, no trailing zeros.
 * @param {number} x
 * @returns {string}
 */
export function general(x) {
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const [mantissa, exponent] = x.toExponential(5).split("e");
  const e = Number(exponent);
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (e < -4 || e >= 6) {
    const sign = e < 0 ? "-" : "+";
    return `${trimmed(mantissa)}e${sign}${String(Math.abs(e)).padStart(2, "0")}`;
  }
  return trimmed(x.toFixed(5 - e));
}
