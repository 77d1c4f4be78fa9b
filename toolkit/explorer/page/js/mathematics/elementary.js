// Elementary functions of t > 0 in a normal form, in which equality is decided by theorems:
// toolkit/pl/activations/elementary.py states and proves what is used here.
//
// A function is a quotient of two sums (sums.js) of monomials in generators.

import * as Q from "./fraction.js";
import { VALUES, exponential, multiplied } from "./complex.js";
import { byName, firstOf, isNumber, isOne, number, numberOf, put, scaled, term, textOf, whole } from "./sums.js";

const MOST_TERMS = 240;
const MOST_WORK = 20000;
const MOST_BITS = 1500;
const CLOSE = 1e-9;
const LARGEST_EXPONENT = 600;

/** The theorems at hand do not decide this, or it takes too long. */
export class Undecided extends Error {}

/**
 * @typedef {import("./sums.js").Powers} Powers
 * @typedef {import("./sums.js").Sum} Sum
 * @typedef {import("./complex.js").Complex} Complex
 * @typedef {{above: Sum, below: Sum}} Quotient
 * @typedef {{kind: string, argument: Sum, value: Complex | null}} Generator
 */

const floorDivided = (e, by) => {
  const over = Q.divide(e, Q.fraction(by));
  return over.n >= 0n ? over.n / over.d : -((-over.n + over.d - 1n) / over.d);
};
const inverted = (content) => content.map(([g, e]) => [g, Q.negative(e)]);

/** The generators met in one computation, and the arithmetic of sums and quotients in them. */
export class Field {
  constructor() {
    /** @type {Map<string, Generator>} */
    this.generators = new Map([
      ["t", { kind: "t", argument: new Map(), value: null }],
      ["pi", { kind: "pi", argument: new Map(), value: { re: Math.PI, im: 0 } }],
      ["i", { kind: "i", argument: new Map(), value: { re: 0, im: 1 } }],
    ]);
    this.work = 0;
  }

  kind(g) {
    return this.generators.get(g).kind;
  }

  isFixed(g) {
    return this.generators.get(g).value !== null;
  }

  /** @returns {Sum} a + factor b */
  add(a, b, factor = Q.ONE) {
    const out = new Map(a);
    for (const [key, { powers, c }] of b) put(out, key, powers, Q.multiply(factor, c));
    return this.held(out);
  }

  /** @returns {Sum} */
  times(a, b) {
    this.work += a.size * b.size;
    if (this.work > MOST_WORK) throw new Undecided();
    const out = new Map();
    for (const { powers: m, c } of a.values()) {
      for (const { powers: n, c: d } of b.values()) {
        const factor = Q.multiply(c, d);
        for (const [key, own] of this.product1(m, n)) {
          put(out, key, own.powers, Q.multiply(factor, own.c));
        }
      }
    }
    return this.held(out);
  }

  held(terms) {
    if (terms.size > MOST_TERMS) throw new Undecided();
    for (const { c } of terms.values()) {
      if (Math.max(Q.bits(c.n), Q.bits(c.d)) > MOST_BITS) throw new Undecided();
    }
    return terms;
  }

  /** @returns {Sum} a to a whole exponent, 0 or more */
  wholePower(a, exponent) {
    let out = whole(1);
    for (let i = 0; i < exponent; i += 1) out = this.times(out, a);
    return out;
  }

  // of two monomials: i^2 = -1, and squares of roots are gone
  product1(m, n) {
    const powers = new Map(m);
    for (const [g, e] of n) powers.set(g, Q.add(powers.get(g) ?? Q.ZERO, e));
    return this.reduced(powers);
  }

  reduced(powers) {
    let factor = Q.ONE;
    let turns = 0n;
    const kept = [];
    const extra = [];
    for (const [g, e] of powers) {
      if (!e.n) continue;
      const kind = this.kind(g);
      const twice = Q.multiply(e, Q.fraction(2n));
      if (kind === "i") turns += e.n;
      else if (g === HALF_TURN && twice.d === 1n) turns += twice.n;
      else if (kind === "sqrt" && (e.n < 0n || e.n >= 2n * e.d)) {
        const squares = floorDivided(e, 2n);
        const rest = Q.subtract(e, Q.fraction(2n * squares));
        const inside = this.generators.get(g).argument;
        if (isNumber(inside)) {
          factor = Q.multiply(factor, Q.power(numberOf(inside), Number(squares)));
        } else if (squares > 0n) extra.push(this.wholePower(inside, Number(squares)));
        else throw new Undecided();
        if (rest.n) kept.push([g, rest]);
      } else if (kind === "sqrt" && e.d !== 1n) throw new Undecided();
      else kept.push([g, e]);
    }
    turns = ((turns % 4n) + 4n) % 4n;
    if (turns >= 2n) factor = Q.negative(factor);
    if (turns % 2n) kept.push(["i", Q.ONE]);
    let out = term(kept.sort(byName), factor);
    for (const more of extra) out = this.times(out, more);
    return out;
  }

  // quotients ------------------------------------------------------------------------------------

  /** @returns {Quotient} simplified where that is easy */
  quotient(above, below) {
    if (!below.size) throw new Undecided();
    if (!above.size) return { above: new Map(), below: whole(1) };
    if (below.size === 1) {
      const [{ powers, c }] = below.values();
      if (powers.every(([g]) => this.isInvertible(g))) {
        const inverse = scaled(this.reduced(new Map(inverted(powers))), Q.divide(Q.ONE, c));
        return { above: this.times(above, inverse), below: whole(1) };
      }
    }
    const content = this.content(below);
    let [top, low] = [above, below];
    if (content.length) {
      const inverse = term(inverted(content));
      top = this.times(top, inverse);
      low = this.times(low, inverse);
    }
    const c = Q.divide(Q.ONE, low.get(firstOf(low)).c);
    top = scaled(top, c);
    low = scaled(low, c);
    if (top.size === low.size && [...top.keys()].every((key) => low.has(key))) {
      const ratio = top.get(firstOf(low)).c;
      if ([...low].every(([key, own]) => Q.equal(top.get(key).c, Q.multiply(ratio, own.c)))) {
        return { above: number(ratio), below: whole(1) };
      }
    }
    return { above: this.held(top), below: this.held(low) };
  }

  isInvertible(g) {
    const { kind, argument } = this.generators.get(g);
    return kind !== "sqrt" || isNumber(argument);
  }

  /** @returns {Powers} the greatest product of powers of t and real exponentials in all terms */
  content(terms) {
    const shared = new Map();
    for (const { powers } of terms.values()) {
      for (const [g, e] of powers) {
        if (g !== "t" && !this.isRealExponential(g)) continue;
        if (!shared.has(g)) shared.set(g, []);
        shared.get(g).push(e);
      }
    }
    const least = (list) => list.reduce((a, b) => (Q.compare(a, b) <= 0 ? a : b));
    return [...shared]
      .map(([g, es]) => [g, es.length === terms.size ? least(es) : least([...es, Q.ZERO])])
      .filter(([, e]) => e.n)
      .sort(byName);
  }

  isRealExponential(g) {
    const { kind, argument } = this.generators.get(g);
    return kind === "exp" && [...argument.values()].every(({ powers }) =>
      powers.every(([h]) => h !== "i"));
  }

  plus(a, b, factor = 1n) {
    const sign = Q.fraction(factor);
    if (a.below.size === b.below.size && textOf(a.below) === textOf(b.below)) {
      return this.quotient(this.add(a.above, b.above, sign), a.below);
    }
    const left = this.times(a.above, b.below);
    const right = this.times(b.above, a.below);
    return this.quotient(this.add(left, right, sign), this.times(a.below, b.below));
  }

  product(a, b) {
    return this.quotient(this.times(a.above, b.above), this.times(a.below, b.below));
  }

  ratio(a, b) {
    return this.quotient(this.times(a.above, b.below), this.times(a.below, b.above));
  }

  // functions ------------------------------------------------------------------------------------

  isConstant(powers) {
    return powers.every(([g]) => this.isFixed(g));
  }

  isConstantSum(terms) {
    return [...terms.values()].every(({ powers }) => this.isConstant(powers));
  }

  generated(kind, argument) {
    const key = `${kind}${textOf(argument)}`;
    if (!this.generators.has(key)) {
      let value = null;
      if (this.isConstantSum(argument)) {
        value = VALUES[kind](this.value(argument).total);
        if (!value || !Number.isFinite(value.re) || !Number.isFinite(value.im)) {
          throw new Undecided();
        }
      }
      this.generators.set(key, { kind, argument, value });
    }
    return key;
  }

  functionOf(kind, argument) {
    return term([[this.generated(kind, argument), Q.ONE]]);
  }

  /** @returns {Quotient} e^u, for a sum u of monomials in constants and t, and of logarithms */
  exponential(u) {
    if (!isNumber(u.below)) throw new Undecided();
    const below = numberOf(u.below);
    let out = { above: whole(1), below: whole(1) };
    for (const { powers, c: factor } of u.above.values()) {
      const c = Q.divide(factor, below);
      if (powers.length === 1 && this.kind(powers[0][0]) === "log") {
        const [g, e] = powers[0];
        if (!Q.equal(e, Q.ONE) || c.d !== 1n || c.n > 30n || c.n < -30n) throw new Undecided();
        const size = Number(c.n < 0n ? -c.n : c.n);
        const inside = this.wholePower(this.generators.get(g).argument, size);
        const all = { above: inside, below: whole(1) };
        out = c.n > 0n ? this.product(out, all) : this.ratio(out, all);
        continue;
      }
      if (powers.some(([g]) => g !== "t" && !this.isFixed(g))) throw new Undecided();
      const key = this.generated("exp", term(powers));
      out = this.product(out, { above: this.reduced(new Map([[key, c]])), below: whole(1) });
    }
    return out;
  }

  /** @returns {Sum} the logarithm of a positive sum, powers of t and exponentials taken out */
  logarithm(terms) {
    const content = this.content(terms);
    let out = new Map();
    for (const [g, e] of content) {
      const own =
        g === "t" ? this.functionOf("log", term([[g, Q.ONE]])) : this.generators.get(g).argument;
      out = this.add(out, own, e);
    }
    let rest = this.times(terms, term(inverted(content)));
    const c = rest.get(firstOf(rest)).c;
    if (c.n < 0n) throw new Undecided();
    if (!Q.equal(c, Q.ONE)) {
      out = this.add(out, this.functionOf("log", number(c)));
      rest = scaled(rest, Q.divide(Q.ONE, c));
    }
    return isOne(rest) ? out : this.add(out, this.functionOf("log", rest));
  }

  /** @returns {Sum} atan(u) or erf(u) of a sum u, with a positive first coefficient inside */
  oddFunction(kind, u) {
    if (!isNumber(u.below)) throw new Undecided();
    if (!u.above.size) return new Map();
    const inside = scaled(u.above, Q.divide(Q.ONE, numberOf(u.below)));
    if (inside.get(firstOf(inside)).c.n > 0n) return this.functionOf(kind, inside);
    const minus = Q.fraction(-1n);
    return scaled(this.functionOf(kind, scaled(inside, minus)), minus);
  }

  /** @returns {Quotient} the square root of a positive function */
  root(u) {
    const one = whole(1);
    if (!isNumber(u.below)) {
      const top = this.root({ above: u.above, below: one });
      return this.ratio(top, this.root({ above: u.below, below: one }));
    }
    const terms = scaled(u.above, Q.divide(Q.ONE, numberOf(u.below)));
    const content = this.content(terms);
    let rest = this.times(terms, term(inverted(content)));
    const half = Q.fraction(1n, 2n);
    let out = term(content.map(([g, e]) => [g, Q.multiply(e, half)]));
    const c = rest.get(firstOf(rest)).c;
    if (c.n < 0n) throw new Undecided();
    rest = scaled(rest, Q.divide(Q.ONE, c));
    out = this.times(out, this.rootOfNumber(c));
    if (!isOne(rest)) out = this.times(out, this.functionOf("sqrt", rest));
    return { above: out, below: one };
  }

  rootOfNumber(c) {
    let inside = c.n * c.d;
    let outside = Q.fraction(1n, c.d);
    for (let p = 2n; p < 100n; p += 1n) {
      while (inside % (p * p) === 0n) {
        inside /= p * p;
        outside = Q.multiply(outside, Q.fraction(p));
      }
    }
    const root = integerRoot(inside);
    if (root * root === inside) return number(Q.multiply(outside, Q.fraction(root)));
    return scaled(this.functionOf("sqrt", number(Q.fraction(inside))), outside);
  }

  /** @returns {Quotient} u^exponent; u is positive if the exponent is not whole */
  power(u, exponent) {
    if (exponent.d === 1n) {
      const size = Number(exponent.n < 0n ? -exponent.n : exponent.n);
      const above = this.wholePower(u.above, size);
      const below = this.wholePower(u.below, size);
      return exponent.n >= 0n ? this.quotient(above, below) : this.quotient(below, above);
    }
    if (exponent.d === 2n) return this.power(this.root(u), Q.fraction(exponent.n));
    if (isNumber(u.below) && u.above.size === 1) {
      const [{ powers, c }] = u.above.values();
      if (Q.equal(c, numberOf(u.below)) && powers.every(([g]) => g === "t")) {
        const raised = powers.map(([g, e]) => [g, Q.multiply(e, exponent)]);
        return { above: term(raised), below: whole(1) };
      }
    }
    throw new Undecided();
  }

  /** @returns {{total: Complex, scale: number}} a constant's value, and the sizes of its terms */
  value(terms) {
    const total = { re: 0, im: 0 };
    let scale = 0;
    for (const { powers, c } of terms.values()) {
      let own = { re: Q.toNumber(c), im: 0 };
      for (const [g, e] of powers) own = multiplied(own, this.powerOfConstant(g, e));
      total.re += own.re;
      total.im += own.im;
      scale += Math.hypot(own.re, own.im);
    }
    if (!Number.isFinite(scale)) throw new Undecided();
    return { total, scale };
  }

  powerOfConstant(g, e) {
    const { kind, argument, value } = this.generators.get(g);
    if (value === null) throw new Undecided();
    if (kind === "i") return value;
    const exponent = Q.toNumber(e);
    if (kind === "exp") {
      const { re, im } = this.value(argument).total;
      // beyond, float64 has too few digits of it
      if (Math.abs(exponent) * Math.hypot(re, im) > LARGEST_EXPONENT) throw new Undecided();
      return exponential({ re: exponent * re, im: exponent * im });
    }
    const size = Math.hypot(value.re, value.im) ** exponent;
    const angle = Math.atan2(value.im, value.re) * exponent;
    if (!Number.isFinite(size)) throw new Undecided();
    return value.im === 0 && value.re > 0
      ? { re: size, im: 0 }
      : { re: size * Math.cos(angle), im: size * Math.sin(angle) };
  }

  /** @returns {boolean} whether a constant is 0 */
  isZeroConstant(terms) {
    if (isNumber(terms)) return !terms.size;
    const { total, scale } = this.value(terms);
    if (Math.hypot(total.re, total.im) > CLOSE * scale) return false;
    throw new Undecided();
  }

  /** @returns {number} the sign of a real constant */
  signOfConstant(terms) {
    if (this.isZeroConstant(terms)) return 0;
    if (isNumber(terms)) return Q.compare(numberOf(terms), Q.ZERO);
    return this.value(terms).total.re > 0 ? 1 : -1;
  }
}

function integerRoot(n) {
  if (n < 2n) return n;
  let x = 1n << BigInt(Math.ceil(Q.bits(n) / 2)); // not below the root: Newton's steps fall
  for (;;) {
    const next = (x + n / x) / 2n;
    if (next >= x) return x;
    x = next;
  }
}

const HALF_TURN = `exp${textOf(term([["i", Q.ONE], ["pi", Q.ONE]]))}`;
