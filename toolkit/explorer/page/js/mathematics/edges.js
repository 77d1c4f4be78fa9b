/**
 * The interaction graph of a module as edges, from what the record has decided.
 */

/**
 * @typedef {object} Edge
 * @property {number} source  position in the module's contents
 * @property {number} target
 * @property {string} parts   such as "even, linear"
 * @property {number} reach   dimension of the part of K^H that occurs
 * @property {number} reach_of  dim K^H
 * @property {number} [share]  of the energy
 */

/**
 * Yield the edges, those of one source at a time.
 * @param {import("./support.js").Criterion} criterion
 * @param {((source:number, target:number) => number)|null} [share]
 * @returns {Generator<Edge[], void>}
 */
export function* edgesBySource(criterion, share = null) {
  const { contents } = criterion.module;
  const isListed = criterion.orbits.every((orbit) => listsDecide(orbit, criterion));
  for (let source = 0; source < contents.length; source += 1) {
    const found = isListed ? listed(criterion, source) : criterion.occurring([source]);
    const edges = [];
    for (const [target, { parts, reach }] of found) {
      const edge = {
        source,
        target,
        parts: parts.join(", "),
        reach,
        reach_of: contents[target].fixed,
      };
      if (share) edge.share = share(source, target);
      edges.push(edge);
    }
    yield edges;
  }
}

/**
 * Return all edges at once.
 * @param {import("./support.js").Criterion} criterion
 * @param {((source:number, target:number) => number)|null} [share]
 * @returns {Edge[]}
 */
export function allEdges(criterion, share = null) {
  return [...edgesBySource(criterion, share)].flat();
}

/** Whether the record's lists of an orbit decide: all powers that matter are in them. */
function listsDecide(orbit, { parts, bias }) {
  if (!orbit.pairs) return false;
  const needed = bias ? range(2, Math.max(1, ...parts.degrees)) : parts.degrees;
  return needed.every((d) => orbit.pairs.degree?.[d]);
}

/** Return what a source reaches on all orbits, by position, rising. */
function listed(criterion, source) {
  const found = new Map();
  const give = (target, parts, reach) => {
    const before = found.get(target) ?? { parts: [], reach: 0 };
    found.set(target, {
      parts: [...new Set([...before.parts, ...parts])].sort(),
      reach: before.reach + reach,
    });
  };
  for (const orbit of criterion.orbits) {
    let L = orbit.entries.indexOf(source);
    if (L < 0 && orbit.trivial >= 0) {
      if (criterion.bias) L = orbit.trivial;
      else if (criterion.parts.atZero !== 0) give(orbit.entries[orbit.trivial], ["constant"], 1);
    }
    if (L < 0) continue;
    for (const [k, parts, reach] of listedOn(orbit, L, criterion)) {
      give(orbit.entries[k], parts, reach);
    }
  }
  return new Map([...found].sort((a, b) => a[0] - b[0]));
}

/** Yield place, parts and reach of what an entry L reaches on one orbit. */
function* listedOn({ pairs, trivial, fixed }, L, { parts, bias }) {
  let even = dimensions(pairs.even[L]);
  let odd = dimensions(pairs.odd[L]);
  const isBiased = bias && trivial >= 0;
  let isSigned = !even.has(L); // some elements act as -1 on L: they leave nothing of it fixed
  if (isBiased) {
    if (isSigned) odd.forEach((n, k) => even.set(k, n + (even.get(k) ?? 0)));
    odd = even;
    isSigned = false;
  }
  // with a bias (1 + phi_L)^d holds all lower powers
  const powers = parts.degrees.map((d) => [
    d,
    isBiased && L !== trivial
      ? new Set([trivial, L, ...range(2, d).flatMap((e) => pairs.degree[e][L])])
      : new Set(pairs.degree[d][L]),
  ]);
  const candidates = new Set([...even.keys(), ...odd.keys(), L, trivial].filter((k) => k >= 0));
  for (const k of candidates) {
    const one = even.get(k) ?? 0;
    const two = odd.get(k) ?? 0;
    const isLinear = parts.linear && (k === L || (isBiased && k === trivial));
    const names = [];
    let above = 0;
    let below = 0;
    if (parts.even && one) {
      names.push("even");
      above = one;
    }
    if (parts.constant && k === trivial) {
      names.push("constant");
      above = one;
    }
    if (parts.odd && two) {
      names.push("odd");
      below = two;
    }
    if (isLinear) names.push("linear");
    for (const [d, targets] of powers) {
      if (!targets.has(k) || !(one || two || isLinear)) continue;
      names.push(`degree ${d}`);
      if (d % 2) below = two;
      else above = one;
    }
    if (!names.length) continue;
    const reach = isSigned ? above + below : Math.max(above, below);
    yield [k, names.sort(), isLinear ? fixed[k] : reach];
  }
}

function dimensions(list) {
  const out = new Map();
  for (let i = 0; i < list.length; i += 2) out.set(list[i], list[i + 1]);
  return out;
}

function range(from, to) {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}
