/**
 * Records as the views read them, from the shorter form in which files keep them: matrices and
 * vectors as positions in a list of values, images as differences or not at all, pictures as lists
 * of numbers, closed sets that are those of the normal subgroups. Nothing is decided here; the
 * Python side is toolkit/explorer/record (coded, maps, pictures, lattices, unpacked).
 */

import { restoredModule, restoredRecord } from "./restore.js";

/** Pixels between the end of a route and the tip of its head; a row's band around its boxes. */
const HEAD = 4;
const PADDING = 9;
const KINDS = ["even", "odd", "even and odd"];
/** Vectors of different points of a regular module are much farther apart. */
const NEAR = 1e-6;
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

function makeRecord(packed) {
  const record = restoredRecord(packed);
  const full = { ...record };
  onDemand(full, "models", () => unpackedModels(record.models, record.values, record.words));
  full.modules = (record.modules ?? []).map((module) => unpackedModule(module, full));
  return full;
}

/**
 * Return the record of a module in full; what is long is unpacked when it is first read.
 * @param {object} packed
 * @param {object} record  of its group; its models take up those that come with the module.
 * @returns {object}
 */
export function unpackedModule(packed, record) {
  const module = restoredModule(packed);
  const words = module.words ?? record.words ?? [];
  const full = { ...module };
  if (module.models) {
    full.models = unpackedModels(module.models, module.values, words);
    const value = { ...full.models, ...record.models };
    Object.defineProperty(record, "models", { value, enumerable: true, configurable: true });
  }
  const later = (name, make) => module[name] && onDemand(full, name, () => make(module[name]));
  later("vectors", (vectors) => unpackedVectors(vectors, module.values));
  later("images", (images) =>
    images === "regular"
      ? regularImages(full.models ?? record.models, full.vectors)
      : unpackedImages(images, words),
  );
  later("pictures", (pictures) => mapValues(pictures, unpackedPicture));
  later("closed", (closed) =>
    mapValues(closed, (lattice) =>
      lattice === "normal" ? latticeOfNormal(module, record) : unpackedLattice(lattice),
    ),
  );
  return full;
}

/** Sets a property that is computed when it is first read. */
function onDemand(object, name, make) {
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = make();
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
      return value;
    },
  });
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
 * Return the images of a regular module, whose points are numbered in the order in which words in
 * the generators first reach them. A point is known by its vectors, by rho(g) w_{x^g} = w_x.
 * @param {Object<string, number[][]>} models
 * @param {Object<string, {generic: number[]}>} vectors
 * @returns {number[][]}
 */
export function regularImages(models, vectors) {
  const parts = Object.keys(vectors)
    .filter((label) => models[label])
    .map((label) => ({ matrices: models[label], base: vectors[label].generic }));
  const first = Float64Array.from(parts.flatMap(({ base }) => base));
  const direction = first.map((_, i) => Math.cos(i + 1));
  const points = [];
  const heights = [];
  const number = (point) => {
    let height = 0;
    for (let i = 0; i < point.length; i += 1) height += point[i] * direction[i];
    for (let j = 0; j < points.length; j += 1) {
      if (Math.abs(heights[j] - height) < NEAR && isNear(points[j], point)) return j;
    }
    points.push(point);
    heights.push(height);
    return points.length - 1;
  };
  number(first);
  const out = parts[0].matrices.map(() => []);
  for (let x = 0; x < points.length; x += 1) {
    out.forEach((row, g) => {
      const moved = new Float64Array(first.length);
      let start = 0;
      for (const { matrices, base } of parts) {
        addMoved(moved, points[x], start, matrices[g], base.length);
        start += base.length;
      }
      row.push(number(moved));
    });
  }
  return out;
}

/** Adds the product of the transposed matrix and a part of a vector to that part of another. */
function addMoved(moved, point, start, matrix, d) {
  for (let k = 0; k < d; k += 1) {
    const x = point[start + k];
    if (x === 0) continue;
    for (let i = 0; i < d; i += 1) moved[start + i] += matrix[k * d + i] * x;
  }
}

function isNear(one, two) {
  return one.every((x, i) => Math.abs(x - two[i]) < NEAR);
}

/**
 * Return a picture with bands, boxes by name, and routes as paths of SVG.
 * @param {object} picture  layers, boxes and routes as lists of numbers.
 * @returns {object}
 */
export function unpackedPicture(picture) {
  const { layers, width, height, grouped, reduced } = picture;
  const boxes = picture.boxes.map(([layer, x, w, h, mutual, ...members]) => {
    const [, top, bottom] = layers[layer];
    const y = Math.floor((top + bottom) / 2);
    return { members, x, y, w, h, mutual: mutual === 1, layer };
  });
  const bands = [];
  for (const [order, top, bottom] of layers) {
    const last = bands.at(-1);
    if (last && last.order === order) last.bottom = bottom + PADDING;
    else bands.push({ order, top: top - PADDING, bottom: bottom + PADDING });
  }
  const rows = [...boxes].sort((one, two) => one.y - two.y || one.x - two.x);
  const routes = picture.routes.map((route) => unpackedRoute(route, boxes, layers));
  const order = rows.flatMap((box) => box.members);
  return { width, height, grouped, reduced, boxes, bands, routes, order };
}

function unpackedRoute([source, target, kind, ends, ...rest], boxes, layers) {
  const route = { kind: KINDS[kind], from: source, to: target, both: ends === 3 };
  let [one, two] = [boxes[source], boxes[target]];
  if (one.layer === two.layer) return { ...route, ...arc(one, two, ends, rest, layers) };
  if (one.layer > two.layer) [one, two] = [two, one];
  const first = one.y + one.h / 2;
  const last = two.y - two.h / 2;
  const [atStart, atEnd] = [ends >> 1, ends & 1];
  const heads = [];
  if (atStart) heads.push([rest[0], first, 0, -1]);
  if (atEnd) heads.push([rest.at(-1), last, 0, 1]);
  let y = first + HEAD * atStart;
  const stop = last - HEAD * atEnd;
  let path = `M${rest[0]} ${y}`;
  for (let i = 1; i < rest.length; i += 1) {
    const [, , bottom] = layers[one.layer + i - 1];
    const [, top] = layers[one.layer + i];
    const high = Math.max(y, bottom);
    const low = Math.min(stop, top);
    const middle = (high + low) / 2;
    if (high > y) path += `V${high}`;
    path += `C${rest[i - 1]} ${middle} ${rest[i]} ${middle} ${rest[i]} ${low}`;
    y = low;
  }
  if (stop > y) path += `V${stop}`;
  return { ...route, d: path, heads };
}

/** The arc above a layer: two quarters of ellipses, far apart with a line between. */
function arc(one, two, ends, [x, x1, rise], layers) {
  const first = one.y - one.h / 2;
  const last = two.y - two.h / 2;
  const heads = [[x1, last, 0, 1]];
  if (ends >> 1) heads.unshift([x, first, 0, 1]);
  const way = x1 > x ? 1 : -1;
  const base = layers[one.layer][1] - HEAD;
  const apex = base - rise;
  const reach = way * Math.min(Math.abs(x1 - x) / 2, 3.2 * rise);
  const tenths = (value) => Math.round(10 * value) / 10;
  const quarter = `A${tenths(Math.abs(reach))} ${rise} 0 0 ${way > 0 ? 1 : 0}`;
  const path =
    `M${x} ${first - HEAD * (ends >> 1)}V${base}${quarter} ${tenths(x + reach)} ${apex}` +
    `H${tenths(x1 - reach)}${quarter} ${x1} ${base}V${last - HEAD}`;
  return { d: path, heads };
}

function unpackedLattice({ sets, covers, ...rest }) {
  return {
    ...rest,
    sets: sets.map(([x, y, ...members]) => ({ members, x, y })),
    covers: Array.from({ length: covers.length / 2 }, (_, i) => covers.slice(2 * i, 2 * i + 2)),
  };
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
  const above = normal.map((_, i) => new Set([i]));
  const covers = normal.flatMap((n, j) => n.covers.map((label) => [j, place.get(label)]));
  // normal subgroups rise: what lies above the larger one is complete first
  for (const [j, low] of [...covers].reverse()) for (const k of above[j]) above[low].add(k);
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
