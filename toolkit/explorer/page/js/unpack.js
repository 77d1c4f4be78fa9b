/**
 * Records as the views read them, from the shorter form in which files keep them: matrices and
 * vectors as positions in a list of values, images as differences, routes without their heads,
 * closed sets that are those of the normal subgroups. Nothing is decided here; the Python side is
 * toolkit/explorer/record (coded, maps, pictures, lattices).
 */

/** Pixels between the end of a route and the tip of its head. */
const HEAD = 4;
const done = new WeakMap();

/**
 * Return a record in full; its modules too. The packed record is not changed.
 * @param {object} record
 * @returns {object}
 */
export function unpackedRecord(record) {
  if (!done.has(record)) done.set(record, makeRecord(record));
  return done.get(record);
}

function makeRecord(record) {
  const models = unpackedModels(record.models, record.values, record.words);
  const full = { ...record, models };
  full.modules = (record.modules ?? []).map((module) => unpackedModule(module, full));
  return full;
}

/**
 * Return the record of a module in full.
 * @param {object} module  packed.
 * @param {object} record  of its group; its models take up those that come with the module.
 * @returns {object}
 */
export function unpackedModule(module, record) {
  const words = module.words ?? record.words ?? [];
  const full = { ...module };
  if (module.models) {
    full.models = unpackedModels(module.models, module.values, words);
    record.models = { ...full.models, ...record.models };
  }
  if (module.vectors) full.vectors = unpackedVectors(module.vectors, module.values);
  if (module.images) full.images = unpackedImages(module.images, words);
  if (module.pictures) full.pictures = mapValues(module.pictures, unpackedPicture);
  if (module.closed) {
    full.closed = mapValues(module.closed, (lattice) =>
      lattice === "normal" ? latticeOfNormal(module, record) : lattice,
    );
  }
  return full;
}

function mapValues(object, change) {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, value === null ? null : change(value)]),
  );
}

/**
 * Return a listed value: a number, "sqrt(3/4)", or "cos(5/32)" of 5/32 of a full turn.
 * @param {number|string} value
 * @returns {number}
 */
export function numberOf(value) {
  if (typeof value === "number") return value;
  const found = /^(sqrt|cos)\((\d+)\/(\d+)\)$/.exec(value);
  if (!found) throw new Error(`This record holds ${value} where a number was expected.`);
  const quotient = Number(found[2]) / Number(found[3]);
  return found[1] === "sqrt" ? Math.sqrt(quotient) : Math.cos(2 * Math.PI * quotient);
}

/** Return the function from codes to numbers: 0, or plus or minus the j-th value. */
function decoder(values) {
  const sizes = (values ?? []).map(numberOf);
  return (codes) =>
    codes.map((code) => (code === 0 ? 0 : code > 0 ? sizes[code - 1] : -sizes[-code - 1]));
}

/**
 * Return the matrices of the simples, row by row per generator.
 * @param {object|null} models  coded; null for a generator that is a word in others.
 * @param {(number|string)[]} values
 * @param {(number[]|null)[]} words
 * @returns {Object<string, number[][]>|null}
 */
export function unpackedModels(models, values, words) {
  if (!models) return null;
  const decoded = decoder(values);
  return mapValues(models, (coded) => {
    const out = coded.map((codes) => (codes === null ? null : decoded(codes)));
    out.forEach((matrix, i) => {
      if (matrix === null) out[i] = words[i].map((g) => out[g]).reduce(product);
    });
    return out;
  });
}

function product(a, b) {
  const d = Math.round(Math.sqrt(a.length));
  return a.map((_, at) => {
    const row = at - (at % d);
    let sum = 0;
    for (let k = 0; k < d; k += 1) sum += a[row + k] * b[k * d + (at % d)];
    return sum;
  });
}

function unpackedVectors(vectors, values) {
  const decoded = decoder(values);
  return mapValues(vectors, ({ generic, copies }) => ({
    generic: decoded(generic ?? copies[0]),
    copies: copies.map(decoded),
  }));
}

/**
 * Return the images of the points under each generator.
 * @param {(number[]|null)[]} images  differences modulo the degree; null for words.
 * @param {(number[]|null)[]} words  the left factor acts first.
 * @returns {number[][]}
 */
export function unpackedImages(images, words) {
  const out = images.map((row) => row && row.map((step, x) => (x + step) % row.length));
  out.forEach((row, i) => {
    if (row !== null) return;
    const [first, ...rest] = words[i];
    out[i] = out[first].map((x) => rest.reduce((y, g) => out[g][y], x));
  });
  return out;
}

/**
 * Return a picture with heads, and with paths in the words of SVG.
 * @param {object} picture
 * @returns {object}
 */
export function unpackedPicture(picture) {
  return { ...picture, routes: picture.routes.map(unpackedRoute) };
}

/** Replaces the word "s dx dy" by the curve that it stands for, and finds the heads. */
function unpackedRoute({ ends, ...route }) {
  const parts = route.d.match(/[a-zA-Z][^a-zA-Z]*/g).map((part) => ({
    word: part[0],
    numbers: part.slice(1).match(/-?\d+/g).map(Number),
  }));
  const [x0, y0] = parts[0].numbers;
  let [x, y] = [x0, y0];
  for (const { word, numbers } of parts.slice(1)) {
    if (word !== "v") x += numbers.at(word === "h" ? -1 : -2);
    if (word !== "h") y += numbers.at(-1);
  }
  const heads = [];
  if (ends & 2) heads.push(head(x0, y0, -startOf(parts[1])));
  if (ends & 1) heads.push(head(x, y, endOf(parts.at(-1))));
  return { ...route, d: parts.map(inSvg).join(""), both: ends === 3, heads };
}

/** The head of a line that ends at (x, y) and leads down (1) or up (-1) there. */
function head(x, y, way) {
  return [x, y + HEAD * way, 0, way];
}

/** Whether a part of a path begins downwards (1) or upwards (-1). */
function startOf({ word, numbers }) {
  return Math.sign(word === "c" ? numbers[1] || numbers[5] : numbers.at(-1));
}

/** Whether a part of a path ends downwards (1) or upwards (-1). */
function endOf({ word, numbers }) {
  return Math.sign(word === "c" ? numbers[5] - numbers[3] || numbers[5] : numbers.at(-1));
}

function inSvg({ word, numbers }) {
  if (word !== "s") return word + numbers.join(" ");
  const [dx, dy] = numbers;
  return `c0 ${dy / 2} ${dx} ${dy / 2} ${dx} ${dy}`;
}

/**
 * Return the closed sets of a regular module: {K : N <= ker K} for the normal subgroups N.
 * @param {object} module
 * @param {object} record
 * @returns {object|null}
 */
export function latticeOfNormal(module, record) {
  const { lattice, normal } = record;
  if (!lattice || !normal || record.normal_complete === false) return null;
  const place = new Map(normal.map((n, i) => [n.label, i]));
  const above = normal.map((n, i) => new Set([i]));
  const covers = [];
  // normal subgroups rise: all that lies above one comes later
  normal.forEach((n, j) => {
    for (const label of n.covers) covers.push([j, place.get(label)]);
  });
  for (let i = normal.length - 1; i >= 0; i -= 1) {
    for (const [j, low] of covers) {
      if (low === i) for (const k of above[j]) above[i].add(k);
    }
  }
  const kernels = module.contents.map((entry) => place.get(record.simples[entry.simple].kernel));
  const order = normal.map((_, i) => normal.length - 1 - i);
  const number = new Map(order.map((i, at) => [i, at]));
  return {
    sets: order.map((i) => ({
      members: [...kernels.keys()].filter((k) => above[i].has(kernels[k])),
      x: lattice.positions[i][0],
      y: lattice.positions[i][1],
    })),
    covers: covers.map(([large, small]) => [number.get(large), number.get(small)]),
    width: lattice.width,
    height: lattice.height,
    spacing: lattice.spacing,
    normal: order.map((i) => normal[i].label),
  };
}
