// kappa(t) = E f(a) f(b) for standard Gaussians of correlation t, in closed form.

const root = (t) => Math.sqrt(Math.max(0, (1 - t) * (1 + t)));

/** @param {number} a @param {number} b @returns {(t: number) => number} kappa of a|t| + bt */
export const homogeneous = (a, b) => (t) =>
  a * a * (2 / Math.PI) * (root(t) + t * Math.asin(t)) + b * b * t;

/** @param {number} t @returns {number} kappa of x^2 for x > 0, else 0 */
export const reluSquared = (t) =>
  (3 * root(t) * t + (Math.PI - Math.acos(t)) * (1 + 2 * t * t)) / (2 * Math.PI);

/** @param {number} t @returns {number} kappa of the error function */
export const erf = (t) =>
  (2 / Math.PI) * Math.atan2(2 * t, Math.sqrt(1 + 2 * (1 - t)) * Math.sqrt(1 + 2 * (1 + t)));

/** @param {number} t @returns {number} kappa of the sine */
export const sin = (t) => Math.exp(-1) * Math.sinh(t);

/** @param {number} t @returns {number} kappa of the cosine */
export const cos = (t) => Math.exp(-1) * Math.cosh(t);

/** @param {number} t @returns {number} kappa of the sign */
export const sign = (t) => (2 / Math.PI) * Math.asin(t);

/** @param {number} t @returns {number} kappa of the step from 0 to 1 */
export const heaviside = (t) => 0.25 + Math.asin(t) / (2 * Math.PI);

/** @param {number} t @returns {number} kappa of x times the normal distribution function */
export function gelu(t) {
  const beside = Math.sqrt(2 - t) * Math.sqrt(2 + t);
  const smooth = t / 4 + (t / (2 * Math.PI)) * Math.atan2(t, beside);
  const rest = 0.5 * ((1 - t) * (1 + t) + 1 + t * t);
  return smooth + rest / beside / (2 * Math.PI);
}

/**
 * Return h_k^2 for a polynomial, the sum of h_k He_k / sqrt(k!).
 * @param {number[]} coefficients constant first
 * @returns {number[]} kappa(t) is the sum of these times t^k
 */
export function hermiteEnergies(coefficients) {
  const factorial = [1];
  for (let n = 1; n <= coefficients.length; n += 1) factorial.push(factorial[n - 1] * n);
  return coefficients.map((_, k) => {
    let h = 0;
    for (let d = k; d < coefficients.length; d += 2) {
      const j = (d - k) / 2;
      h += (coefficients[d] * factorial[d]) / (2 ** j * factorial[j] * factorial[k]);
    }
    return h * h * factorial[k];
  });
}

/** @param {number[]} energies @returns {(t: number) => number} */
export const series = (energies) => (t) => energies.reduceRight((sum, e) => sum * t + e, 0);
