/** What the search looks through; each is read once, at the first key. */

/**
 * @param {object} app
 * @returns {Promise<import("./suggest.js").Sources>} what is not there is null
 */
export async function searchSources(app) {
  const [names, groups, find, named] = await Promise.all([
    app.data.names().catch(() => null),
    openGroups(app.data).catch(() => null),
    import("../catalog/find.js"),
    import("../catalog/names.js"),
  ]);
  if (groups === null) return { names, columns: null, condition: null };
  const columns = Object.fromEntries(["group", "order", "description"].map((name) => [name, groups.column(name).values]));
  columns.title = groups.extra.title ?? [];
  const condition = async (text) => {
    try {
      return find.compile(text, groups, { namesOf: await named.namesFor(app.data, text) });
    } catch {
      return null;
    }
  };
  return { names, columns, condition };
}

async function openGroups(data) {
  const { openTable } = await import("../catalog/tables.js");
  return openTable(data, "groups");
}
