/** A condition that cannot be read: what is wrong, where, and what to write instead. */

const BEFORE = 30;
const AFTER = 30;

/** The same sentences as Python's `QueryError`. */
export class QueryError extends Error {
  /**
   * @param {string} text the condition
   * @param {number|null} position of the mistake, counted in characters from 0; null for the whole
   * @param {string} problem
   * @param {string} [suggestion]
   */
  constructor(text, position, problem, suggestion = "") {
    super(sentence(text, position, problem, suggestion));
    this.name = "QueryError";
    this.text = text;
    this.position = position;
    this.problem = problem;
    this.suggestion = suggestion;
  }
}

function sentence(text, position, problem, suggestion) {
  const hint = suggestion ? `; ${suggestion}` : "";
  const letters = [...text];
  if (position === null) {
    const shown = letters.length <= 60 ? text : `${letters.slice(0, 57).join("")}...`;
    return `cannot answer ${quoted(shown)}: ${problem}${hint}`;
  }
  const start = Math.max(0, position - BEFORE);
  const before = (start > 0 ? "..." : "") + letters.slice(start, position).join("");
  const after = letters.slice(position, position + AFTER).join("");
  const more = letters.length > position + AFTER ? "..." : "";
  return `cannot read the question at character ${position + 1}: ${problem}${hint} `
    + `(here: ${before}^${after}${more})`;
}

/**
 * A text in quotes, with signs that cannot be seen written out, as Python's `repr` does.
 * @param {string} text
 * @returns {string}
 */
export function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = [...text].map((sign) => {
    if (sign === quote || sign === "\\") return `\\${sign}`;
    if (sign === "\n") return "\\n";
    if (sign === "\r") return "\\r";
    if (sign === "\t") return "\\t";
    return sign !== " " && /[\p{C}\p{Z}]/u.test(sign) ? escaped(sign.codePointAt(0)) : sign;
  });
  return quote + inner.join("") + quote;
}

function escaped(code) {
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
