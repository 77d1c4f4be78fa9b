/** Groups whose regular modules have isomorphic interaction graphs: exact, decided in Python. */

import { segmented } from "../ui/controls.js";
import { h, replace } from "../ui/dom.js";
import { makeTable } from "../ui/table.js";
import { openTable } from "./tables.js";

const MOST_NAMES = 60;
const MOST_CLASSES = 15;
const FIRST = "relu";

/**
 * @typedef {object} GraphClass
 * @property {number} number its position, the largest class first
 * @property {number} nodes
 * @property {number} edges
 * @property {number[]} members rows of the table of groups
 */

/**
 * The classes under an activation.
 * @param {object} data what `graph_classes.json.gz` says
 * @param {string} activation
 * @returns {{classes: GraphClass[], of: Array<number|null>}} of: the class of each row of groups
 */
export function classesOf(data, activation) {
  const { classes, of } = data.activations[activation];
  const found = classes.map(([nodes, edges], number) => ({ number, nodes, edges, members: [] }));
  of.forEach((number, row) => number !== null && found[number].members.push(row));
  return { classes: found, of };
}

/**
 * Makes the section.
 * @param {object} app
 * @returns {{element: HTMLElement, update: () => Promise<void>}}
 */
export function sharedGraphs(app) {
  const words = h("div", { class: "catalog-shared-words" });
  const table = h("div");
  const controls = h("div", { class: "controls" });
  const element = h("section", { class: "catalog-shared", "aria-labelledby": "catalog-shared-title" },
    h("h2", { id: "catalog-shared-title" }, "Groups that share an interaction graph"),
    h("p", { class: "catalog-meaning" }, "Two groups share a graph if the interaction graphs of their regular modules "
      + "are isomorphic as directed graphs with loops; dimensions and types of simples are ignored. Exact."),
    controls, words, table);
  let drawn = "";
  let activations = null;

  async function update() {
    const [data, groups] = await Promise.all([app.data.file("graph_classes.json.gz"), openTable(app.data, "groups")]);
    const names = Object.keys(data.activations);
    const wanted = names.includes(app.activation.name) ? app.activation.name : FIRST;
    const open = app.state.class ?? "";
    const key = [app.record?.name, wanted, open, app.activation.name, app.href({ class: null })].join("\n");
    if (drawn === key) return;
    drawn = key;
    if (activations === null) {
      activations = segmented({ label: "Activation", options: names.map((name) => [name, name]), value: wanted,
        onChange: (f) => app.set({ f, class: null }) });
      replace(controls, activations.element);
    }
    activations.value = wanted;
    const { classes, of } = classesOf(data, wanted);
    replace(words, app.record ? ownClass(groups, classes, of, wanted) : null, openClass(groups, classes, open, wanted));
    replace(table, largest(groups, classes, wanted, open));
  }

  function ownClass(groups, classes, of, activation) {
    const row = rowOfRecord(app.record, groups);
    if (row < 0) return h("p", null, `${app.record.title} is not among the ${groups.rows.toLocaleString("en")} groups that were compared.`);
    const mine = classes[of[row]];
    const others = mine.members.filter((one) => one !== row);
    const size = `${mine.nodes} nodes and ${mine.edges} edges, loops included`;
    if (others.length === 0) {
      return h("p", null, `The graph of ${app.record.title} under ${activation} has ${size}; no other group here has it.`);
    }
    return [h("p", null, `The graph of ${app.record.title} under ${activation} has ${size}. `,
      h("strong", null, others.length === 1 ? "One other group shares it" : `${others.length.toLocaleString("en")} other groups share it`), ":"),
    nameList(groups, others)];
  }

  function openClass(groups, classes, open, activation) {
    const found = /^\d+$/.test(open) ? classes[Number(open)] : undefined;
    if (!found) return null;
    return h("div", { class: "panel" }, h("h3", null, `${found.members.length.toLocaleString("en")} groups with one graph: ${found.nodes} nodes, ${found.edges} edges, under ${activation}`),
      nameList(groups, found.members));
  }

  function largest(groups, classes, activation, open) {
    const several = classes.filter((one) => one.members.length > 1).length;
    const rows = classes.slice(0, MOST_CLASSES).filter((one) => one.members.length > 1).map((one) => [
      h("a", { href: app.href({ class: open === String(one.number) ? null : one.number }) }, one.members.length.toLocaleString("en")),
      one.nodes, one.edges, groupLink(groups, one.members[0]), orders(groups, one.members)]);
    return [h("p", null, `Under ${activation} the ${groups.rows.toLocaleString("en")} groups have ${classes.length.toLocaleString("en")} different graphs; ${several.toLocaleString("en")} of them belong to several groups. The largest classes:`),
      makeTable({ name: "The largest classes of groups that share a graph", columns: ["groups", "nodes", "edges", "the first", "orders"], rows },
        { caption: false, numeric: [0, 1, 2] })];
  }

  function nameList(groups, rows) {
    const list = h("ul", { class: "catalog-names" }, rows.slice(0, MOST_NAMES).map((row) => h("li", null, groupLink(groups, row))));
    if (rows.length <= MOST_NAMES) return list;
    const more = h("button", { type: "button", class: "button quiet", onclick: () => {
      list.append(...rows.slice(MOST_NAMES).map((row) => h("li", null, groupLink(groups, row))));
      more.remove();
    } }, `Show all ${rows.length.toLocaleString("en")}`);
    return [list, more];
  }

  function groupLink(groups, row) {
    const name = groups.column("group").values[row];
    const title = groups.extra.title?.[row] ?? name;
    return h("a", { href: app.href({ group: name }), title: name }, title);
  }

  return { element, update };
}

function orders(groups, rows) {
  const found = [...new Set(rows.map((row) => groups.column("order").values[row]))];
  return found.length > 6 ? `${found.slice(0, 5).join(", ")}, … ${found.at(-1)}` : found.join(", ");
}

/** The row of a record among the groups: under its own name, or its number in the library. */
export function rowOfRecord(record, groups) {
  const names = groups.column("group").values;
  for (const name of [record.name, ...(record.aliases ?? [])]) {
    const row = names.indexOf(name);
    if (row >= 0) return row;
  }
  return -1;
}
