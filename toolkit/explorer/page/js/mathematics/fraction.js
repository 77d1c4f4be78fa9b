// Exact rational numbers: pairs of BigInts in lowest terms.

/** @typedef {{n: bigint, d: bigint}} Fraction  n/d, d > 0, in lowest terms */

/** @param {bigint} a @param {bigint} b @returns {bigint} the greatest common divisor */
export function gcd(a, b) {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y) [x, y] = [y, x % y];
  return x;
}

/** @param {bigint} n @param {bigint} [d] not 0 @returns {Fraction} */
export function fraction(n, d = 1n) {
  const common = gcd(n, d) || 1n;
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / common, d: (sign * d) / common };
}

/** @type {Fraction} */
export const ZERO = fraction(0n);
/** @type {Fraction} */
export const ONE = fraction(1n);

/** @param {Fraction} a @param {Fraction} b */
export const add = (a, b) => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
/** @param {Fraction} a @param {Fraction} b */
export const subtract = (a, b) => fraction(a.n * b.d - b.n * a.d, a.d * b.d);
/** @param {Fraction} a @param {Fraction} b */
export const multiply = (a, b) => fraction(a.n * b.n, a.d * b.d);
/** @param {Fraction} a @param {Fraction} b not 0 */
export const divide = (a, b) => fraction(a.n * b.d, a.d * b.n);
/** @param {Fraction} a */
export const negative = (a) => ({ n: -a.n, d: a.d });
/** @param {Fraction} a @param {Fraction} b @returns {number} -1, 0 or 1 */
export function compare(a, b) {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
/** @param {Fraction} a @param {Fraction} b */
export const equal = (a, b) => a.n === b.n && a.d === b.d;
/** @param {Fraction} a @param {number} exponent a whole number; a is not 0 if it is negative */
export function power(a, exponent) {
  const e = BigInt(Math.abs(exponent));
  return exponent < 0 ? fraction(a.d ** e, a.n ** e) : { n: a.n ** e, d: a.d ** e };
}

/** @param {string} text plain decimals, such as "0.25" @returns {Fraction} */
export function fromDecimal(text) {
  const [whole, rest = ""] = text.split(".");
  return fraction(BigInt(whole + rest), 10n ** BigInt(rest.length));
}

/**
 * @param {number} value a finite number
 * @returns {Fraction} exactly this double
 * @throws {RangeError} if it is not finite
 */
export function fromNumber(value) {
  if (!Number.isFinite(value)) throw new RangeError("no finite number");
  let scaled = value;
  let denominator = 1n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return fraction(BigInt(scaled), denominator);
}

/** @param {bigint} x @returns {number} how many binary digits it has */
export function bits(x) {
  return x === 0n ? 0 : (x < 0n ? -x : x).toString(2).length;
}

/** @param {Fraction} a @returns {number} the nearest double; of what is beyond them 0 or infinity */
export function toNumber(a) {
  if (bits(a.n) <= 53 && bits(a.d) <= 53) return Number(a.n) / Number(a.d);
  const shift = bits(a.n) - bits(a.d) - 64;
  const below = shift > 0 ? a.d << BigInt(shift) : a.d;
  const above = shift < 0 ? a.n << BigInt(-shift) : a.n;
  const whole = above / below;
  // a last bit that says whether there is a rest: then a tie is none
  const rest = above % below ? (a.n < 0n ? -1n : 1n) : 0n;
  const near = Number(2n * whole + rest);
  const half = Math.trunc(shift / 2);
  return near * 2 ** half * 2 ** (shift - half - 1);
}

/** @param {Fraction} a @returns {string} */
export const written = (a) => (a.d === 1n ? `${a.n}` : `${a.n}/${a.d}`);
