/** What the search looks through; each is read once, at the first key. */

/**
 * @param {object} app
 * @returns {Promise<import("./suggest.js").Sources>}
 */
export async function searchSources(app) {
  const [names, table, find] = await Promise.all([
    app.data.names().catch(() => null),
    app.data.file("groups.json.gz").catch(() => null),
    import("../catalog/find.js").catch(() => null),
  ]);
  const columns = table?.columns ?? null;
  const condition = (text) => {
    try {
      return find?.compile?.(text, columns) ?? null;
    } catch {
      return null;
    }
  };
  return { names, columns, condition: find && columns ? condition : null };
}
