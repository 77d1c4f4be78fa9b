/** Counts in words. */

import { compactInteger } from "./numbers.js";

/**
 * A number and what it counts: "1 point", "4 points", "3 classes".
 * @param {number|string} count beyond 10^7 it is rounded, with a sign that says so
 * @param {string} one the word for one
 * @param {string} [many] the word for more, where it is not the word for one with an s
 * @returns {string}
 */
export function counted(count, one, many = `${one}s`) {
  return `${compactInteger(count)} ${Number(count) === 1 ? one : many}`;
}

/**
 * A module in a list: its title, the size of what its functions are on, and the subgroup.
 * @param {object} module
 * @returns {string}
 */
export function moduleWords(module) {
  const structure = module.subgroup?.structure;
  const points = counted(module.degree, "point");
  const title = module.title === `${module.degree} points` ? "natural module" : module.title;
  return `${title}, ${points}${structure && module.id !== "regular" ? `, H = ${structure}` : ""}`;
}
