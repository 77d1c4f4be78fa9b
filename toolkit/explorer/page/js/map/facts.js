/** What is true at v, in words: phi(v), the region and its matrix, whether the map is zero. */

import { pieceAt } from "../mathematics/pieces.js";
import { decimal, numberText } from "../mathematics/near.js";
import { h, replace } from "../ui/dom.js";
import { orbitFill, orbitLetter } from "../drawing/colours.js";
import { isOnHyperplane } from "./scene.js";
import { countsOf } from "./verdict.js";

const MOST_SHOWN = 6;

/** Return a vector as text: three decimals in round brackets. */
export function vectorText(v, most = MOST_SHOWN) {
  const numbers = [...v].slice(0, most).map((x) => decimal(x, 3));
  return `(${numbers.join(", ")}${v.length > most ? ", \u2026" : ""})`;
}

/**
 * Return what is known at v: the matrix and constant of its region, its orbit.
 * @param {object} scene
 * @returns {{on: boolean, piece: object|null, orbit: number, size: number|null}}
 */
export function regionAt(scene) {
  const { map, breaks, regions, v } = scene;
  const on = isOnHyperplane(scene, v);
  const piece = breaks && !on ? pieceAt(map, v) : null;
  const orbit = regions && !on ? regions.orbit(v) : -1;
  return { on, piece, orbit, size: orbit >= 0 ? regions.sizes[orbit] : null };
}

/** The part of the page with these words. */
export class Facts {
  constructor() {
    this.value = h("p", { class: "map-value" });
    this.region = h("p", { class: "map-region" });
    this.matrix = h("div", { class: "map-matrix" });
    this.element = h("section", { class: "panel map-facts", "aria-label": "At v" },
      h("h2", null, "At v"), this.value, this.region, this.matrix);
    this.last = null;
  }

  /** Forget what was written last, so that all is written again. */
  stale() {
    this.last = null;
  }

  /** Write what holds now. */
  show(scene, image, theme) {
    const { map, source, target } = scene;
    const here = regionAt(scene);
    const size = map.d > 3 || map.e > 3 ? ` of length ${decimal(Math.hypot(...image), 3)}` : "";
    write(this.value, `v = ${vectorText(scene.v)} in ${source.label},  \u03c6(v) = ${vectorText(image)} in ${target.label}${size}`);
    write(this.region, wordsOfRegion(scene, here));
    const key = here.piece && !scene.verdict.zero ? [...here.piece.matrix, ...here.piece.constant].map((x) => x.toFixed(9)).join() : "";
    if (key === this.last) return;
    this.last = key;
    replace(this.matrix, key ? matrixOf(scene, here, theme) : null);
  }
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function wordsOfRegion(scene, { on, orbit, size }) {
  const { breaks, regions, activation } = scene;
  if (scene.verdict.zero) return "\u03c6 is zero.";
  if (!breaks) return `${activation.name} is not piecewise linear: \u03c6 has no regions.`;
  if (!breaks.normals.length) return "\u03c6 breaks nowhere: one matrix for all v.";
  if (on) return "v lies on a breaking hyperplane: two matrices meet here.";
  if (orbit < 0) return regions.complete ? "" : "The orbits of regions are too many to tell apart here.";
  const many = size === null ? "" : size === 1 ? ", alone in its orbit" : `, one of ${size.toLocaleString("en")} in its orbit under G`;
  return `v lies in a region of kind ${orbitLetter(orbit)}${many}.`;
}

function matrixOf({ map }, { piece, orbit }, theme) {
  const rows = Math.min(map.e, MOST_SHOWN);
  const columns = Math.min(map.d, MOST_SHOWN);
  const cells = (numbers, wide, at) =>
    Array.from({ length: wide }, (_, j) => h("td", null, numberText(numbers[at + j])));
  const table = h("table", { class: "matrix" }, h("caption", { class: "visually-hidden" }, "The matrix of the region of v"),
    h("tbody", null, Array.from({ length: rows }, (_, i) => h("tr", null, cells(piece.matrix, columns, i * map.d), columns < map.d ? h("td", null, "\u2026") : null))));
  if (orbit >= 0) table.style.setProperty("--orbit", orbitFill(theme, orbit));
  const parts = [h("span", { class: "math" }, "\u03c6(v) = "), table, h("span", { class: "math" }, " v")];
  if (piece.constant.some((x) => Math.abs(x) > 1e-9)) {
    parts.push(h("span", { class: "math" }, " + "), h("table", { class: "matrix" },
      h("caption", { class: "visually-hidden" }, "The constant"),
      h("tbody", null, Array.from({ length: rows }, (_, i) => h("tr", null, cells(piece.constant, 1, i))))));
  }
  return [h("div", { class: "map-equation" }, parts),
    h("p", { class: "fine" }, "Computed here: entries within 1e\u22129 of a small fraction or root are written so, others to four decimals.")];
}

/**
 * Return the line that says what map it is and what Python knows of it.
 * @param {object} scene
 * @returns {string}
 */
export function headline(scene) {
  const { source, target, named, module, record, activation } = scene;
  const name = (simple, copy) => (copy?.name && copy.key ? `${simple.label} (${copy.name})` : simple.label);
  const what = `${name(source, named.sourceCopy)} \u2192 ${name(target, named.targetCopy)} through ${activation.name} on ${module.title} of ${record.title}`;
  if (!scene.verdict.zero) return `${what}: ${countsOf(scene)}.`;
  return `${what}: the map is zero (${scene.verdict.certainty}).`;
}

/** Return the reasons, part by part. */
export function reasons({ verdict }) {
  return verdict.parts.map(({ part, words, vanishes, certainty }) =>
    `${part} part: ${words}, so it ${vanishes ? "gives nothing" : "contributes"} (${certainty}).`);
}
