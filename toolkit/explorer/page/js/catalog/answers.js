/** The answer to a question of the catalog: from the files of the page, or from the local server. */

import { compile, readColumns, readOrder, rowsWhere, sortedRows } from "./find.js";
import { namesFor } from "./names.js";
import { emptyTable, listTables, openTable } from "./tables.js";

/** The most rows that the local server sends. */
export const MOST_FROM_SERVER = 20000;

/**
 * @typedef {object} Question
 * @property {string} table
 * @property {string} condition
 * @property {string} sort such as "order desc, group"
 * @property {string} columns such as "group, order"
 *
 * @typedef {object} AnswerColumn
 * @property {string} name
 * @property {string} type
 * @property {import("./tables.js").Kind} kind
 * @property {string} meaning
 * @property {(row: number) => any} at the value in a row of the answer
 *
 * @typedef {object} Answer
 * @property {import("./tables.js").Description} table
 * @property {number} rows how many
 * @property {string} [covers] which groups the table is about, in a sentence
 * @property {boolean} whole false if there are more than the server sends
 * @property {AnswerColumn[]} columns those that were asked for
 * @property {(name: string) => AnswerColumn|undefined} column any column of the table
 */

/**
 * Answers a question.
 * @param {object} app
 * @param {Question} question
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 * @throws {import("./query_error.js").QueryError|Error} in a sentence
 */
export async function answer(app, question, signal) {
  const description = await describe(app.data, question.table);
  const groups = await openTable(app.data, "groups");
  const elsewhere = description.file === null && app.server !== null; // who reads every name
  const namesOf = elsewhere ? undefined : await namesFor(app.data, question.condition);
  const table = description.file === null ? emptyTable(description) : await openTable(app.data, description.name);
  const beside = { groups, namesOf };
  const holds = question.condition.trim() === "" ? null : compile(question.condition, table, beside);
  const order = question.sort === "" ? [] : readOrder(question.sort, table, beside);
  const chosen = readColumns(question.columns, table, beside);
  signal.throwIfAborted();
  if (description.file === null) return fromServer(app, question, description, chosen, signal);
  let rows = await rowsWhere(table, holds, signal);
  rows = await sortedRows(rows, order, signal);
  const shown = ({ name, column, at }) => ({ ...facts(column), name, at: (row) => at(rows[row]) });
  const cells = new Map(chosen.map((one) => [one.name, shown(one)]));
  return {
    table: description,
    rows: rows.length,
    whole: true,
    covers: coverWords(groups),
    columns: [...cells.values()],
    column(name) {
      const own = table.column(name);
      if (own) return { ...facts(own), at: (row) => own.values[rows[row]] ?? null };
      return cells.get(name);
    },
  };
}

/** Which groups the tables on this page are about. */
function coverWords(groups) {
  const { values } = groups.column("order");
  if (values.length === 0) return "";
  let [low, high] = [Infinity, -Infinity];
  for (const order of values) [low, high] = [Math.min(low, order), Math.max(high, order)];
  return `The tables of this page cover ${values.length.toLocaleString("en")} groups, of orders ${low} to ${high}.`;
}

/**
 * The description of a table.
 * @param {object} data of the app
 * @param {string} name
 * @returns {Promise<import("./tables.js").Description>}
 */
export async function describe(data, name) {
  const all = await listTables(data);
  const found = all.find((one) => one.name === name);
  if (found) return found;
  throw new Error(`The catalog has no table ${name}; it has ${all.map((one) => one.name).join(", ")}.`);
}

/** The command that answers a question without this page. */
export function command({ table, condition, sort, columns }) {
  const quoted = (text) => (/^[\w,.]+$/.test(text) ? text : `"${text.replace(/(["\\$`])/g, "\\$1")}"`);
  return ["plrep find", condition.trim() === "" ? null : quoted(condition), `--table ${table}`,
    columns === "" ? null : `--columns ${quoted(columns.replace(/\s/g, ""))}`,
    sort === "" ? null : `--order-by ${quoted(sort)}`, `--output ${table}.csv`].filter(Boolean).join(" ");
}

async function fromServer(app, question, description, chosen, signal) {
  if (app.server === null) {
    throw Object.assign(
      new Error(`The table ${description.name} is not on this page: ${description.absent}.`),
      { command: command(question) },
    );
  }
  const found = await app.server.ask("find", {
    table: description.name, condition: question.condition, sort: question.sort,
    columns: question.columns, limit: MOST_FROM_SERVER + 1,
  }, { signal });
  const rows = found.rows.slice(0, MOST_FROM_SERVER);
  const columns = chosen.map(({ name, column }, i) => ({ ...facts(column), name, at: (row) => rows[row][i] ?? null }));
  return {
    table: description,
    rows: rows.length,
    whole: rows.length === found.rows.length,
    columns,
    column: (name) => columns.find((one) => one.name === name),
  };
}

function facts({ name, type, kind, meaning }) {
  return { name, type, kind, meaning };
}
