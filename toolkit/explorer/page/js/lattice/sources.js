/** The two lattices that are shown: from the record, or made here where it has none. */
import { Criterion } from "../mathematics/support.js";
import { closedSets, coversOf, MOST_SETS, MOST_SIMPLES } from "./closed_sets.js";
import { placed } from "./places.js";

/**
 * @typedef {object} Lattice
 * @property {string[]} keys      name of each element
 * @property {number[][]} members positions of simples, of closed sets
 * @property {[number, number][]} covers  pairs [upper in the picture, lower]
 * @property {[number, number][]} positions
 * @property {number} width
 * @property {number} height
 * @property {number} spacing  56: room for labels; 26: dots
 */

/**
 * Return the lattice of normal subgroups, the group on top.
 * @param {object} record
 * @returns {{lattice: Lattice|null, reason: string|null}}
 */
export function normalLattice(record) {
  const normal = record.normal ?? [];
  if (!record.lattice) return { lattice: null, reason: missing(record, "normal subgroups") };
  const place = new Map(normal.map((n, i) => [n.label, i]));
  const covers = normal.flatMap((n, i) => n.covers.map((below) => [i, place.get(below)]));
  const { positions, width, height, spacing = 56 } = record.lattice;
  const keys = normal.map((n) => n.label);
  return { lattice: { keys, members: [], covers, positions, width, height, spacing }, reason: null };
}

/**
 * Return the lattice of closed sets, the small ones on top.
 * @param {object} record
 * @param {object} module
 * @param {object} activation
 * @param {boolean} bias
 * @returns {Generator<void, {lattice: Lattice|null, reason: string|null}>}
 */
export function* closedLattice(record, module, activation, bias) {
  const criterion = new Criterion(record, module, activation, bias);
  const recorded = bias ? null : recordedLattice(module, criterion);
  if (recorded) return { lattice: named(recorded, criterion), reason: null };
  const count = criterion.labels.length;
  if (count > MOST_SIMPLES) {
    const said = `The module has ${count} simples, and closed sets of up to ${MOST_SIMPLES} are listed here`;
    return { lattice: null, reason: `${said}; the graph view shows the closure of any set.` };
  }
  const sets = yield* closedSets(criterion);
  if (!sets) {
    return {
      lattice: null,
      reason: `There are more than ${MOST_SETS} closed sets; the graph view shows the closure of any set.`,
    };
  }
  const shown = withoutLeast(sets);
  const covers = coversOf(shown);
  const places = placed(shown.length, covers);
  return { lattice: named({ members: shown, covers, ...places }, criterion), reason: null };
}

/** Return the record's closed sets if the activation has the same ones. */
function recordedLattice(module, { parts }) {
  const isPlain = !parts.degrees.length && !parts.constant && parts.atZero === 0;
  if (!isPlain || !(parts.even || parts.odd)) return null;
  const kind = parts.even ? (parts.odd ? "both" : "even") : "odd";
  const found = module.closed?.[kind];
  if (!found) return null;
  const { sets, covers, width, height, spacing = 56 } = found;
  const members = sets.map((set) => set.members);
  const positions = sets.map(({ x, y }) => [x, y]);
  return { members, covers, positions, width, height, spacing };
}

/** Leave out the empty set where it lies below a single one, as the pictures of the record do. */
function withoutLeast(sets) {
  if (sets.length < 2 || sets[0].length > 0) return sets;
  const rest = sets.slice(1);
  const [least] = rest;
  return rest.every((set) => least.every((i) => set.includes(i))) ? rest : sets;
}

function named(lattice, criterion) {
  const keys = lattice.members.map((set) => `{${set.map((i) => criterion.labels[i]).join(", ")}}`);
  return { ...lattice, keys };
}

function missing(record, subject) {
  const found = (record.missing ?? []).find(([what]) => what.includes(subject));
  if (!found) return `The record has no picture of the ${subject}.`;
  const words = `${found[0]}: ${found[1].replace(/[:.\s]+$/, "")}`;
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}
