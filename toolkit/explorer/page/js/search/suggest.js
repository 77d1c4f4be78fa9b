/** Groups that fit what was typed: by name, label, order, description or a condition. */

import { keyOf } from "./key.js";

const MOST = 40;

/**
 * @typedef {object} Item
 * @property {string} group canonical name
 * @property {string} title what is shown first
 * @property {string} words what is shown beside it
 *
 * @typedef {object} Sources
 * @property {Record<string, string|string[]>|null} names key of an alias to canonical name, or
 *   to all that are called so
 * @property {Record<string, Array<unknown>>|null} columns of the table of groups
 * @property {((text: string) => Promise<((row: number) => boolean)|null>)|null} condition what compiles a
 *   condition of the catalog; null where the text is none
 */

/**
 * Finds groups.
 * @param {string} text as typed
 * @param {Sources} sources
 * @returns {Promise<{items: Item[], count: number, condition: string|null, exact: number}>} the first
 *   items, how many there are, the condition for the catalog view if the text means several groups,
 *   and how many of the first items have exactly this name
 */
export async function suggest(text, sources) {
  const wanted = normal(text);
  if (wanted === "") return { items: [], count: 0, condition: null, exact: 0 };
  const order = /^(?:order\s*=?=?\s*)?(\d+)$/.exec(wanted);
  if (order) return byRows(sources, `order == ${Number(order[1])}`, (row) => sources.columns.order[row] === Number(order[1]));
  const named = byName(wanted, sources);
  const [written, condition] = await conditionOf(text.trim(), sources);
  if (condition === null) return named;
  let rows;
  try {
    rows = byRows(sources, written, condition);
  } catch {
    return { ...named, condition: written }; // the catalog says what is wrong with it
  }
  const seen = new Set(named.items.map((item) => item.group));
  return {
    items: [...named.items, ...rows.items.filter((item) => !seen.has(item.group))].slice(0, MOST),
    count: named.count + rows.items.filter((item) => !seen.has(item.group)).length + rows.count - rows.items.length,
    condition: rows.condition,
    exact: named.exact,
  };
}

/** The text as a condition, or what is meant by it: "not abelian, order 24". */
async function conditionOf(text, sources) {
  for (const written of [text, spelled(text)]) {
    const condition = (await sources.condition?.(written)) ?? null;
    if (condition !== null) return [written, condition];
  }
  return [text, null];
}

/**
 * A condition as it is said, in the language of the catalog: commas are read as "and", "order 24" as
 * an equation.
 * @param {string} text
 * @returns {string}
 */
export function spelled(text) {
  if (/['"]/.test(text)) return text;
  return text.replace(/,(?![^(]*\))/g, " and ")
    .replace(/\band\s+and\b/gi, "and")
    .replace(/\bnon-?(?=(?:abelian|nilpotent|solvable|simple)\b)/gi, "not ")
    .replace(/\border\s+(?=\d)/gi, "order = ")
    .replace(/\s+/g, " ").trim();
}

/** Lower case, single spaces. */
function normal(text) {
  return text.trim().toLowerCase().replace(/\s+/g, " ");
}

function byName(wanted, { names, columns }) {
  const ranks = new Map();
  const note = (group, rank, alias) => {
    const known = ranks.get(group);
    if (known === undefined || rank < known.rank) ranks.set(group, { rank, alias });
  };
  const label = /^(?:smallgroup\s*\(?\s*)?(\d+)\s*[.,]\s*(\d+)\s*\)?$/.exec(wanted);
  if (label) note(`SmallGroup(${Number(label[1])},${Number(label[2])})`, 0, null);
  const key = keyOf(wanted);
  for (const [alias, group] of Object.entries(names ?? {})) {
    const rank = rankOf(alias, key);
    if (rank === null) continue;
    for (const one of Array.isArray(group) ? group : [group]) note(one, rank, alias);
  }
  descriptionKeys(columns).forEach((description, row) => {
    const rank = description === null ? null : rankOf(description, key);
    if (rank !== null) note(columns.group[row], rank + 0.5, null);
  });
  const rows = rowsOf(columns);
  const isHere = (group) => !label || rows === null || rows.has(group) || !/^SmallGroup/.test(group);
  const known = [...ranks].filter(([group]) => isHere(group))
    .map(([group, { rank, alias }]) => ({ ...item(group, alias, columns, rows), rank, row: rows?.get(group) ?? Infinity }));
  const found = once(known);
  found.sort((a, b) => a.rank - b.rank || a.row - b.row || (a.title < b.title ? -1 : 1));
  return { items: found.slice(0, MOST), count: found.length, condition: null, exact: found.filter((one) => one.rank < 1).length };
}

/** Each row once: under the name that is its title, if it has one, else under its label. */
function once(known) {
  const kept = new Map();
  for (const one of known) {
    const before = kept.get(one.row);
    if (one.row === Infinity) kept.set(one, one);
    else if (before === undefined) kept.set(one.row, one);
    else kept.set(one.row, { ...(/^SmallGroup/.test(before.group) ? one : before), rank: Math.min(before.rank, one.rank) });
  }
  return [...kept.values()];
}

/** 0 the same, 1 begins so, 2 contains it as a word, 3 contains it; null does not. */
function rankOf(alias, key) {
  if (alias === key) return 0;
  if (alias.startsWith(key)) return 1 + alias.length / 1000;
  const at = key.length > 1 ? alias.indexOf(key) : -1;
  if (at < 0) return null;
  return (/[a-wyz0-9]/.test(alias[at - 1]) ? 3 : 2) + alias.length / 1000;
}

function byRows({ columns }, condition, test) {
  if (columns === null) return { items: [], count: 0, condition: null, exact: 0 };
  const rows = rowsOf(columns);
  const items = [];
  let count = 0;
  for (let row = 0; row < columns.group.length; row += 1) {
    if (!test(row)) continue;
    count += 1;
    if (items.length < MOST) items.push(item(columns.group[row], null, columns, rows));
  }
  return { items, count, condition, exact: 0 };
}

function item(group, alias, columns, rows) {
  const row = rows?.get(group);
  const description = row === undefined ? null : columns.description[row];
  const title = row !== undefined && columns.group[row] !== group ? group
    : typeof description === "string" && description !== "" ? description : group;
  const label = row === undefined ? group : columns.group[row];
  const words = [
    title === label ? null : label,
    alias !== null && ![keyOf(title), keyOf(group)].includes(alias) ? `also ${alias}` : null,
    row === undefined ? null : `order ${columns.order[row]}`,
  ];
  return { group, title, words: words.filter(Boolean).join(", ") };
}

const KEYS = new WeakMap();

/** The keys of the descriptions, made once. */
function descriptionKeys(columns) {
  if (!columns) return [];
  if (!KEYS.has(columns)) {
    KEYS.set(columns, columns.description.map((one) => (typeof one === "string" ? keyOf(one) : null)));
  }
  return KEYS.get(columns);
}

const INDEX = new WeakMap();

/** The row of each group by its name and by its title. */
function rowsOf(columns) {
  if (!columns) return null;
  if (!INDEX.has(columns)) {
    const titles = Array.from(columns.title ?? [], (title, row) => [title, row]).filter(([title]) => title);
    INDEX.set(columns, new Map([...titles, ...Array.from(columns.group, (group, row) => [group, row])]));
  }
  return INDEX.get(columns);
}
