/** What the search looks through; each is read once, at the first key. */

import { compile } from "../catalog/find.js";
import { namesIn } from "../catalog/names.js";
import { openTable } from "../catalog/tables.js";

/**
 * @param {object} app
 * @returns {Promise<import("./suggest.js").Sources>}
 */
export async function searchSources(app) {
  const [names, table] = await Promise.all([
    app.data.names().catch(() => null),
    openTable(app.data, "groups").catch(() => null),
  ]);
  if (table === null) return { names, columns: null, condition: null };
  const columns = Object.fromEntries(["group", "order", "description"].map((name) => [name, table.column(name).values]));
  const condition = (text) => {
    try {
      return compile(text, table, { namesOf: names ? namesIn(names) : undefined });
    } catch {
      return null;
    }
  };
  return { names, columns, condition };
}
