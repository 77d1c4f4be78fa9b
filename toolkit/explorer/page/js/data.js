/** The bundled answers: manifest, shards of records, names, tables. */

import { keyOf } from "./search/key.js";
import { unpackedRecord } from "./unpack.js";

const MOST_SHARDS = 6;
const SCHEMA = 1;
const LIBRARY = /^SmallGroup\((\d+),(\d+)\)$/;

/**
 * Makes the reader of the folder `data/` beside the page.
 * @param {URL} base where the folder is
 * @param {import("./server.js").Server|null} server who answers for groups that are not bundled
 * @param {typeof fetch} [get]
 * @returns {object} record, neighbours, manifest, names, file, prefetch
 */
export function createData(base, server, get = (url, options) => fetch(url, options)) {
  const files = new Map();
  const shards = new Map();
  const answered = new Map();

  /** One file by its name, read once. */
  function file(name) {
    if (!files.has(name)) files.set(name, forgetting(files, name, read(base, name, get)));
    return files.get(name);
  }

  /** One shard: the last few stay in memory. */
  function shard(name) {
    const known = shards.get(name) ?? forgetting(shards, name, read(base, name, get));
    shards.delete(name);
    shards.set(name, known);
    while (shards.size > MOST_SHARDS) shards.delete(shards.keys().next().value);
    return known;
  }

  async function manifest() {
    const found = await file("manifest.json");
    if (found.schema !== SCHEMA) {
      throw new Error(
        `The data of this page have schema ${found.schema}, and the page reads ${SCHEMA}: ` +
          "export it again with plrep explore --export.",
      );
    }
    return found;
  }

  /**
   * The canonical name of a bundled group, or null. Where several groups are called so, the error
   * has them as `choices`.
   */
  async function canonical(name) {
    const given = name.trim().replace(/\s+/g, " ");
    const plain = /^SmallGroup\(\s*(\d+)\s*,\s*(\d+)\s*\)$/i.exec(given) ?? /^(\d+)\.(\d+)$/.exec(given);
    if (plain) return `SmallGroup(${Number(plain[1])},${Number(plain[2])})`;
    const all = await manifest();
    if (all.named && Object.hasOwn(all.named, given)) return given;
    const names = await file("names.json.gz");
    const found = Object.hasOwn(names, keyOf(given)) ? names[keyOf(given)] : null;
    if (!Array.isArray(found)) return found;
    throw Object.assign(
      new Error(`${found.length} groups here are described as ${given}: choose one.`),
      { choices: found },
    );
  }

  /** The file of the shard that holds a group, or null. */
  async function place(name) {
    const all = await manifest();
    if (all.named && Object.hasOwn(all.named, name)) return all.named[name];
    const found = LIBRARY.exec(name);
    if (!found) return null;
    const key = [Number(found[1]), Number(found[2])];
    let best = null;
    for (const one of all.shards) {
      if (before(key, one.first)) break;
      best = one.file;
    }
    return best;
  }

  async function bundled(name) {
    const wanted = await canonical(name);
    const where = wanted === null ? null : await place(wanted);
    if (where === null) return null;
    const rows = await shard(where);
    const packed = rows.find((one) => one.name === wanted);
    return packed ? unpackedRecord(packed) : null;
  }

  /**
   * The record of a group: bundled, or from the local server.
   * @param {string} name as the user typed it
   * @param {object} [options] signal and onProgress, for the server
   * @returns {Promise<object>}
   */
  async function record(name, options = {}) {
    const found = await bundled(name);
    if (found) return found;
    if (answered.has(name)) return answered.get(name);
    if (server === null) throw new Error(await absent(name));
    const made = unpackedRecord(await server.ask("record", { group: name }, options));
    answered.set(name, made);
    return made;
  }

  async function absent(name) {
    const all = await manifest();
    const count = all.shards.reduce((sum, one) => sum + one.count, 0);
    return (
      `${name} is not one of the ${count.toLocaleString("en")} groups on this page. ` +
      "Beside a local GAP the command plrep explore answers for any group."
    );
  }

  /**
   * The groups before and after one, in the order of the catalog.
   * @param {object} of a record
   * @returns {Promise<{previous: string|null, next: string|null}>}
   */
  async function neighbours(of) {
    const none = { previous: null, next: null };
    const name = [of.name, ...(of.aliases ?? [])].find((one) => LIBRARY.test(one));
    const where = name === undefined ? null : await place(name);
    if (where === null) return none;
    const all = await manifest();
    const rows = await shard(where);
    const at = rows.findIndex((one) => one.name === name);
    const which = all.shards.findIndex((one) => one.file === where);
    if (at < 0 || which < 0) return none;
    const other = async (step) => {
      if (rows[at + step]) return rows[at + step].name;
      const beside = all.shards[which + step];
      if (!beside) return null;
      const there = await shard(beside.file);
      return (step > 0 ? there[0] : there.at(-1)).name;
    };
    return { previous: await other(-1), next: await other(1) };
  }

  return { record, neighbours, manifest, canonical, file, names: () => file("names.json.gz") };
}

function before(a, b) {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

/** Drops a failed answer, so that the next call asks again. */
function forgetting(cache, key, promise) {
  promise.catch(() => cache.delete(key));
  return promise;
}

/**
 * Reads a JSON file, plain or gzipped. Some servers unpack .gz on the way: the first bytes tell.
 * @param {URL} base
 * @param {string} name
 * @param {typeof fetch} get
 * @returns {Promise<any>}
 */
async function read(base, name, get) {
  let answer;
  try {
    answer = await get(new URL(name, base));
  } catch {
    throw new Error(`The file data/${name} could not be reached: is the server still running?`);
  }
  if (!answer.ok) {
    throw new Error(`The file data/${name} could not be read (status ${answer.status}).`);
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (gzipped && typeof DecompressionStream === "undefined") {
    throw new Error("This browser cannot unpack gzip (DecompressionStream); a newer one can.");
  }
  try {
    if (!gzipped) return JSON.parse(checked(new TextDecoder().decode(bytes)));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).json();
  } catch {
    throw new Error(`The file data/${name} is damaged: export the page again.`);
  }
}

/** The text of a file that says its own CRC-32, as the list of files does; an error if it is another. */
function checked(text) {
  const found = /"crc32":"([^"]*)"/.exec(text);
  if (!found) return text;
  const start = found.index + '"crc32":"'.length;
  const without = `${text.slice(0, start)}00000000${text.slice(start + found[1].length)}`;
  if (crc32(new TextEncoder().encode(without)) !== found[1]) throw new Error("a changed bit");
  return text;
}

/** The CRC-32 of bytes, in eight hexadecimal digits. */
function crc32(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let i = 0; i < 8; i += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (~sum >>> 0).toString(16).padStart(8, "0");
}
