/** The activations by name: a first few, until the language of formulas stands here. */

const NAMED = {
  relu: ["max(0, x)", (x) => Math.max(0, x), "non-polynomial", "linear"],
  abs: ["|x|", (x) => Math.abs(x), "non-polynomial", "zero"],
  tanh: ["tanh(x)", (x) => Math.tanh(x), "zero", "non-polynomial"],
};

/** The names that a user may choose from, with words. */
export const NAMES = Object.entries(NAMED).map(([name, [words]]) => [name, words]);

/**
 * Reads the name or the formula of an activation.
 * @param {string} text
 * @returns {object|Promise<object>} the activation; `error` is a sentence where it is not one
 */
export function activation(text) {
  if (!Object.hasOwn(NAMED, text)) {
    return { name: text, error: `No activation is called ${text}.`, even: "zero", odd: "zero",
      degrees: [], words: "", evaluate: () => NaN, exact: false, kinks: [] };
  }
  const [words, evaluate, even, odd] = NAMED[text];
  return { name: text, words, even, odd, degrees: [], evaluate, exact: true, kinks: [0], error: null };
}
