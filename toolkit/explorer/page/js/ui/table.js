/** Tables: those that are shown, and those behind pictures. */

import { h } from "./dom.js";

const FIRST_ROWS = 200;

/**
 * @typedef {object} Table
 * @property {string} name caption, and the name of an exported file
 * @property {Array<string|Node>} columns
 * @property {Array<Array<unknown>>} rows text, numbers, null, or nodes to show as they are
 */

/**
 * Makes a table. The first cell of a row is its header. Long tables start with 200 rows.
 * @param {Table} table
 * @param {{caption?: boolean, numeric?: number[], most?: number,
 *   rowClass?: (row: unknown[], i: number) => string}} [options] caption false hides the caption
 *   from the eye; numeric columns stand to the right, by default those with only numbers; most is
 *   how many rows are shown at first
 * @returns {HTMLElement}
 */
export function makeTable(table, { caption = true, numeric, most = FIRST_ROWS, rowClass } = {}) {
  const right = new Set(numeric ?? numericColumns(table));
  const side = (j) => (right.has(j) ? "number" : null);
  const body = h("tbody");
  const put = (from, to) => {
    for (let i = from; i < Math.min(to, table.rows.length); i += 1) {
      body.append(h("tr", { class: rowClass?.(table.rows[i], i) || null }, table.rows[i].map((cell, j) =>
        j === 0 ? h("th", { scope: "row", class: side(j) }, shown(cell))
          : h("td", { class: side(j) }, shown(cell)))));
    }
  };
  put(0, most);
  const element = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": table.name },
    h("table", null,
      h("caption", { class: caption ? null : "visually-hidden" }, table.name),
      h("thead", null, h("tr", null, table.columns.map((name, j) =>
        h("th", { scope: "col", class: side(j) }, name)))),
      body));
  if (table.rows.length > most) {
    const more = h("button", { type: "button", class: "button quiet", onclick: () => {
      put(most, table.rows.length);
      more.remove();
    } }, `Show all ${table.rows.length.toLocaleString("en")} rows`);
    element.append(more);
  }
  return element;
}

/**
 * Puts the table behind a picture into the page: closed, made when opened.
 * @param {Element} root
 * @param {Table|(() => Table)} table or what makes it
 * @param {string} [words] of the line that opens it
 * @returns {HTMLElement}
 */
export function tableBehind(root, table, words = "The same as a table") {
  const made = h("details", { class: "behind", ontoggle: () => refreshTable(made) }, h("summary", null, words));
  behind.set(made, { table, shown: null });
  root.append(made);
  return made;
}

/** What stands behind pictures: the table or its maker, and what was shown of it. */
const behind = new WeakMap();

/**
 * Brings a table behind a picture to what is true now, if it is open.
 * @param {HTMLDetailsElement} made by {@link tableBehind}
 */
export function refreshTable(made) {
  const known = behind.get(made);
  if (!made.open) return;
  const table = typeof known.table === "function" ? known.table() : known.table;
  const shown = JSON.stringify(table);
  if (known.shown === shown) return;
  known.shown = shown;
  made.replaceChildren(made.firstElementChild, ...(table ? [makeTable(table)] : []));
}

function numericColumns({ columns, rows }) {
  const some = rows.slice(0, FIRST_ROWS);
  const number = (cell) => typeof cell === "number" || (typeof cell === "string" && /^\d+$/.test(cell));
  return columns.map((_, j) => j).filter((j) => some.length > 0
    && some.every((row) => row[j] === null || number(row[j])) && some.some((row) => number(row[j])));
}

function shown(cell) {
  if (cell === null || cell === undefined) return "";
  return cell;
}
