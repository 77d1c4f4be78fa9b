// The named activations, one row each: the rows of toolkit/pl/activations/registry.py.
//
// A row gives what is known exactly: the parity parts (or a and b of a|t| + bt, or the coefficients
// of a polynomial), the kinks, the affine pieces, and the function.

import * as closed from "./closed_duals.js";
import { erf, heaviside, normal, sigmoid, softplus } from "./special.js";
import { general } from "./numbers.js";

/**
 * @typedef {{terms: [number, number][], rest: "none"|"homogeneous"|"free"|"unknown", degree: number}}
 *   Part  a polynomial by degree and coefficient, and what is known of the rest
 */

/** @returns {Part} */
export const part = (terms = [], rest = "none", degree = 0) => ({ terms, rest, degree });

const NONE = part();
const LINEAR = part([[1, 0.5]]);
const FREE = part([], "free");
const HALF = part([[0, 0.5]]);
const JUMP = part([], "homogeneous", 0);
const ODD = [NONE, FREE];
const EVEN = [FREE, NONE];
const BOTH = [FREE, FREE];
const GATED = [FREE, LINEAR];
const SHIFTED = [HALF, FREE];

const SELU_SCALE = 1.0507009873554804934193349852946;
const SELU_ALPHA = 1.6732632423543772848170429916717;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const LARGEST_DEGREE = 30;

const clip = (least, greatest) => (t) => Math.min(Math.max(t, least), greatest);
const reluPower = (degree) => (t) => Math.max(t, 0) ** degree;
const elu = (alpha) => (t) => (t > 0 ? t : alpha * Math.expm1(t));
const celu = (alpha) => (t) => (t > 0 ? t : alpha * Math.expm1(t / alpha));

function tanhshrink(t) {
  if (Math.abs(t) >= 1) return t - Math.tanh(t);
  const square = t * t;
  let below = 21;
  for (let odd = 19; odd > 2; odd -= 2) below = odd + square / below;
  const small = square / below;
  return t * (small / (1 + small));
}

function powerOfRelu(degree) {
  const smooth = part([[degree, 0.5]]);
  const kinked = part([], "homogeneous", degree);
  return degree % 2 === 0 ? [smooth, kinked] : [kinked, smooth];
}

const slope = (a) => [(1 - a) / 2, (1 + a) / 2];

const positive = (head, name) => (value) =>
  value > 0 ? null : `${head} needs a positive ${name}, not ${general(value)}`;
const whole = (head, least) => (value) =>
  Number.isInteger(value) && value >= least && value <= LARGEST_DEGREE
    ? null
    : `${head} needs a whole number from ${least} to ${LARGEST_DEGREE} as its degree, ` +
      `not ${general(value)}`;

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} family      where a list shows it
 * @property {[string, number][]} [parameters]  names and defaults; the functions below take them
 * @property {(...numbers: number[]) => [number, number]} [homogeneous]  a and b of a|t| + bt
 * @property {(...numbers: number[]) => number[]} [coefficients]  of a polynomial, constant first
 * @property {(...numbers: number[]) => [Part, Part]} [parts]  even and odd
 * @property {(...numbers: number[]) => (t: number) => number} [evaluate]
 * @property {(...numbers: number[]) => number[]} [kinks]
 * @property {(...numbers: number[]) => [number[], number[]]} [pieces]  slopes, intercepts
 * @property {(t: number) => number} [dual]  kappa at variance 1, in closed form
 * @property {string[]} [aliases]
 * @property {(...numbers: number[]) => string | null} [check]
 * @property {[number[], string][]} [sameAs]
 * @property {(...numbers: number[]) => string} [title]
 */

/** @type {Row[]} */
const ROWS = [
  { name: "relu", family: "piecewise linear", homogeneous: () => [0.5, 0.5] },
  { name: "abs", family: "piecewise linear", homogeneous: () => [1, 0],
    aliases: ["|.|", "|t|", "|x|", "absolute"] },
  { name: "leaky_relu", family: "piecewise linear", homogeneous: slope,
    parameters: [["slope", 0.01]], aliases: ["leakyrelu"] },
  { name: "prelu", family: "piecewise linear", homogeneous: slope,
    parameters: [["slope", 0.25]] },
  { name: "gelu", family: "smooth gates", parts: () => GATED, evaluate: () => (t) => t * normal(t),
    dual: closed.gelu },
  { name: "gelu_tanh", family: "smooth gates", parts: () => GATED, aliases: ["gelutanh"],
    evaluate: () => (t) => 0.5 * t * (1 + Math.tanh(GELU_SCALE * (t + 0.044715 * t ** 3))) },
  { name: "silu", family: "smooth gates", parts: () => GATED, aliases: ["swish"],
    evaluate: () => (t) => t * sigmoid(t) },
  { name: "softplus", family: "smooth gates", parts: () => GATED, parameters: [["beta", 1]],
    evaluate: (beta) => (t) => softplus(beta * t) / beta, check: positive("softplus", "beta") },
  { name: "logsigmoid", family: "smooth gates", parts: () => GATED, aliases: ["log_sigmoid"],
    evaluate: () => (t) => -softplus(-t) },
  { name: "elu", family: "smooth gates", parts: () => BOTH, parameters: [["alpha", 1]],
    kinks: () => [0], evaluate: elu, check: positive("elu", "alpha"), sameAs: [[[0], "relu"]] },
  { name: "celu", family: "smooth gates", parts: () => BOTH, parameters: [["alpha", 1]],
    kinks: () => [0], evaluate: celu, check: positive("celu", "alpha") },
  { name: "selu", family: "smooth gates", parts: () => BOTH, kinks: () => [0],
    evaluate: () => (t) => SELU_SCALE * elu(SELU_ALPHA)(t) },
  { name: "mish", family: "smooth gates", parts: () => BOTH,
    evaluate: () => (t) => t * Math.tanh(softplus(t)) },
  { name: "tanh", family: "odd", parts: () => ODD, evaluate: () => Math.tanh },
  { name: "hardtanh", family: "odd", aliases: ["hard_tanh"],
    parts: (least, greatest) => (least === -greatest ? ODD : BOTH),
    parameters: [["least", -1], ["greatest", 1]], kinks: (least, greatest) => [least, greatest],
    pieces: (least, greatest) => [[0, 1, 0], [least, 0, greatest]], evaluate: clip,
    check: (least, greatest) =>
      least < greatest
        ? null
        : "hardtanh needs its least value below its greatest, found " +
          `${general(least)} and ${general(greatest)}` },
  { name: "erf", family: "odd", parts: () => ODD, evaluate: () => erf, dual: closed.erf },
  { name: "sin", family: "odd", parts: () => ODD, evaluate: () => Math.sin, dual: closed.sin,
    aliases: ["sine"] },
  { name: "cos", family: "even", parts: () => EVEN, evaluate: () => Math.cos, dual: closed.cos,
    aliases: ["cosine"] },
  { name: "softshrink", family: "odd", parts: () => ODD, parameters: [["width", 0.5]],
    kinks: (width) => [-width, width], pieces: (width) => [[1, 0, 1], [width, 0, -width]],
    evaluate: (width) => (t) => t - clip(-width, width)(t),
    check: positive("softshrink", "width"), sameAs: [[[0], "identity"]] },
  { name: "hardshrink", family: "odd", parts: () => ODD, parameters: [["width", 0.5]],
    kinks: (width) => [-width, width], pieces: () => [[1, 0, 1], [0, 0, 0]],
    evaluate: (width) => (t) => (Math.abs(t) > width ? t : 0),
    check: positive("hardshrink", "width"), sameAs: [[[0], "identity"]] },
  { name: "sigmoid", family: "steps", parts: () => SHIFTED, evaluate: () => sigmoid },
  { name: "hardsigmoid", family: "steps", parts: () => SHIFTED, kinks: () => [-3, 3],
    pieces: () => [[0, 1 / 6, 0], [0, 0.5, 1]], aliases: ["hard_sigmoid"],
    evaluate: () => (t) => clip(0, 6)(t + 3) / 6 },
  { name: "hardswish", family: "smooth gates", parts: () => GATED, kinks: () => [-3, 3],
    aliases: ["hard_swish"], evaluate: () => (t) => (t * clip(0, 6)(t + 3)) / 6 },
  { name: "softsign", family: "odd", parts: () => ODD, kinks: () => [0],
    evaluate: () => (t) => t / (1 + Math.abs(t)) },
  { name: "tanhshrink", family: "odd", parts: () => ODD, evaluate: () => tanhshrink },
  { name: "relu6", family: "piecewise linear", parts: () => BOTH, kinks: () => [0, 6],
    pieces: () => [[0, 1, 0], [0, 0, 6]], evaluate: () => clip(0, 6) },
  { name: "relu_squared", family: "powers", parts: () => powerOfRelu(2), kinks: () => [0],
    evaluate: () => reluPower(2), dual: closed.reluSquared,
    aliases: ["relu2", "relu^2", "squaredrelu", "squared_relu", "relusquared"] },
  { name: "relu_power", family: "powers", parts: powerOfRelu, parameters: [["degree", 3]],
    kinks: () => [0], evaluate: reluPower, check: whole("relu_power", 1),
    sameAs: [[[1], "relu"], [[2], "relu_squared"]] },
  { name: "square", family: "powers", coefficients: () => [0, 0, 1] },
  { name: "cube", family: "powers", coefficients: () => [0, 0, 0, 1] },
  { name: "power", family: "powers", parameters: [["degree", 2]],
    coefficients: (degree) => [...Array(degree).fill(0), 1], check: whole("power", 0),
    title: (degree) => `t^${degree}` },
  { name: "identity", family: "powers", coefficients: () => [0, 1], aliases: ["linear", "id"] },
  { name: "sign", family: "steps", parts: () => [NONE, JUMP], kinks: () => [0],
    pieces: () => [[0, 0], [-1, 1]], evaluate: () => Math.sign, dual: closed.sign,
    aliases: ["sgn"] },
  { name: "heaviside", family: "steps", parts: () => [HALF, JUMP], kinks: () => [0],
    pieces: () => [[0, 0], [0, 1]], evaluate: () => heaviside, dual: closed.heaviside,
    aliases: ["step"] },
];

/** The named activations by name, in the order of the registry. */
export const ACTIVATIONS = new Map(ROWS.map((row) => [row.name, row]));

/** @type {Row} */
export const POLYNOMIAL = {
  name: "polynomial", family: "powers", coefficients: (...numbers) => numbers, aliases: ["poly"],
  check: (...numbers) =>
    numbers.some((c) => c !== 0) && numbers.length <= LARGEST_DEGREE + 1
      ? null
      : `a polynomial needs 1 to ${LARGEST_DEGREE + 1} coefficients, the constant first, ` +
        `not all of them 0; found ${numbers.length}`,
};
