// The parity parts of a formula: exactly where theorems decide, otherwise measured.

import { exactFacts } from "./exact_parts.js";
import { FormulaError, formulaText } from "./formula.js";
import { general } from "./numbers.js";
import { measuredParts } from "./measured_parts.js";

const PROBES = [0, ...Array.from({ length: 321 }, (_, i) => -8 + (i * 16) / 320), 1e-3, -1e-3];

/**
 * Return what is known of the parts of a formula.
 * @param {import("./formula.js").Formula} tree
 * @param {(x: number) => number} evaluate its values
 * @returns {import("./exact_parts.js").Facts & {partsAre: "exact" | "measured"}}
 * @throws {FormulaError} if it is not finite on [-8, 8], or is 0 everywhere
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
  if ([found.even, found.odd].every((p) => p.rest === "none" && !p.terms.length)) {
    throw new FormulaError(`the formula ${name.slice(0, 60)} is 0 everywhere`);
  }
  return { ...found, partsAre: exact ? "exact" : "measured" };
}
