/** The rows of an answer: a table with sorting heads, pages, and links to the groups. */

import { h, replace } from "../ui/dom.js";

const ROWS = 50;
const DIGITS = 6;

/**
 * Makes the table.
 * @param {object} app
 * @returns {{element: HTMLElement, show: (answer: object, sort: string, page: number) => void}}
 */
export function rowsTable(app) {
  const head = h("tr");
  const body = h("tbody");
  const caption = h("caption", { class: "visually-hidden" });
  const table = h("table", null, caption, h("thead", null, head), body);
  const scroll = h("div", { class: "scroll catalog-scroll", tabindex: "0", role: "region", "aria-label": "Rows" }, table);
  const pages = h("nav", { class: "catalog-pages", "aria-label": "Pages of the table" });
  const element = h("div", { class: "catalog-rows" }, scroll, pages);

  function show(answer, sort, page) {
    const last = Math.max(1, Math.ceil(answer.rows / ROWS));
    const now = Math.min(Math.max(1, page), last);
    const order = sort.split(",").map((one) => one.trim()).filter(Boolean);
    caption.textContent = `${answer.table.name}: ${answer.rows.toLocaleString("en")} rows, page ${now} of ${last}`;
    replace(head, answer.columns.map((column) => headCell(app, column, order)));
    replace(body, ...bodyRows(app, answer, (now - 1) * ROWS));
    scroll.scrollTop = 0;
    replace(pages, last === 1 ? null : pageLinks(app, now, last));
  }

  body.addEventListener("click", (event) => {
    if (event.target.closest("a") || String(getSelection()) !== "") return;
    event.target.closest("tr")?.querySelector("a")?.click();
  });
  body.addEventListener("keydown", (event) => moveFocus(event, body));
  return { element, show };
}

/** Up and down move between the links of the rows. */
function moveFocus(event, body) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.closest("a")) return;
  const links = [...body.querySelectorAll("tr a")];
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function headCell(app, column, order) {
  const place = order.findIndex((one) => one.split(/\s+/)[0] === column.name);
  const falling = place >= 0 && /\sdesc$/i.test(order[place]);
  const sign = place < 0 ? "" : falling ? " ↓" : " ↑";
  const which = place >= 0 && order.length > 1 ? String(place + 1) : "";
  const cell = h("th", {
    scope: "col", class: column.kind === "number" ? "number" : null, title: column.meaning,
    "aria-sort": place < 0 ? null : falling ? "descending" : "ascending",
  }, h("button", { type: "button", class: "catalog-sort", onclick: (event) =>
    app.set({ sort: nextOrder(order, column.name, event.shiftKey), page: null }) },
  column.name, h("span", { "aria-hidden": "true" }, sign, which ? h("sub", null, which) : null)));
  return cell;
}

/**
 * The order after a click on a head: rising, falling, none. With the shift key others stay.
 * @param {string[]} order
 * @param {string} name
 * @param {boolean} more
 * @returns {string|null}
 */
export function nextOrder(order, name, more) {
  const at = order.findIndex((one) => one.split(/\s+/)[0] === name);
  const now = at < 0 ? null : order[at];
  const next = now === null ? name : /\sdesc$/i.test(now) ? null : `${name} desc`;
  const others = more ? order.filter((_, i) => i !== at) : [];
  if (next !== null && more && at >= 0) return order.map((one, i) => (i === at ? next : one)).join(", ");
  return [...others, ...(next === null ? [] : [next])].join(", ") || null;
}

function bodyRows(app, answer, start) {
  const end = Math.min(start + ROWS, answer.rows);
  if (answer.rows === 0) {
    return [h("tr", null, h("td", { colspan: answer.columns.length, class: "catalog-none" },
      ["No row satisfies this condition.", answer.covers].filter(Boolean).join(" ")))];
  }
  const link = rowLinks(answer);
  const rows = [];
  for (let row = start; row < end; row += 1) {
    rows.push(h("tr", null, answer.columns.map((column, i) => {
      const value = column.at(row);
      const target = i === 0 ? link(row) : null;
      const content = target ? h("a", { href: app.href(target) }, written(value, column)) : written(value, column);
      const side = column.kind === "number" ? "number" : null;
      return i === 0 ? h("th", { scope: "row", class: side }, content) : h("td", { class: side, title: value === null ? "not known" : null }, content);
    })));
  }
  return rows;
}

/**
 * Where a row leads: its group, and what it chooses there.
 * @param {object} answer
 * @returns {(row: number) => object|null} a change of the state
 */
export function rowLinks(answer) {
  const group = answer.column("group");
  if (!group) return () => null;
  const { name } = answer.table;
  const more = [];
  const add = (column, key) => {
    const found = answer.column(column);
    if (found) more.push([key, found]);
  };
  if (name === "simples" || name === "contents") add("label", "simple");
  if (name === "normal_subgroups") add("label", "normal");
  if (["modules", "contents", "graphs", "edges", "closed_sets"].includes(name)) add("module", "module");
  if (["graphs", "edges", "closed_sets"].includes(name)) add("activation", "f");
  if (name === "edges") ["source", "target"].forEach((one) => add(one, one));
  const view = { graphs: "graph", edges: "graph", closed_sets: "graph" }[name] ?? "group";
  return (row) => Object.fromEntries([
    ["group", group.at(row)], ["view", view],
    ...["find", "sort", "columns", "plot", "page", "table"].map((key) => [key, null]),
    ...more.map(([key, column]) => [key, column.at(row)]),
  ]);
}

/**
 * A value as it stands in a cell.
 * @param {any} value
 * @param {{kind: string, type: string}} column
 * @returns {string}
 */
export function written(value, column) {
  if (value === null || value === undefined) return "";
  if (column.kind === "truth") return value ? "yes" : "no";
  if (column.kind === "list") return value.join(" ");
  if (column.type === "float64") return String(Number(value.toPrecision(DIGITS)));
  return String(value);
}

function pageLinks(app, now, last) {
  const to = (page, sign, words) => {
    const off = page < 1 || page > last || page === now;
    return h("a", { class: "icon-button", href: off ? null : app.href({ page: page === 1 ? null : page }),
      "aria-label": words, "aria-disabled": off ? "true" : null, role: "link" }, sign);
  };
  return [to(1, "«", "First page"), to(now - 1, "‹", "Page before"),
    h("span", null, `page ${now} of ${last.toLocaleString("en")}`),
    to(now + 1, "›", "Next page"), to(last, "»", "Last page")];
}
