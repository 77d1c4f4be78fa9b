// A formula on t > 0 as elementary functions on cells between its kinks.

import * as Q from "./fraction.js";
import { Undecided } from "./elementary.js";
import { hasVariable, rationalValue } from "./formula.js";
import { positiveRoots } from "./real_roots.js";
import { firstOf, isNumber, number, numberOf, scaled, term, textOf, whole } from "./sums.js";

const MOST_CELLS = 24;
const TOGETHER = 1e-9;
const APART = 1e-5;
const HALF = Q.fraction(1n, 2n);
const MINUS = Q.fraction(-1n);
const SIGN_OF_ARGUMENT = new Set(
  ["tanh", "erf", "atan", "sinh", "expm1", "gelu", "silu", "log1p", "sign"]);
const POSITIVE = new Set(["exp", "cosh", "sigmoid", "softplus"]);

/**
 * @typedef {import("./elementary.js").Quotient} Quotient
 * @typedef {import("./real_roots.js").Root} Root
 * @typedef {{low: Root | null, high: Root | null}} Cell  null for 0 and for infinity
 */

/** @param {Cell} cell @returns {Q.Fraction} a number inside, also where no double is */
export function middleOf({ low, high }) {
  const from = low ? numberAt(low) : Q.ZERO;
  if (!high) return Q.add(Q.add(from, from), Q.ONE);
  return Q.multiply(Q.add(from, numberAt(high)), HALF);
}

/** @param {Root} root @returns {Q.Fraction} the number if it is rational, else the nearest double */
export const numberAt = (root) => root.exact ?? Q.fromNumber(root.place);

/** The cell has to be cut first. */
class Split {
  constructor(roots) {
    this.roots = roots;
  }
}

/**
 * Return f(sign t) for t > 0 on cells, from the left.
 * @param {import("./formula.js").Formula} node
 * @param {import("./elementary.js").Field} field
 * @param {1 | -1} sign
 * @returns {{cell: Cell, value: Quotient, cases: string}[]} two cells share `cases` if the same
 *   cases of the formula hold
 * @throws {Undecided} if it is not known where a case of the formula holds
 */
export function cellsOf(node, field, sign) {
  const variable = { above: term([["t", Q.ONE]], Q.fraction(BigInt(sign))), below: whole(1) };
  const waiting = [{ low: null, high: null }];
  const out = [];
  while (waiting.length) {
    const cell = waiting.pop();
    try {
      const walk = new Walk(field, variable, cell);
      const value = walk.at(node);
      out.push({ cell, value, cases: walk.cases });
    } catch (split) {
      if (!(split instanceof Split)) throw split;
      const ends = [cell.low, ...split.roots, cell.high];
      for (let i = ends.length - 1; i > 0; i -= 1) {
        waiting.push({ low: ends[i - 1], high: ends[i] });
      }
    }
    if (out.length + waiting.length > MOST_CELLS) throw new Undecided();
  }
  return out;
}

function rootsOf(values) {
  try {
    return positiveRoots(values);
  } catch (error) {
    throw error instanceof RangeError ? new Undecided() : error;
  }
}

const constant = (value) => ({ above: number(value), below: whole(1) });
const negative = (u) => ({ above: scaled(u.above, MINUS), below: u.below });
const node = (kind, ...args) => ({ kind, args, value: "" });

/** The walk through a tree on one cell. */
class Walk {
  constructor(field, variable, cell) {
    this.field = field;
    this.variable = variable;
    this.cell = cell;
    this.cases = "";
  }

  /** @returns {Quotient} the function of a tree */
  at({ kind, args, value }) {
    const { field } = this;
    if (kind === "x") return this.variable;
    if (kind === "number") return constant(Q.fromDecimal(value));
    if (kind === "constant") {
      if (value === "e") return field.exponential(constant(Q.ONE));
      return { above: term([["pi", Q.ONE]]), below: whole(1) };
    }
    if (kind === "+") return field.plus(this.at(args[0]), this.at(args[1]));
    if (kind === "-") return field.plus(this.at(args[0]), this.at(args[1]), -1n);
    if (kind === "*") return field.product(this.at(args[0]), this.at(args[1]));
    if (kind === "/") return field.ratio(this.at(args[0]), this.at(args[1]));
    if (kind === "neg") return negative(this.at(args[0]));
    if (kind === "^") return this.power(args);
    if (kind === "where") return this.at(this.caseOf(args, value));
    if (kind === "max" || kind === "min" || kind === "clip") {
      return this.at(this.chosen(kind, args));
    }
    return this.function(kind, args[0]);
  }

  power([base, exponent]) {
    const { field } = this;
    if (hasVariable(exponent)) {
      if (base.kind === "constant" && base.value === "e") {
        return field.exponential(this.at(exponent));
      }
      const value = rationalValue(base);
      const size = value
        ? field.add(
            field.logarithm(whole(value.n)), field.logarithm(whole(value.d)), MINUS)
        : field.logarithm(this.at(base).above);
      const all = { above: size, below: whole(1) };
      return field.exponential(field.product(all, this.at(exponent)));
    }
    const power = rationalValue(exponent);
    if (!power) throw new Undecided();
    if (power.d !== 1n) {
      const sign = this.signOf(base);
      if (sign === 0 && power.n > 0n) return constant(Q.ZERO);
      if (sign <= 0) throw new Undecided();
    }
    return field.power(this.at(base), power);
  }

  caseOf([left, right, yes, no], comparison) {
    const sign = this.signOf(node("-", left, right));
    const holds = { ">": sign > 0, ">=": sign >= 0, "<": sign < 0, "<=": sign <= 0 }[comparison];
    return holds ? yes : no;
  }

  /** The argument of max, min or clip that is the value on the cell. */
  chosen(kind, args) {
    if (kind === "clip") {
      return this.extreme(this.extreme(args[0], args[1], 1), args[2], -1);
    }
    const sign = kind === "max" ? 1 : -1;
    return args.reduce((a, b) => this.extreme(a, b, sign));
  }

  extreme(a, b, sign) {
    return this.signOf(node("-", a, b)) * sign >= 0 ? a : b;
  }

  function(kind, argument) {
    const { field } = this;
    if (kind === "sign" || kind === "heaviside") {
      const sign = BigInt(this.signOf(argument));
      return constant(kind === "sign" ? Q.fraction(sign) : Q.fraction(sign + 1n, 2n));
    }
    if (kind === "abs" || kind === "relu") {
      const sign = this.signOf(argument);
      if (sign >= 0) return this.at(argument);
      return kind === "abs" ? negative(this.at(argument)) : constant(Q.ZERO);
    }
    const u = this.at(argument);
    if (kind === "sqrt") {
      const sign = this.signOf(argument);
      if (sign < 0) throw new Undecided();
      return sign ? field.root(u) : constant(Q.ZERO);
    }
    if (kind === "log") return this.logarithm(u);
    if (kind === "log1p") return this.logarithm(field.plus(u, constant(Q.ONE)));
    if (kind === "atan" || kind === "erf") {
      return { above: field.oddFunction(kind, u), below: whole(1) };
    }
    return this.ofExponentials(kind, u);
  }

  logarithm(u) {
    const { field } = this;
    const one = whole(1);
    const signs = [u.above, u.below].map((terms) => this.sign({ above: terms, below: one }));
    if (signs.includes(0) || signs[0] !== signs[1]) throw new Undecided();
    const [top, low] = [u.above, u.below].map((terms) => scaled(terms, Q.fraction(BigInt(signs[0]))));
    return { above: field.add(field.logarithm(top), field.logarithm(low), MINUS), below: one };
  }

  ofExponentials(kind, u) {
    const { field } = this;
    const one = constant(Q.ONE);
    if (kind === "sin" || kind === "cos") {
      const turned = field.product(u, { above: term([["i", Q.ONE]]), below: whole(1) });
      const up = field.exponential(turned);
      const down = field.exponential(negative(turned));
      if (kind === "cos") return field.product(field.plus(up, down), constant(HALF));
      const half = { above: term([["i", Q.ONE]], Q.negative(HALF)), below: whole(1) };
      return field.product(field.plus(up, down, -1n), half);
    }
    if (kind === "gelu") {
      const root = field.root(constant(Q.fraction(2n)));
      const error = { above: field.oddFunction("erf", field.ratio(u, root)), below: whole(1) };
      return field.product(field.product(u, constant(HALF)), field.plus(error, one));
    }
    const up = field.exponential(u);
    if (kind === "exp") return up;
    if (kind === "expm1") return field.plus(up, one, -1n);
    if (kind === "sigmoid" || kind === "silu") {
      const out = field.ratio(up, field.plus(up, one));
      return kind === "sigmoid" ? out : field.product(u, out);
    }
    if (kind === "softplus") return this.logarithm(field.plus(up, one));
    if (kind === "tanh") {
      const square = field.product(up, up);
      return field.ratio(field.plus(square, one, -1n), field.plus(square, one));
    }
    const down = field.ratio(one, up);
    return field.product(field.plus(up, down, kind === "cosh" ? 1n : -1n), constant(HALF));
  }

  // signs ----------------------------------------------------------------------------------------

  /** The sign of a tree on the cell, by the signs below it where they give it. */
  signOf(tree) {
    const sign = this.treeSign(tree);
    this.cases += "-0+"[sign + 1];
    return sign;
  }

  treeSign(tree) {
    const { kind, args, value } = tree;
    const own = (i) => this.treeSign(args[i]);
    if (kind === "neg") return -own(0);
    if (kind === "*" || kind === "/") {
      const [left, right] = [own(0), own(1)];
      if (kind === "/" && right === 0) throw new Undecided();
      return left * right;
    }
    if (kind === "^") return this.signOfPower(args);
    if (SIGN_OF_ARGUMENT.has(kind)) return own(0);
    if (POSITIVE.has(kind)) return 1;
    if (kind === "relu" || kind === "sqrt") return Math.max(own(0), 0);
    if (kind === "heaviside") return own(0) >= 0 ? 1 : 0;
    if (kind === "abs") return Math.abs(own(0));
    if (kind === "max") return Math.max(...args.map((arg) => this.treeSign(arg)));
    if (kind === "min") return Math.min(...args.map((arg) => this.treeSign(arg)));
    if (kind === "clip") {
      const [u, low, high] = args.map((arg) => this.treeSign(arg));
      return Math.min(Math.max(u, low), high);
    }
    if (kind === "-") return this.signOfDifference(tree);
    if (kind === "where") return this.treeSign(this.caseOf(args, value));
    return this.sign(this.at(tree));
  }

  signOfDifference(tree) {
    const [left, right] = tree.args;
    const values = [rationalValue(left), rationalValue(right)];
    if (values[1] && !values[1].n) return this.treeSign(left);
    if (values[0] && !values[0].n) return -this.treeSign(right);
    if (left.kind === "exp" && values[1] && Q.equal(values[1], Q.ONE)) {
      return this.treeSign(left.args[0]);
    }
    if (right.kind === "exp" && values[0] && Q.equal(values[0], Q.ONE)) {
      return -this.treeSign(right.args[0]);
    }
    return this.sign(this.at(tree));
  }

  signOfPower([base, exponent]) {
    if (hasVariable(exponent)) return 1;
    const power = rationalValue(exponent);
    const sign = this.treeSign(base);
    if (!power || (sign < 0 && power.d !== 1n)) throw new Undecided();
    if (power.n < 0n && sign === 0) throw new Undecided();
    if (!power.n) return 1;
    return power.n % 2n || sign >= 0 ? sign : 1;
  }

  sign(u) {
    let sign = this.signOfSum(u.above);
    if (sign && !isNumber(u.below)) sign *= this.signOfSum(u.below);
    this.cases += "-0+"[sign + 1];
    return sign;
  }

  signOfSum(terms) {
    const { field } = this;
    if (!terms.size) return 0;
    if (field.isConstantSum(terms)) return field.signOfConstant(terms);
    const content = field.content(terms).map(([g, e]) => [g, Q.negative(e)]);
    const rest = field.times(terms, term(content));
    if (field.isConstantSum(rest)) return field.signOfConstant(rest);
    const signs = new Set([...rest.values()].map(({ powers, c }) => this.signOfTerm(powers, c)));
    if (signs.size === 1 && !signs.has(null)) return [...signs][0];
    return this.signOfPolynomial(rest);
  }

  /** The sign of a term that is a number times what is positive; else null. */
  signOfTerm(powers, c) {
    const positive = powers.every(([g]) =>
      ["t", "pi", "sqrt"].includes(this.field.kind(g)) || this.field.isRealExponential(g));
    return positive ? (c.n > 0n ? 1 : -1) : null;
  }

  signOfPolynomial(terms) {
    const { field } = this;
    const byDegree = new Map();
    for (const { powers, c } of terms.values()) {
      const degree = powers.find(([g]) => g === "t")?.[1] ?? Q.ZERO;
      const rest = powers.filter(([g]) => g !== "t");
      if (degree.d !== 1n || !field.isConstant(rest)) throw new Undecided();
      const d = Number(degree.n);
      const own = byDegree.get(d) ?? new Map();
      byDegree.set(d, new Map([...own, ...term(rest, c)]));
    }
    const highest = Math.max(...byDegree.keys());
    if (highest > 40) throw new Undecided();
    const rational = [...byDegree.values()].every(isNumber);
    const values = Array.from({ length: highest + 1 }, (_, d) =>
      this.coefficient(byDegree.get(d) ?? new Map(), rational));
    let roots = rootsOf(values);
    if (!rational) {
      const key = textOf(scaled(terms, Q.divide(Q.ONE, terms.get(firstOf(terms)).c)));
      roots = roots.map((r, i) => ({ place: r.place, exact: null, key: `${key}#${i}` }));
      for (let i = 1; i < roots.length; i += 1) {
        // perhaps one double root
        const gap = roots[i].place - roots[i - 1].place;
        if (gap < APART * (1 + roots[i].place)) throw new Undecided();
      }
    }
    const inside = roots.filter((r) => this.isInside(r));
    if (inside.length) throw new Split(inside);
    const x = middleOf(this.cell);
    const total = values.reduceRight((sum, c) => Q.add(Q.multiply(sum, x), c), Q.ZERO);
    return Q.compare(total, Q.ZERO);
  }

  coefficient(terms, rational) {
    if (rational) return numberOf(terms);
    if (this.field.isZeroConstant(terms)) return Q.ZERO;
    return Q.fromNumber(this.field.value(terms).total.re);
  }

  isInside(root) {
    for (const [end, side] of [[this.cell.low, 1], [this.cell.high, -1]]) {
      if (!end) continue;
      if (end.key === root.key) return false;
      if (end.exact && root.exact) {
        if (Q.compare(root.exact, end.exact) * side < 0) return false;
      } else if (Math.abs(root.place - end.place) <= TOGETHER * (1 + end.place)) {
        throw new Undecided();
      } else if ((root.place - end.place) * side < 0) return false;
    }
    return true;
  }
}
