// From a text to an activation: a name, or a formula in x.

import * as closed from "./closed_duals.js";
import { ACTIVATIONS, POLYNOMIAL, part } from "./activation_rows.js";
import { FormulaError, formulaText, readFormula } from "./formula.js";
import { dualOf } from "./dual.js";
import { partsOfFormula } from "./parity.js";
import { functionOf } from "./formula_values.js";
import { readFloat, short } from "./numbers.js";

/** Each named activation as a formula with its default numbers. */
export const FORMULAS = {
  relu: "max(x, 0)",
  abs: "|x|",
  leaky_relu: "max(x, 0.01x)",
  prelu: "max(x, 0.25x)",
  gelu: "x(1 + erf(x/sqrt(2)))/2",
  gelu_tanh: "x(1 + tanh(sqrt(2/pi)(x + 0.044715x^3)))/2",
  silu: "x/(1 + exp(-x))",
  softplus: "log(1 + exp(x))",
  logsigmoid: "-log(1 + exp(-x))",
  elu: "where(x > 0, x, exp(x) - 1)",
  celu: "max(x, 0) + min(exp(x) - 1, 0)",
  selu: "1.0507009873554805 where(x > 0, x, 1.6732632423543772(exp(x) - 1))",
  mish: "x tanh(log(1 + exp(x)))",
  tanh: "tanh(x)",
  hardtanh: "clip(x, -1, 1)",
  erf: "erf(x)",
  sin: "sin(x)",
  cos: "cos(x)",
  softshrink: "x - clip(x, -0.5, 0.5)",
  hardshrink: "where(|x| > 0.5, x, 0)",
  sigmoid: "1/(1 + exp(-x))",
  hardsigmoid: "clip(x + 3, 0, 6)/6",
  hardswish: "x clip(x + 3, 0, 6)/6",
  softsign: "x/(1 + |x|)",
  tanhshrink: "x - tanh(x)",
  relu6: "clip(x, 0, 6)",
  relu_squared: "max(x, 0)^2",
  relu_power: "max(x, 0)^3",
  square: "x^2",
  cube: "x^3",
  power: "x^2",
  identity: "x",
  sign: "sign(x)",
  heaviside: "heaviside(x)",
};

/** The names that a user may choose from, each with its formula. */
export const NAMES = [...ACTIVATIONS.keys()].map((name) => [name, FORMULAS[name]]);

/** The names in groups for a list: [title, [[name, formula], ...]]. */
export const FAMILIES = [
  ["Piecewise linear", "piecewise linear"],
  ["Smooth gates", "smooth gates"],
  ["Odd", "odd"],
  ["Even", "even"],
  ["Steps", "steps"],
  ["Powers", "powers"],
].map(([title, family]) => [
  title,
  NAMES.filter(([name]) => ACTIVATIONS.get(name).family === family),
]);

/**
 * @typedef {import("./activation_rows.js").Part} Part
 * @typedef {object} Activation
 * @property {string} name        as Python prints it
 * @property {string} text        what was read
 * @property {string} words       the parity parts in words
 * @property {string} even        "zero", "constant", "polynomial" or "non-polynomial"
 * @property {string} odd         "zero", "linear", "polynomial" or "non-polynomial"
 * @property {number[]} degrees   of the parts that are polynomials, coefficients not 0
 * @property {number[]} coefficients  of these degrees
 * @property {"exact"|"measured"} partsAre
 * @property {boolean} exact      partsAre is "exact"
 * @property {{even: Part, odd: Part}} parts
 * @property {number[]} kinks     where f is not analytic
 * @property {{kinks: number[], slopes: number[], intercepts: number[]} | null} pieces
 * @property {number | null} homogeneous  the d with f(st) = s^d f(t) for s > 0
 * @property {boolean} named      whether it is one of the names
 * @property {(x: number) => number} evaluate
 * @property {(t: number) => number} dual       kappa(t) at variance 1
 * @property {(t: number) => number} dualRatio  kappa(t)/kappa(1)
 * @property {string | null} error  a sentence where the text is no activation
 */

const kept = new Map();

/**
 * Return the activation that a text gives; the same object for the same text.
 * @param {string} text a name such as "relu" or "leaky_relu(0.1)", or a formula in x
 * @returns {Activation} with `error` set, and the functions of relu, if it is neither
 */
export function readActivation(text) {
  const key = String(text ?? "");
  if (!kept.has(key)) {
    if (kept.size > 200) kept.clear();
    kept.set(key, read(key));
  }
  return kept.get(key);
}

/** The hook of the page's shell: see readActivation. */
export const activation = (text) => readActivation(text);

function read(text) {
  try {
    return { ...found(text), text, error: null };
  } catch (error) {
    return { ...found("relu"), name: text, text, error: sentenceOf(error, text) };
  }
}

function sentenceOf(error, text) {
  if (error instanceof FormulaError) return error.message;
  console.error(error);
  return (
    `the formula ${text.slice(0, 60)} cannot be judged (${error?.name ?? "an error"} inside the ` +
    "toolkit, please report it)"
  );
}

function found(text) {
  const named = readName(text);
  return named ? ofRow(named) : ofFormula(readFormula(text));
}

// -- names ----------------------------------------------------------------------------------------

/**
 * Return the row that a name means, with its numbers.
 * @param {string} text
 * @returns {{title: string, row: import("./activation_rows.js").Row, numbers: number[]} | null}
 *   null for a text that may be a formula
 * @throws {FormulaError} for a name with wrong numbers, and a text that looks like a wrong name
 */
export function readName(text) {
  let name = text.trim().toLowerCase().replaceAll(" ", "");
  if (!text.includes("(")) name = name.replace("-", "_");
  const power = /^[tx](?:\^|\*\*)(\d+)$/.exec(name);
  if (power) {
    if (power[1].length > 3) {
      const shown = text.trim().slice(0, 20);
      throw new FormulaError(`${shown} has too high a degree: powers go up to 30`);
    }
    name = `power(${power[1]})`;
  }
  const open = name.indexOf("(");
  const head = (open < 0 ? name : name.slice(0, open)).replaceAll("-", "_");
  const rest = open < 0 ? "" : name.slice(open + 1);
  const row = rowOf(head);
  if (row && (open < 0 || rest.endsWith(")"))) {
    const numbers = open < 0 ? [] : rest.slice(0, -1).split(",").map(readFloat);
    if (numbers.every(Number.isFinite)) return withNumbers(row, numbers);
  }
  if (row && /^\([tx]\)$/.test(name.slice(open)) && open > 0 && row !== POLYNOMIAL) {
    return withNumbers(row, []);
  }
  if (looksLikeFormula(text)) return null;
  const close = nearest(head);
  throw new FormulaError(
    `no activation is called '${text.slice(0, 40)}'${close ? ` (did you mean ${close}?)` : ""}: ` +
      "use a name of the list, leaky_relu(slope), t^3, polynomial(c0,c1,...), or a formula in x " +
      "such as max(x,0) + x^2/10",
  );
}

const looksLikeFormula = (text) =>
  /(^|[^a-z_])[xt]($|[^a-z_])/i.test(text) || /[+*/^|]|^[ ]*-?[0-9.]+[ ]*$/.test(text);

function rowOf(head) {
  if (ACTIVATIONS.has(head)) return ACTIVATIONS.get(head);
  const rows = [...ACTIVATIONS.values(), POLYNOMIAL];
  return rows.find((row) => row.name === head || row.aliases?.includes(head)) ?? null;
}

function withNumbers(row, given) {
  const parameters = row.parameters ?? [];
  if (row !== POLYNOMIAL && given.length > parameters.length) {
    const takes = parameters.map(([name]) => name).join(", ") || "no numbers";
    throw new FormulaError(`${row.name} takes ${takes}, found ${given.length} numbers`);
  }
  const numbers =
    row === POLYNOMIAL ? given : [...given, ...parameters.slice(given.length).map(([, v]) => v)];
  const title = row.name + (given.length ? `(${given.map(short).join(",")})` : "");
  const other = row.sameAs?.find(([values]) => String(values) === String(numbers))?.[1];
  if (other) {
    const same = ACTIVATIONS.get(other);
    return { title, row: same, numbers: (same.parameters ?? []).map(([, v]) => v) };
  }
  const wrong = row.check?.(...numbers);
  if (wrong) throw new FormulaError(wrong);
  return { title: row.title ? row.title(...numbers) : title, row, numbers };
}

/** Return the name within two letters of a wrong one, or "". */
function nearest(head) {
  let best = ["", 3];
  for (const row of [...ACTIVATIONS.values(), POLYNOMIAL]) {
    for (const name of [row.name, ...(row.aliases ?? [])]) {
      const far = distance(head, name);
      if (far < best[1] && far < name.length / 2) best = [row.name, far];
    }
  }
  return best[0];
}

/** Return how many letters must be changed, put in or left out, neighbours exchanged counting 1. */
function distance(a, b) {
  const rows = [[...Array(b.length + 1).keys()]];
  for (let i = 1; i <= a.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + !same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2][j - 2] + 1);
      }
      rows[i].push(least);
    }
  }
  return rows[a.length][b.length];
}

// -- activations ----------------------------------------------------------------------------------

function ofRow({ title, row, numbers }) {
  if (row.homogeneous) return ofTwoNumbers(title, ...row.homogeneous(...numbers));
  if (row.coefficients) return ofPolynomial(title, row.coefficients(...numbers));
  const [even, odd] = row.parts(...numbers);
  const kinks = row.kinks?.(...numbers) ?? [];
  const pieces = row.pieces?.(...numbers);
  return made({
    name: title,
    parts: { even, odd },
    kinks: [...new Set(kinks)].sort((a, b) => a - b),
    pieces: pieces ? { kinks, slopes: pieces[0], intercepts: pieces[1] } : null,
    evaluate: row.evaluate(...numbers),
    closed: row.dual ?? null,
  });
}

function ofTwoNumbers(name, a, b, more = {}) {
  return made({
    name,
    parts: {
      even: a ? part([], "homogeneous", 1) : part(),
      odd: b ? part([[1, b]]) : part(),
    },
    kinks: a ? [0] : [],
    pieces: a
      ? { kinks: [0], slopes: [b - a, a + b], intercepts: [0, 0] }
      : { kinks: [], slopes: [b], intercepts: [0] },
    evaluate: (t) => a * Math.abs(t) + b * t,
    closed: closed.homogeneous(a, b),
    ...more,
  });
}

function ofPolynomial(name, coefficients, more = {}) {
  const terms = coefficients.map((c, d) => [d, c]).filter(([, c]) => c !== 0);
  const affine = terms.every(([d]) => d <= 1);
  return made({
    name,
    parts: {
      even: part(terms.filter(([d]) => d % 2 === 0)),
      odd: part(terms.filter(([d]) => d % 2 === 1)),
    },
    kinks: [],
    pieces: affine
      ? { kinks: [], slopes: [coefficients[1] ?? 0], intercepts: [coefficients[0] ?? 0] }
      : null,
    evaluate: (t) => coefficients.reduceRight((sum, c) => sum * t + c, 0),
    closed: closed.series(closed.hermiteEnergies(coefficients)),
    ...more,
  });
}

function ofFormula(tree) {
  const name = formulaText(tree);
  const evaluate = functionOf(tree);
  const facts = partsOfFormula(tree, evaluate);
  const more = { evaluate, partsAre: facts.partsAre, named: false };
  const { even, odd } = facts;
  const polynomial = even.rest === "none" && odd.rest === "none";
  if (polynomial) {
    const terms = new Map([...even.terms, ...odd.terms]);
    const degree = Math.max(...terms.keys());
    const coefficients = Array.from({ length: degree + 1 }, (_, d) => terms.get(d) ?? 0);
    return ofPolynomial(name, coefficients, more);
  }
  const shape = { name, parts: { even, odd }, kinks: facts.kinks, pieces: facts.pieces };
  const isHomogeneous = homogeneousDegree(shape.parts) === 1;
  const kappa = isHomogeneous
    ? closed.homogeneous((evaluate(1) + evaluate(-1)) / 2, (evaluate(1) - evaluate(-1)) / 2)
    : null;
  return made({ ...shape, closed: kappa, ...more });
}

function made({ name, parts, kinks, pieces, evaluate, closed: kappa, partsAre, named }) {
  const terms = [parts.even, parts.odd]
    .filter((p) => p.rest === "none")
    .flatMap((p) => p.terms)
    .sort((p, q) => p[0] - q[0]);
  const dual = dualOf(evaluate, kinks, kappa);
  let atOne = null;
  return {
    name,
    words: `even part ${partWords(parts.even)}; odd part ${partWords(parts.odd)}`,
    even: partKind(parts.even),
    odd: partKind(parts.odd),
    degrees: terms.map(([d]) => d),
    coefficients: terms.map(([, c]) => c),
    partsAre: partsAre ?? "exact",
    exact: (partsAre ?? "exact") === "exact",
    parts,
    kinks,
    pieces,
    homogeneous: homogeneousDegree(parts),
    named: named ?? true,
    evaluate,
    dual,
    dualRatio: (t) => {
      atOne ??= dual(1);
      return dual(t) / atOne;
    },
  };
}

/** @param {Part} p @returns {string} its kind in one word */
function partKind(p) {
  if (p.rest !== "none") return "non-polynomial";
  if (!p.terms.length) return "zero";
  if (p.terms.length === 1 && p.terms[0][0] <= 1) return p.terms[0][0] ? "linear" : "constant";
  return "polynomial";
}

/** @param {Part} p @returns {string} the words that Python prints for it */
export function partWords(p) {
  if (p.rest === "none" && !p.terms.length) return "zero";
  const degrees = p.terms.map(([d]) => ["constant", "linear"][d] ?? `degree ${d}`);
  if (p.rest === "homogeneous") {
    degrees.push(`homogeneous of degree ${p.degree}, not a polynomial`);
  } else if (p.rest !== "none") {
    return "not a polynomial";
  }
  return degrees.join(" + ");
}

function homogeneousDegree({ even, odd }) {
  const degrees = new Set();
  for (const p of [even, odd]) {
    if (p.rest === "none" && !p.terms.length) continue;
    const own = new Set(p.terms.map(([d]) => d));
    if (p.rest === "homogeneous") own.add(p.degree);
    else if (p.rest !== "none") return null;
    if (own.size !== 1) return null;
    own.forEach((d) => degrees.add(d));
  }
  return degrees.size === 1 ? [...degrees][0] : null;
}
