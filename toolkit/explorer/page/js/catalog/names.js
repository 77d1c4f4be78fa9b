/** Names of groups in conditions: `group = 'S3'` means the group, whatever the catalog calls it. */

/**
 * What tells the names of groups, if a text may need it.
 * @param {object} data of the app
 * @param {string} text a condition
 * @returns {Promise<((column: string, text: string) => string[])|undefined>}
 */
export async function namesFor(data, text) {
  if (!/\b(group|quotient)\b/.test(text)) return undefined;
  return namesIn(await data.names());
}

/**
 * @param {Record<string, string>} names alias in lower case -> canonical name
 * @returns {(column: string, text: string) => string[]}
 */
export function namesIn(names) {
  return (column, text) => {
    const given = text.trim().replace(/\s+/g, " ");
    const library = /^SmallGroup\(\s*(\d+)\s*,\s*(\d+)\s*\)$/i.exec(given);
    if (library) return [`SmallGroup(${Number(library[1])},${Number(library[2])})`];
    const lower = given.toLowerCase();
    for (const key of [lower, lower.replaceAll(" ", "")]) {
      if (Object.hasOwn(names, key)) return [names[key]];
    }
    throw Object.assign(new Error(`no group of this page is called '${text}'`), {
      problem: `no group of this page is called '${text}'`,
      suggestion: column === "group" ? "plrep find reads every name" : "",
    });
  };
}
