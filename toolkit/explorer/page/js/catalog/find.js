/**
 * Questions to a table: a condition, an order, columns. The same language, meaning and refusals as
 * `catalog.find` in Python and `plrep find`.
 */

import { ROWS_AT_ONCE, breath } from "./breath.js";
import { QueryError } from "./query_error.js";
import { Reader } from "./reader.js";
import { ranks } from "./ranks.js";

export { QueryError };

/**
 * @typedef {import("./tables.js").Table} Table
 *
 * @typedef {object} Beside
 * @property {Table} [groups] for columns of groups in conditions on other tables
 * @property {(column: string, text: string) => string[]} [namesOf] names of a group in a column;
 *   without it they are compared as texts
 */

/**
 * Reads a condition.
 * @param {string} text
 * @param {Table} table
 * @param {Beside} [beside]
 * @returns {(row: number) => boolean} whether it holds in a row; what is not known does not hold
 * @throws {QueryError} if it cannot be read, names an unknown column, or compares what cannot be
 */
export function compile(text, table, { groups, namesOf } = {}) {
  const { at } = new Reader(text, scopesOf(table, groups), namesOf ?? null).conditionAlone();
  return (row) => at(row) === true;
}

/**
 * Reads the names of columns.
 * @param {string} text such as "group, groups.order"
 * @param {Table} table
 * @param {Beside} [beside]
 * @returns {Array<{name: string, column: import("./tables.js").Column, at: (row: number) => any}>}
 * @throws {QueryError}
 */
export function readColumns(text, table, { groups } = {}) {
  const reader = new Reader(text, scopesOf(table, groups));
  const seen = new Set();
  return reader.columns().map(({ piece, descending }) => {
    const again = seen.has(piece.column.name);
    if (descending || again) {
      reader.refuse(piece.position, descending ? "'desc' belongs to the order" : "a column can be named only once");
    }
    seen.add(piece.column.name);
    return { name: piece.column.name, column: piece.column, at: piece.at };
  });
}

/**
 * Reads an order.
 * @param {string} text such as "order desc, group"
 * @param {Table} table
 * @param {Beside} [beside]
 * @returns {Array<{name: string, descending: boolean, at: (row: number) => any}>}
 * @throws {QueryError}
 */
export function readOrder(text, table, { groups } = {}) {
  return new Reader(text, scopesOf(table, groups)).columns().map(({ piece, descending }) => ({
    name: piece.key === `${table.name}.${piece.column.name}` ? piece.column.name : piece.key,
    descending,
    at: piece.at,
  }));
}

/**
 * The rows in which a condition holds, in the order of the table; the page breathes in between.
 * @param {Table} table
 * @param {((row: number) => boolean)|null} holds null for all rows
 * @param {AbortSignal} [signal]
 * @returns {Promise<Int32Array>}
 */
export async function rowsWhere(table, holds, signal) {
  const found = new Int32Array(table.rows);
  let count = 0;
  for (let start = 0; start < table.rows; start += ROWS_AT_ONCE) {
    if (start > 0) await breath();
    signal?.throwIfAborted();
    const end = Math.min(start + ROWS_AT_ONCE, table.rows);
    for (let row = start; row < end; row += 1) {
      if (holds === null || holds(row)) {
        found[count] = row;
        count += 1;
      }
    }
  }
  return found.slice(0, count);
}

/**
 * Rows in another order. What is not known comes last; rows that agree stay as they were.
 * @param {Int32Array} rows
 * @param {ReturnType<typeof readOrder>} order
 * @param {AbortSignal} [signal]
 * @returns {Promise<Int32Array>}
 */
export async function sortedRows(rows, order, signal) {
  let found = rows;
  for (const { at, descending } of [...order].reverse()) {
    await breath();
    signal?.throwIfAborted();
    found = await ranks(found, at, descending);
  }
  return found;
}

/**
 * The value of a column for each row, as a function.
 * @param {Table} table
 * @param {Table} [groups]
 */
function scopesOf(table, groups) {
  const scopes = [{ table, rowOf: null }];
  if (table.name !== "groups" && table.column("group") && groups) {
    scopes.push({ table: groups, rowOf: joined(table, groups) });
  }
  return scopes;
}

const joins = new WeakMap();

/** The row of `groups` for each row of a table, found when it is first asked. */
function joined(table, groups) {
  let rows = null;
  return (row) => {
    rows ??= joinedRows(table, groups);
    return rows[row] < 0 ? null : rows[row];
  };
}

function joinedRows(table, groups) {
  const known = joins.get(table);
  if (known?.groups === groups) return known.rows;
  const places = new Map(Array.from(groups.column("group").values, (name, row) => [name, row]));
  const names = table.column("group").values;
  const rows = new Int32Array(table.rows);
  for (let row = 0; row < table.rows; row += 1) {
    rows[row] = row > 0 && names[row] === names[row - 1] ? rows[row - 1] : places.get(names[row]) ?? -1;
  }
  joins.set(table, { groups, rows });
  return rows;
}
