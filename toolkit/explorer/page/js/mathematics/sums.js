// Sums of monomials: a Map from a monomial's key to {powers, c}. Powers are [generator, exponent]
// pairs in rising order; exponents and c are exact fractions.

import * as Q from "./fraction.js";

/**
 * @typedef {[string, Q.Fraction][]} Powers
 * @typedef {Map<string, {powers: Powers, c: Q.Fraction}>} Sum
 */

const keyOf = (powers) => powers.map(([g, e]) => `*${g}^${Q.written(e)}`).join("");
/** The order of generators. */
export const byName = (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** @param {Powers} powers @param {Q.Fraction} c @returns {Sum} */
export function term(powers, c = Q.ONE) {
  return c.n ? new Map([[keyOf(powers), { powers, c }]]) : new Map();
}

/** @param {Q.Fraction} value @returns {Sum} */
export const number = (value) => term([], value);
/** @param {number|bigint} value a whole number @returns {Sum} */
export const whole = (value) => number(Q.fraction(BigInt(value)));
/** @param {Sum} terms @returns {boolean} whether it is a rational number */
export const isNumber = (terms) => !terms.size || (terms.size === 1 && terms.has(""));
/** @param {Sum} terms @returns {Q.Fraction} of a rational number */
export const numberOf = (terms) => terms.get("")?.c ?? Q.ZERO;
/** @param {Sum} terms @returns {boolean} */
export const isOne = (terms) => isNumber(terms) && Q.equal(numberOf(terms), Q.ONE);

/** @param {Sum} terms @returns {string} the same exactly for the same terms */
export function textOf(terms) {
  const parts = [...terms].map(([key, { c }]) => `${key}*${Q.written(c)}`);
  return `(${parts.sort().join(" + ")})`;
}

/** @param {Sum} terms @returns {string} the key of the first term in a fixed order */
export const firstOf = (terms) => [...terms.keys()].sort()[0];

/** @param {Sum} terms @param {Q.Fraction} factor not 0 @returns {Sum} */
export function scaled(terms, factor) {
  const out = new Map();
  for (const [key, { powers, c }] of terms) out.set(key, { powers, c: Q.multiply(c, factor) });
  return out;
}

/** Add c times a monomial, in place. */
export function put(out, key, powers, c) {
  const before = out.get(key);
  const total = before ? Q.add(before.c, c) : c;
  if (total.n) out.set(key, { powers, c: total });
  else out.delete(key);
}
