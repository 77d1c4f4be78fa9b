/**
 * Records in full from the short form of files: columns of tables, lists that are there once, what
 * follows from the rest. The Python side is toolkit/explorer/record (columns, restored), and a test
 * compares both. Nothing is decided or rounded here.
 */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Return a record with classes, characters, simples and normal subgroups in full; not its modules.
 * @param {object} record
 * @returns {object}
 */
export function restoredRecord(record) {
  if (!record.complex || record.complex.rows) return record;
  const { real_values: values, ...full } = record;
  const { indicators, legend, notes, entries } = record.complex;
  const places = placesOf(record.complex);
  full.classes = classesOf(record.classes, record.order);
  full.complex = {
    names: places.map((_, i) => `X${i}`),
    indicators: [...indicators],
    rows: places.map((row) => row.map((p) => entries[p])),
    legend,
    notes,
  };
  const inColumns = !Array.isArray(record.simples);
  const rows = inColumns ? simplesOf(record.simples, record.normal, record.order) : record.simples;
  full.simples = rows.map((simple) => {
    const first = Number(simple.constituents[0].split("X")[1]);
    const character = places[first].map((p) => values[simple.type][p]);
    return { ...simple, dimension: character[0], character };
  });
  if (!Array.isArray(record.normal)) {
    full.normal = normalOf(record.normal, full.simples, record.order);
  }
  return full;
}

/**
 * Return the record of a module with contents and pairs in full.
 * @param {object} module
 * @returns {object}
 */
export function restoredModule(module) {
  const full = { ...module };
  if (!Array.isArray(module.contents)) full.contents = contentsOf(module.contents);
  if (module.pairs?.rows) {
    full.pairs = pairsOf(
      module.pairs,
      full.contents.map((entry) => entry.fixed),
    );
  }
  if (module.orbits) {
    full.orbits = module.orbits.map((orbit) =>
      orbit.pairs.rows ? { ...orbit, pairs: pairsOf(orbit.pairs, orbit.fixed) } : orbit,
    );
  }
  return full;
}

/** The entries of the complex characters as positions, a row per character. */
function placesOf({ places, pattern, turns }) {
  if (places) {
    return places.map((row) =>
      typeof row === "string" ? Array.from(row, (digit) => DIGITS.indexOf(digit)) : row,
    );
  }
  const { modulus, rows, columns } = pattern;
  return rows.map((row) =>
    columns.map((column) => turns[row.reduce((sum, a, k) => sum + a * column[k], 0) % modulus]),
  );
}

function classesOf(columns, order) {
  const full = { names: classNames(columns.orders), ...columns };
  full.centralisers ??= columns.sizes.map((size) => order / size);
  return full;
}

/**
 * Return names of classes: the order and letters a, b, ..., z, aa, ab, ...
 * @param {number[]} orders
 * @returns {string[]}
 */
export function classNames(orders) {
  const count = new Map();
  return orders.map((order) => {
    let n = (count.get(order) ?? 0) + 1;
    count.set(order, n);
    let letters = "";
    for (; n > 0; n = Math.floor((n - 1) / 26)) {
      letters = String.fromCharCode(97 + ((n - 1) % 26)) + letters;
    }
    return `${order}${letters}`;
  });
}

function labelsOf(normal) {
  return normal.labels ?? normal.orders.map((_, i) => `N${i}`);
}

function simplesOf(columns, normal, order) {
  const labels = labelsOf(normal);
  return Array.from(columns.types, (type, i) => {
    const kernel = columns.kernels[i];
    const sign = columns.signs[i];
    return {
      label: `L${i}`,
      dimension: 0, // read off the character
      type,
      kernel: labels[kernel],
      kernel_order: normal.orders[kernel],
      action_order: order / normal.orders[kernel],
      sign: sign === null ? null : labels[sign],
      sign_order: sign === null ? columns.sign_orders[i] : normal.orders[sign],
      paper_index: columns.paper_index?.[i] ?? null,
      constituents: columns.constituents[i].map((c) => (type === "H" ? `2 X${c}` : `X${c}`)),
      partition: columns.partition?.[i] ?? null,
    };
  });
}

function normalOf(columns, simples, order) {
  const labels = labelsOf(columns);
  const kernelOf = new Map();
  const classes = new Map();
  for (const simple of simples) {
    if (!kernelOf.has(simple.kernel)) kernelOf.set(simple.kernel, []);
    kernelOf.get(simple.kernel).push(simple.label);
    if (!classes.has(simple.kernel)) classes.set(simple.kernel, kernelClasses(simple));
  }
  const below = columns.covers.map((steps, i) => steps.map((step) => i - step));
  const above = labels.map(() => []);
  below.forEach((lower, j) => lower.forEach((i) => above[i].push(j)));
  for (let i = labels.length - 1; i >= 0; i -= 1) {
    if (classes.has(labels[i])) continue; // what is no kernel is the intersection of those above
    const [first, ...rest] = above[i].map((j) => classes.get(labels[j]));
    const others = rest.map((list) => new Set(list));
    classes.set(
      labels[i],
      first.filter((c) => others.every((set) => set.has(c))),
    );
  }
  return labels.map((label, i) => ({
    label,
    order: columns.orders[i],
    index: order / columns.orders[i],
    covers: below[i].map((j) => labels[j]),
    structure: columns.structure?.[i] ?? null,
    quotient: columns.quotient?.[i] ?? null,
    classes: classes.get(label),
    kernel_of: kernelOf.get(label) ?? [],
  }));
}

function kernelClasses({ character, dimension }) {
  return [...character.keys()].filter((c) => character[c] === dimension);
}

function contentsOf(columns) {
  const { simple, ...others } = columns;
  const numbers = Array.isArray(simple) ? simple : Array.from({ length: simple }, (_, i) => i);
  const names = Object.entries(others);
  return numbers.map((number, i) => ({
    simple: number,
    label: `L${number}`,
    ...Object.fromEntries(
      names.map(([name, column]) => [name, Array.isArray(column) ? column[i] : column]),
    ),
  }));
}

function pairsOf(pairs, fixed) {
  const flat = pairs.rows.map((row) =>
    row[0] === -1 ? row.slice(1) : row.flatMap((k) => [k, fixed[k]]),
  );
  const rows = (where) => where.map((i) => pairs.rows[i]);
  return {
    even: pairs.even.map((i) => flat[i]),
    odd: pairs.odd.map((i) => flat[i]),
    degree: Object.fromEntries(
      Object.entries(pairs.degree).map(([d, where]) => [d, rows(where)]),
    ),
  };
}
