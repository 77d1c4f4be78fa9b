/** The whole answer as a file: CSV, Parquet, JSON; and as Python code. */

import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { csvText, fileName, save } from "../ui/exports.js";
import { breath } from "./breath.js";
import { parquetFile } from "./parquet.js";

const AT_ONCE = 5000;

/**
 * The rows of an answer as they go into a table of the page.
 * @param {import("./answers.js").Answer} answer
 * @returns {import("../ui/table.js").Table}
 */
export function plainTable(answer) {
  const rows = [];
  for (let row = 0; row < answer.rows; row += 1) rows.push(cells(answer, row));
  return { name: answer.table.name, columns: answer.columns.map((one) => one.name), rows };
}

function cells(answer, row) {
  return answer.columns.map((column) => {
    const value = column.at(row);
    return column.kind === "list" && value !== null ? value.join(" ") : value;
  });
}

/**
 * The answer as CSV; lists have spaces between their items, what is not known is empty.
 * @param {import("./answers.js").Answer} answer
 * @returns {Promise<Blob>}
 */
export async function csvFile(answer) {
  const parts = [];
  for (let start = 0; start < Math.max(answer.rows, 1); start += AT_ONCE) {
    await breath();
    const rows = [];
    for (let row = start; row < Math.min(start + AT_ONCE, answer.rows); row += 1) rows.push(cells(answer, row));
    const text = csvText({ columns: answer.columns.map((one) => one.name), rows });
    parts.push(start === 0 ? text : text.slice(text.indexOf("\r\n") + 2));
  }
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}

/**
 * The answer as data for JSON.
 * @param {import("./answers.js").Answer} answer
 * @param {object} question
 * @returns {object}
 */
export function jsonData(answer, question) {
  const rows = [];
  for (let row = 0; row < answer.rows; row += 1) {
    rows.push(Object.fromEntries(answer.columns.map((column) => [column.name, column.at(row)])));
  }
  return { table: answer.table.name, condition: question.condition, order_by: question.sort, whole: answer.whole, rows };
}

/**
 * Python code that gives the same rows.
 * @param {{table: string, condition: string, sort: string, columns: string}} question
 * @returns {string}
 */
export function pythonCode({ table, condition, sort, columns }) {
  const lines = [
    condition.trim() === "" ? null : `    ${pythonText(condition)},`,
    table === "groups" ? null : `    table=${pythonText(table)},`,
    `    columns=${pythonText(columns)},`,
    sort === "" ? null : `    order_by=${pythonText(sort)},`,
  ].filter(Boolean);
  return `import toolkit as tk\n\nrows = tk.catalog.open().find(\n${lines.join("\n")}\n)\nprint(rows)\n`;
}

function pythonText(text) {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Makes the buttons.
 * @param {object} app
 * @returns {{element: HTMLElement, show: (answer: object|null, question: object) => void}}
 */
export function downloads(app) {
  let now = null;
  let question = null;
  const name = (ending) => `${fileName("plrep", now.table.name)}.${ending}`;
  const make = async (words, work) => {
    try {
      await work();
      app.announce(`${words}: ${now.rows.toLocaleString("en")} rows.`);
    } catch (error) {
      app.announce(`${words}: ${error.message}`);
      throw error;
    }
  };
  const buttons = [
    button({ label: "CSV", title: "All these rows as CSV", onClick: () => make("CSV", async () => save(name("csv"), await csvFile(now))) }),
    button({ label: "Parquet", title: "All these rows as Parquet, for DuckDB, pandas, R",
      onClick: () => make("Parquet", async () => save(name("parquet"), await parquetFile(now.columns, now.rows, { metadata: metadataOf(question) }))) }),
  ];
  const element = h("div", { class: "catalog-downloads" }, h("span", null, "Download"), buttons.map((one) => one.element));
  return {
    element,
    show(answer, asked) {
      now = answer;
      question = asked;
      for (const { input } of buttons) input.disabled = answer === null;
    },
  };
}

function metadataOf({ table, condition, sort }) {
  const found = { "plrep.table": table };
  if (condition.trim() !== "") found["plrep.find"] = condition;
  if (sort !== "") found["plrep.order_by"] = sort;
  return found;
}
