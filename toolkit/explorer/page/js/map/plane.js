/**
 * Planes in L: two directions to draw along, and a third that points to the viewer.
 *
 * In dimension 3 the three directions are a rotation; beyond, they span the space whose ball is
 * drawn. A plane is named in the address by a preset, or by its directions.
 */

import { dot } from "../mathematics/arrangement.js";
import { modelsOf } from "../mathematics/models.js";

/**
 * @typedef {object} Plane
 * @property {Float64Array[]} frame  three orthonormal vectors (two if L is a plane).
 * @property {string} name  of the preset; "" if it was turned by hand.
 */

/**
 * Return the presets for a scene: a key for the address, and words.
 * @param {object} scene  with map and breaks.
 * @returns {{key: string, words: string, frame: () => Float64Array[]}[]}
 */
export function presetsOf(scene) {
  const { map, record, module, source } = scene;
  const d = map.d;
  if (d < 3) return [];
  const unit = (i) => Float64Array.from({ length: d }, (_, j) => (i === j ? 1 : 0));
  const out = [
    { key: "", words: "across w", frame: () => across(map) },
    { key: "mirror", words: "w and its mirror", frame: () => alongNormal(map) },
  ];
  const models = modelsOf(record, module, source.label);
  models.forEach((model, g) => {
    const axis = axisOf(model, d);
    if (!axis) return;
    const name = record.generators?.[g] ?? `generator ${g + 1}`;
    out.push({
      key: `axis${g + 1}`, words: `across the axis of ${name}`,
      frame: () => towards(completed([axis, ...vectorsOf(map)], d)),
    });
    out.push({
      key: `meridian${g + 1}`, words: `w and the axis of ${name}`,
      frame: () => {
        const [up, right, third] = completed([axis, ...vectorsOf(map)], d);
        return oriented([right, up, third]);
      },
    });
  });
  for (let i = 0; i < Math.min(d, 4); i += 1) {
    for (let j = i + 1; j < Math.min(d, 4); j += 1) {
      out.push({
        key: `e${i + 1}e${j + 1}`, words: `basis vectors ${i + 1} and ${j + 1}`,
        frame: () => oriented(completed([unit(i), unit(j), ...units(d)], d)),
      });
    }
  }
  return out;
}

/**
 * Return the plane that the address names.
 * @param {string|undefined} text
 * @param {object} scene
 * @param {Plane|null} before
 * @returns {Plane}
 */
export function planeOf(text, scene, before) {
  const d = scene.map.d;
  const unit = (i) => Float64Array.from({ length: d }, (_, j) => (i === j ? 1 : 0));
  if (d < 3) return { frame: d === 2 ? [unit(0), unit(1)] : [unit(0)], name: "", text: "" };
  if (before && before.text === (text ?? "")) return before;
  const preset = presetsOf(scene).find((one) => one.key === (text ?? ""));
  if (preset) return { frame: preset.frame(), name: preset.key, text: text ?? "" };
  const rows = (text ?? "").split(";").map((row) => Float64Array.from(row.split(","), Number));
  const valid = rows.length >= 2 && rows.every((row) => row.length === d && row.every(Number.isFinite));
  if (!valid) return { frame: across(scene.map), name: "", text: text ?? "" };
  return { frame: oriented(completed([...rows, ...vectorsOf(scene.map), ...units(d)], d)), name: "hand", text };
}

/** Write a plane that was turned by hand. */
export function writePlane(frame) {
  const rows = frame[0].length === 3 ? frame.slice(0, 2) : frame;
  return rows.map((row) => [...row].map((x) => String(Number(x.toFixed(4)))).join(",")).join(";");
}

/**
 * Return a frame turned by hand: as if the ball were rolled by the pointer.
 * @param {Float64Array[]} frame
 * @param {number} right  angle to the right.
 * @param {number} up  angle up.
 */
export function turned(frame, right, up) {
  const [a, b, c] = frame;
  const mix = (v, w, angle) => [
    v.map((x, i) => Math.cos(angle) * x - Math.sin(angle) * w[i]),
    v.map((x, i) => Math.sin(angle) * x + Math.cos(angle) * w[i]),
  ];
  const [a1, c1] = mix(a, c, right);
  const [b1, c2] = mix(b, c1, up);
  return oriented(completed([a1, b1, c2], a.length));
}

/** Return v in the frame, and what of it lies outside the frame's first two directions. */
export function split(v, frame) {
  const [a, b] = [dot(v, frame[0]), dot(v, frame[1])];
  return { a, b, rest: v.map((x, i) => x - a * frame[0][i] - b * frame[1][i]) };
}

function vectorsOf({ vectors, count, d }) {
  return Array.from({ length: Math.min(count, 60) }, (_, x) => vectors.slice(x * d, x * d + d));
}

function units(d) {
  return Array.from({ length: d }, (_, i) => Float64Array.from({ length: d }, (_, j) => (i === j ? 1 : 0)));
}

/** The third direction along w at the base point, the others towards other vectors. */
function across(map) {
  return towards(completed([...vectorsOf(map), ...units(map.d)], map.d));
}

function alongNormal(map) {
  const [right, up, third] = completed([...vectorsOf(map), ...units(map.d)], map.d);
  return oriented([right, up, third]);
}

function towards([third, right, up]) {
  return oriented([right, up, third]);
}

/** Return three orthonormal vectors in the span of the first candidates that give them. */
function completed(candidates, d) {
  const rows = [];
  for (const candidate of [...candidates, ...units(d)]) {
    let left = Float64Array.from(candidate);
    const before = Math.hypot(...left);
    if (!(before > 0)) continue;
    for (let again = 0; again < 2; again += 1) {
      for (const row of rows) {
        const along = dot(left, row);
        left = left.map((x, i) => x - along * row[i]);
      }
    }
    const size = Math.hypot(...left);
    if (size < 0.05 * before) continue;
    rows.push(left.map((x) => x / size));
    if (rows.length === 3) break;
  }
  return rows;
}

/** In dimension 3 a frame is a rotation: the third is the cross product of the others. */
function oriented([a, b, c]) {
  if (a.length !== 3) return [a, b, c];
  return [
    a, b,
    Float64Array.from([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]),
  ];
}

/** Return the axis of a rotation or rotary reflection of space; null if it has none of its own. */
function axisOf(m, d) {
  if (d !== 3) return null;
  // the axial vector of the matrix; for a turn by 180 degrees, a column of 1 + m
  const axial = Float64Array.from([m[7] - m[5], m[2] - m[6], m[3] - m[1]]);
  const size = Math.hypot(...axial);
  if (size > 1e-6) return axial.map((x) => x / size);
  const trace = m[0] + m[4] + m[8];
  const sign = Math.abs(trace + 1) < 1e-6 ? 1 : Math.abs(trace - 1) < 1e-6 ? -1 : 0;
  if (!sign) return null;
  for (let i = 0; i < 3; i += 1) {
    const column = Float64Array.from([m[i], m[3 + i], m[6 + i]].map((x, j) => sign * x + (i === j ? 1 : 0)));
    const length = Math.hypot(...column);
    if (length > 0.1) return column.map((x) => x / length);
  }
  return null;
}
