// The parity parts of a formula: exactly where theorems decide, otherwise measured.

import { exactFacts } from "./exact_parts.js";
import { FormulaError, formulaText } from "./formula.js";
import { general } from "./numbers.js";
import { measuredParts } from "./measured_parts.js";

const FAR = Array.from({ length: 40 }, (_, i) => 10 ** (i + 1));
const PROBES = [0, ...Array.from({ length: 321 }, (_, i) => -8 + (i * 16) / 320), 1e-3, -1e-3];

/**
 * Return what is known of the parts of a formula.
 * @param {import("./formula.js").Formula} tree
 * @param {(x: number) => number} evaluate its values
 * @returns {import("./exact_parts.js").Facts & {partsAre: "exact" | "measured"}}
 * @throws {FormulaError} if it is not finite on [-8, 8], is 0 but for isolated points at most, or
 *   cannot be told from 0
 */
export function partsOfFormula(tree, evaluate) {
  const name = formulaText(tree);
  const bad = PROBES.find((x) => !Number.isFinite(evaluate(x)));
  if (bad !== undefined) {
    throw new FormulaError(
      `the formula ${name.slice(0, 60)} has no finite value at x = ${general(bad)}: an ` +
        "activation is defined for all real numbers",
    );
  }
  const exact = exactFacts(tree);
  const measured = exact ? null : measuredParts(evaluate);
  if (!exact && !measured) throw new FormulaError(`${name} is not finite on [-8, 8]`);
  const found = exact ?? { ...measured, kinks: [], pieces: null };
  requireNotZero(name, found, exact !== null, evaluate);
  return { ...found, partsAre: exact ? "exact" : "measured" };
}

/** Throw if a formula is 0, or its values are: a fact only where it is proved. */
function requireNotZero(name, { even, odd, kinks, mayJump }, isProved, evaluate) {
  const short = name.slice(0, 60);
  const vanishes = [even, odd].every((p) => p.rest === "none" && !p.terms.length);
  if (vanishes && isProved) {
    const where = mayJump ? "except at isolated points at most" : "everywhere";
    throw new FormulaError(`the formula ${short} is 0 ${where}`);
  }
  const beyond = [...FAR, ...kinks.map((kink) => 2 * Math.abs(kink) + 1)];
  const tried = [...PROBES, ...beyond, ...beyond.map((x) => -x)];
  if (vanishes || tried.every((x) => evaluate(x) === 0)) {
    throw new FormulaError(
      `the formula ${short} cannot be told from 0: its values in float64 vanish, up to rounding, ` +
        "wherever they were tried",
    );
  }
}
