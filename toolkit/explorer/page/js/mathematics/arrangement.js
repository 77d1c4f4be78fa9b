/**
 * Regions of hyperplanes where a plane meets them, and the orbits of regions under the group.
 */

const ON_LINE = 1e-9;

/**
 * @typedef {object} PlaneLine
 * @property {number} a
 * @property {number} b
 * @property {number} c  the line a x + b y = c, with a^2 + b^2 = 1.
 * @property {number} hyperplane  the number of the hyperplane it comes from.
 */

/**
 * Return the lines in which hyperplanes meet an affine plane.
 * @param {ArrayLike<number>[]} normals
 * @param {number[]} offsets
 * @param {ArrayLike<number>} origin  the point (0, 0) of the plane.
 * @param {ArrayLike<number>} first  unit vector along x.
 * @param {ArrayLike<number>} second  unit vector along y.
 * @returns {PlaneLine[]}  without hyperplanes parallel to the plane.
 */
export function linesInPlane(normals, offsets, origin, first, second) {
  const out = [];
  normals.forEach((normal, hyperplane) => {
    const a = dot(normal, first);
    const b = dot(normal, second);
    const size = Math.hypot(a, b);
    if (size < 1e-9) return;
    const c = (offsets[hyperplane] - dot(normal, origin)) / size;
    out.push({ a: a / size, b: b / size, c, hyperplane });
  });
  return out;
}

/** @returns {number} the inner product of two vectors. */
export function dot(v, w) {
  let sum = 0;
  for (let i = 0; i < v.length; i += 1) sum += v[i] * w[i];
  return sum;
}

/**
 * Return the corners of a regular polygon round a disc, flat [x, y, x, y, ...].
 * @param {number} radius
 * @param {number} [corners]
 */
export function disc(radius, corners = 144) {
  const out = [];
  for (let i = 0; i < corners; i += 1) {
    const angle = (2 * Math.PI * i) / corners;
    out.push(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  return out;
}

/**
 * Cut a convex polygon along lines.
 * @param {number[]} outline  flat corners.
 * @param {PlaneLine[]} lines
 * @param {number} [most]  give up beyond so many cells.
 * @returns {number[][]|null}  the cells, each flat corners; null if there are too many.
 */
export function cellsOf(outline, lines, most = 6000) {
  let cells = [outline];
  const size = outline.reduce((far, value) => Math.max(far, Math.abs(value)), 0);
  for (const line of lines) {
    const next = [];
    for (const cell of cells) {
      const parts = cut(cell, line, ON_LINE * size);
      if (parts) next.push(...parts);
      else next.push(cell);
    }
    if (next.length > most) return null;
    cells = next;
  }
  return cells;
}

function cut(cell, { a, b, c }, slack) {
  const n = cell.length / 2;
  const sides = new Float64Array(n);
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < n; i += 1) {
    sides[i] = a * cell[2 * i] + b * cell[2 * i + 1] - c;
    least = Math.min(least, sides[i]);
    most = Math.max(most, sides[i]);
  }
  if (least > -slack || most < slack) return null;
  const above = [];
  const below = [];
  for (let i = 0; i < n; i += 1) {
    const j = (i + 1) % n;
    const [x, y] = [cell[2 * i], cell[2 * i + 1]];
    if (sides[i] >= -slack) above.push(x, y);
    if (sides[i] <= slack) below.push(x, y);
    if ((sides[i] > slack && sides[j] < -slack) || (sides[i] < -slack && sides[j] > slack)) {
      const t = sides[i] / (sides[i] - sides[j]);
      const p = [x + t * (cell[2 * j] - x), y + t * (cell[2 * j + 1] - y)];
      above.push(...p);
      below.push(...p);
    }
  }
  return [above, below].filter((part) => part.length >= 6);
}

/**
 * Return a point inside a convex polygon: its centre of mass.
 * @param {number[]} cell
 * @returns {[number, number]}
 */
export function centre(cell) {
  let [x, y, area] = [0, 0, 0];
  const n = cell.length / 2;
  const [x0, y0] = [cell[0], cell[1]];
  for (let i = 1; i + 1 < n; i += 1) {
    const [x1, y1] = [cell[2 * i] - x0, cell[2 * i + 1] - y0];
    const [x2, y2] = [cell[2 * i + 2] - x0, cell[2 * i + 3] - y0];
    const part = x1 * y2 - x2 * y1;
    area += part;
    x += part * (x1 + x2);
    y += part * (y1 + y2);
  }
  if (Math.abs(area) < 1e-300) return [x0, y0];
  return [x0 + x / (3 * area), y0 + y / (3 * area)];
}

/**
 * Return whether a point lies in a convex polygon.
 * @param {number[]} cell
 * @param {number} x
 * @param {number} y
 */
export function isInside(cell, x, y) {
  const n = cell.length / 2;
  let turn = 0;
  for (let i = 0; i < n; i += 1) {
    const j = (i + 1) % n;
    const side =
      (cell[2 * j] - cell[2 * i]) * (y - cell[2 * i + 1]) -
      (cell[2 * j + 1] - cell[2 * i + 1]) * (x - cell[2 * i]);
    if (side !== 0 && turn !== 0 && side > 0 !== turn > 0) return false;
    if (side !== 0) turn = side;
  }
  return true;
}

/**
 * The orbits of the regions of an arrangement that a group permutes.
 *
 * A region is known by the sides of the hyperplanes on which it lies; a generator permutes the
 * hyperplanes and may turn their normals round. Orbits are numbered as they are first asked for.
 */
export class RegionOrbits {
  /**
   * @param {import("./pieces.js").Breaks} breaks
   * @param {ArrayLike<number>[]} models  orthogonal matrices of the generators.
   * @param {number} d
   * @param {number} [most]  list at most so many regions.
   */
  constructor(breaks, models, d, most = 40000) {
    this.breaks = breaks;
    this.most = most;
    this.known = new Map();
    this.sizes = [];
    this.moves = models.map((model) => movesOf(breaks, model, d));
    /** Whether orbits are told apart; false if they were too many to list. */
    this.complete = this.moves.every((moves) => moves !== null);
  }

  /** Return the sides, as text, of a vector. */
  sides(v) {
    const { normals, offsets } = this.breaks;
    let out = "";
    for (let i = 0; i < normals.length; i += 1) out += dot(normals[i], v) > offsets[i] ? "+" : "-";
    return out;
  }

  /**
   * Return the number of the orbit of the region of a vector; -1 if orbits are not told apart.
   * @param {ArrayLike<number>} v  on no hyperplane.
   */
  orbit(v) {
    const start = this.sides(v);
    const before = this.known.get(start);
    if (before !== undefined) return before;
    if (!this.complete) return -1;
    const number = this.sizes.length;
    const list = [start];
    this.known.set(start, number);
    for (let head = 0; head < list.length; head += 1) {
      for (const { place, turn } of this.moves) {
        const from = list[head];
        const moved = new Array(from.length);
        for (let i = 0; i < from.length; i += 1) {
          const same = turn[i] > 0;
          moved[place[i]] = same === (from[i] === "+") ? "+" : "-";
        }
        const to = moved.join("");
        if (this.known.has(to)) continue;
        if (this.known.size >= this.most) {
          this.complete = false;
          this.sizes[number] = null;
          return number;
        }
        this.known.set(to, number);
        list.push(to);
      }
    }
    this.sizes.push(list.length);
    return number;
  }
}

/** Return where rho(g) takes each hyperplane and whether it turns it round; null if it does not. */
function movesOf({ normals, offsets }, model, d) {
  const place = new Int32Array(normals.length);
  const turn = new Int8Array(normals.length);
  const slack = 1e-6;
  for (let i = 0; i < normals.length; i += 1) {
    const moved = new Float64Array(d);
    for (let r = 0; r < d; r += 1) {
      for (let c = 0; c < d; c += 1) moved[r] += model[r * d + c] * normals[i][c];
    }
    let found = -1;
    for (let j = 0; j < normals.length && found < 0; j += 1) {
      const along = dot(moved, normals[j]);
      if (Math.abs(Math.abs(along) - 1) > slack) continue;
      const sign = Math.sign(along);
      const far = Math.abs(offsets[i] - sign * offsets[j]);
      if (far > slack * (1 + Math.abs(offsets[j]))) continue;
      if (moved.every((value, r) => Math.abs(value - sign * normals[j][r]) < slack)) {
        found = j;
        turn[i] = sign;
      }
    }
    if (found < 0) return null;
    place[i] = found;
  }
  return { place, turn };
}
