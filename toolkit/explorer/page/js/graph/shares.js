/** The shares of the energy, where there are any. */

/**
 * Return the function that gives the share of the energy of f(v), v in the source's part, in the
 * target's.
 * @param {object} record
 * @param {object} module
 * @param {object} activation
 * @param {boolean} bias
 * @returns {Promise<{share: ((source: number, target: number) => number)|null, reason: string|null}>}
 */
export async function shareFunction(record, module, activation, bias) {
  try {
    const { transferMatrix } = await import("../mathematics/shares.js");
    const rows = transferMatrix(module, record, activation, { bias });
    return { share: (source, target) => rows[source][target], reason: null };
  } catch (error) {
    return { share: null, reason: `There are no shares of the energy here: ${error.message}` };
  }
}
