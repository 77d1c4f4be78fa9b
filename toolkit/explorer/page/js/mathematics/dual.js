// The dual function kappa(t) = E f(a) f(b) for standard Gaussians a, b of correlation t.
//
// For |t| up to 0.9 by the Hermite series, sum of h_k^2 t^k with h_k = E f(x) He_k(x) / sqrt(k!);
// nearer to 1 by that series where its rest is negligible, else by the double integral over
// a = cu - sv, b = cu + sv for independent u, v, between the kinks of f.

const REACH = 14;
const SHORT = 9; // the density is 1e-18 there: enough for a function that does not grow fast
const MILD = 1e5;
const TERMS = 400;
const EVERYWHERE = 0.9; // 0.9^400 is 5e-19
const NEGLIGIBLE = 1e-10;
const NODES = 12;

/** @typedef {(x: number) => number} Real */

/**
 * Return nodes and weights of the Gauss-Legendre rule on [-1, 1], by Newton's method.
 * @param {number} count
 * @returns {{x: number[], w: number[]}}
 */
export function gaussLegendre(count) {
  const x = [];
  const w = [];
  for (let i = 0; i < count; i += 1) {
    let at = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let round = 0; round < 100; round += 1) {
      let [before, now] = [1, at];
      for (let n = 2; n <= count; n += 1) {
        [before, now] = [now, ((2 * n - 1) * at * now - (n - 1) * before) / n];
      }
      slope = (count * (at * now - before)) / (at * at - 1);
      const step = now / slope;
      at -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    x.push(at);
    w.push(2 / ((1 - at * at) * slope * slope));
  }
  return { x, w };
}

const RULE = gaussLegendre(NODES);
const density = (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Return sorted edges of panels: a grid, and the points that lie inside. */
function edges(step, points, reach = REACH) {
  const out = new Set();
  for (let x = -reach; x <= reach + 1e-9; x += step) out.add(x);
  for (const p of points) if (Math.abs(p) < reach) out.add(p);
  return [...out].sort((a, b) => a - b);
}

/** Integrate over the panels between rising edges. */
function integral(g, between) {
  let total = 0;
  for (let i = 1; i < between.length; i += 1) {
    const half = (between[i] - between[i - 1]) / 2;
    if (half <= 0) continue;
    const middle = between[i - 1] + half;
    let own = 0;
    for (let j = 0; j < NODES; j += 1) own += RULE.w[j] * g(middle + half * RULE.x[j]);
    total += half * own;
  }
  return total;
}

/**
 * Return the coefficients of kappa(t) = sum of e_k t^k.
 * @param {Real} f
 * @param {number[]} kinks
 * @returns {number[]} e_k for k < 400
 */
export const energiesOf = (f, kinks) => hermite(f, kinks).map((h) => h * h);

/** @param {Real} f @param {number[]} kinks @returns {number[]} h_k for k < TERMS */
function hermite(f, kinks) {
  const between = edges(0.25, kinks);
  const out = new Array(TERMS).fill(0);
  for (let i = 1; i < between.length; i += 1) {
    const half = (between[i] - between[i - 1]) / 2;
    const middle = between[i - 1] + half;
    for (let j = 0; j < NODES; j += 1) {
      const x = middle + half * RULE.x[j];
      // He_k / sqrt(k!) times the root of the density stays bounded
      const damp = Math.exp(-0.25 * x * x) / (2 * Math.PI) ** 0.25;
      const weight = half * RULE.w[j] * f(x) * damp;
      if (weight === 0 || !Number.isFinite(weight)) continue;
      let before = 0;
      let now = damp;
      for (let k = 0; k < TERMS; k += 1) {
        out[k] += weight * now;
        const next = (x * now - Math.sqrt(k) * before) / Math.sqrt(k + 1);
        before = now;
        now = next;
      }
    }
  }
  return out;
}

/** The double integral for 0 < |t| < 1. */
function nearOne(f, kinks, t) {
  const sign = Math.sign(t);
  const angle = Math.acos(Math.abs(t)) / 2;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const tangent = s / c;
  const isMild = [REACH, -REACH].every((x) => Math.abs(f(x)) < MILD);
  const reach = isMild ? SHORT : REACH;
  const outer = [];
  for (const k of [0, ...kinks]) {
    const u = k / c;
    outer.push(u);
    for (let step = tangent / 4; step < 4; step *= 2) outer.push(u - step, u + step);
    if (sign < 0) {
      outer.push(-u);
      for (let step = tangent / 4; step < 4; step *= 2) outer.push(-u - step, -u + step);
    }
  }
  // for t < 0: E f(a) f(-b) with correlation |t|
  const inner = (u) => {
    const breaks = [];
    for (const k of kinks) breaks.push((u * c - k) / s, (sign * k - u * c) / s);
    const own = (v) => f(u * c - v * s) * f(sign * (u * c + v * s)) * density(v);
    return integral(own, edges(isMild ? 3 : 2, breaks, reach));
  };
  return integral((u) => inner(u) * density(u), edges(1, outer, reach));
}

/**
 * Return the dual function of a function.
 * @param {Real} f
 * @param {number[]} kinks where it is not smooth, as far as known
 * @param {Real | null} closed kappa in closed form, if there is one
 * @returns {Real} kappa at variance 1; values are kept
 */
export function dualOf(f, kinks, closed = null) {
  if (closed) return closed;
  const known = new Map();
  let energies = null;
  let rest = 0;
  const made = (t) => {
    if (t >= 1) return integral((x) => f(x) ** 2 * density(x), edges(0.25, kinks));
    if (t <= -1) {
      const both = [...kinks, ...kinks.map((k) => -k)];
      return integral((x) => f(x) * f(-x) * density(x), edges(0.25, both));
    }
    if (!energies) {
      energies = energiesOf(f, kinks);
      const total = energies.reduce((sum, e) => sum + e, 0);
      rest = Math.max(0, 1 - total / value(1));
    }
    const size = Math.abs(t);
    if (size <= EVERYWHERE || rest * size ** TERMS < NEGLIGIBLE) {
      return energies.reduceRight((sum, e) => sum * t + e, 0);
    }
    return nearOne(f, kinks, t);
  };
  const value = (t) => {
    if (!known.has(t)) known.set(t, made(t));
    return known.get(t);
  };
  return value;
}
