// Functions that JavaScript's Math lacks, to about fourteen digits.

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** @param {number} x @returns {number} the error function */
export function erf(x) {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (size < 2) return Math.sign(x) * series(size);
  return Math.sign(x) * (1 - fractionOfErfc(size));
}

/** @param {number} x @returns {number} 1 - erf(x), small values in full precision */
export function erfc(x) {
  if (Number.isNaN(x)) return x;
  if (x >= 2) return fractionOfErfc(x);
  return x >= 0.5 ? 1 - series(x) : 1 - erf(x);
}

/** e^(-x^2) times a series of positive terms: no cancellation. */
function series(x) {
  let term = x;
  let total = x;
  for (let n = 1; n < 200 && term > total * 1e-18; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * total;
}

/** erfc for x >= 2, by its continued fraction from the end. */
function fractionOfErfc(x) {
  if (x > 27.3) return 0;
  const steps = Math.ceil(20 + 400 / (x * x));
  let below = x;
  for (let n = steps; n >= 1; n -= 1) below = x + n / 2 / below;
  // x^2 in two pieces, so that its rounding does not show in the exponential
  const coarse = Math.round(x * 16) / 16;
  const square = Math.exp(-coarse * coarse) * Math.exp((coarse - x) * (coarse + x));
  return square / (below * Math.sqrt(Math.PI));
}

/** @param {number} x @returns {number} the normal distribution function */
export const normal = (x) => 0.5 * erfc(-x * Math.SQRT1_2);

/** @param {number} x @returns {number} 1 / (1 + e^-x) */
export const sigmoid = (x) => 0.5 + 0.5 * Math.tanh(0.5 * x);

/** @param {number} x @returns {number} log(1 + e^x) */
export const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** @param {number} x @returns {number} the step from 0 to 1, which is 1/2 at 0 */
export const heaviside = (x) => (x > 0 ? 1 : x < 0 ? 0 : x === 0 ? 0.5 : x);
