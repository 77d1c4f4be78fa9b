/** The tables of the catalog in the browser: their columns, unpacked when somebody looks. */

/**
 * @typedef {"number"|"text"|"truth"|"list"} Kind of a column in the filter language
 *
 * @typedef {object} Column
 * @property {string} name
 * @property {string} type as in Parquet: string, int32, int64, bool, float64, list<string>
 * @property {Kind} kind
 * @property {string} meaning one sentence
 * @property {ArrayLike<any>} values one for each row; null where nothing is known
 *
 * @typedef {object} Table
 * @property {string} name
 * @property {string} meaning what a row is
 * @property {number} rows
 * @property {Column[]} columns
 * @property {(name: string) => Column|undefined} column
 * @property {Record<string, ArrayLike<any>>} extra what the page knows besides, such as titles
 *
 * @typedef {object} Description what `tables.json.gz` says of a table
 * @property {string} name
 * @property {string} meaning
 * @property {number} rows
 * @property {string|null} file where its rows are, null if they are not on the page
 * @property {number|null} bytes
 * @property {string|null} absent why they are not
 * @property {Array<{name: string, type: string, kind: Kind, meaning: string}>} columns
 */

const opened = new WeakMap();

/**
 * All tables of the catalog, those too whose rows are not on the page.
 * @param {object} data of the app
 * @returns {Promise<Description[]>}
 */
export async function listTables(data) {
  return (await data.file("tables.json.gz")).tables;
}

/**
 * A table with its rows; each file is read once.
 * @param {object} data of the app
 * @param {string} name
 * @returns {Promise<Table>}
 */
export function openTable(data, name) {
  if (!opened.has(data)) opened.set(data, new Map());
  const known = opened.get(data);
  if (!known.has(name)) {
    const file = name === "groups" ? "groups.json.gz" : `tables/${name}.json.gz`;
    const made = data.file(file).then(readTable);
    made.catch(() => known.delete(name));
    known.set(name, made);
  }
  return known.get(name);
}

/**
 * A table from the data of its file.
 * @param {object} data
 * @returns {Table}
 */
export function readTable(data) {
  const lazy = (form) => lazyColumn(form, data.rows, () => columns[0].values);
  const columns = data.columns.map(lazy);
  const extra = {};
  for (const column of (data.extra ?? []).map(lazy)) {
    Object.defineProperty(extra, column.name, { get: () => column.values });
  }
  return tableOf({ name: data.table, meaning: data.meaning, rows: data.rows, columns, extra });
}

/**
 * A table from its columns.
 * @param {{name: string, meaning: string, rows: number, columns: Column[], extra?: object}} parts
 * @returns {Table}
 */
export function tableOf(parts) {
  const byName = new Map(parts.columns.map((column) => [column.name, column]));
  return { extra: {}, ...parts, column: (name) => byName.get(name) };
}

/**
 * A table without rows, to read conditions by.
 * @param {Description} description
 * @returns {Table}
 */
export function emptyTable(description) {
  return tableOf({
    name: description.name,
    meaning: description.meaning,
    rows: 0,
    columns: description.columns.map((column) => ({ ...column, values: [] })),
  });
}

function lazyColumn({ name, type, kind, meaning, ...form }, rows, first) {
  let values = null;
  return {
    name,
    type,
    kind,
    meaning,
    get values() {
      values ??= unpacked(form, rows, first);
      return values;
    },
  };
}

function unpacked(form, rows, first) {
  if (form.values) return form.values;
  if (form.dictionary) {
    const { dictionary, codes } = form;
    return codes.map((code) => dictionary[code]);
  }
  const values = new Array(rows);
  if (form.runs) {
    let at = 0;
    form.runs[0].forEach((value, i) => {
      const end = at + form.runs[1][i];
      values.fill(value, at, end);
      at = end;
    });
    return values;
  }
  const labels = [];
  const before = first();
  let number = 0;
  for (let row = 0; row < rows; row += 1) {
    number = row > 0 && before[row] === before[row - 1] ? number + 1 : 0;
    labels[number] ??= `${form.numbered}${number}`;
    values[row] = labels[number];
  }
  return values;
}
