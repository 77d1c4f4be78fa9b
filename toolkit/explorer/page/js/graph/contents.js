/** What stands in a box of the picture, and how much room it takes. */

import { compactInteger } from "../ui/numbers.js";

/**
 * Return the lines of a box: a heading, and what its simples have in common.
 * @param {import("./plan.js").Box} box
 * @param {object} model  see {@link import("./model.js").graphModel}
 * @returns {string[]}  two or three
 */
export function boxLines(box, model) {
  const { members } = box;
  if (members.length === 1) {
    const [i] = members;
    const { paper_index: k } = model.simples[i];
    const lines = [model.labels[i], aboutWords(model, members)];
    return k === null || k === undefined ? lines : [...lines, `k=${k}`];
  }
  const heading =
    members.length <= 3
      ? members.map((i) => model.labels[i]).join(", ")
      : `${members.length} simples`;
  return [heading, aboutWords(model, members), mutualWords(box)];
}

/** Return dimension, type and multiplicity of some simples: "dim 2 · C ×3". */
function aboutWords(model, members) {
  const some = (values) => {
    const all = [...new Set(values)];
    return all.length <= 3 ? all.join(", ") : `${all.slice(0, 2).join(", ")}, ...`;
  };
  const dimensions = some(members.map((i) => compactInteger(model.simples[i].dimension)));
  const types = some(members.map((i) => model.simples[i].type));
  const times = some(members.map((i) => compactInteger(model.module.contents[i].multiplicity)));
  return `dim ${dimensions} · ${types}${times === "1" ? "" : ` ×${times}`}`;
}

/**
 * Return how the simples of a box interact, in words.
 * @param {import("./plan.js").Box} box
 * @returns {string}
 */
export function mutualWords(box) {
  if (box.mutual) return box.loop === null ? "all with all others" : "all with all";
  if (box.loop === null) return "no edges inside";
  return box.loop === "linear" ? "each to itself (linear)" : "each to itself";
}

/**
 * Return width and height of a box.
 * @param {string[]} lines
 * @returns {[number, number]}
 */
export function boxSize(lines) {
  const [heading, ...rest] = lines;
  const longest = Math.max(8.8 * heading.length, ...rest.map((line) => 5.6 * line.length));
  return [Math.max(58, Math.round(longest + 20)), lines.length > 2 ? 54 : 40];
}
