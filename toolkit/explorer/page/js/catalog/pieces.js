/**
 * Parts of a condition that has been read: each tells its kind, where it stands, and its value in
 * a row. `size` is the length of the SQL that Python makes of it, which limits what may be asked.
 */

import { ARITHMETIC, COMPARE, LARGEST, TOO_LARGE, and, not, or } from "./values.js";

/** How much longer the SQL of a remainder is where the divisor may be zero. */
const NULL_IF = "nullif(, 0)".length;

/**
 * @typedef {object} Piece
 * @property {import("./tables.js").Kind} kind
 * @property {number} position
 * @property {number} size
 * @property {(row: number) => any} at its value; null where it is not known
 * @property {boolean} [literal] whether it is a number or a text that the user wrote
 * @property {boolean} [real] whether it is a number that need not be whole
 * @property {string} [names] the column of names of groups that it is
 */

/** @returns {Piece} a number or a text that the user wrote */
export function literalPiece(kind, value, position, real = false) {
  return { kind, position, size: 1, at: () => value, literal: true, real };
}

/** @returns {Piece} true or false */
export function truthPiece(word, position) {
  const value = word === "true";
  return { kind: "truth", position, size: word.length, at: () => value };
}

/** @returns {Piece} a column; `rowOf` tells the row of its table, null for none */
export function columnPiece(column, position, names, rowOf) {
  let values = null;
  const read = (row) => {
    values ??= column.values;
    return values[row] ?? null;
  };
  const at = rowOf === null ? read : (row) => {
    const other = rowOf(row);
    return other === null ? null : read(other);
  };
  const real = column.type === "float64";
  return { kind: column.kind, position, size: column.name.length + 4, at, names, real };
}

/** @returns {Piece} `and`, `or`, or a sum, product, remainder */
export function joinedPiece(left, token, right, kind, refuse) {
  const guard = token.text === "%" && !(right.literal && right.at(0) !== 0) ? NULL_IF : 0;
  const size = left.size + right.size + guard + token.text.length + 4;
  const real = left.real || right.real;
  const [a, b] = [left.at, right.at];
  let at;
  if (token.text === "and") at = (row) => and(a(row), () => b(row));
  else if (token.text === "or") at = (row) => or(a(row), () => b(row));
  else at = arithmetic(ARITHMETIC[token.text], a, b, real, refuse);
  return { kind, position: token.position, size, at, real };
}

function arithmetic(work, a, b, real, refuse) {
  return (row) => {
    const left = a(row);
    const right = b(row);
    if (left === null || right === null) return null;
    const found = work(left, right);
    // a rounded number may be compared with a column, whose values are smaller, and not reckoned with
    if (!real && [left, right, found].some((value) => Math.abs(value) > LARGEST)) {
      refuse(...TOO_LARGE);
    }
    return found;
  };
}

/** @returns {Piece} */
export function minusPiece(inner, position) {
  const at = (row) => {
    const value = inner.at(row);
    return value === null ? null : -value;
  };
  return { kind: "number", position, size: inner.size + 3, at, real: inner.real };
}

/** @returns {Piece} */
export function notPiece(inner, position) {
  return { kind: "truth", position, size: inner.size + 6, at: (row) => not(inner.at(row)) };
}

/** @returns {Piece} one comparison of a chain */
export function comparedPiece(left, sign, right, position) {
  const holds = COMPARE[sign];
  const [a, b] = [left.at, right.at];
  const at = (row) => {
    const one = a(row);
    const other = b(row);
    return one === null || other === null ? null : holds(one, other);
  };
  return { kind: "truth", position, size: left.size + right.size + sign.length + 2, at };
}

/** @returns {Piece} that all conditions of a chain hold */
export function allPiece(links, position) {
  const size = links.reduce((sum, link) => sum + link.size, 2) + 5 * (links.length - 1);
  const at = (row) => {
    let known = true;
    for (const link of links) {
      const value = link.at(row);
      if (value === false) return false;
      if (value === null) known = null;
    }
    return known;
  };
  return { kind: "truth", position, size, at };
}

/** @returns {Piece} */
export function betweenPiece(low, high, position) {
  return { ...allPiece([low, high], position), size: low.size + high.size + 11 };
}

/** @returns {Piece} */
export function nullPiece(inner, position) {
  return { kind: "truth", position, size: inner.size + 10, at: (row) => inner.at(row) === null };
}

/** @returns {Piece} `like` and `glob`, by what the pattern means */
export function patternPiece(left, matches, position) {
  const at = (row) => {
    const value = left.at(row);
    return value === null ? null : matches(value);
  };
  return { kind: "truth", position, size: left.size + 9, at };
}

/** @returns {Piece} that a text is an item of a list */
export function listedPiece(text, column, position) {
  const at = (row) => {
    const list = column.at(row);
    const value = text.at(row);
    return list === null || value === null ? null : list.includes(value);
  };
  return { kind: "truth", position, size: text.size + column.size + 17, at };
}

/** @returns {Piece} that a value is one of some */
export function amongPiece(left, items, position) {
  const size = items.reduce((sum, item) => sum + item.size + 2, left.size + 6);
  const at = (row) => {
    const value = left.at(row);
    if (value === null) return null;
    let known = true;
    for (const item of items) {
      const other = item.at(row);
      if (other === null) known = false;
      else if (other === value) return true;
    }
    return known ? false : null;
  };
  return { kind: "truth", position, size, at };
}

/** @returns {Piece} that a column names one of the groups, or none of them */
export function samePiece(column, names, opposite) {
  const wanted = new Set(names);
  const size = column.size + 3 * names.length + (opposite ? 10 : 6);
  const at = (row) => {
    const value = column.at(row);
    return value === null ? null : wanted.has(value) !== opposite;
  };
  return { kind: "truth", position: column.position, size, at };
}
