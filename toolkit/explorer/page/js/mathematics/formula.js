// Formulas in one variable: read into a tree, written in one normal spelling, never run as code.
// The same language as toolkit/pl/activations/formula.py, with the same sentences.

import * as Q from "./fraction.js";

const MOST_CHARACTERS = 300;
const MOST_NODES = 160;
const DEEPEST = 30;
const LARGEST_EXPONENT = 30n;
const DIGITS = 40;

/** The functions, each with the least and the greatest number of arguments. */
export const FUNCTIONS = new Map([
  ["abs", [1, 1]], ["relu", [1, 1]], ["max", [2, 8]], ["min", [2, 8]], ["clip", [3, 3]],
  ["sign", [1, 1]], ["heaviside", [1, 1]], ["exp", [1, 1]], ["expm1", [1, 1]], ["log", [1, 1]],
  ["log1p", [1, 1]], ["sqrt", [1, 1]], ["sin", [1, 1]], ["cos", [1, 1]], ["atan", [1, 1]],
  ["sinh", [1, 1]], ["cosh", [1, 1]], ["tanh", [1, 1]], ["sigmoid", [1, 1]],
  ["softplus", [1, 1]], ["silu", [1, 1]], ["gelu", [1, 1]], ["erf", [1, 1]],
]);
const SAME = new Map([
  ["ln", "log"], ["step", "heaviside"], ["sgn", "sign"], ["arctan", "atan"], ["swish", "silu"],
  ["clamp", "clip"],
]);
const COMPARISONS = ["<", "<=", ">", ">="];
const SIGNS = new Map([
  ["−", "-"], ["·", "*"], ["×", "*"], ["÷", "/"], ["π", "pi"], ["≤", "<="], ["≥", ">="],
]);
const TOKEN = /([0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?)|([a-z][a-z0-9_]*)|(\*\*|<=|>=|[-+*/^(),|<>])/y;

/**
 * @typedef {{kind: string, args: Formula[], value: string}} Formula
 * A node: "number", "constant", "x", "neg", "+", "-", "*", "/", "^", "where" or a function's name.
 */

/** A text that is no formula; its message is one sentence for the reader. */
export class FormulaError extends Error {}

/** @param {Formula} node @returns {boolean} whether x occurs in it */
export const hasVariable = (node) => node.kind === "x" || node.args.some(hasVariable);

/**
 * Return the tree of a formula.
 * @param {string} text
 * @returns {Formula}
 * @throws {FormulaError} naming the character, counted from 1
 */
export function readFormula(text) {
  const length = [...text].length;
  if (length > MOST_CHARACTERS) {
    throw new FormulaError(
      `a formula has at most ${MOST_CHARACTERS} characters, found ${length}`,
    );
  }
  const tree = new Parser(text).read();
  if (!hasVariable(tree)) {
    throw new FormulaError(
      "no formula: the variable x does not occur in it; a constant is written " +
        "polynomial(3), for example",
    );
  }
  return tree;
}

/**
 * Return the number that a tree of digits and operations is.
 * @param {Formula} node
 * @returns {Q.Fraction | null} null with pi, e, x or functions, for 0 below a line, and beyond 400
 *   binary digits
 */
export function rationalValue(node) {
  if (node.kind === "number") return Q.fromDecimal(node.value);
  if (!node.args.length || !STRENGTH.has(node.kind)) return null;
  const known = node.args.map(rationalValue);
  if (known.some((v) => v === null)) return null;
  const value = combined(node.kind, known[0], known.at(-1));
  return value && Math.max(Q.bits(value.n), Q.bits(value.d)) <= 400 ? value : null;
}

function combined(kind, a, b) {
  if (kind === "neg") return Q.negative(a);
  if (kind === "+") return Q.add(a, b);
  if (kind === "-") return Q.subtract(a, b);
  if (kind === "*") return Q.multiply(a, b);
  if (kind === "/") return b.n ? Q.divide(a, b) : null;
  const size = b.n < 0n ? -b.n : b.n;
  const held = b.d === 1n && size <= LARGEST_EXPONENT && (a.n !== 0n || b.n >= 0n);
  return held ? Q.power(a, Number(b.n)) : null;
}

// -- reading --------------------------------------------------------------------------------------

/** Recursive descent; bars are brackets, so a bar closes where an operation could follow. */
class Parser {
  /** @param {string} text */
  constructor(text) {
    this.tokens = tokens(text);
    this.end = [...text].length + 1;
    this.next = 0;
    this.nodes = 0;
    this.depth = 0;
  }

  read() {
    if (!this.tokens.length) throw new FormulaError("no formula: it is empty");
    const tree = this.sum(false);
    if (this.peek()) this.wrong("an operation such as + or *");
    return tree;
  }

  peek() {
    return this.tokens[this.next]?.text ?? "";
  }

  kind() {
    return this.tokens[this.next]?.kind ?? "";
  }

  take() {
    this.next += 1;
    return this.tokens[this.next - 1].text;
  }

  expect(text) {
    if (this.peek() !== text) this.wrong(`"${text}"`);
    this.next += 1;
  }

  wrong(expected) {
    if (!this.peek() && expected.startsWith("a number")) {
      this.fail(`it is incomplete: expected ${expected}, found the end`);
    }
    const found = this.peek() ? `"${this.peek()}"` : "the end";
    this.fail(`expected ${expected}, found ${found}`);
  }

  fail(words) {
    const place = this.tokens[this.next]?.place ?? this.end;
    throw new FormulaError(`no formula: at character ${place}, ${words}`);
  }

  node(kind, args = [], value = "") {
    this.nodes += 1;
    if (this.nodes > MOST_NODES) {
      this.fail(`it has more than ${MOST_NODES} numbers, variables and operations`);
    }
    return { kind, args, value };
  }

  deeper() {
    this.depth += 1;
    if (this.depth > DEEPEST) this.fail(`it is more than ${DEEPEST} brackets and signs deep`);
  }

  sum(inBars) {
    this.deeper();
    let out = this.product(inBars);
    while (this.peek() === "+" || this.peek() === "-") {
      const sign = this.take();
      out = this.node(sign, [out, this.product(inBars)]);
    }
    this.depth -= 1;
    return out;
  }

  product(inBars) {
    let out = this.signed(inBars);
    for (;;) {
      const sign = this.peek();
      if (sign === "*" || sign === "/") {
        this.next += 1;
        out = this.node(sign, [out, this.signed(inBars)]);
      } else if (this.kind() === "word" || sign === "(" || (sign === "|" && !inBars)) {
        out = this.node("*", [out, this.power(inBars)]);
      } else {
        return out;
      }
    }
  }

  signed(inBars) {
    if (this.peek() !== "+" && this.peek() !== "-") return this.power(inBars);
    const sign = this.take();
    this.deeper();
    const inner = this.signed(inBars);
    this.depth -= 1;
    return sign === "+" ? inner : this.node("neg", [inner]);
  }

  power(inBars) {
    const base = this.atom();
    if (this.peek() !== "^" && this.peek() !== "**") return base;
    this.next += 1;
    const start = this.next;
    this.deeper();
    const exponent = this.signed(inBars);
    this.depth -= 1;
    const after = this.next;
    this.next = start;
    this.requirePower(base, exponent);
    this.next = after;
    return this.node("^", [base, exponent]);
  }

  requirePower(base, exponent) {
    if (hasVariable(exponent)) {
      const number = rationalValue(base);
      if (base.kind !== "constant" && !(number && number.n > 0n)) {
        this.fail("an exponent with x needs a positive number, pi or e below it");
      }
      return;
    }
    const number = rationalValue(exponent);
    const limit = LARGEST_EXPONENT;
    if (!number || number.n > limit * number.d || number.n < -limit * number.d) {
      this.fail(`an exponent is a number from ${-limit} to ${limit}, without pi or e`);
    }
  }

  atom() {
    const text = this.peek();
    if (this.kind() === "number") {
      const number = this.number(text);
      this.next += 1;
      return number;
    }
    if (text === "(") {
      this.next += 1;
      const out = this.sum(false);
      this.expect(")");
      return out;
    }
    if (text === "|") {
      this.next += 1;
      const out = this.sum(true);
      this.expect("|");
      return this.node("abs", [out]);
    }
    if (this.kind() !== "word") this.wrong("a number, x or a function");
    return this.word(text);
  }

  number(text) {
    const plain = text.length <= DIGITS ? plainDecimal(text) : null;
    if (plain === null) {
      this.fail(`a number has at most ${DIGITS} digits and is 0 or between 1e-30 and 1e30`);
    }
    return this.node("number", [], plain);
  }

  word(word) {
    if (word === "x" || word === "t") {
      this.next += 1;
      return this.node("x");
    }
    if (word === "pi" || word === "e") {
      this.next += 1;
      return this.node("constant", [], word);
    }
    const name = SAME.get(word) ?? word;
    if (!FUNCTIONS.has(name) && name !== "where") {
      if (word.length === 1) {
        this.fail(`"${word}" has no meaning here: the only variable is x, or t`);
      }
      const all = [...FUNCTIONS.keys()].join(", ");
      this.fail(`"${word.slice(0, 20)}" is no function here: use ${all} or where(x>0, a, b)`);
    }
    this.next += 1;
    if (this.peek() !== "(") {
      this.fail(`${word} needs its argument in brackets, as in ${word}(x)`);
    }
    this.next += 1;
    if (name === "where") return this.where();
    const args = [this.sum(false)];
    while (this.peek() === ",") {
      this.next += 1;
      args.push(this.sum(false));
    }
    if (this.peek() !== ")") this.wrong('")"');
    const [least, greatest] = FUNCTIONS.get(name);
    if (args.length < least || args.length > greatest) {
      const takes = least === greatest ? `${least}` : `${least} to ${greatest}`;
      const plural = takes === "1" ? "" : "s";
      this.fail(`${word} takes ${takes} argument${plural}, found ${args.length}`);
    }
    this.expect(")");
    return this.node(name, args);
  }

  where() {
    const left = this.sum(false);
    if (!COMPARISONS.includes(this.peek())) this.wrong("one of <, <=, >, >=");
    const comparison = this.take();
    const args = [left, this.sum(false)];
    for (let i = 0; i < 2; i += 1) {
      this.expect(",");
      args.push(this.sum(false));
    }
    this.expect(")");
    return this.node("where", args, comparison);
  }
}

/** @param {string} text @returns {{kind: string, text: string, place: number}[]} */
function tokens(text) {
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const out = [];
  let at = 0;
  const place = () => [...text.slice(0, at)].length + 1;
  while (at < text.length) {
    const sign = String.fromCodePoint(text.codePointAt(at));
    if (sign === " " || sign === "\t") {
      at += 1;
      continue;
    }
    if (SIGNS.has(sign)) {
      const plain = SIGNS.get(sign);
      out.push({ kind: plain === "pi" ? "word" : "sign", text: plain, place: place() });
      at += 1;
      continue;
    }
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(lower);
    if (!found) {
      const shown = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(sign)
        ? sign
        : `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
      throw new FormulaError(`no formula: at character ${place()}, "${shown}" has no meaning here`);
    }
    const kind = found[1] !== undefined ? "number" : found[2] !== undefined ? "word" : "sign";
    out.push({ kind, text: found[0], place: place() });
    at = TOKEN.lastIndex;
  }
  return out;
}

/** @param {string} text @returns {string | null} without an exponent; null if out of range */
function plainDecimal(text) {
  const [mantissa, exponent = "0"] = text.split("e");
  const [whole, rest = ""] = mantissa.split(".");
  const digits = whole + rest;
  if (!/[1-9]/.test(digits)) return "0";
  if (exponent.replace(/^[+-]?0*/, "").length > 4) return null;
  const point = whole.length + Number(exponent);
  const leading = digits.search(/[1-9]/);
  const size = point - leading; // 10^(size-1) <= value < 10^size
  const isTenth = /^0*10*$/.test(digits);
  if (size < -29 || size > 31 || (size === 31 && !isTenth)) return null;
  const padded =
    point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const cut = Math.max(point, 1);
  const left = padded.slice(0, cut).replace(/^0+/, "") || "0";
  const right = padded.slice(cut).replace(/0+$/, "");
  return right ? `${left}.${right}` : left;
}

// -- writing --------------------------------------------------------------------------------------

const [SUM, PRODUCT, NEGATIVE, POWER, ATOM] = [1, 2, 3, 4, 5];
const STRENGTH = new Map([
  ["+", SUM], ["-", SUM], ["*", PRODUCT], ["/", PRODUCT], ["neg", NEGATIVE], ["^", POWER],
]);

/**
 * Return a formula in its one normal spelling; reading that gives the same tree.
 * @param {Formula} node
 * @returns {string}
 */
export function formulaText(node) {
  const { kind, args, value } = node;
  if (kind === "number" || kind === "constant") return value;
  if (kind === "x") return "x";
  if (kind === "neg") return `-${bracketed(args[0], POWER)}`;
  if (kind === "^") return `${bracketed(args[0], ATOM)}^${bracketed(args[1], ATOM)}`;
  if (STRENGTH.has(kind)) {
    const own = STRENGTH.get(kind);
    const left = bracketed(args[0], own);
    const right = bracketed(args[1], args[1].kind === "neg" ? POWER : own + 1);
    return own === SUM ? `${left} ${kind} ${right}` : `${left}${kind}${right}`;
  }
  const inside = args.map(formulaText);
  if (kind === "where") {
    return `where(${inside[0]} ${value} ${inside[1]}, ${inside[2]}, ${inside[3]})`;
  }
  return `${kind}(${inside.join(", ")})`;
}

function bracketed(node, least) {
  const text = formulaText(node);
  return (STRENGTH.get(node.kind) ?? ATOM) >= least ? text : `(${text})`;
}
