/** Bytes that grow: little-endian numbers, variable-length integers, texts. */

const encoder = new TextEncoder();
const HALF = 2 ** 32;

/** A place to write bytes to, one after the other. */
export class Bytes {
  constructor(room = 1024) {
    this.array = new Uint8Array(room);
    this.view = new DataView(this.array.buffer);
    this.length = 0;
  }

  /** Makes room for so many more bytes, in another array if need be, and returns where they start. */
  room(count) {
    const start = this.length;
    this.length += count;
    if (this.length > this.array.length) {
      const larger = new Uint8Array(Math.max(2 * this.array.length, this.length));
      larger.set(this.array.subarray(0, start));
      this.array = larger;
      this.view = new DataView(larger.buffer);
    }
    return start;
  }

  byte(value) {
    const at = this.room(1);
    this.array[at] = value;
  }

  int32(value) {
    const at = this.room(4);
    this.view.setInt32(at, value, true);
  }

  /** A whole number that a page can hold, in two halves. */
  int64(value) {
    const at = this.room(8);
    this.view.setUint32(at, value % HALF, true);
    this.view.setInt32(at + 4, Math.floor(value / HALF), true);
  }

  float64(value) {
    const at = this.room(8);
    this.view.setFloat64(at, value, true);
  }

  /** An unsigned integer, seven bits a byte, the low ones first. */
  varint(value) {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A signed integer in zigzag order: 0, -1, 1, -2, ... */
  zigzag(value) {
    this.varint(value >= 0 ? 2 * value : -2 * value - 1);
  }

  append(bytes) {
    const at = this.room(bytes.length);
    this.array.set(bytes, at);
  }

  /** What has been written. */
  taken() {
    return this.array.subarray(0, this.length);
  }
}

/**
 * The bytes of a text in UTF-8.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function utf8(text) {
  return encoder.encode(text);
}
