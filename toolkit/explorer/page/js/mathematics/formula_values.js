// The values of a formula's tree at a number, by closures: nothing is ever run as code.

import { rationalValue } from "./formula.js";
import { toNumber } from "./fraction.js";
import { erf, heaviside, normal, sigmoid, softplus } from "./special.js";

const OF_ONE = {
  abs: Math.abs,
  relu: (u) => Math.max(u, 0),
  sign: Math.sign,
  heaviside,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid,
  softplus,
  silu: (u) => u * sigmoid(u),
  gelu: (u) => u * normal(u),
  erf,
};
const OF_TWO = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};
const COMPARES = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/**
 * Return the function of a formula.
 * @param {import("./formula.js").Formula} node
 * @returns {(x: number) => number} NaN or an infinity where the formula has no value
 */
export function functionOf(node) {
  const { kind, value } = node;
  if (kind === "x") return (x) => x;
  if (kind === "number") {
    const number = Number(value);
    return () => number;
  }
  if (kind === "constant") {
    const number = value === "pi" ? Math.PI : Math.E;
    return () => number;
  }
  if (kind === "^") return powerOf(node);
  const args = node.args.map(functionOf);
  const [a, b] = args;
  if (kind in OF_TWO) {
    const operation = OF_TWO[kind];
    return (x) => operation(a(x), b(x));
  }
  if (kind === "neg") return (x) => -a(x);
  if (kind === "where") {
    const compares = COMPARES[value];
    return (x) => (compares(a(x), b(x)) ? args[2](x) : args[3](x));
  }
  if (kind === "max") return (x) => Math.max(...args.map((f) => f(x)));
  if (kind === "min") return (x) => Math.min(...args.map((f) => f(x)));
  if (kind === "clip") return (x) => Math.min(Math.max(a(x), b(x)), args[2](x));
  const own = OF_ONE[kind];
  return (x) => own(a(x));
}

function powerOf(node) {
  const base = functionOf(node.args[0]);
  const number = rationalValue(node.args[1]);
  if (number === null) {
    const exponent = functionOf(node.args[1]);
    return (x) => base(x) ** exponent(x);
  }
  const fixed = toNumber(number);
  return (x) => base(x) ** fixed;
}
