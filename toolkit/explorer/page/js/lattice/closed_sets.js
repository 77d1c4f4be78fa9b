/**
 * The lattice of closed sets where the record has none for the activation: with a bias, a constant
 * or a power.
 *
 * A set of simples is closed if nothing outside it occurs in f(v), v in its isotypic parts.
 */

/** Up to how many closed sets are listed, and of how many simples. */
export const MOST_SETS = 200;
export const MOST_SIMPLES = 80;

/**
 * List the closed sets.
 * @param {import("../mathematics/support.js").Criterion} criterion
 * @param {number} [limit]
 * @returns {Generator<void, number[][]|null>}  by size, then members; null if there are more
 */
export function* closedSets(criterion, limit = MOST_SETS) {
  const count = criterion.labels.length;
  const closure = (set) => {
    const members = criterion.closureLayers(set).flat();
    return members.sort((a, b) => a - b);
  };
  const first = closure([]);
  const found = new Map([[first.join(","), first]]);
  for (const closed of found.values()) {
    const inside = new Set(closed);
    for (let i = 0; i < count; i += 1) {
      if (inside.has(i)) continue;
      const above = closure([...closed, i]);
      const key = above.join(",");
      if (!found.has(key)) found.set(key, above);
      if (found.size > limit) return null;
      yield;
    }
  }
  return [...found.values()].sort(
    (a, b) => a.length - b.length || firstDifference(a, b),
  );
}

function firstDifference(a, b) {
  const i = a.findIndex((x, j) => x !== b[j]);
  return i < 0 ? 0 : a[i] - b[i];
}

/**
 * Return the pairs [small, large] in which the large set covers the small one.
 * @param {number[][]} sets  by size
 * @returns {[number, number][]}
 */
export function coversOf(sets) {
  const members = sets.map((set) => new Set(set));
  const isBelow = (i, j) => i !== j && sets[i].every((m) => members[j].has(m));
  const covers = [];
  sets.forEach((_, large) => {
    const below = sets.map((__, i) => i).filter((i) => isBelow(i, large));
    for (const small of below) {
      if (!below.some((middle) => isBelow(small, middle))) covers.push([small, large]);
    }
  });
  return covers;
}
