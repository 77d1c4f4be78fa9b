/** The circle whose image is drawn: |v| = const in the plane of L that is shown. */

import { evaluator } from "./raster.js";
import { split } from "./plane.js";

const STEPS = 480;

/**
 * Return the image of the circle through v in the plane that is drawn.
 * @param {object} scene
 * @param {object} [target]  a scene with another map, if its image is wanted.
 * @returns {{values: Float64Array, radius: number, at: number}}  values: e numbers for each of 481
 *   angles once round; `at` is v's own angle.
 */
export function circleImage(scene, target = scene) {
  const { plane, radius, v, map } = scene;
  const { a, b, rest } = split(v, plane.frame);
  const size = Math.hypot(a, b) || 0.8 * radius;
  const off = map.d > 2 && rest.some((x) => Math.abs(x) > 1e-12);
  const origin = off ? rest : null;
  if (target.homogeneous && !off) return scaled(unitCircle(target, plane), size, Math.atan2(b, a));
  const key = `${size.toPrecision(9)} ${origin ? origin.map((x) => Math.round(x * 1e9)).join() : ""}`;
  const kept = target.circle;
  if (kept?.key === key && kept.frame === plane.frame) return Object.assign(kept, { at: Math.atan2(b, a) });
  const values = round(target, plane.frame, origin, size);
  target.circle = { key, frame: plane.frame, values, radius: size, at: Math.atan2(b, a) };
  return target.circle;
}

function round(target, frame, origin, size) {
  const { e } = target.map;
  const at = evaluator(target, frame, origin);
  const values = new Float64Array((STEPS + 1) * e);
  const out = new Float64Array(e);
  for (let i = 0; i <= STEPS; i += 1) {
    const angle = (2 * Math.PI * i) / STEPS;
    at(size * Math.cos(angle), size * Math.sin(angle), 0, out);
    values.set(out, i * e);
  }
  return values;
}

/** The image of the unit circle through the origin, kept until the plane changes. */
function unitCircle(target, { frame }) {
  if (target.unit?.frame !== frame) target.unit = { frame, values: round(target, frame, null, 1) };
  return target.unit.values;
}

function scaled(values, size, at) {
  return { values: values.map((x) => size * x), radius: size, at };
}
