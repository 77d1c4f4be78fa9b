/** The panel beside the picture: why an edge is there, or what a simple reaches. */
import { select } from "../ui/controls.js";
import { h, replace } from "../ui/dom.js";
import { hoverLinks, markLinks } from "../ui/links.js";
import { math } from "../ui/math.js";
import { counted } from "../ui/plural.js";
import { decisionOn, explain, partsWord } from "./explain.js";
import { TYPES } from "./marks.js";
import { plainReason } from "./reason.js";

const MOST_LISTED = 24;
const MOST_TERMS = 8;

/**
 * Make the panel.
 * @param {object} app
 * @param {{onPair: (source: string|null, target: string|null) => void,
 *   onPeek: (pair: [number, number]|null) => void}} actions
 */
export function edgePanel(app, { onPair, onPeek }) {
  const source = select({ label: "From", options: [], onChange: (l) => onPair(l || null, target.value || null) });
  const target = select({ label: "to", options: [], onChange: (k) => onPair(source.value || null, k || null) });
  const content = h("div", { class: "edge-words" });
  const element = h(
    "section",
    { class: "panel graph-panel", "aria-label": "Why there is an edge, or none" },
    h("div", { class: "graph-pair" }, source.element, target.element),
    content,
  );
  const offHover = hoverLinks(app, content);
  let listed = null;
  let shownKey = null;

  function list(model) {
    if (listed === model) return;
    listed = model;
    shownKey = null;
    const options = [["", "choose"], ...model.labels.map((label) => [label, label])];
    source.setOptions(options);
    target.setOptions(options);
  }

  /**
   * Show an edge, a simple, or how to choose one.
   * @param {import("./model.js").GraphModel} model
   * @param {{pair: [number, number]|null, simple: number|null, members: number[]|null,
   *   back: [number, number]|null}} what
   */
  function show(model, what) {
    list(model);
    const { pair, simple, members, back } = what;
    const key = JSON.stringify([pair, simple, members, back]);
    if (key === shownKey) {
      markLinks(app, content);
      return;
    }
    shownKey = key;
    source.value = pair ? model.labels[pair[0]] : (model.labels[simple] ?? "");
    target.value = pair ? model.labels[pair[1]] : "";
    if (pair) {
      replace(content, edgeContent(model, pair, back));
      markLinks(app, content);
    } else if (members && members.length > 1) replace(content, boxContent(model, members));
    else if (simple !== null) replace(content, simpleContent(model, simple));
    else replace(content, emptyContent(model));
  }

  function edgeContent(model, pair, back) {
    const [l, k] = pair;
    const edge = model.matrix.edge(l, k);
    const names = [model.labels[l], model.labels[k]];
    const share = edge?.share;
    return [
      h("h2", null, edge ? `${names[0]} reaches ${names[1]}` : `${names[0]} does not reach ${names[1]}`),
      plainReason(app, model, l, k),
      h("p", { class: "explained" }, explain(model.criterion, l, k)),
      formulas(model, pair, Boolean(edge)),
      !Number.isFinite(share)
        ? null
        : h("p", null, energyWords(model, names, share)),
      back && !(back[0] === l && back[1] === k)
        ? h("p", null, "The line also stands for ", pairButton(model, back), ".")
        : null,
      edge
        ? h("p", null, h("a", { href: app.href({ view: "map", source: names[0], target: names[1] }) }, `The map ${names[0]} to ${names[1]}`))
        : null,
    ];
  }

  function formulas(model, [l, k], isEdge) {
    const { criterion } = model;
    const { parts } = criterion;
    const n = criterion.orbits.findIndex((o) => o.entries.includes(l) && o.entries.includes(k));
    if (n < 0) return null;
    const orbit = criterion.orbits[n];
    const decision = decisionOn(criterion, n, l, k);
    const lines = [];
    if (parts.even || parts.odd) lines.push(subgroupLine(model, orbit, decision, l));
    const sum = meanLine(orbit, decision, orbit.entries.indexOf(k), parts, isEdge);
    if (sum) lines.push(sum);
    return lines.length ? h("div", { class: "formulas" }, lines) : null;
  }

  function subgroupLine(model, orbit, { U }, l) {
    const column = columnNames(model, orbit);
    const list = (isIn) => column.filter((_, c) => isIn[c]);
    const label = model.labels[l];
    const terms = [
      ["+", U.plus, "1"],
      ["-", U.minus, "-1"],
    ].map(([sign, isIn, value]) => {
      const found = list(isIn);
      const words = found.length ? found.slice(0, 14).join(", ") + (found.length > 14 ? ", ..." : "") : "none";
      return h("p", null, math(`U^${sign}_{${label}} = {φ_{${label}} = ${value}}`), `: ${words}`);
    });
    return h("div", null, terms);
  }

  function meanLine(orbit, { U, plusOrder, minusSize, even, odd, fixed }, k, parts, isEdge) {
    if (!parts.even && !parts.odd) return null;
    const usesOdd = !parts.even || (isEdge && even === 0);
    const order = plusOrder + minusSize;
    const terms = [];
    orbit.sizes.forEach((size, c) => {
      if (!U.plus[c] && !U.minus[c]) return;
      const sign = usesOdd && U.minus[c] ? -1 : 1;
      terms.push([orbit.exactSizes[c], sign * orbit.values[k][c]]);
    });
    const name = usesOdd && minusSize ? "dim Hom_U(sgn, K)" : "dim K^U";
    const rule = `${name} = dim K^H · Σ_{D⊂U} ${usesOdd && minusSize ? "sgn(D) " : ""}|D| φ_K(D) / |U|`;
    const shown = terms.slice(0, MOST_TERMS).map(([n, x]) => `${n}·${short(x)}`);
    if (terms.length > MOST_TERMS) shown.push("...");
    return h(
      "div",
      null,
      h("p", null, math(rule)),
      h("p", null, math(`= ${fixed} · (${shown.join(" + ")}) / ${order} = ${usesOdd ? odd : even}`)),
    );
  }

  function columnNames(model, orbit) {
    const isRegular = orbit.sizes.length === model.record.classes.sizes.length && !model.module.spherical && !model.module.orbits;
    const names = model.record.classes.names;
    return orbit.sizes.map((size, c) => (isRegular && names ? names[c] : `D${c} (${size})`));
  }

  function simpleContent(model, i) {
    const { matrix, labels } = model;
    const s = model.simples[i];
    const content = model.module.contents[i];
    const out = labels.map((_, k) => k).filter((k) => matrix.at(i, k));
    const into = labels.map((_, k) => k).filter((k) => matrix.at(k, i));
    return [
      h("h2", null, labels[i]),
      h(
        "p",
        null,
        `Dimension ${s.dimension}, ${TYPES[s.type]} type, ${counted(content.multiplicity, "time")} in the module; acts through a group of order ${s.action_order}, kernel of order ${s.kernel_order}.`,
      ),
      edgeList(model, "Reaches", out.map((k) => [i, k]), 1),
      edgeList(model, "Is reached from", into.map((k) => [k, i]), 0),
    ];
  }

  function boxContent(model, members) {
    return [
      h("h2", null, `${members.length} simples with the same edges`),
      h("p", null, "The graph cannot tell them apart. Choose one:"),
      h(
        "ul",
        { class: "edge-list" },
        members.slice(0, 200).map((i) => h("li", null, h("a", { href: app.href({ simple: model.labels[i] }) }, model.labels[i]))),
      ),
    ];
  }

  function edgeList(model, words, pairs, end) {
    const shown = pairs.slice(0, MOST_LISTED);
    return h(
      "div",
      null,
      h("h3", null, `${words} ${pairs.length}`),
      h("ul", { class: "edge-list" }, shown.map((pair) => h("li", null, pairButton(model, pair, model.labels[pair[end]])))),
      pairs.length > shown.length ? h("p", null, "The table below the picture has all.") : null,
    );
  }

  function pairButton(model, pair, words) {
    const [l, k] = pair.map((i) => model.labels[i]);
    return h(
      "button",
      {
        type: "button",
        class: "button small",
        "aria-label": `Why ${l} reaches ${k}`,
        onclick: () => onPair(l, k),
        onfocus: () => onPeek(pair),
        onpointerenter: () => onPeek(pair),
        onpointerleave: () => onPeek(null),
        onblur: () => onPeek(null),
      },
      words ?? `${l} → ${k}`,
    );
  }

  function emptyContent(model) {
    const { length } = model.edges;
    return [
      h("h2", null, "Why is there an edge?"),
      h("p", null, `The graph has ${counted(model.labels.length, "simple")} and ${counted(length, "edge")} (${partsWord(model.activation)}). Point at a line, or choose two simples above: the answer names the subgroup U and the dimension that decides.`),
      partOfGroup(model),
      h("p", null, math("L → K"), " means that K occurs in ", math("f(v)"), " for v in the L-part of the module."),
      model.noShares ? h("p", null, model.noShares) : null,
    ];
  }

  return { element, show, destroy: offHover };
}

/** What a share is a share of. */
function energyWords(model, [L, K], share) {
  const noise = model.bias ? ", with a Gaussian constant of the same energy added," : "";
  return `${percent(share)} of the energy of f(v) lies in ${K}: v is standard Gaussian in the ${L}-part${noise} and the share is the mean energy in ${K} over the mean energy of f(v).`;
}

/** Why not all simples of the group are there, where the module leaves some out. */
function partOfGroup(model) {
  const all = model.record.simples?.length ?? 0;
  const own = model.labels.length;
  if (own >= all || model.simples.some((s) => !model.record.simples.includes(s))) return null;
  return h("p", null, `The module has ${own} of the group's ${all} simples: the others do not occur in ${model.module.title}.`);
}

/** Return a share of the energy in percent, with three digits. */
export function percent(share) {
  if (share > 0 && share < 0.0005) return "less than 0.05 %";
  return `${(100 * share).toPrecision(3).replace(/\.?0+$/, "")} %`;
}

function short(x) {
  const text = Number.isInteger(x) ? String(x) : x.toFixed(3);
  return x < 0 ? `(${text})` : text;
}
