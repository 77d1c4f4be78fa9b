/** What is chosen, in a few words, with the ways to the other views. */

import { h } from "../ui/dom.js";
import { normalLink, simpleLink } from "../ui/links.js";
import { counted } from "../ui/plural.js";

const TYPES = { R: "real", C: "complex", H: "quaternionic" };

/**
 * The cards of the chosen simple, normal subgroup and module.
 * @param {object} app
 * @returns {HTMLElement[]}
 */
export function cards(app) {
  return [simpleCard(app), normalCard(app), moduleCard(app)].filter((one) => one !== null);
}

function simpleCard(app) {
  const simple = app.record.simples?.find((one) => one.label === app.state.simple);
  if (!simple) return null;
  const label = simple.label;
  return card(app, `Simple ${label}`, [
    h("p", null, `${TYPES[simple.type]} type, dimension ${simple.dimension}; kernel `,
      simple.kernel ? normalLink(app, simple.kernel) : "", ` of order ${simple.kernel_order}.`),
  ], [
    [{ view: "graph" }, `What ${label} reaches`],
    [{ view: "map", source: label }, `Maps from ${label}`],
    [{ view: "lattice" }, "Its kernel in the lattice"],
  ]);
}

function normalCard(app) {
  const normal = app.record.normal?.find((one) => one.label === app.state.normal);
  if (!normal) return null;
  const above = app.record.simples.filter((one) => one.kernel
    && includes(app.record.normal, one.kernel, normal));
  const shown = above.slice(0, 12);
  return card(app, `Normal subgroup ${normal.label}`, [
    h("p", null, `Order ${normal.order}, index ${normal.index}${normal.structure ? `, ${normal.structure}` : ""}. Acts trivially on `,
      shown.map((one, i) => [i > 0 ? ", " : null, simpleLink(app, one.label)]),
      above.length > shown.length ? ` and ${above.length - shown.length} more` : "",
      ": a set of simples that no activation leaves."),
  ], [[{ view: "lattice" }, "In the lattice"]]);
}

/** Whether the normal subgroup called label contains another: by the classes of elements. */
function includes(all, label, other) {
  const big = new Set(all.find((one) => one.label === label)?.classes ?? []);
  return other.classes.every((one) => big.has(one));
}

function moduleCard(app) {
  const module = app.module;
  if (!module || app.state.module === undefined) return null;
  return card(app, module.title, [
    h("p", null, `${counted(module.degree, "point")}, rank ${module.rank ?? "not known"}.`),
  ], [
    [{ view: "graph" }, "Its interaction graph"],
    [{ view: "layer" }, "Its layers and basis"],
  ]);
}

function card(app, title, words, ways) {
  return h("section", { class: "panel group-card", "aria-label": title }, h("h2", null, title), words,
    h("ul", null, ways.map(([patch, text]) => h("li", null, h("a", { href: app.href(patch) }, text)))));
}
