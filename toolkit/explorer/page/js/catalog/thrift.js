/** Thrift's compact protocol, as far as the headers and the footer of Parquet need it. */

import { Bytes, utf8 } from "./bytes.js";

const KINDS = { bool: 1, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 };

/**
 * A field of a structure: its number, its kind, its value. The value of a list is
 * `[kind of its items, items]`, of a structure a list of fields; fields without a value are left
 * out.
 * @typedef {[number, keyof typeof KINDS, any]} Field
 */

/**
 * The bytes of a structure.
 * @param {Field[]} fields by rising numbers
 * @returns {Uint8Array}
 */
export function struct(fields) {
  const out = new Bytes();
  writeStruct(out, fields);
  return out.taken();
}

function writeStruct(out, fields) {
  let last = 0;
  for (const [number, kind, value] of fields) {
    if (value === undefined || value === null) continue;
    const code = kind === "bool" && !value ? 2 : KINDS[kind];
    if (number - last < 16) out.byte(((number - last) << 4) | code);
    else {
      out.byte(code);
      out.zigzag(number);
    }
    last = number;
    if (kind !== "bool") write(out, kind, value);
  }
  out.byte(0);
}

function write(out, kind, value) {
  if (kind === "struct") writeStruct(out, value);
  else if (kind === "list") writeList(out, ...value);
  else if (kind === "binary") {
    const bytes = utf8(value);
    out.varint(bytes.length);
    out.append(bytes);
  } else out.zigzag(value);
}

function writeList(out, kind, items) {
  const code = KINDS[kind];
  if (items.length < 15) out.byte((items.length << 4) | code);
  else {
    out.byte(0xf0 | code);
    out.varint(items.length);
  }
  for (const item of items) write(out, kind, item);
}
