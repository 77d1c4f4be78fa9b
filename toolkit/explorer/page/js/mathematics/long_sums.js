// Sums over the classes of a large group in fixed point with 256 binary digits, where the terms
// cancel too far for doubles: the values of the characters are whole numbers, known exactly.

import * as Q from "./fraction.js";

const BITS = 256n;
const ONE = 1n << BITS;

/**
 * @typedef {object} Long
 * @property {bigint[][]} values  phi_K(D), by simple
 * @property {bigint[][]} parts  |D| phi_K(D) / |G|
 */

/**
 * Return weights and quotients chi / chi(1) in fixed point.
 * @param {(number|string)[]} sizes of the classes
 * @param {(number|string)[][]} characters by simple, the identity first
 * @returns {Long | null} null if a value is no whole number
 */
export function longTable(sizes, characters) {
  const isWhole = (x) => typeof x === "string" ? /^-?\d+$/.test(x) : Number.isSafeInteger(x);
  if (![sizes, ...characters].every((row) => row.every(isWhole))) return null;
  const all = sizes.map(BigInt);
  const order = all.reduce((sum, x) => sum + x, 0n);
  const values = characters.map((row) => row.map((x) => (BigInt(x) << BITS) / BigInt(row[0])));
  return { values, parts: values.map((row) => row.map((x, d) => (all[d] * x) / order)) };
}

/** @param {number} x a finite number @returns {bigint} in fixed point */
export function long(x) {
  const { n, d } = Q.fromNumber(x);
  return (n << BITS) / d;
}

/**
 * Return the value of a power series without constant term.
 * @param {bigint[]} series the coefficients in fixed point, that of t^0 first
 * @param {bigint} t in fixed point
 * @returns {bigint} in fixed point
 */
export function longSeries(series, t) {
  let total = 0n;
  for (let k = series.length - 1; k >= 1; k -= 1) total = ((total + series[k]) * t) >> BITS;
  return total;
}

/**
 * Return the mean of phi times kappa over the group, times a factor.
 * @param {Long} table
 * @param {number} place of phi
 * @param {bigint[]} kappa by class, in fixed point
 * @param {number} factor
 * @returns {number}
 */
export function longMean({ parts }, place, kappa, factor) {
  const total = parts[place].reduce((sum, x, d) => sum + x * kappa[d], 0n);
  return Q.toNumber({ n: total >> BITS, d: ONE }) * factor;
}
