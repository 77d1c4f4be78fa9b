/** The words of the filter language. */

import { QueryError, quoted } from "./query_error.js";

/**
 * @typedef {object} Token
 * @property {"number"|"text"|"name"|"word"|"sign"|"end"} kind words are in small letters
 * @property {string} text
 * @property {number} position in characters, from 0
 */

const LONGEST = 10000;
const WORDS = new Set([
  "and", "or", "not", "in", "between", "like", "glob", "is", "null", "true", "false", "asc", "desc",
]);
const TOKEN = new RegExp(
  "(?<space>[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+)"
  + "|(?<number>(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
  + "|(?<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
  + "|(?<name>[A-Za-z_][A-Za-z_0-9]*)"
  + "|(?<sign>==|!=|<>|<=|>=|[=<>()+\\-*%,.])",
  "uy",
);
const HINTS = {
  "&": "write 'and'",
  "|": "write 'or'",
  "!": "write 'not'",
  "/": "there is no division: multiply the other side",
  "'": "this text has no closing quote",
  '"': "this text has no closing quote",
  ";": "one condition is enough",
};

/**
 * Cuts a text into tokens; the last is of the kind "end".
 * @param {string} text
 * @returns {Token[]}
 * @throws {QueryError} at a sign that the language does not have
 */
export function tokens(text) {
  const length = characters(text);
  if (length > LONGEST) throw new QueryError(text, null, `at most ${LONGEST} characters can be read`);
  const found = [];
  let at = 0;
  let position = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const sign = String.fromCodePoint(text.codePointAt(at));
      throw new QueryError(text, position, `unexpected ${quoted(sign)}`, HINTS[sign] ?? "");
    }
    const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    const word = match[0];
    const end = at + word.length;
    const after = position + characters(word);
    if (kind === "number" && /[A-Za-z_0-9]/.test(text[end] ?? "")) {
      throw new QueryError(text, after, "a number ends here, and a name cannot follow");
    }
    if (kind === "name" && WORDS.has(word.toLowerCase())) {
      found.push({ kind: "word", text: word.toLowerCase(), position });
    } else if (kind !== "space") {
      found.push({ kind, text: word, position });
    }
    at = end;
    position = after;
  }
  found.push({ kind: "end", text: "", position: length });
  return found;
}

function characters(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
