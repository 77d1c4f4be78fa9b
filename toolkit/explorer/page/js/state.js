/**
 * The address and the state: a frozen object of strings that the fragment of the address spells.
 *
 * Values are text and nothing else: nobody executes them, and who shows one shows it as text.
 */

/** What holds where the address is silent; these are not written. */
export const DEFAULTS = Object.freeze({
  view: "group",
  f: "relu",
  bias: "0",
});

/** Keys that mean something for one group only: they go when the group changes. */
const OF_GROUP = [
  "module", "simple", "normal", "set", "step", "open", "source", "target", "copy", "v", "plane",
  "to", "weight",
];

/** The order in which keys are written; others follow by the alphabet. */
const ORDER = ["group", "view", "module", "f", "bias", "simple", "normal"];

/**
 * Reads a fragment.
 * @param {string} hash with or without "#"
 * @returns {Readonly<Record<string, string>>} what it says, over the defaults
 */
export function parse(hash) {
  const found = {};
  const text = hash.replace(/^#/, "");
  for (const part of text.split("&")) {
    if (part === "") continue;
    const cut = part.indexOf("=");
    if (cut < 0) {
      if (!("group" in found) && text.indexOf("=") < 0) found.group = decoded(part);
      continue;
    }
    const key = decoded(part.slice(0, cut));
    const value = decoded(part.slice(cut + 1));
    if (/^[a-z][a-z0-9_-]*$/i.test(key) && value !== "") found[key] = value;
  }
  return frozen(found);
}

/**
 * Writes a state as a fragment.
 * @param {Record<string, string>} state
 * @returns {string} with "#"; keys at their defaults are left out
 */
export function format(state) {
  const keys = Object.keys(state).filter((key) => state[key] !== DEFAULTS[key]);
  const place = (key) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  keys.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  return "#" + keys.map((key) => `${encoded(key)}=${encoded(state[key])}`).join("&");
}

/**
 * Applies a change to a state.
 * @param {Record<string, string>} state
 * @param {Record<string, unknown>} patch null, undefined and "" delete a key; true and false are
 *   written 1 and 0
 * @returns {Readonly<Record<string, string>>} the new state, or the same object if nothing changed
 */
export function patched(state, patch) {
  const next = { ...state };
  if ("group" in patch && text(patch.group) !== (state.group ?? "")) {
    for (const key of OF_GROUP) delete next[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    const written = text(value);
    if (written === "") delete next[key];
    else next[key] = written;
  }
  const made = frozen(next);
  return same(made, state) ? state : made;
}

/**
 * Tells whether two states say the same.
 * @param {Record<string, string>} a
 * @param {Record<string, string>} b
 * @returns {boolean}
 */
export function same(a, b) {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function text(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "1" : "0";
  return Array.isArray(value) ? value.join(",") : String(value);
}

function frozen(found) {
  const made = Object.create(null);
  return Object.freeze(Object.assign(made, DEFAULTS, found));
}

function encoded(value) {
  return encodeURIComponent(value).replace(
    /%(2C|3A|3B|2F|40|2B|5E|7C)/g,
    (code) => decodeURIComponent(code),
  );
}

function decoded(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
