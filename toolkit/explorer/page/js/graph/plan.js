/**
 * What the picture of an interaction graph shows: boxes of simples, and lines between them.
 *
 * Twins are simples of one row (one order of the action) that can be exchanged without changing
 * any edge; they share a box that opens and closes. Of a transitive relation the lines that follow
 * from others can be left out.
 */

/**
 * @typedef {object} Box
 * @property {number[]} members  positions in the module's contents
 * @property {number} order      order of the action: the row
 * @property {boolean} mutual    whether each of several members has an edge to every other one
 * @property {string|null} loop  parts of the edge from a member to itself
 * @property {number} loopShare  mean share of that edge
 */

/**
 * @typedef {object} Link
 * @property {number} source  index of a box
 * @property {number} target
 * @property {string} kind    see {@link lineKind}
 * @property {number} share   of the energy of one simple of the source that goes into the target
 * @property {boolean} both   whether the line also stands for the opposite edge, of the same kind
 * @property {[number, number]} pair  positions of a source and a target with this edge
 */

/** Up to this many simples, each is drawn by itself, with every edge, unless asked otherwise. */
export const EVERY_EDGE_UP_TO = 8;

/**
 * Return the kind of line of an edge with these parts: "linear" means linear at most.
 * @param {string} parts  such as "even, linear"
 * @returns {string}
 */
export function lineKind(parts) {
  const found = parts ? parts.split(", ") : [];
  if (found.includes("even") && found.includes("odd")) return "even and odd";
  if (found.includes("even")) return "even";
  if (found.includes("odd")) return "odd";
  if (found.some((part) => part.startsWith("degree "))) return "polynomial";
  if (found.includes("linear")) return "linear";
  return found.includes("constant") ? "constant" : "unknown";
}

/**
 * The edges as a matrix: parts by number (0: no edge) and shares.
 */
export class EdgeMatrix {
  /**
   * @param {number} count  of simples
   */
  constructor(count) {
    this.count = count;
    this.parts = new Uint8Array(count * count);
    this.shares = new Float32Array(count * count);
    this.places = new Int32Array(count * count).fill(-1);
    this.edges = [];
    this.words = [""];
    this.numbers = new Map([["", 0]]);
  }

  /**
   * Add edges.
   * @param {import("../mathematics/edges.js").Edge[]} edges
   */
  add(edges) {
    for (const edge of edges) {
      if (!this.numbers.has(edge.parts)) {
        this.numbers.set(edge.parts, this.words.length);
        this.words.push(edge.parts);
      }
      const place = edge.source * this.count + edge.target;
      this.parts[place] = this.numbers.get(edge.parts);
      this.shares[place] = edge.share ?? 0;
      this.places[place] = this.edges.length;
      this.edges.push(edge);
    }
  }

  /** @returns {number} the number of the parts of an edge, 0 if there is none */
  at(source, target) {
    return this.parts[source * this.count + target];
  }

  /** @returns {number} */
  share(source, target) {
    return this.shares[source * this.count + target];
  }

  /** @returns {import("../mathematics/edges.js").Edge|undefined} */
  edge(source, target) {
    return this.edges[this.places[source * this.count + target]];
  }

  /** @returns {string} such as "even, linear" */
  partsOf(source, target) {
    return this.words[this.at(source, target)];
  }

  /** Whether exchanging two simples changes no edge. */
  areTwins(one, two) {
    if (this.at(one, one) !== this.at(two, two) || this.at(one, two) !== this.at(two, one)) {
      return false;
    }
    for (let x = 0; x < this.count; x += 1) {
      if (x === one || x === two) continue;
      if (this.at(one, x) !== this.at(two, x) || this.at(x, one) !== this.at(x, two)) return false;
    }
    return true;
  }
}

/**
 * Return the classes of twins, row by row from the largest order of the action.
 * @param {EdgeMatrix} matrix
 * @param {number[]} orders  order of the action by position
 * @returns {number[][]}
 */
export function twinClasses(matrix, orders) {
  const classes = [];
  for (const order of [...new Set(orders)].sort((a, b) => b - a)) {
    const row = [];
    orders.forEach((o, i) => {
      if (o !== order) return;
      const home = row.find((members) => matrix.areTwins(members[0], i));
      if (home) home.push(i);
      else row.push([i]);
    });
    classes.push(...row);
  }
  return classes;
}

/**
 * Decide what is drawn.
 * @param {EdgeMatrix} matrix
 * @param {number[]} orders
 * @param {{isOpen: (members:number[]) => boolean, isReduced: boolean}} options  which classes of
 *   twins are drawn member by member, and whether implied lines are left out
 * @returns {{boxes: Box[], links: Link[], grouped: boolean, reduced: boolean, twins: number[][]}}
 */
export function planPicture(matrix, orders, { isOpen, isReduced }) {
  const twins = twinClasses(matrix, orders);
  const classes = twins.flatMap((c) => (c.length > 1 && isOpen(c) ? c.map((i) => [i]) : [c]));
  const boxes = classes.map((members) => boxOf(matrix, members, orders[members[0]]));
  const links = linksBetween(matrix, classes);
  const kept = isReduced ? withoutImplied(links, classes.length) : links;
  return {
    boxes,
    links: paired(kept),
    grouped: boxes.some((box) => box.members.length > 1),
    reduced: kept.length < links.length,
    twins,
  };
}

function boxOf(matrix, members, order) {
  const [first, second] = members;
  const loops = members.filter((i) => matrix.at(i, i));
  const total = loops.reduce((sum, i) => sum + matrix.share(i, i), 0);
  return {
    members,
    order,
    mutual: members.length > 1 && matrix.at(first, second) > 0,
    loop: matrix.at(first, first) ? matrix.partsOf(first, first) : null,
    loopShare: loops.length ? total / loops.length : 0,
  };
}

/** Return a line for each pair of boxes with an edge; members of a box have the same edges. */
function linksBetween(matrix, classes) {
  const links = [];
  classes.forEach((from, source) => {
    classes.forEach((to, target) => {
      if (source === target) return;
      const numbers = new Set();
      let pair = null;
      let share = 0;
      for (const a of from) {
        for (const b of to) {
          const number = matrix.at(a, b);
          if (!number) continue;
          pair ??= [a, b];
          share += matrix.share(a, b);
          numbers.add(number);
        }
      }
      if (!pair) return;
      const kind = lineKind([...numbers].map((i) => matrix.words[i]).join(", "));
      links.push({ source, target, kind, share: share / from.length, both: false, pair });
    });
  });
  return links;
}

/** Leave out what transitivity implies; everything stays if the relation is not transitive. */
function withoutImplied(links, count) {
  const after = Array.from({ length: count }, () => new Uint8Array(count));
  const lists = Array.from({ length: count }, () => []);
  for (const { source, target } of links) {
    after[source][target] = 1;
    lists[source].push(target);
  }
  for (let source = 0; source < count; source += 1) {
    for (const middle of lists[source]) {
      for (const target of lists[middle]) {
        if (target !== source && !after[source][target]) return links;
      }
    }
  }
  return links.filter(({ source, target }) => {
    if (after[target][source]) return true;
    return !lists[source].some(
      (middle) =>
        middle !== target &&
        after[middle][target] &&
        !after[middle][source] &&
        !after[target][middle],
    );
  });
}

/** Make one line with two heads out of an edge and its opposite, if they look the same. */
function paired(links) {
  const byPair = new Map(links.map((link) => [`${link.source},${link.target}`, link]));
  const out = [];
  for (const link of links) {
    const back = byPair.get(`${link.target},${link.source}`);
    if (!back || back.kind !== link.kind) out.push(link);
    else if (link.source < link.target) {
      out.push({ ...link, share: (link.share + back.share) / 2, both: true });
    }
  }
  return out;
}
