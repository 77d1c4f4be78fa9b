/** Sorting by counting: fast where a column has far fewer values than rows, and always stable. */

import { breath } from "./breath.js";

const AT_ONCE = 40000;

/**
 * Rows sorted by a value.
 * @param {Int32Array} rows
 * @param {(row: number) => any} at numbers, texts, truth, lists; null comes last in both directions
 * @param {boolean} descending
 * @returns {Promise<Int32Array>}
 */
export async function ranks(rows, at, descending) {
  const numbers = new Map();
  const values = [];
  const counts = [];
  const codes = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    if (i % AT_ONCE === AT_ONCE - 1) await breath();
    const value = at(rows[i]);
    const key = Array.isArray(value) ? value.join("\0") + "\0" : value;
    let code = numbers.get(key);
    if (code === undefined) {
      code = values.length;
      numbers.set(key, code);
      values.push(value);
      counts.push(0);
    }
    codes[i] = code;
    counts[code] += 1;
  }
  const ordered = values.map((_, code) => code).sort((a, b) => compared(values[a], values[b], descending));
  const places = new Int32Array(values.length);
  let next = 0;
  for (const code of ordered) {
    places[code] = next;
    next += counts[code];
  }
  await breath();
  const found = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    found[places[codes[i]]] = rows[i];
    places[codes[i]] += 1;
  }
  return found;
}

function compared(a, b, descending) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const sign = Array.isArray(a) ? listSign(a, b) : plainSign(a, b);
  return descending ? -sign : sign;
}

function plainSign(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function listSign(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const sign = plainSign(a[i], b[i]);
    if (sign !== 0) return sign;
  }
  return a.length - b.length;
}
