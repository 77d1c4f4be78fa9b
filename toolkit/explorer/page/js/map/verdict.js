/** Whether a map is zero and how many hyperplanes and regions it has, in words and from Python. */

import { dot } from "../mathematics/arrangement.js";
import { linesOf } from "../mathematics/pieces.js";

/**
 * @typedef {object} Verdict
 * @property {boolean} zero
 * @property {"exact"|"numerical"} certainty
 * @property {{part: string, vanishes: boolean, certainty: string, words: string}[]} parts
 */

/**
 * Return whether a map is zero, part by part of the activation.
 *
 * For generic copies, and for simples that occur once, the record says which targets a part
 * reaches: integers. For a special copy the vectors on a line are added up, which is numerical.
 * @param {object} scene  with module, source, target, map and breaks.
 * @param {object} activation
 * @param {{sourceCopy: object, targetCopy: object}} named
 * @returns {Verdict}
 */
export function verdictOf(scene, activation, named) {
  const { module, source, target } = scene;
  const generic = !named.sourceCopy?.key && !named.targetCopy?.key;
  const parts = [];
  const listed = generic && module.pairs;
  for (const part of ["even", "odd"]) {
    if (activation[part] === "non-polynomial") {
      parts.push(listed ? fromRecord(module, source, target, part) : added(scene, part));
    }
  }
  for (const degree of degreesOf(activation)) {
    parts.push(power(scene, degree, listed, named));
  }
  const zero = parts.every((part) => part.vanishes);
  const deciding = zero ? parts : parts.filter((part) => !part.vanishes);
  const exact = zero
    ? deciding.every((part) => part.certainty === "exact")
    : deciding.some((part) => part.certainty === "exact");
  return { zero, certainty: exact && activation.exact !== false ? "exact" : "numerical", parts };
}

function degreesOf(activation) {
  const out = new Set(activation.degrees ?? []);
  if (activation.odd === "linear") out.add(1);
  if (activation.even === "constant") out.add(0);
  return [...out].sort((a, b) => a - b);
}

function fromRecord(module, source, target, part) {
  const row = module.pairs[part][source.place] ?? [];
  let reach = 0;
  for (let i = 0; i + 1 < row.length; i += 2) if (row[i] === target.place) reach = row[i + 1];
  const space = part === "even" ? `${target.label}^U` : `the sign part of ${target.label} under U`;
  return {
    part, vanishes: reach === 0, certainty: "exact",
    words: `${space} has dimension ${reach} of ${target.fixed}, U = {g : gw = \u00b1w}`,
  };
}

function added({ map, breaks, target }, part) {
  const { e, count, covectors, vectors, d } = map;
  const lines = breaks?.lines ?? linesOf(vectors, d);
  const groups = new Map();
  for (let x = 0; x < count; x += 1) {
    const line = lines.lineOf[x];
    const factor = lines.factors[x];
    if (!groups.has(line)) groups.set(line, { sum: new Float64Array(e), scale: 0 });
    const here = groups.get(line);
    const weight = part === "even" ? Math.abs(factor) : factor;
    for (let i = 0; i < e; i += 1) here.sum[i] += weight * covectors[x * e + i];
    here.scale += Math.abs(weight) * Math.hypot(...covectors.subarray(x * e, x * e + e));
  }
  const vanishes = [...groups.values()].every(({ sum, scale }) => Math.hypot(...sum) <= 1e-7 * scale);
  return {
    part, vanishes, certainty: "numerical",
    words: `u has ${vanishes ? "no" : "a"} component in ${
      part === "even" ? `${target.label}^U` : `the sign part of ${target.label} under U`
    } for this copy`,
  };
}

function power({ module, map, source, target }, degree, listed, named) {
  if (degree === 0) {
    const trivial = target.place === 0 && target.dimension === 1;
    return {
      part: "constant", vanishes: !trivial, certainty: "exact",
      words: trivial ? `${target.label} is trivial` : `${target.label} is not trivial`,
    };
  }
  const name = degree === 1 ? "linear" : `degree ${degree}`;
  if (degree === 1 && source.label !== target.label) {
    return {
      part: name, vanishes: true, certainty: "exact",
      words: `there is no linear map ${source.label} \u2192 ${target.label}`,
    };
  }
  if (degree === 1 && named.sourceCopy?.key === named.targetCopy?.key) {
    return {
      part: name, vanishes: false, certainty: "exact", words: `${target.label} = ${source.label}`,
    };
  }
  const known = listed && module.pairs.degree?.[degree]?.[source.place];
  if (known) {
    const vanishes = !known.includes(target.place);
    return { part: name, vanishes, certainty: "exact", words: `its tensor is ${vanishes ? "" : "not "}0` };
  }
  const { d, e, count, vectors, covectors } = map;
  const [w, u] = [vectors.subarray(0, d), covectors.subarray(0, e)];
  let sum = 0;
  let scale = 0;
  for (let x = 0; x < count; x += 1) {
    const inner = dot(vectors.subarray(x * d, x * d + d), w) ** degree;
    const other = dot(covectors.subarray(x * e, x * e + e), u);
    sum += inner * other;
    scale += Math.abs(inner * other);
  }
  const vanishes = Math.abs(sum) <= 1e-7 * scale;
  return { part: name, vanishes, certainty: "numerical", words: `its tensor is ${vanishes ? "" : "not "}0` };
}

/**
 * Return a sentence about hyperplanes and regions; the numbers of the record where it has them.
 * @param {object} scene
 * @returns {string}
 */
export function countsOf(scene) {
  const { breaks, source, map, named, verdict, activation } = scene;
  if (verdict.zero) return "";
  if (!breaks) return `${activation.name} is not piecewise linear: no regions`;
  const word = { 1: "breaking point", 2: "breaking line", 3: "breaking plane" }[map.d] ?? "breaking hyperplane";
  const many = breaks.normals.length;
  const plural = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
  if (!many) return "breaks nowhere: " + (scene.homogeneous ? "linear" : "affine");
  const asInPython = breaks.central && !named.sourceCopy?.key && many === source.hyperplanes;
  if (!asInPython) return `${plural(many, word)}, found by adding up kinks (numerical)`;
  const known = source.regions;
  if (known === null || known === undefined) return `${plural(many, word)} (exact)`;
  const how = source.regions_are ?? "exact";
  const least = how === "lower bound" ? "at least " : "";
  return `${plural(many, word)}, ${least}${plural(known, "region")} (${how})`;
}

/** Return the places of the targets that the generic copy reaches, by the record; null if unknown. */
export function reachedFrom({ module, source, activation }) {
  if (!module.pairs) return null;
  const out = new Set();
  for (const part of ["even", "odd"]) {
    if (activation[part] !== "non-polynomial") continue;
    const row = module.pairs[part][source.place] ?? [];
    for (let i = 0; i < row.length; i += 2) out.add(row[i]);
  }
  const degrees = new Set(activation.degrees ?? []);
  if (activation.odd === "linear") degrees.add(1);
  for (const degree of degrees) {
    if (degree === 0) out.add(0);
    else if (degree === 1) out.add(source.place);
    else if (module.pairs.degree?.[degree]) for (const to of module.pairs.degree[degree][source.place]) out.add(to);
    else return null;
  }
  return out;
}
