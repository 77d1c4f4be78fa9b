/** Pictures by the point: a map's values, or the orbits of its regions, on a disc or a ball. */

import { dot } from "../mathematics/arrangement.js";
import { orbitBytes, shade } from "../drawing/colours.js";

const STEPS_AT_REST = 4e6;
const STEPS_IN_MOTION = 1.2e6;

/**
 * Return how many points a side a picture may have.
 * @param {object} scene
 * @param {number} size  of the picture in pixels.
 * @param {boolean} moving
 */
export function resolution(scene, size, moving) {
  const cost = 3 * scene.map.count * (scene.map.e + 2);
  const most = Math.sqrt((moving ? STEPS_IN_MOTION : STEPS_AT_REST) / cost);
  return Math.round(Math.max(40, Math.min(size, moving ? 160 : 360, most)));
}

/**
 * Return a function of (x, y, z) that evaluates the map at origin + x a + y b + z c.
 * @param {object} scene
 * @param {ArrayLike<number>[]} frame  a, b and perhaps c.
 * @param {ArrayLike<number>|null} [origin]
 * @returns {(x: number, y: number, z: number, out: Float64Array) => void}
 */
export function evaluator(scene, frame, origin = null) {
  const { map } = scene;
  const { count, d, e, vectors, covectors, pieces, activation } = map;
  const along = new Float64Array(4 * count);
  for (let p = 0; p < count; p += 1) {
    const w = vectors.subarray(p * d, p * d + d);
    for (let i = 0; i < 3; i += 1) along[4 * p + i] = frame[i] ? dot(w, frame[i]) : 0;
    along[4 * p + 3] = origin ? dot(w, origin) : 0;
  }
  const central = pieces?.central && pieces.intercepts.every((c) => c === 0);
  const [down, up] = central ? [pieces.slopes[0], pieces.slopes.at(-1)] : [0, 0];
  const f = (t) => activation.evaluate(t);
  if (scene.verdict?.zero) return (x, y, z, out) => out.fill(0);
  return (x, y, z, out) => {
    out.fill(0);
    for (let p = 0, at = 0; p < count; p += 1, at += 4) {
      const t = along[at] * x + along[at + 1] * y + along[at + 2] * z + along[at + 3];
      const value = central ? (t > 0 ? up * t : down * t) : f(t);
      if (value === 0) continue;
      for (let i = 0; i < e; i += 1) out[i] += value * covectors[p * e + i];
    }
  };
}

/** Return the number that is coloured: the value, or the length of a vector. */
export function shown(value) {
  return value.length === 1 ? value[0] : Math.hypot(...value);
}

/**
 * Return the largest absolute value on a sphere of L, for the scale of colours.
 * @param {object} scene
 */
export function largest(scene) {
  if (scene.largest !== undefined) return scene.largest;
  if (scene.verdict?.zero) return 1;
  const { map, radius } = scene;
  const v = new Float64Array(map.d);
  const out = new Float64Array(map.e);
  let most = 0;
  const many = map.d === 1 ? 2 : Math.max(48, Math.min(360, Math.floor(6e5 / (map.count * map.d))));
  for (let i = 0; i < many; i += 1) {
    if (map.d === 1) v[0] = i ? radius : -radius;
    else if (map.d === 2) {
      const angle = (2 * Math.PI * i) / many;
      v.set([radius * Math.cos(angle), radius * Math.sin(angle)]);
    } else {
      for (let j = 0; j < map.d; j += 1) v[j] = Math.sin((i + 1) * Math.sqrt(3 + j) * 7.31 + 2 * j);
      const size = radius / (Math.hypot(...v) || 1);
      for (let j = 0; j < map.d; j += 1) v[j] *= size;
    }
    map.value(v, out);
    most = Math.max(most, Math.abs(shown(out)));
  }
  scene.largest = most || 1;
  return scene.largest;
}

/**
 * Paint values or orbits into pixels.
 * @param {object} scene
 * @param {object} theme
 * @param {"values"|"regions"} what
 * @param {number} many  points a side.
 * @param {ArrayLike<number>[]} frame
 * @param {ArrayLike<number>|null} origin
 * @param {(column: number, row: number) => [number, number, number]|null} place  where a point is, in
 *   units of the frame's vectors; null outside.
 * @returns {Uint8ClampedArray}
 */
export function painted(scene, theme, what, many, frame, origin, place) {
  const pixels = new Uint8ClampedArray(4 * many * many);
  const pick = what === "regions" && scene.regions ? orbitsAt(scene, theme, frame, origin) : null;
  const at = pick ? null : evaluator(scene, frame, origin);
  const size = pick ? 1 : largest(scene);
  const out = new Float64Array(scene.map.e);
  for (let row = 0, to = 0; row < many; row += 1) {
    for (let column = 0; column < many; column += 1, to += 4) {
      const point = place(column, row);
      if (!point) continue;
      if (pick) {
        pixels.set(pick(...point), to);
      } else {
        at(point[0], point[1], point[2], out);
        const from = 3 * shade(shown(out), out.length > 1 ? 1.2 * size : size);
        pixels[to] = theme.scale[from];
        pixels[to + 1] = theme.scale[from + 1];
        pixels[to + 2] = theme.scale[from + 2];
      }
      pixels[to + 3] = 255;
    }
  }
  return pixels;
}

/** Return a function that gives the colour of the orbit of the region at a point. */
function orbitsAt({ regions, breaks, map }, theme, frame, origin) {
  const many = breaks.normals.length;
  const along = new Float64Array(4 * many);
  const marks = new Float64Array(many);
  breaks.normals.forEach((normal, i) => {
    for (let j = 0; j < 3; j += 1) along[4 * i + j] = frame[j] ? dot(normal, frame[j]) : 0;
    along[4 * i + 3] = (origin ? dot(normal, origin) : 0) - breaks.offsets[i];
    marks[i] = ((i + 1) * 0.6180339887498949 + Math.sqrt(i + 2)) % 1;
  });
  const known = new Map();
  const colours = new Map();
  const v = new Float64Array(map.d);
  return (x, y, z) => {
    let mark = 0;
    for (let i = 0, at = 0; i < many; i += 1, at += 4) {
      const side = along[at] * x + along[at + 1] * y + along[at + 2] * z + along[at + 3];
      if (side > 0) mark += marks[i];
    }
    let colour = known.get(mark);
    if (colour === undefined) {
      for (let j = 0; j < v.length; j += 1) {
        v[j] = x * frame[0][j] + y * frame[1][j] + (frame[2] ? z * frame[2][j] : 0) + (origin?.[j] ?? 0);
      }
      const orbit = regions.orbit(v);
      if (!colours.has(orbit)) colours.set(orbit, orbitBytes(theme, orbit));
      colour = colours.get(orbit);
      known.set(mark, colour);
    }
    return colour;
  };
}
