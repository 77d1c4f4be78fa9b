/**
 * What an address says that means nothing: one sentence for each such part, for all views.
 *
 * A view declares in `keys` which parts of the address it reads and how each is checked. A check
 * gets the text and the app; it returns null, or what was found and what is shown instead.
 */

import { oneOf } from "./checks.js";
import { VIEWS } from "./views/registry.js";

/**
 * @typedef {(text: string, app: object) => [found: string, shown: string]|null} Check
 */

/** The keys of all views: what is none of them means nothing anywhere. */
export const VIEW_KEYS = Object.freeze([
  "amp", "bars", "between", "class", "columns", "copy", "depth", "find", "k", "n", "open", "order",
  "page", "phase", "picture", "plane", "plot", "reduced", "section", "set", "shade", "sort",
  "source", "step", "table", "target", "threshold", "to", "unit", "v", "weight",
]);

const LONGEST = 40;

/** @type {Record<string, Check|null>} checked in every view; null: said elsewhere. */
const COMMON = {
  group: null,
  module: null,
  f: null,
  view: oneOf(VIEWS.map((one) => one.id), "shown is the page of the group"),
  bias: oneOf(["0", "1"], "shown is the map without a bias"),
  simple: selected("simple", (app) => [
    ...(app.record.simples ?? []).map((one) => one.label),
    ...(app.module?.contents ?? []).map((one) => one.label),
  ]),
  normal: selected("normal subgroup", (app) => (app.record.normal ?? []).map((one) => one.label)),
};

/**
 * The sentences about an address.
 * @param {object} app
 * @param {import("./app.js").View|undefined} view the one that is shown
 * @returns {string[]}
 */
export function oddities(app, view) {
  const own = view?.keys ?? {};
  const out = [];
  for (const [key, text] of Object.entries(app.state)) {
    const check = own[key] ?? COMMON[key];
    if (check) {
      const found = check(text, app);
      if (found) out.push(`${key}=${shortened(text)} in the address: ${found[0]}; ${found[1]}.`);
    } else if (!(key in own) && !(key in COMMON) && !VIEW_KEYS.includes(key)) {
      out.push(`${shortened(key)}=${shortened(text)} in the address means nothing here.`);
    }
  }
  return out;
}

function selected(what, labelsOf) {
  return (text, app) => {
    if (!app.record || labelsOf(app).includes(text)) return null;
    return [`${app.record.title} has no ${what} of this name`, "none is selected"];
  };
}

function shortened(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
