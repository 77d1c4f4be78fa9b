// The positive roots of a polynomial: rational ones exactly, the others in float64.

import * as Q from "./fraction.js";

const STEPS = 2200; // as many halvings as lead from the largest double to the smallest
const LARGEST_DENOMINATOR = 1_000_000n;

/**
 * @typedef {{place: number, exact: Q.Fraction | null, key: string}} Root
 * `place` of a rational number beyond the doubles is 0 or infinity. Two roots that are the same number by construction have the same key.
 */

/** @param {Q.Fraction} value @returns {Root} */
export const rationalRoot = (value) => ({
  place: Q.toNumber(value), exact: value, key: Q.written(value),
});

/**
 * Return the positive roots of a polynomial that is not 0, each once, rising.
 * @param {Q.Fraction[]} coefficients the constant first
 * @returns {Root[]}
 * @throws {RangeError} if the roots may be beyond float64
 */
export function positiveRoots(coefficients) {
  const p = integers(squarefree(coefficients));
  if (p.length === 1) return [];
  if (p.length === 2) {
    const root = Q.fraction(-p[0], p[1]);
    return root.n > 0n ? [rationalRoot(root)] : [];
  }
  const key = p.join(",");
  const last = p.at(-1);
  const bound =
    1 + Math.max(...p.slice(0, -1).map((c) => Math.abs(Q.toNumber(Q.fraction(c, last)))));
  if (!Number.isFinite(bound)) throw new RangeError();
  return places(p, bound).map((x, i) => named(p, x, key, i));
}

/** @param {bigint[]} coefficients @param {number} x @returns {number} the sign at x, exactly */
export function signAt(coefficients, x) {
  const { n, d } = Q.fromNumber(x);
  let total = 0n;
  let scale = 1n;
  for (let k = coefficients.length - 1; k >= 0; k -= 1) {
    total = total * n + coefficients[k] * scale;
    scale *= d;
  }
  return total > 0n ? 1 : total < 0n ? -1 : 0;
}

function places(p, bound) {
  if (p.length <= 1) return [];
  const derivative = p.map((c, k) => c * BigInt(k)).slice(1);
  const edges = [0, ...places(derivative, bound), bound];
  const out = [];
  for (let i = 1; i < edges.length; i += 1) {
    const [low, high] = [edges[i - 1], edges[i]];
    const [left, right] = [signAt(p, low), signAt(p, high)];
    if (left * right < 0) out.push(bisected(p, low, high, left));
    else if (right === 0 && high < bound) out.push(high);
  }
  return out;
}

function bisected(p, from, to, left) {
  let [low, high] = [from, to];
  for (let i = 0; i < STEPS; i += 1) {
    const middle = low / 2 + high / 2;
    const sign = signAt(p, middle);
    if (sign === 0 || middle === low || middle === high) return middle;
    if (sign === left) low = middle;
    else high = middle;
  }
  return low / 2 + high / 2;
}

function named(p, x, key, count) {
  const near = nearby(x);
  let total = Q.ZERO;
  for (let k = p.length - 1; k >= 0; k -= 1) {
    total = Q.add(Q.multiply(total, near), Q.fraction(p[k]));
  }
  return total.n === 0n ? rationalRoot(near) : { place: x, exact: null, key: `${key}#${count}` };
}

/** Return the best of the convergents with a small denominator. */
function nearby(x) {
  const given = Q.fromNumber(x);
  const size = given.n < 0n ? Q.negative(given) : given;
  const close = Q.multiply(Q.fraction(1n, 10n ** 14n), Q.add(Q.ONE, size));
  let before = [0n, 1n];
  let now = [1n, 0n];
  let rest = given;
  for (;;) {
    const floor = rest.n >= 0n ? rest.n / rest.d : -((-rest.n + rest.d - 1n) / rest.d);
    const after = [before[0] + floor * now[0], before[1] + floor * now[1]];
    if (after[1] > LARGEST_DENOMINATOR) break;
    [before, now] = [now, after];
    const gap = Q.subtract(Q.fraction(now[0], now[1]), given);
    if (Q.compare(gap.n < 0n ? Q.negative(gap) : gap, close) < 0) break;
    if (rest.d === 1n) break;
    rest = Q.divide(Q.ONE, Q.subtract(rest, Q.fraction(floor)));
  }
  return Q.fraction(now[0], now[1]);
}

/** Return the multiple with coprime whole coefficients, the last of them positive. */
function integers(p) {
  const common = p.reduce((m, c) => (m * c.d) / Q.gcd(m, c.d), 1n);
  const all = p.map((c) => (c.n * common) / c.d);
  const shared = all.reduce((m, c) => Q.gcd(m, c), 0n) * (all.at(-1) > 0n ? 1n : -1n);
  return all.map((c) => c / shared);
}

/** Return the polynomial with the same roots, each once. */
function squarefree(given) {
  const p = trimmed(given);
  const shared = commonDivisor(p, derivativeOf(p));
  return shared.length === 1 ? p : divided(p, shared).quotient;
}

/** @param {Q.Fraction[]} p @returns {Q.Fraction[]} */
export const derivativeOf = (p) =>
  p.map((c, k) => Q.multiply(c, Q.fraction(BigInt(k)))).slice(1);

function trimmed(p) {
  const out = [...p];
  while (out.length > 1 && !out.at(-1).n) out.pop();
  return out;
}

const isZero = (p) => p.every((c) => !c.n);

/** @param {Q.Fraction[]} p @param {Q.Fraction[]} q the constants first */
export function divided(p, q) {
  let rest = trimmed(p);
  const quotient = new Array(Math.max(1, rest.length - q.length + 1)).fill(Q.ZERO);
  while (rest.length >= q.length && !isZero(rest)) {
    const c = Q.divide(rest.at(-1), q.at(-1));
    const shift = rest.length - q.length;
    quotient[shift] = c;
    rest = [...rest];
    q.forEach((d, k) => {
      rest[k + shift] = Q.subtract(rest[k + shift], Q.multiply(c, d));
    });
    rest = trimmed(rest.length > 1 ? rest.slice(0, -1) : [Q.ZERO]);
  }
  return { quotient, rest, isExact: isZero(rest) };
}

/** @returns {Q.Fraction[]} the greatest common divisor, its last coefficient 1 */
export function commonDivisor(p, q) {
  let [a, b] = [trimmed(p), trimmed(q.length ? q : [Q.ZERO])];
  while (!isZero(b)) [a, b] = [b, divided(a, b).rest];
  return a.map((c) => Q.divide(c, a.at(-1)));
}
