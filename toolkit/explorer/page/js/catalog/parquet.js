/**
 * Tables as Parquet files, which DuckDB, pandas, pyarrow, R and others read: plain values, missing
 * ones by definition levels, lists as lists, compressed with gzip by the browser itself.
 */

import { Bytes, utf8 } from "./bytes.js";
import { breath } from "./breath.js";
import { struct } from "./thrift.js";

const MAGIC = utf8("PAR1");
/** As in the bundled catalog: the least that a reader unpacks. */
const ROWS_PER_GROUP = 20000;
const GZIP = 2;
const PLAIN = 0;
const RLE = 3;
const OPTIONAL = 1;
const REPEATED = 2;
const REQUIRED = 0;
const UTF8 = 0;
const LIST = 3;

/** The physical types of Parquet, and how a value is written. */
const TYPES = {
  int32: { code: 1, put: (out, value) => out.int32(value) },
  int64: { code: 2, put: (out, value) => out.int64(value) },
  float64: { code: 5, put: (out, value) => out.float64(value) },
  bool: { code: 0 },
  string: { code: 6 },
  "list<string>": { code: 6 },
};

/**
 * @typedef {object} ParquetColumn
 * @property {string} name
 * @property {keyof typeof TYPES} type
 * @property {(row: number) => any} at the value in a row, null where there is none
 */

/**
 * A table as a Parquet file.
 * @param {ParquetColumn[]} columns
 * @param {number} rows
 * @param {{metadata?: Record<string, string>, signal?: AbortSignal,
 *   onProgress?: (done: number) => void}} [options] metadata: texts kept in the file's footer
 * @returns {Promise<Blob>}
 */
export async function parquetFile(columns, rows, { metadata = {}, signal, onProgress } = {}) {
  const parts = [MAGIC];
  let offset = MAGIC.length;
  const groups = [];
  for (let start = 0; start < rows; start += ROWS_PER_GROUP) {
    const end = Math.min(start + ROWS_PER_GROUP, rows);
    const packed = [];
    for (const column of columns) {
      await breath();
      signal?.throwIfAborted();
      packed.push(columnChunk(column, start, end));
    }
    const chunks = await Promise.all(packed);
    for (const chunk of chunks) {
      chunk.offset = offset;
      offset += chunk.compressed;
      parts.push(...chunk.parts);
    }
    groups.push({ rows: end - start, chunks });
    onProgress?.(end);
  }
  const foot = footer(columns, rows, groups, metadata);
  const size = new Bytes(4);
  size.int32(foot.length);
  return new Blob([...parts, foot, size.taken(), MAGIC], { type: "application/vnd.apache.parquet" });
}

/** One column of a row group: a header and a page. */
async function columnChunk(column, start, end) {
  const { body, count } = page(column, start, end);
  const packed = await gzipped(body);
  const header = struct([
    [1, "i32", 0],
    [2, "i32", body.length],
    [3, "i32", packed.length],
    [5, "struct", [[1, "i32", count], [2, "i32", PLAIN], [3, "i32", RLE], [4, "i32", RLE]]],
  ]);
  return {
    parts: [header, packed],
    offset: 0,
    count,
    compressed: header.length + packed.length,
    uncompressed: header.length + body.length,
  };
}

/** The values of some rows: levels, then the values that are there. */
function page(column, start, end) {
  if (column.type === "list<string>") return listPage(column, start, end);
  const levels = [];
  const present = [];
  for (let row = start; row < end; row += 1) {
    const value = column.at(row);
    const known = value !== null && value !== undefined;
    levels.push(known ? 1 : 0);
    if (known) present.push(value);
  }
  const out = new Bytes(8 * levels.length + 64);
  putLevels(out, levels, 1);
  putValues(out, column.type, present);
  return { body: out.taken(), count: levels.length };
}

function listPage(column, start, end) {
  const repetition = [];
  const definition = [];
  const present = [];
  for (let row = start; row < end; row += 1) {
    const list = column.at(row);
    if (list === null || list === undefined || list.length === 0) {
      repetition.push(0);
      definition.push(list ? 1 : 0);
      continue;
    }
    list.forEach((item, i) => {
      repetition.push(i === 0 ? 0 : 1);
      definition.push(2);
      present.push(item);
    });
  }
  const out = new Bytes(8 * definition.length + 64);
  putLevels(out, repetition, 1);
  putLevels(out, definition, 2);
  putValues(out, column.type, present);
  return { body: out.taken(), count: definition.length };
}

/** Levels as runs of equal ones, with their length in front. */
function putLevels(out, levels, bits) {
  const runs = new Bytes();
  for (let i = 0; i < levels.length;) {
    let end = i + 1;
    while (end < levels.length && levels[end] === levels[i]) end += 1;
    runs.varint(2 * (end - i));
    runs.byte(levels[i] & ((1 << bits) - 1));
    i = end;
  }
  out.int32(runs.length);
  out.append(runs.taken());
}

function putValues(out, type, values) {
  if (type === "bool") putBits(out, values);
  else if (TYPES[type].put) for (const value of values) TYPES[type].put(out, value);
  else putTexts(out, values);
}

function putBits(out, values) {
  for (let i = 0; i < values.length; i += 8) {
    let byte = 0;
    for (let j = 0; j < 8 && i + j < values.length; j += 1) byte |= values[i + j] ? 1 << j : 0;
    out.byte(byte);
  }
}

/** Texts with their lengths in front; each text is encoded once. */
function putTexts(out, values) {
  const known = new Map();
  for (const value of values) {
    let bytes = known.get(value);
    if (bytes === undefined) {
      bytes = utf8(value);
      known.set(value, bytes);
    }
    out.int32(bytes.length);
    out.append(bytes);
  }
}

async function gzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function footer(columns, rows, groups, metadata) {
  const schema = [
    [[4, "binary", "schema"], [5, "i32", columns.length]],
    ...columns.flatMap(schemaOf),
  ];
  return struct([
    [1, "i32", 1],
    [2, "list", ["struct", schema]],
    [3, "i64", rows],
    [4, "list", ["struct", groups.map((group) => rowGroup(columns, group))]],
    [5, "list", ["struct", Object.entries(metadata).map(([key, value]) => [[1, "binary", key], [2, "binary", value]])]],
    [6, "binary", "plrep explorer"],
  ]);
}

/** What the footer says of a column: one element, or three for a list. */
function schemaOf({ name, type }) {
  const text = [10, "struct", [[1, "struct", []]]];
  if (type === "list<string>") {
    return [
      [[3, "i32", OPTIONAL], [4, "binary", name], [5, "i32", 1], [6, "i32", LIST], [10, "struct", [[3, "struct", []]]]],
      [[3, "i32", REPEATED], [4, "binary", "list"], [5, "i32", 1]],
      [[1, "i32", TYPES[type].code], [3, "i32", REQUIRED], [4, "binary", "element"], [6, "i32", UTF8], text],
    ];
  }
  const plain = [[1, "i32", TYPES[type].code], [3, "i32", OPTIONAL], [4, "binary", name]];
  return [type === "string" ? [...plain, [6, "i32", UTF8], text] : plain];
}

function rowGroup(columns, { rows, chunks }) {
  const described = columns.map((column, i) => [
    [2, "i64", chunks[i].offset],
    [3, "struct", [
      [1, "i32", TYPES[column.type].code],
      [2, "list", ["i32", [PLAIN, RLE]]],
      [3, "list", ["binary", pathOf(column)]],
      [4, "i32", GZIP],
      [5, "i64", chunks[i].count],
      [6, "i64", chunks[i].uncompressed],
      [7, "i64", chunks[i].compressed],
      [9, "i64", chunks[i].offset],
    ]],
  ]);
  const size = chunks.reduce((sum, chunk) => sum + chunk.uncompressed, 0);
  return [[1, "list", ["struct", described]], [2, "i64", size], [3, "i64", rows]];
}

function pathOf({ name, type }) {
  return type === "list<string>" ? [name, "list", "element"] : [name];
}
