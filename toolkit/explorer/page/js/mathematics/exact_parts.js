// The parity parts of a formula, exactly where theorems decide; its kinks and affine pieces.
// The same decisions as toolkit/pl/activations/formula_parts.py, which says why they are right, and
// why values at isolated points do not count.

import * as Q from "./fraction.js";
import { Field, Undecided } from "./elementary.js";
import { FormulaError, rationalValue } from "./formula.js";
import { cellsOf, middleOf, numberAt } from "./formula_cells.js";
import { general } from "./numbers.js";
import { part } from "./activation_rows.js";
import { commonDivisor, derivativeOf, divided } from "./real_roots.js";
import { isNumber, number, scaled, term, whole } from "./sums.js";

const HALF = { above: number(Q.fraction(1n, 2n)), below: whole(1) };
const MINUS = Q.fraction(-1n);
const MOST_GROUPS = 60;
const JUMPING = new Set(["sign", "heaviside", "where", "/"]);
const LARGEST_DEGREE = 60;

// a kink smaller or larger than these is none in float64
const [SMALLEST, LARGEST] = [1e-300, 1e300];

/**
 * @typedef {object} Facts
 * @property {import("./activation_rows.js").Part} even
 * @property {import("./activation_rows.js").Part} odd
 * @property {number[]} kinks where f is not analytic, but for isolated points; rising
 * @property {{kinks: number[], slopes: number[], intercepts: number[]} | null} pieces
 * @property {boolean} [mayJump] whether f may have another value at an isolated point
 */

/**
 * Return what theorems say of a formula.
 * @param {import("./formula.js").Formula} tree
 * @returns {Facts | null} null if they do not decide
 * @throws {FormulaError} if it is a polynomial of a degree above 60, or a kink is no double
 */
export function exactFacts(tree) {
  try {
    return facts(tree, new Field());
  } catch (error) {
    // a RangeError: a double does not hold a number on the way
    if (error instanceof Undecided || error instanceof RangeError) return null;
    throw error;
  }
}

function facts(tree, field) {
  const halves = commonCells(cellsOf(tree, field, 1), cellsOf(tree, field, -1));
  const parts = [0, 1].map((parity) => {
    const sign = parity ? -1n : 1n;
    const own = halves.map((h) => field.product(field.plus(h.up, h.down, sign), HALF));
    return partOf(field, parity, own);
  });
  return { even: parts[0], odd: parts[1], ...piecesOf(field, halves), mayJump: mayJump(tree) };
}

/** Whether there is a step, a case, or a division (by what may be 0). */
function mayJump({ kind, args }) {
  if (kind === "^" && (rationalValue(args[1])?.n ?? 0n) < 0n) return true;
  return JUMPING.has(kind) || args.some(mayJump);
}

/** Return both on the common refinement of their cells. */
function commonCells(up, down) {
  const ends = new Map();
  for (const { cell } of [...up, ...down]) {
    if (cell.high && !ends.has(cell.high.key)) ends.set(cell.high.key, cell.high);
  }
  const rising = [...ends.values()].sort((a, b) => Q.compare(numberAt(a), numberAt(b)));
  for (let i = 1; i < rising.length; i += 1) {
    const [a, b] = [rising[i - 1], rising[i]];
    const close = b.place - a.place <= 1e-9 * (1 + b.place);
    if (close && !(a.exact && b.exact)) throw new Undecided();
  }
  const all = [null, ...rising, null];
  return all.slice(1).map((high, i) => {
    const cell = { low: all[i], high };
    const x = middleOf(cell);
    const [a, b] = [up, down].map((side) => side.find((p) => holds(p.cell, x)));
    return { cell, up: a.value, down: b.value, cases: [a.cases, b.cases] };
  });
}

const holds = ({ low, high }, x) =>
  (!low || Q.compare(numberAt(low), x) < 0) && (!high || Q.compare(x, numberAt(high)) < 0);

// -- parts ----------------------------------------------------------------------------------------

function partOf(field, parity, own) {
  const [first] = own.map((u) => asPolynomial(field, u));
  // analytic on both sides of a point other than 0, and not the same: free
  if (!own.slice(1).map((u) => isEqual(field, own[0], u)).every(Boolean)) return part([], "free");
  if (first === null) return part([], "unknown");
  const degrees = [...first.keys()].sort((a, b) => a - b);
  const wrong = degrees.filter((d) => d % 2 !== parity);
  const all = degrees.map((d) => [d, field.value(first.get(d)).total.re]);
  if (all.some(([, c]) => c === 0)) throw new Undecided(); // not 0, but 0 as a double
  const terms = all.filter(([d]) => d % 2 === parity);
  if (!wrong.length) return part(terms);
  return wrong.length === 1 ? part(terms, "homogeneous", wrong[0]) : part([], "unknown");
}

/**
 * Return the coefficients of a function that is a polynomial, constants by degree.
 * @returns {Map<number, import("./sums.js").Sum> | null} null if it is none
 */
function asPolynomial(field, u) {
  requireIndependent(field, [u.above, u.below]);
  if (field.isConstantSum(u.below)) return asSumOfPowers(field, u);
  // u = N/D is a polynomial p only if each group of N is p times that of D
  const above = groups(field, u.above);
  const below = groups(field, u.below);
  const key = [...below.keys()].sort(
    (a, b) => below.get(a).terms.size - below.get(b).terms.size || (a < b ? -1 : 1))[0];
  const n = above.get(key)?.terms ?? new Map();
  const d = below.get(key).terms;
  const crossed = field.add(field.times(u.above, d), field.times(u.below, n), MINUS);
  if (!isZero(field, crossed)) return null;
  const simple = field.quotient(n, d);
  if (field.isConstantSum(simple.below)) return asSumOfPowers(field, simple);
  const p = rationalCoefficients(simple.above);
  const { quotient, isExact } = divided(p, rationalCoefficients(simple.below));
  if (!isExact) return null;
  return new Map(quotient.map((c, k) => [k, number(c)]).filter(([, c]) => c.size));
}

/** Return the coefficients of N/D, D constant. */
function asSumOfPowers(field, u) {
  const out = new Map();
  for (const { head, terms } of groups(field, u.above, true).values()) {
    if (field.isZeroConstant(terms)) continue;
    const degree = head.find(([g]) => g === "t")?.[1] ?? Q.ZERO;
    if (head.some(([g]) => g !== "t") || degree.d !== 1n || degree.n < 0n) return null;
    if (degree.n > LARGEST_DEGREE) {
      throw new FormulaError(
        `a polynomial of degree ${degree.n} is too steep: degrees go up to ${LARGEST_DEGREE}`);
    }
    let value = field.quotient(terms, u.below);
    if (!isNumber(value.below)) {
      const { total, scale } = field.value(value.above);
      const low = field.value(value.below).total;
      const isSure = Math.hypot(total.re, total.im) > 1e-9 * scale && (low.re || low.im);
      if (!isSure) throw new Undecided();
      const size = low.re * low.re + low.im * low.im;
      const re = (total.re * low.re + total.im * low.im) / size;
      value = { above: number(Q.fromNumber(re)), below: whole(1) };
    }
    out.set(Number(degree.n), value.above);
  }
  return out;
}

function rationalCoefficients(terms) {
  const out = new Map();
  for (const { powers, c } of terms.values()) {
    const degree = powers.find(([g]) => g === "t")?.[1] ?? Q.ZERO;
    const other = powers.some(([g]) => g !== "t");
    if (other || degree.d !== 1n || degree.n < 0n || degree.n > LARGEST_DEGREE) {
      throw new Undecided();
    }
    out.set(Number(degree.n), c);
  }
  const highest = Math.max(0, ...out.keys());
  return Array.from({ length: highest + 1 }, (_, k) => out.get(k) ?? Q.ZERO);
}

function isEqual(field, a, b) {
  const left = field.times(a.above, b.below);
  return isZero(field, field.add(left, field.times(b.above, a.below), MINUS));
}

// -- independence ---------------------------------------------------------------------------------

/** Return a sum by its generators that contain t (t itself among them if wanted). */
function groups(field, terms, withT = false) {
  const out = new Map();
  for (const { powers, c } of terms.values()) {
    const isHead = ([g]) => !field.isFixed(g) && (withT || g !== "t");
    const head = powers.filter(isHead);
    const key = head.map(([g, e]) => `*${g}^${Q.written(e)}`).join("");
    const own = out.get(key) ?? { head, terms: new Map() };
    own.terms = new Map([...own.terms, ...term(powers.filter((p) => !isHead(p)), c)]);
    out.set(key, own);
  }
  return out;
}

function isZero(field, terms) {
  if (!terms.size) return true;
  requireIndependent(field, [terms]);
  let undecided = false;
  for (const { terms: group } of groups(field, terms, true).values()) {
    try {
      if (!field.isZeroConstant(group)) return false;
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      undecided = true;
    }
  }
  if (undecided) throw new Undecided();
  return true;
}

/** Throw unless the generators with t in them are independent by the theorems. */
function requireIndependent(field, sums) {
  const used = new Set();
  for (const terms of sums) {
    for (const { powers } of terms.values()) {
      for (const [g] of powers) if (!field.isFixed(g)) used.add(g);
    }
  }
  const of = (kind) =>
    [...used].filter((g) => field.kind(g) === kind).map((g) => field.generators.get(g).argument);
  const [roots, errors, logs, arcs] = ["sqrt", "erf", "log", "atan"].map(of);
  if (roots.length > 1 || logs.length + arcs.length > 1) throw new Undecided();
  for (const s of roots) {
    const p = rationalCoefficients(s);
    if (p.length < 2 || commonDivisor(p, derivativeOf(p)).length > 1) throw new Undecided();
  }
  for (const s of errors) requirePolynomial(field, s);
  const squares = errors.map((s) => field.times(s, s));
  squares.forEach((s, i) => {
    for (const other of squares.slice(0, i)) requireChanging(field, field.add(s, other, MINUS));
  });
  for (const s of arcs) requirePolynomial(field, s);
  for (const s of logs) requireLogarithm(field, s);
  requireDifferentExponents(field, sums);
}

/** Throw unless a sum is a real polynomial in t that is not constant. */
function requirePolynomial(field, terms) {
  for (const { powers } of terms.values()) {
    for (const [g, e] of powers) {
      const isPower = g === "t" && e.d === 1n && e.n > 0n;
      if (!isPower && (!field.isFixed(g) || g === "i")) throw new Undecided();
    }
  }
  requireChanging(field, terms);
}

/** Throw unless some power of t has a factor that is not 0. */
function requireChanging(field, terms) {
  for (const { head, terms: group } of groups(field, terms, true).values()) {
    if (head.length && !field.isZeroConstant(group)) return;
  }
  throw new Undecided();
}

/** Throw unless the logarithm is that of t, or of two exponentials or powers at least. */
function requireLogarithm(field, terms) {
  for (const { powers } of terms.values()) {
    if (powers.some(([g]) => ["log", "atan", "erf", "sqrt"].includes(field.kind(g)))) {
      throw new Undecided();
    }
  }
  if (terms.size === 1 && terms.get("*t^1")?.c.n === 1n) return;
  const own = [...groups(field, terms, true).values()];
  if (own.filter((group) => !field.isZeroConstant(group.terms)).length < 2) throw new Undecided();
  requireDifferentExponents(field, [terms]);
}

/** Throw unless the exponentials in it differ by more than constants. */
function requireDifferentExponents(field, sums) {
  const found = new Map();
  for (const terms of sums) {
    for (const { powers } of terms.values()) {
      const head = powers.filter(([g]) => field.kind(g) === "exp" && !field.isFixed(g));
      const key = head.map(([g, e]) => `*${g}^${Q.written(e)}`).join("");
      if (found.has(key)) continue;
      let total = new Map();
      for (const [g, e] of head) total = field.add(total, field.generators.get(g).argument, e);
      found.set(key, total);
    }
  }
  if (found.size > MOST_GROUPS) throw new Undecided();
  const exponents = [...found.values()];
  exponents.forEach((q, i) => {
    for (const r of exponents.slice(0, i)) requireChanging(field, field.add(q, r, MINUS));
  });
}

// -- kinks and pieces -----------------------------------------------------------------------------

function piecesOf(field, halves) {
  const kinks = [];
  const lines = [];
  const line = (u, sign) => {
    const p = asPolynomial(field, u);
    if (!p || [...p.keys()].some((d) => d > 1)) return null;
    const [slope, intercept] = [1, 0].map((d) => (p.has(d) ? field.value(p.get(d)).total.re : 0));
    return [sign * slope + 0, intercept + 0];
  };
  for (let i = halves.length - 1; i > 0; i -= 1) {
    if (isEqual(field, halves[i].down, halves[i - 1].down)) continue;
    kinks.push(-kinkOf(halves[i].cell));
    lines.push(line(halves[i].down, -1));
  }
  lines.push(line(halves[0].down, -1));
  if (!isAnalyticAtZero(field, halves[0])) {
    kinks.push(0);
    lines.push(line(halves[0].up, 1));
  }
  for (let i = 1; i < halves.length; i += 1) {
    if (isEqual(field, halves[i - 1].up, halves[i].up)) continue;
    kinks.push(kinkOf(halves[i].cell));
    lines.push(line(halves[i].up, 1));
  }
  const twice = kinks.find((kink, i) => kink === kinks[i + 1]);
  if (twice !== undefined) {
    throw new FormulaError(
      `the formula has two kinks that are the same in float64, ${general(twice)}: use numbers ` +
        "that float64 tells apart");
  }
  const pieces = lines.includes(null)
    ? null
    : { kinks, slopes: lines.map(([s]) => s), intercepts: lines.map(([, c]) => c) };
  return { kinks, pieces };
}

/** The left end of a cell, which is not 0, as a double. */
function kinkOf({ low }) {
  if (!(low.place >= SMALLEST && low.place <= LARGEST)) {
    throw new FormulaError(
      "the formula has a kink beyond float64: a kink that is not 0 is between 1e-300 and 1e300 in " +
        "size");
  }
  return low.place;
}

function isAnalyticAtZero(field, { up, down, cases }) {
  const turned = reflected(field, up);
  return turned ? isEqual(field, turned, down) : cases[0] === cases[1];
}

/** Return u(-t), if whole powers and exponentials of them are all there is; else null. */
function reflected(field, u) {
  const turned = [];
  for (const terms of [u.above, u.below]) {
    let out = new Map();
    for (const { powers, c } of terms.values()) {
      let own = number(c);
      for (const [g, e] of powers) {
        const degree = degreeOf(field, g, e);
        if (degree === null) return null;
        const odd = degree % 2n !== 0n;
        if (g === "t") own = field.times(odd ? scaled(own, MINUS) : own, term([[g, e]]));
        else own = field.times(own, term([[g, odd ? Q.negative(e) : e]]));
      }
      out = field.add(out, own);
    }
    turned.push(out);
  }
  return field.quotient(turned[0], turned[1]);
}

/** Return the degree in t of t^e, or of the exponent of g; null for other functions. */
function degreeOf(field, g, e) {
  if (field.isFixed(g)) return 0n;
  let degree = null;
  if (g === "t") degree = e;
  else if (field.kind(g) === "exp") {
    const [{ powers }] = field.generators.get(g).argument.values();
    degree = powers.find(([h]) => h === "t")?.[1] ?? null;
  }
  return degree && degree.d === 1n ? degree.n : null;
}
