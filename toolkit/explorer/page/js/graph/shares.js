/** The shares of the energy, where there are any. */
import { shares } from "../mathematics/shares.js";

/**
 * Return the function that gives the share of the energy of f(v), v in the source's part, in the
 * target's.
 * @param {object} record
 * @param {object} module
 * @param {object} activation
 * @param {boolean} bias
 * @returns {{share: ((source: number, target: number) => number)|null, reason: string|null}}
 */
export function shareFunction(record, module, activation, bias) {
  try {
    const { share, row } = shares(record, module, activation, { bias });
    module.contents.forEach((_, i) => row(i)); // says now what it cannot compute
    return { share, reason: null };
  } catch (error) {
    return { share: null, reason: `There are no shares of the energy here: ${error.message}` };
  }
}
