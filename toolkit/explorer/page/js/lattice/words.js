/** What is said of an element of a lattice: in its box, beside the picture, and in the table. */
import { compactInteger } from "../ui/numbers.js";
import { h } from "../ui/dom.js";
import { math } from "../ui/math.js";
import { counted } from "../ui/plural.js";
import { normalLink, simpleLink } from "../ui/links.js";

const MOST_NAMED = 60;

/**
 * Return the lines of a normal subgroup's box and its name for those who do not see it.
 * @param {object} normal  of the record
 */
export function normalContent(normal) {
  return {
    lines: [normal.label, `order ${compactInteger(normal.order)}`],
    words: `${normal.label}, normal subgroup of order ${normal.order}${normal.structure ? `, ${normal.structure}` : ""}`,
  };
}

/**
 * Return the lines of a closed set's box.
 * @param {string[]} labels
 * @param {number} total  number of simples of the module
 */
export function closedContent(labels, total) {
  const text = labels.join(", ");
  const count = labels.length;
  let lines = [String(count), count === total ? "all" : "simples"];
  if (count === 0) lines = ["∅"];
  else if (count <= 2) lines = labels;
  return { lines, words: `closed set {${text}}`, isPair: count === 2 };
}

/**
 * Return the text about a normal subgroup.
 * @param {object} app
 * @param {object} normal
 * @param {{labels: string[], isClosed: boolean|null, back: object|null}} galois  the simples over
 *   it, whether they are a closed set, and the normal subgroup that comes back
 */
export function aboutNormal(app, normal, { labels, isClosed, back }) {
  const { structure, quotient, order, index, label } = normal;
  return [
    h("h2", null, label),
    h("p", null, `Normal subgroup of order ${order}${structure ? ` (${structure})` : ""}, index ${index}${quotient ? `; the quotient is ${quotient}` : ""}.`),
    h("p", null, math(`{K : ${label} ≤ ker K}`), " = ", setOf(app, labels), "."),
    h("p", null, closedWords(isClosed)),
    back && back.label !== label
      ? h("p", null, "Back: the intersection of their kernels is ", normalLink(app, back.label), `, of order ${back.order}: larger, because the module has no other simples.`)
      : h("p", null, "Back: the intersection of their kernels is the same subgroup."),
  ];
}

function closedWords(isClosed) {
  if (isClosed === null) return "";
  return isClosed
    ? "These simples are a closed set: nothing else occurs in f(v)."
    : "These simples are not a closed set; the line leads to the least closed set around them.";
}

/**
 * Return the text about a closed set.
 * @param {object} app
 * @param {string[]} labels
 * @param {{normal: object|null, over: string[]}} galois  the intersection of the kernels, and all
 *   simples over it
 */
export function aboutClosed(app, labels, { normal, over }) {
  const isSame = normal !== null && over.length === labels.length;
  return [
    h("h2", null, "Closed set"),
    h("p", null, setOf(app, labels), "."),
    h("p", null, "A network on this module that starts in it stays in it."),
    normal
      ? h(
          "p",
          null,
          "The intersection of the kernels is ",
          normalLink(app, normal.label),
          isSame ? ", and these are all simples of the module over it." : `; there are ${over.length} simples over it, so this set does not come from a normal subgroup.`,
        )
      : null,
    h("p", null, h("a", { href: app.href({ view: "graph", set: labels.join(","), step: null }) }, "This set in the interaction graph")),
  ];
}

/**
 * Return what is said when nothing is pointed at.
 * @param {{normal: number, closed: number|null, isBijective: boolean|null}} counts
 */
export function aboutBoth({ normal, closed, isBijective }) {
  const counts = `${counted(normal, "normal subgroup")}, ${counted(closed ?? 0, "non-empty closed set")}`;
  return [
    h("h2", null, "Normal subgroups and closed sets"),
    h("p", null, math("N ↦ {K : N ≤ ker K}"), " and ", math("A ↦ ⋂_{K∈A} ker K"), " reverse inclusion: a Galois connection. Point at an element to see where it goes, and what comes back."),
    h("p", null, "A set of simples is closed if nothing outside it occurs in ", math("f(v)"), " for v in its part of the module."),
    isBijective === null
      ? null
      : h(
          "p",
          null,
          isBijective
            ? `Here it is one to one: ${counts}.`
            : `Here it is not one to one: ${counts}.`,
        ),
  ];
}

/** Return a set of simples with links; a long one is cut. */
export function setOf(app, labels) {
  const shown = labels.slice(0, MOST_NAMED);
  const links = shown.flatMap((label, i) => [i ? ", " : null, simpleLink(app, label)]);
  const rest = labels.length > shown.length ? `, and ${labels.length - shown.length} others` : "";
  return h("span", { class: "simple-set" }, labels.length ? ["{", links, `${rest}}`] : "∅");
}
