/** Names of groups in conditions: `group = 'S3'` means the group, whatever the catalog calls it. */

import { keyOf } from "../search/key.js";
import { openTable } from "./tables.js";
import { tokens } from "./tokens.js";

const LIBRARY = /^SmallGroup\(\s*(\d+)\s*,\s*(\d+)\s*\)$/i;

/**
 * What tells the names of groups, if a text may need it.
 * @param {object} data of the app
 * @param {string} text a condition
 * @returns {Promise<((column: string, text: string) => string[])|undefined>}
 */
export async function namesFor(data, text) {
  if (!/\b(group|quotient)\b/.test(text)) return undefined;
  let words;
  try {
    words = tokens(text).filter((token) => token.kind === "text").map((token) => token.text.slice(1, -1));
  } catch {
    return namesIn({});
  }
  const names = {};
  for (const word of words) names[keyOf(word)] = await inCatalog(data, word).catch(() => null);
  return namesIn(names);
}

/**
 * The name that a group has in the catalog, from what somebody typed.
 * @param {object} data of the app
 * @param {string} given
 * @returns {Promise<string|null>} null where nobody is called so
 */
async function inCatalog(data, given) {
  const name = await data.canonical(given);
  if (name === null || LIBRARY.test(name)) return name;
  const groups = await openTable(data, "groups");
  const row = Array.from(groups.extra.title ?? []).indexOf(name);
  if (row >= 0) return groups.column("group").values[row];
  const record = await data.record(name);
  return record.aliases?.find((alias) => LIBRARY.test(alias)) ?? name;
}

/**
 * @param {Record<string, string|null>} names from keys (`keyOf`) to names of the catalog
 * @returns {(column: string, text: string) => string[]}
 */
export function namesIn(names) {
  return (column, text) => {
    const library = LIBRARY.exec(text.trim());
    if (library) return [`SmallGroup(${Number(library[1])},${Number(library[2])})`];
    const found = Object.hasOwn(names, keyOf(text)) ? names[keyOf(text)] : null;
    if (found !== null) return [found];
    throw Object.assign(new Error("a name of a group is required"), {
      problem: `no group of this page is called '${text}'`,
      suggestion: column === "group" ? "plrep find reads every name" : "",
    });
  };
}
