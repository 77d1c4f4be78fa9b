// Complex numbers, as far as constants need them.

import { erf } from "./special.js";

/** @typedef {{re: number, im: number}} Complex */

/** @param {Complex} a @param {Complex} b @returns {Complex} */
export const multiplied = (a, b) => ({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re });

/** @param {Complex} z @returns {Complex} e^z */
export function exponential({ re, im }) {
  const size = Math.exp(re);
  return im === 0
    ? { re: size, im: 0 }
    : { re: size * Math.cos(im), im: size * Math.sin(im) };
}

const real = (f) => (z) =>
  Math.abs(z.im) <= 1e-12 * Math.hypot(z.re, z.im) ? { re: f(z.re), im: 0 } : null;
/** Values of functions at constants; null where there is none. */
export const VALUES = {
  exp: exponential,
  sqrt: real(Math.sqrt),
  log: real(Math.log),
  atan: real(Math.atan),
  erf: real(erf),
};
