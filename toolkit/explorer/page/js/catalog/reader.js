/**
 * The filter language of `find`, read in one pass: the grammar, meanings and refusals of
 * `toolkit.catalog.query.find`, whose documentation has the grammar.
 */

import { closeMatches } from "./close_matches.js";
import {
  allPiece, amongPiece, betweenPiece, columnPiece, comparedPiece, joinedPiece, listedPiece,
  literalPiece, minusPiece, notPiece, nullPiece, patternPiece, samePiece, truthPiece,
} from "./pieces.js";
import { QueryError, quoted } from "./query_error.js";
import { tokens } from "./tokens.js";
import { glob, like } from "./values.js";

const DEEPEST = 60;
const MOST_JOINED = 200;
const LONGEST_SQL = 1000000;
const GROUP_COLUMNS = new Set(["group", "quotient"]);
const SHOWN = { number: "a number", text: "a text", truth: "a condition", list: "a list" };
const COMPARISONS = {
  "=": "=", "==": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
};

/**
 * @typedef {object} Scope
 * @property {import("./tables.js").Table} table
 * @property {((row: number) => number|null)|null} rowOf the row of this table for a row of the
 *   table that is asked; null where it is the same
 */

/** Reads one text about a table. */
export class Reader {
  /**
   * @param {string} text
   * @param {Scope[]} scopes the table that is asked, then `groups` if its columns may be named
   * @param {((column: string, text: string) => string[])|null} namesOf the names in a column of
   *   the group that a text names; it throws an Error with `problem` and `suggestion`
   */
  constructor(text, scopes, namesOf = null) {
    this.text = text;
    this.scopes = scopes;
    this.namesOf = namesOf;
    this.tokens = tokens(text);
    this.place = 0;
    this.depth = 0;
    this.joins = 0;
  }

  // tokens

  get now() {
    return this.tokens[this.place];
  }

  take(...texts) {
    const token = this.now;
    if ((token.kind !== "word" && token.kind !== "sign") || !texts.includes(token.text)) return null;
    this.place += 1;
    return token;
  }

  takeKind(kind) {
    const token = this.now;
    if (token.kind !== kind) return null;
    this.place += 1;
    return token;
  }

  need(text, wanted) {
    if (this.take(text) === null) this.fail(wanted);
  }

  fail(wanted, hint = "") {
    const what = this.now.kind === "end" ? "the end" : quoted(this.now.text);
    this.refuse(this.now.position, `expected ${wanted}, found ${what}`, hint);
  }

  refuse(position, problem, hint = "") {
    throw new QueryError(this.text, position, problem, hint);
  }

  deeper() {
    this.depth += 1;
    if (this.depth > DEEPEST) {
      this.refuse(this.now.position, `more than ${DEEPEST} conditions inside each other`);
    }
  }

  // whole texts

  /** @returns {import("./pieces.js").Piece} the whole text as a condition */
  conditionAlone() {
    const found = this.condition();
    if (this.now.kind !== "end") {
      const hint = this.now.kind === "number" || this.now.kind === "text" ? "write == to compare" : "";
      this.fail("'and', 'or', a comparison or the end", hint);
    }
    return this.required(found, "truth");
  }

  /** @returns {Array<{piece: object, name: string, descending: boolean, said: boolean}>} columns */
  columns() {
    const found = [];
    for (;;) {
      const piece = this.column();
      const token = this.take("asc", "desc");
      found.push({ piece, descending: token?.text === "desc" });
      if (this.take(",") === null) break;
    }
    if (this.now.kind !== "end") this.fail("',' or the end");
    return found;
  }

  // conditions

  condition() {
    this.deeper();
    let left = this.conjunction();
    for (let token = this.take("or"); token !== null; token = this.take("or")) {
      left = this.joined(left, token, this.conjunction(), "truth");
    }
    this.depth -= 1;
    return left;
  }

  conjunction() {
    let left = this.negation();
    for (let token = this.take("and"); token !== null; token = this.take("and")) {
      left = this.joined(left, token, this.negation(), "truth");
    }
    return left;
  }

  negation() {
    const token = this.take("not");
    if (token === null) return this.comparison();
    this.deeper();
    const inner = this.negated(this.negation(), token.position);
    this.depth -= 1;
    return inner;
  }

  negated(piece, position) {
    return notPiece(this.required(piece, "truth"), position);
  }

  comparison() {
    let left = this.sum();
    const { position } = this.now;
    const links = [];
    const signs = Object.keys(COMPARISONS);
    for (let token = this.take(...signs); token !== null; token = this.take(...signs)) {
      const right = this.sum();
      links.push(this.compared(left, COMPARISONS[token.text], right, position));
      left = right;
    }
    if (links.length > 0) return allPiece(links, position);
    let opposite;
    let found;
    let token = this.take("is");
    if (token !== null) {
      opposite = this.take("not");
      this.need("null", "'null'");
      found = nullPiece(left, token.position);
    } else {
      opposite = this.take("not");
      token = this.take("in", "between", "like", "glob");
      if (token === null) {
        if (opposite !== null) this.fail("'in', 'between', 'like' or 'glob' after 'not'");
        return left;
      }
      found = this.special(left, token);
    }
    return opposite === null ? found : this.negated(found, token.position);
  }

  special(left, token) {
    if (token.text === "between") return this.between(left, token.position);
    if (token.text === "in") return this.among(left, token.position);
    return this.pattern(left, token);
  }

  between(left, at) {
    const low = this.sum();
    this.need("and", "'and' and the upper bound of 'between'");
    const high = this.sum();
    return betweenPiece(this.compared(low, "<=", left, at), this.compared(left, "<=", high, at), at);
  }

  pattern(left, token) {
    const pattern = this.takeKind("text");
    if (pattern === null) this.fail("a pattern in quotes", "such as 'C%' for like, 'C*' for glob");
    if (left.kind !== "text") {
      this.refuse(token.position, `${token.text} compares texts, this is ${SHOWN[left.kind]}`);
    }
    const meaning = token.text === "like" ? like : glob;
    return patternPiece(left, meaning(unquoted(pattern.text)), token.position);
  }

  among(left, at) {
    if (this.now.kind === "name") {
      const name = this.now.text;
      const column = this.column();
      if (column.kind !== "list") {
        this.refuse(column.position, `${name} is no list`, "write == to compare, or values in parentheses after 'in'");
      }
      this.requireSame("text", left.kind, at);
      return listedPiece(left, column, at);
    }
    this.need("(", "'(' and values, or a column of lists");
    const items = [this.sum()];
    while (this.take(",") !== null) items.push(this.sum());
    this.need(")", "',' or ')'");
    for (const item of items) this.requireSame(left.kind, item.kind, at);
    if (left.names && this.namesOf && items.every((item) => item.literal)) {
      return this.sameGroup(left, items, false);
    }
    return amongPiece(left, items, at);
  }

  // values

  sum() {
    let left = this.product();
    for (let token = this.take("+", "-"); token !== null; token = this.take("+", "-")) {
      left = this.joined(left, token, this.product(), "number");
    }
    return left;
  }

  product() {
    let left = this.factor();
    for (let token = this.take("*", "%"); token !== null; token = this.take("*", "%")) {
      left = this.joined(left, token, this.factor(), "number");
    }
    return left;
  }

  factor() {
    let token = this.takeKind("number");
    if (token !== null) return this.number(token);
    token = this.takeKind("text");
    if (token !== null) return literalPiece("text", unquoted(token.text), token.position);
    token = this.take("true", "false");
    if (token !== null) return truthPiece(token.text, token.position);
    token = this.take("-");
    if (token !== null) {
      this.deeper();
      const inner = this.required(this.factor(), "number");
      this.depth -= 1;
      return minusPiece(inner, token.position);
    }
    if (this.take("(") !== null) {
      const found = this.condition();
      this.need(")", "')'");
      return found;
    }
    if (this.now.kind === "name") return this.column();
    return this.fail("a column, a number or a text in quotes");
  }

  /** A column; those of the table itself come first. */
  column() {
    const token = this.takeKind("name");
    if (token === null) this.fail("the name of a column");
    let name = token.text;
    let { scopes } = this;
    if (this.take(".") !== null) {
      if (name !== "groups") this.refuse(token.position, "only 'groups.' can stand before a column's name");
      scopes = scopes.filter((scope) => scope.table.name === "groups");
      const after = this.takeKind("name");
      if (after === null) this.fail("a column of groups");
      name = after.text;
    }
    for (const { table, rowOf } of scopes) {
      const column = table.column(name);
      if (column) {
        const piece = columnPiece(column, token.position, GROUP_COLUMNS.has(name) ? name : "", rowOf);
        return { ...piece, column, key: `${table.name}.${name}` };
      }
    }
    return this.refuse(token.position, `${this.scopes[0].table.name} has no column ${quoted(cut(name))}`, this.meant(name));
  }

  meant(name) {
    const known = [...new Set(this.scopes.flatMap(({ table }) => table.columns.map((column) => column.name)))];
    const close = closeMatches(name.toLowerCase(), known, 3, 0.5);
    return close.length > 0 ? `did you mean ${close.join(" or ")}?` : `there are ${known.join(", ")}`;
  }

  number(token) {
    if (/^[0-9]+$/.test(token.text)) {
      if (token.text.length > 19 || BigInt(token.text) > 9223372036854775807n) {
        this.refuse(token.position, "a whole number below 2^63 is required");
      }
      return literalPiece("number", Number(token.text), token.position);
    }
    const value = Number(token.text);
    if (value === Infinity) this.refuse(token.position, "this number is too large");
    return literalPiece("number", value, token.position, true);
  }

  // kinds

  joined(left, token, right, kind) {
    this.joins += 1;
    if (this.joins > MOST_JOINED) {
      this.refuse(token.position, `more than ${MOST_JOINED} of 'and', 'or', + - * %`,
        "for many values write: column in (1, 2, ...)");
    }
    const refuse = (problem, hint) => this.refuse(token.position, problem, hint);
    return joinedPiece(this.required(left, kind), token, this.required(right, kind), kind, refuse);
  }

  required(piece, kind) {
    if (piece.kind === kind) return piece;
    const example = { number: "> 0", text: "== '...'" }[piece.kind];
    const hint = kind === "truth" && example ? `write ${example} to compare it` : "";
    return this.refuse(piece.position, `${SHOWN[kind]} is required here, this is ${SHOWN[piece.kind]}`, hint);
  }

  compared(left, sign, right, position) {
    this.requireSame(left.kind, right.kind, position);
    if (left.kind === "list" || (left.kind === "truth" && sign !== "=" && sign !== "<>")) {
      this.refuse(position, `${SHOWN[left.kind]} cannot be compared with ${sign}`);
    }
    if ((sign === "=" || sign === "<>") && this.namesOf) {
      for (const [column, text] of [[left, right], [right, left]]) {
        if (column.names && text.literal) return this.sameGroup(column, [text], sign === "<>");
      }
    }
    const found = comparedPiece(left, sign, right, position);
    if (found.size > LONGEST_SQL) this.refuse(position, "too many chained comparisons inside each other");
    return found;
  }

  sameGroup(column, texts, opposite) {
    return samePiece(column, texts.flatMap((text) => this.namesIn(column, text)), opposite);
  }

  namesIn(column, text) {
    try {
      return this.namesOf(column.names, text.at(0));
    } catch (error) {
      return this.refuse(text.position, error.problem ?? error.message, error.suggestion ?? "");
    }
  }

  requireSame(left, right, position) {
    if (left === right) return;
    const hint = [left, right].sort().join() === "number,text" ? "write numbers without quotes, texts in quotes" : "";
    this.refuse(position, `${SHOWN[left]} is compared with ${SHOWN[right]}`, hint);
  }
}

function unquoted(text) {
  return text.slice(1, -1).replaceAll(text[0] + text[0], text[0]);
}

function cut(name) {
  return name.slice(0, 40);
}
