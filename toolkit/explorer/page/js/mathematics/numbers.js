// Numbers written as Python writes them, so that the names of activations agree.

/** @param {string} text a number as JavaScript writes it @returns {string} with Python's exponent */
function withExponent(text) {
  return text.replace(/e([+-])(\d)$/, "e$10$2").replace(/e(\d+)$/, "e+$1");
}

/** @param {number} x finite @returns {string} the shortest text that gives x again */
export function repr(x) {
  if (Object.is(x, -0)) return "-0.0";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return withExponent(x.toExponential());
  }
  const text = String(x);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** @param {number} x finite @returns {string} six significant digits at most */
export function general(x) {
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const [mantissa, exponent] = x.toExponential(5).split("e");
  const size = Number(exponent);
  if (size < -4 || size >= 6) return withExponent(`${trimmed(mantissa)}e${exponent}`);
  return trimmed(x.toFixed(5 - size));
}

const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** @param {number} x finite @returns {string} the fewest digits that give x again */
export const short = (x) => (Number(general(x)) === x ? general(x) : repr(x));

/**
 * Read a number as Python's float does.
 * @param {string} text
 * @returns {number} NaN for a text that is no finite number
 */
export function readFloat(text) {
  const plain = text.trim().replace(/(\d)_(?=\d)/g, "$1");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}
