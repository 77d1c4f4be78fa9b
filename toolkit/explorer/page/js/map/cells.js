/** Regions in the plane that is drawn: polygons with their orbits, hatched and lettered. */

import { cellsOf, centre, disc, isInside, linesInPlane } from "../mathematics/arrangement.js";
import { ORBITS, orbitFill, orbitLetter } from "../drawing/colours.js";

const MOST_LINES = 150;

/**
 * @typedef {object} Cell
 * @property {number[]} corners  flat, in units of L.
 * @property {number} orbit  from 0; -1 if orbits are not told apart.
 * @property {[number, number]} centre
 */

/**
 * Return what the hyperplanes do in a plane of L.
 * @param {object} scene
 * @param {ArrayLike<number>[]} frame
 * @param {ArrayLike<number>|null} origin
 * @param {number} radius
 * @returns {{lines: object[], cells: Cell[]|null}}  cells null: too many, or no regions.
 */
export function section(scene, frame, origin, radius) {
  const { breaks, regions, map } = scene;
  if (!breaks?.normals.length) return { lines: [], cells: null };
  const zero = origin ?? new Float64Array(map.d);
  const lines = linesInPlane(breaks.normals, breaks.offsets, zero, frame[0], frame[1]);
  const met = lines.filter(({ c }) => Math.abs(c) < radius);
  if (met.length > MOST_LINES) return { lines: met, cells: null };
  const found = cellsOf(disc(radius), met);
  const cells = found?.map((corners) => {
    const [x, y] = centre(corners);
    const v = Float64Array.from(zero, (at, i) => at + x * frame[0][i] + y * frame[1][i]);
    return { corners, orbit: regions.orbit(v), centre: [x, y] };
  });
  return { lines: met, cells: cells ?? null };
}

/** Return the cell that contains a point, or null. */
export function cellAt(cells, x, y) {
  return cells?.find((cell) => isInside(cell.corners, x, y)) ?? null;
}

/**
 * Fill cells with the colours of their orbits, hatched, a letter in each that has room.
 * @param {object} pen
 * @param {object} theme
 * @param {Cell[]} cells
 * @param {(x: number, y: number) => [number, number]} screen
 */
export function paintCells(pen, theme, cells, screen) {
  for (const cell of cells) {
    const shape = onScreen(cell.corners, screen);
    const fill = orbitFill(theme, cell.orbit);
    pen.poly(shape, { fill, stroke: fill, width: 0.6 });
    if (cell.orbit >= 0) hatch(pen, shape, cell.orbit);
  }
  for (const cell of cells) {
    if (cell.orbit < 0) continue;
    const shape = onScreen(cell.corners, screen);
    const [x, y] = screen(...cell.centre);
    const letter = orbitLetter(cell.orbit);
    if (roomAt(shape, x, y) < 5 + 3.5 * letter.length) continue;
    pen.text(x, y, letter, { size: 12, align: "center", fill: theme.ink, bold: true, halo: orbitFill(theme, cell.orbit) });
  }
}

/** Return corners on the screen. */
export function onScreen(corners, screen) {
  const out = new Array(corners.length);
  for (let i = 0; i < corners.length; i += 2) [out[i], out[i + 1]] = screen(corners[i], corners[i + 1]);
  return out;
}

/** Hatch a convex polygon: the direction and the distance of the strokes tell orbits apart. */
function hatch(pen, shape, orbit) {
  const kind = orbit % ORBITS.length;
  const angle = [0.25, 0.75, 0, 0.5, 0.125, 0.375, 0.875][kind] * Math.PI;
  const gap = [7, 7, 9, 9, 11, 11, 5][kind];
  const [nx, ny] = [-Math.sin(angle), Math.cos(angle)];
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < shape.length; i += 2) {
    const t = nx * shape[i] + ny * shape[i + 1];
    least = Math.min(least, t);
    most = Math.max(most, t);
  }
  const ends = [];
  for (let k = Math.ceil(least / gap); k * gap < most; k += 1) {
    const found = [];
    for (let i = 0; i < shape.length; i += 2) {
      const j = (i + 2) % shape.length;
      const a = nx * shape[i] + ny * shape[i + 1] - k * gap;
      const b = nx * shape[j] + ny * shape[j + 1] - k * gap;
      if (a < 0 === b < 0) continue;
      const t = a / (a - b);
      found.push(shape[i] + t * (shape[j] - shape[i]), shape[i + 1] + t * (shape[j + 1] - shape[i + 1]));
    }
    if (found.length === 4) ends.push(...found);
  }
  pen.segments(ends, { stroke: ORBITS[kind], width: 0.8, alpha: 0.55 });
}

/** Return the distance of a point inside a convex polygon from its edges. */
function roomAt(shape, x, y) {
  let least = Infinity;
  for (let i = 0; i < shape.length; i += 2) {
    const j = (i + 2) % shape.length;
    const [dx, dy] = [shape[j] - shape[i], shape[j + 1] - shape[i + 1]];
    const size = Math.hypot(dx, dy);
    if (size < 1e-9) continue;
    least = Math.min(least, Math.abs((x - shape[i]) * dy - (y - shape[i + 1]) * dx) / size);
  }
  return least;
}
