/** Numbers of a record as the page shows them. Integers beyond 2^53 are texts there. */

/**
 * A number of a table: an integer in full, anything else with four decimals.
 * @param {number|string} value
 * @returns {string}
 */
export function numberText(value) {
  return typeof value === "string" || Number.isInteger(value) ? String(value) : value.toFixed(4);
}

/**
 * An integer where there is little room: in full below 10^7, else rounded and marked so.
 * @param {number|string} value
 * @returns {string}
 */
export function compactInteger(value) {
  const number = Number(value);
  return Math.abs(number) < 1e7 ? String(number) : `≈ ${number.toExponential(2).replace("e+", "e")}`;
}
