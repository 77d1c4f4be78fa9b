/** Checks of parts of the address: null, or what was found and what is shown instead. */

/** @typedef {import("./address.js").Check} Check */

/**
 * One of some words.
 * @param {readonly string[]} words
 * @param {string} shown what is shown instead
 * @returns {Check}
 */
export function oneOf(words, shown) {
  return (text) => (words.includes(text) ? null : [`it is one of ${words.join(", ")}`, shown]);
}

/**
 * A number between bounds.
 * @param {number} least
 * @param {number} most
 * @param {string} shown
 * @param {{whole?: boolean}} [options]
 * @returns {Check}
 */
export function between(least, most, shown, { whole = false } = {}) {
  return (text) => {
    const x = Number(text);
    if (Number.isFinite(x) && x >= least && x <= most && (!whole || Number.isInteger(x))) return null;
    const bounds = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
    return [`it is a ${whole ? "whole " : ""}number ${bounds}`, shown];
  };
}

/**
 * The label of a simple that occurs in the module.
 * @param {string|((app: object) => string)} shown
 * @returns {Check}
 */
export function simpleOfModule(shown) {
  return (text, app) => {
    if (!app.module || labelsOf(app).has(text)) return null;
    const words = typeof shown === "string" ? shown : shown(app);
    return [`${app.module.title} of ${app.record.title} has no simple of this name`, words];
  };
}

/**
 * Labels of simples that occur in the module, with commas between them.
 * @param {string} shown
 * @param {string[]} [others] other texts that mean something
 * @returns {Check}
 */
export function simplesOfModule(shown, others = []) {
  return (text, app) => {
    if (!app.module || others.includes(text)) return null;
    const labels = labelsOf(app);
    const unknown = text.split(",").filter((label) => !labels.has(label));
    if (!unknown.length) return null;
    const named = unknown.slice(0, 3).join(", ") || "nothing";
    return [`${app.module.title} of ${app.record.title} has no simple ${named}`, shown];
  };
}

function labelsOf({ record, module }) {
  return new Set(module.contents.map((one) => one.label ?? record.simples?.[one.simple]?.label));
}
