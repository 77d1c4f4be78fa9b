/** What the map view shows: the map that the address names, its hyperplanes, v and the plane. */

import { dot, RegionOrbits } from "../mathematics/arrangement.js";
import { copyOf, mapBetween, modelsOf } from "../mathematics/models.js";
import { breaksOf } from "../mathematics/pieces.js";
import { planeOf } from "./plane.js";
import { verdictOf } from "./verdict.js";

/**
 * @typedef {object} Scene
 * @property {object} record
 * @property {object} module
 * @property {object} source  the simple L of the record, with its place in the module's contents.
 * @property {object} target  K.
 * @property {import("../mathematics/models.js").SimpleMap} map
 * @property {import("../mathematics/pieces.js").Breaks|null} breaks  null: no regions.
 * @property {RegionOrbits|null} regions
 * @property {object} verdict  whether the map is zero, and why.
 * @property {number} radius  of the disc or ball that is drawn.
 * @property {boolean} homogeneous
 * @property {Float64Array} v
 * @property {import("./plane.js").Plane} plane
 */

/**
 * Return the simples of a module that have vectors in the record, in order.
 * @param {object} record
 * @param {object} module
 * @returns {{label: string, dimension: number, type: string, place: number, multiplicity: number}[]}
 */
export function simplesOf(record, module) {
  return module.contents
    .map((entry, place) => ({ ...record.simples?.[entry.simple], ...entry, place }))
    .filter(({ label }) => module.vectors?.[label] && modelsOf(record, module, label));
}

/** Return "k = 3" of a simple of a cyclic or dihedral group, else nothing. */
export function indexWords({ paper_index: k }) {
  return k === null || k === undefined ? "" : `k = ${k}`;
}

/** Return the label of L where the address names none: a plane if there is one. */
function firstSource(simples, wanted) {
  const chosen = simples.find((one) => one.label === wanted);
  if (chosen) return chosen;
  for (const d of [2, 3, 1]) {
    const found = simples.filter((one) => one.dimension === d && one.place > 0);
    if (found.length) return found.find((one) => one.kernel_order === 1) ?? found[0];
  }
  return simples.find((one) => one.place > 0) ?? simples[0];
}

/**
 * Return the choices of copies in the address: "1" or "1,0", source first, "g" for the generic one.
 * @param {string|undefined} text
 * @returns {{sourceCopy: string, targetCopy: string}}
 */
export function readCopies(text) {
  const [sourceCopy, targetCopy] = `${text ?? ""},`.split(",").map((key) => (key === "g" ? "" : key.trim()));
  return { sourceCopy, targetCopy };
}

/** Write them. */
export function writeCopies({ sourceCopy, targetCopy }) {
  if (!sourceCopy && !targetCopy) return null;
  return targetCopy ? `${sourceCopy || "g"},${targetCopy}` : sourceCopy;
}

/**
 * Return the scene of a state.
 * @param {{record: object, module: object, activation: object, state: object}} app
 * @param {Scene|null} before  the last one; what has not changed is taken from it.
 * @returns {Scene|{problem: string}}
 */
export function sceneOf({ record, module, activation, state }, before) {
  if (!record || !module) return { problem: "Choose a group first." };
  const simples = simplesOf(record, module);
  if (!simples.length || !module.images) {
    return { problem: whyNot(record, module) };
  }
  const source = firstSource(simples, state.source ?? state.simple);
  const target = simples.find((one) => one.label === state.target) ?? simples[0];
  const copies = readCopies(state.copy);
  const key = [record.name, module.id, source.label, target.label, activation.name, state.copy].join("\n");
  let scene = before;
  if (before?.key !== key || before.module !== module || before.activation !== activation) {
    scene = fresh(record, module, source, target, activation, copies);
    Object.assign(scene, { key, activation, simples, copies });
  }
  scene.plane = planeOf(state.plane, scene, before?.key === key ? before.plane : null);
  scene.v = readVector(state.v, source.dimension) ?? firstVector(source.dimension, scene);
  return scene;
}

/** Return a sentence that says why there are no maps on a module. */
function whyNot(record, module) {
  if (module.transitive === false) {
    return `${module.title} has several orbits. A map is made on one of them: choose another module.`;
  }
  const rows = [...(module.missing ?? []), ...(record.missing ?? [])];
  const why = rows.find(([subject]) => subject === `maps on ${module.title}`)?.[1];
  return `Maps on ${module.title} are not in this page${why ? `: ${why}` : ""}.`;
}

function fresh(record, module, source, target, activation, copies) {
  const map = mapBetween(record, module, source.label, target.label, activation, copies);
  const breaks = breaksOf(map);
  const models = modelsOf(record, module, source.label);
  const regions = breaks?.normals.length ? new RegionOrbits(breaks, models, map.d) : null;
  const homogeneous = isHomogeneous(map);
  const named = {
    sourceCopy: copyOf(module, source.label, copies.sourceCopy),
    targetCopy: copyOf(module, target.label, copies.targetCopy),
  };
  const scene = { record, module, source, target, map, breaks, regions, homogeneous, named };
  scene.radius = radiusOf(scene);
  scene.verdict = verdictOf(scene, activation, named);
  if (scene.verdict.zero) map.value = (v, out = new Float64Array(map.e)) => out.fill(0);
  if (regions) nameOrbits(scene);
  return scene;
}

function isHomogeneous({ pieces }) {
  return Boolean(pieces?.central && pieces.intercepts.every((c) => c === 0));
}

/**
 * Return the radius of what is drawn: 1 where all radii look alike; else all hyperplanes are met,
 * or inner products reach 3 where the activation has no affine pieces.
 */
function radiusOf({ map, breaks, homogeneous }) {
  if (homogeneous) return 1;
  const far = breaks?.offsets.reduce((most, offset) => Math.max(most, Math.abs(offset)), 0);
  const reach = far ? 1.6 * far : 3 / map.longest;
  return Number(reach.toPrecision(2)) || 1;
}

/** Give numbers to the orbits of regions in an order that does not depend on the view. */
function nameOrbits({ regions, map, radius }) {
  const d = map.d;
  const many = d === 2 ? 720 : 400;
  const v = new Float64Array(d);
  const shells = regions.breaks.central ? [1] : [0.15, 0.45, 0.75, 0.98];
  for (const shell of shells) {
    for (let i = 0; i < many; i += 1) {
      if (d === 2) {
        const angle = (2 * Math.PI * (i + 0.37)) / many;
        v.set([Math.cos(angle), Math.sin(angle)]);
      } else {
        for (let j = 0; j < d; j += 1) v[j] = Math.sin((i + 1) * Math.sqrt(2 + j) * 12.9898 + j);
      }
      const size = Math.hypot(...v) || 1;
      for (let j = 0; j < d; j += 1) v[j] *= (shell * radius) / size;
      if (!regions.complete) return;
      regions.orbit(v);
    }
  }
}

/** Return a vector of d numbers from text such as "0.3,-1.2"; null if it is not one. */
export function readVector(text, d) {
  if (!text) return null;
  const numbers = text.split(",").map(Number);
  return numbers.length === d && numbers.every(Number.isFinite) ? Float64Array.from(numbers) : null;
}

/** Write a vector for the address. */
export function writeVector(v, radius = 1) {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(radius)));
  return [...v].map((value) => String(Number(value.toFixed(Math.min(12, digits))))).join(",");
}

/** Return where v is at first: in no special place. */
function firstVector(d, { radius, plane }) {
  const v = Float64Array.from({ length: d }, (_, i) => 0.35 + (((i + 1) * Math.SQRT2) % 1));
  const size = Math.hypot(...v);
  // on the side of the viewer
  const side = d > 2 && dot(v, plane.frame[2]) < 0 ? -1 : 1;
  return v.map((value) => side * Number(((0.8 * radius * value) / size).toPrecision(3)));
}

/** Return whether v lies on a hyperplane, within what the page can tell. */
export function isOnHyperplane({ breaks, map, radius }, v) {
  if (!breaks) return false;
  const slack = 1e-7 * (Math.hypot(...v) + radius * 1e-3);
  return breaks.normals.some((normal, i) => Math.abs(dot(normal, v) - breaks.offsets[i]) <= slack);
}
