/** A wave on points or on the circle, bent by f again and again, and its Fourier coefficients. */

import { gaussLegendre } from "../mathematics/dual.js";

/** How many points stand for the circle where it is not integrated between the kinks. */
export const FINE = 4096;
const NODES = 12;
const RULE = gaussLegendre(NODES);
const NOTHING = 1e-24;

/**
 * @typedef {object} Wave
 * @property {number} frequency
 * @property {number} amplitude
 * @property {number} phase in radians
 * @property {number} depth how many times f is applied
 * @property {"none"|"energy"|"mean"} between what happens between two layers
 * @property {(x: number) => number} f
 */

/**
 * Return the input and what comes out after the last layer, at equally spaced points.
 * @param {Wave} wave
 * @param {number} count
 * @returns {{input: number[], output: number[], factors: number[]}} factors: by what the vector was
 *   multiplied before layers 2, 3, ...
 */
export function bent({ frequency, amplitude, phase, depth, between, f }, count) {
  const input = Array.from({ length: count }, (_, j) => {
    // so that points that are equal by symmetry are equal
    const turn = (frequency * j) % count;
    return amplitude * sine((2 * Math.PI * turn) / count + phase);
  });
  const energy = meanSquare(input);
  const factors = [];
  let output = input.map(f);
  for (let layer = 1; layer < depth; layer += 1) {
    if (between === "mean") {
      const mean = output.reduce((sum, x) => sum + x, 0) / count;
      output = output.map((x) => x - mean);
    }
    const own = meanSquare(output);
    const factor = between === "none" ? 1 : own > NOTHING * energy ? Math.sqrt(energy / own) : 0;
    factors.push(factor);
    output = output.map((x) => f(factor * x));
  }
  return { input, output, factors };
}

/** The sine, without the 1e-16 at multiples of pi that a step would turn into 1. */
function sine(x) {
  const y = Math.sin(x);
  return Math.abs(y) < 1e-14 ? 0 : y;
}

/** @param {number[]} values @returns {number} */
export const meanSquare = (values) =>
  values.reduce((sum, x) => sum + x * x, 0) / Math.max(1, values.length);

/**
 * Return the Fourier coefficients of values at equally spaced points.
 * @param {number[]} values
 * @param {number} [most] the greatest frequency
 * @returns {{cosines: number[], sines: number[], energies: number[]}} the energies are parts of the
 *   mean square
 */
export function fourier(values, most = Math.floor(values.length / 2)) {
  const n = values.length;
  const table = Array.from({ length: n }, (_, j) => [
    Math.cos((2 * Math.PI * j) / n), Math.sin((2 * Math.PI * j) / n),
  ]);
  const out = { cosines: [], sines: [], energies: [] };
  for (let k = 0; k <= most; k += 1) {
    let [a, b] = [0, 0];
    for (let j = 0, at = 0; j < n; j += 1, at = (at + k) % n) {
      a += values[j] * table[at][0];
      b += values[j] * table[at][1];
    }
    const single = k === 0 || 2 * k === n;
    const scale = (single ? 1 : 2) / n;
    add(out, a * scale, single ? 0 : b * scale, single);
  }
  return out;
}

function add(out, cosine, sine_, single) {
  out.cosines.push(cosine);
  out.sines.push(sine_);
  out.energies.push((cosine * cosine + sine_ * sine_) * (single ? 1 : 0.5));
}

/**
 * Return the Fourier coefficients of f(A sin x), by quadrature between the kinks.
 * @param {(x: number) => number} f
 * @param {number[]} kinks
 * @param {number} amplitude
 * @param {number} most the greatest frequency
 * @returns {{cosines: number[], sines: number[], energies: number[]}}
 */
export function sineSeries(f, kinks, amplitude, most) {
  const half = Math.PI / 2;
  const breaks = new Set([-half, 0, half]);
  for (const kink of kinks) {
    if (Math.abs(kink) < amplitude) breaks.add(Math.asin(kink / amplitude));
  }
  const edges = [...breaks].sort((a, b) => a - b);
  const width = Math.min(0.2, 1 / amplitude, 6 / (most + 1));
  const cosines = new Array(most + 1).fill(0);
  const sines = new Array(most + 1).fill(0);
  for (let e = 1; e < edges.length; e += 1) {
    const pieces = Math.max(1, Math.ceil((edges[e] - edges[e - 1]) / width));
    const step = (edges[e] - edges[e - 1]) / pieces / 2;
    for (let p = 0; p < pieces; p += 1) {
      for (let i = 0; i < NODES; i += 1) {
        const x = edges[e - 1] + (2 * p + 1 + RULE.x[i]) * step;
        const value = (f(amplitude * Math.sin(x)) * RULE.w[i] * step * 2) / Math.PI;
        // the same on the other half of the circle: only even cosines and odd sines
        for (let k = 0; k <= most; k += 1) {
          if (k % 2) sines[k] += value * Math.sin(k * x);
          else cosines[k] += value * Math.cos(k * x);
        }
      }
    }
  }
  cosines[0] /= 2;
  const out = { cosines: [], sines: [], energies: [] };
  cosines.forEach((a, k) => add(out, a, sines[k], k === 0));
  return out;
}

/**
 * Return the energies on the circle by frequency.
 * @param {Wave} wave
 * @param {number[]} kinks
 * @param {number} most
 * @returns {{energies: number[], total: number}} total: the mean square
 */
export function onCircle(wave, kinks, most) {
  const { frequency, amplitude, depth, f } = wave;
  const base = { ...wave, frequency: frequency ? 1 : 0 };
  const fine = bent(base, FINE).output;
  const total = meanSquare(fine);
  const highest = frequency ? Math.floor(most / frequency) : 0;
  const own = depth === 1 && frequency
    ? sineSeries(f, kinks, amplitude, highest)
    : fourier(fine, highest);
  const energies = new Array(most + 1).fill(0);
  own.energies.forEach((e, j) => {
    energies[j * frequency] += e;
  });
  return { energies, total };
}
