/** The sections of a group's page: each has an id, a title, and what makes its content. */

import { h } from "../ui/dom.js";
import { linked, moduleLink, normalLink, simpleLink } from "../ui/links.js";
import { numberText } from "../ui/numbers.js";
import { makeTable } from "../ui/table.js";

const MOST_COLUMNS = 26;
const MOST_ROWS = 40;
const TYPES = { R: "real", C: "complex", H: "quaternionic" };

/**
 * @typedef {object} Section
 * @property {string} id
 * @property {string} title
 * @property {import("../ui/table.js").Table|null} table as it is exported
 * @property {() => Node[]} draw
 */

/**
 * The sections of the page of the app's record, in order; those without an answer are left out
 * and stand in the last one, with the reason.
 * @param {object} app
 * @returns {Section[]}
 */
export function sections(app) {
  const record = app.record;
  return [
    facts(app, record), classes(record), characters(record), simples(app, record),
    normal(app, record), sylow(record), maximal(record), subgroups(app, record),
    otherModules(app, record), missing(record),
  ].filter((one) => one !== null);
}

function facts(app, record) {
  const rows = record.facts ?? [];
  const table = { name: "Facts", columns: ["fact", "value"], rows: rows.map((row) => [...row]) };
  return {
    id: "facts", title: "Facts", table,
    draw: () => [h("dl", { class: "facts" }, rows.map(([key, value]) => [
      h("dt", null, key || h("span", { class: "visually-hidden" }, "and")), h("dd", null, linked(app, value)),
    ]))],
  };
}

function classes(record) {
  const all = record.classes;
  if (!all?.names?.length) return null;
  const primes = Object.keys(all.powers ?? {});
  const columns = ["class", "size", "centraliser", "order", ...(all.cycles ? ["cycles"] : []),
    ...primes.map((p) => `${p}P`), ...(all.representatives ? ["representative"] : [])];
  const rows = all.names.map((name, i) => [
    name, all.sizes[i], all.centralisers[i], all.orders[i], ...(all.cycles ? [all.cycles[i]] : []),
    ...primes.map((p) => all.names[all.powers[p][i]]),
    ...(all.representatives ? [all.representatives[i]] : []),
  ]);
  const table = { name: `Conjugacy classes: ${rows.length}`, columns, rows };
  return {
    id: "classes", title: table.name, table,
    draw: () => [makeTable(table, { caption: false, most: MOST_ROWS })],
  };
}

function characters(record) {
  const found = record.complex;
  if (!found?.rows?.length) return null;
  const columns = [hidden("character"), "ind", ...record.classes.names];
  const rows = found.rows.map((row, i) => [found.names[i], found.indicators[i], ...row]);
  const table = { name: `Complex characters: ${rows.length}`, columns: ["character", ...columns.slice(1)], rows };
  return {
    id: "characters", title: table.name, table,
    draw: () => [
      cut({ ...table, columns, rows: rows.map((row) => row.map((cell) => (cell === "0" ? "·" : cell))) }),
      h("dl", { class: "legend" }, (found.legend ?? []).map(([letter, value]) => [
        h("dt", null, letter), h("dd", null, `= ${value}`)])),
      h("p", { class: "note" }, [...(found.notes ?? []), "ind: + real, o complex, - quaternionic type; a dot is 0"].join("; "), "."),
    ],
  };
}

function simples(app, record) {
  const all = record.simples;
  if (!all?.length) return null;
  const some = (key) => all.some((one) => one[key] !== null && one[key] !== undefined);
  const columns = ["simple", "dim", "type", "acts by order", "kernel", "±1", "characters",
    ...(some("partition") ? ["partition"] : []), ...(some("paper_index") ? ["paper's k"] : [])];
  const row = (one, link, at, type) => [
    link(one.label), one.dimension, type(one.type), one.action_order,
    at(one.kernel, one.kernel_order), at(one.sign, one.sign_order),
    (one.constituents ?? []).join(" + "), ...(some("partition") ? [one.partition] : []),
    ...(some("paper_index") ? [one.paper_index] : []),
  ];
  const title = `Real simples: ${all.length}`;
  return {
    id: "simples", title,
    table: { name: title, columns, rows: all.map((one) => row(one, String, (label, order) => `${label ?? ""}: ${order}`, String)) },
    draw: () => [
      makeTable({ name: title, columns, rows: all.map((one) => row(one, (label) => simpleLink(app, label),
        (label, order) => [normalLink(app, label), label ? ": " : "", String(order)], typeWords)) },
        { caption: false, numeric: [1, 3], most: MOST_ROWS }),
      h("p", { class: "note" }, "kernel: what acts as 1, with its order; ±1: what acts as 1 or -1."),
      realCharacters(app, record),
    ],
  };
}

function typeWords(type) {
  return h("span", { class: `type type-${type}` }, `${type} `, h("span", { class: "type-words" }, TYPES[type]));
}

/** The characters of the real simples, opened by need. */
function realCharacters(app, record) {
  const rows = record.simples.filter((one) => one.character).map((one) => [
    one.label, ...one.character.map((value) => numberText(value))]);
  if (rows.length === 0) return null;
  const made = h("details", { class: "behind", ontoggle: () => made.querySelector("table")
    || made.append(cut({ name: "Real characters", columns: [hidden("simple"), ...record.classes.names], rows })) },
    h("summary", null, "Characters of the real simples"));
  return made;
}

function normal(app, record) {
  const all = record.normal;
  if (!all?.length) return null;
  const title = `Normal subgroups: ${all.length}${record.normal_complete === false ? " of more" : ""}`;
  const columns = ["normal", "order", "index", "structure", "quotient", "covers", "kernel of"];
  const rows = (link, simple) => all.map((one) => [
    link(one.label), one.order, one.index, one.structure, one.quotient,
    list(one.covers, link), list(one.kernel_of, simple)]);
  return {
    id: "normal", title,
    table: { name: title, columns, rows: rows(String, String).map((row) => row.map(flat)) },
    draw: () => [makeTable({ name: title, columns, rows: rows((label) => normalLink(app, label), (label) => simpleLink(app, label)) },
      { caption: false, numeric: [1, 2], most: MOST_ROWS })],
  };
}

function sylow(record) {
  if (!record.sylow?.length) return null;
  const table = {
    name: "Sylow subgroups",
    columns: ["p", "order", "number", "structure", "normaliser's order", "normaliser"],
    rows: record.sylow.map((one) => [one.prime, one.order, one.count, one.structure, one.normaliser_order, one.normaliser]),
  };
  return { id: "sylow", title: table.name, table, draw: () => [makeTable(table, { caption: false })] };
}

function maximal(record) {
  if (!record.maximal?.length) return null;
  const table = {
    name: `Maximal subgroups: ${record.maximal.length} class${record.maximal.length > 1 ? "es" : ""}`,
    columns: ["structure", "order", "index", "conjugates"],
    rows: record.maximal.map((one) => [one.structure, one.order, one.index, one.length]),
  };
  return { id: "maximal", title: table.name, table, draw: () => [makeTable(table, { caption: false, most: MOST_ROWS })] };
}

function subgroups(app, record) {
  const all = record.subgroups;
  if (!all?.length) return null;
  const title = `Subgroups and the modules Fun(G/H): ${all.length}`;
  const columns = ["H", "order", "index", "conjugates", "structure", "rank", hidden("remarks"), "Fun(G/H)"];
  const remarks = (one) => [one.normal ? "normal" : null, one.transitivity].filter(Boolean).join(", ");
  const module = (label) => (record.modules.some((one) => one.id === label) ? label : sameModule(record, label));
  const rows = (link, words) => all.map((one) => [
    link(one.label), one.order, one.index, one.length, one.structure, one.rank, remarks(one), words(one.contents ?? "")]);
  const exported = [...columns];
  exported[6] = "remarks";
  return {
    id: "subgroups", title, table: { name: title, columns: exported, rows: rows(String, String) },
    draw: () => [
      makeTable({ name: title, columns, rows: rows((label) => moduleLink(app, module(label), label), (text) => linked(app, text)) },
        { caption: false, numeric: [1, 2, 3, 5], most: MOST_ROWS }),
      h("p", { class: "note" }, "One row for each class of conjugate subgroups H. The link chooses the module Fun(G/H), functions on the cosets of H."),
    ],
  };
}

/** The regular module stands for the cosets of the trivial subgroup. */
function sameModule(record, label) {
  const row = record.subgroups.find((one) => one.label === label);
  return row?.order === 1 ? "regular" : label;
}

function otherModules(app, record) {
  const all = (record.modules ?? []).filter((one) => one.id === "natural");
  if (all.length === 0) return null;
  const title = "Natural module";
  const contents = (one) => one.contents.map((entry) => {
    const label = entry.label ?? record.simples[entry.simple].label;
    return entry.multiplicity > 1 ? `${entry.multiplicity} ${label}` : label;
  }).join(" + ");
  const columns = ["module", "points", "rank", "contents"];
  return {
    id: "natural", title,
    table: { name: title, columns, rows: all.map((one) => [one.title, one.degree, one.rank, contents(one)]) },
    draw: () => [makeTable({ name: title, columns, rows: all.map((one) => [
      moduleLink(app, one.id, one.title), one.degree, one.rank, linked(app, contents(one))]) }, { caption: false, numeric: [1, 2] })],
  };
}

function missing(record) {
  const all = record.missing ?? [];
  if (all.length === 0) return null;
  const table = { name: "What is not here", columns: ["what", "why"], rows: all.map((row) => [...row]) };
  return {
    id: "missing", title: table.name, table,
    draw: () => [
      h("ul", { class: "missing" }, all.map(([what, why]) => h("li", null, h("b", null, what), `: ${why}`))),
      h("p", { class: "note" }, "To ask for more, type ", h("code", null, `plrep query "${record.title}" --seconds 60`), "."),
    ],
  };
}

/** The name of a column for those who do not see that it needs none. */
function hidden(words) {
  return h("span", { class: "visually-hidden" }, words);
}

/** A wide table, first with as many columns and rows as are drawn at once. */
function cut(table) {
  const { columns, rows } = table;
  const wide = columns.length > MOST_COLUMNS;
  const few = wide ? { ...table, columns: columns.slice(0, MOST_COLUMNS), rows: rows.map((row) => row.slice(0, MOST_COLUMNS)) } : table;
  const place = h("div", null, makeTable(few, { caption: false, most: MOST_COLUMNS }));
  if (wide) {
    const more = h("button", { type: "button", class: "button quiet", onclick: () =>
      place.replaceChildren(makeTable(table, { caption: false, most: rows.length })) },
    `Show all ${columns.length - 2} columns and ${rows.length} rows`);
    place.append(more);
  }
  return place;
}

function list(labels, link) {
  return (labels ?? []).map((label, i) => [i > 0 ? ", " : null, link(label)]);
}

function flat(cell) {
  return Array.isArray(cell) ? cell.flat(9).filter((one) => one !== null).join("") : cell;
}
