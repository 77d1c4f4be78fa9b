/** One vector and its projection to every simple at once: small pictures side by side. */

import { mapOf, orbitOf } from "../mathematics/models.js";
import { Panel } from "../drawing/panel.js";
import { circleImage } from "./path.js";
import { largest } from "./raster.js";
import { paintImage } from "./target.js";
import { reachedFrom } from "./verdict.js";
import { decimal } from "../mathematics/near.js";
import { indexWords } from "./scene.js";
import { h, replace } from "../ui/dom.js";

const WIDE = 205;
const LARGEST = 300;
const HEAD = 22;
const FOOT = 14;
const SHARE = 8; // milliseconds of a frame for making maps

/**
 * Return the targets, kept with the scene; their maps are made when there is time.
 * @param {object} scene
 * @returns {{simple: object, zero: boolean, map: object|null, size: number}[]}
 */
export function everyTarget(scene) {
  if (scene.every) return scene.every;
  const reached = scene.named.sourceCopy?.key ? null : reachedFrom(scene);
  const { radius, plane, homogeneous } = scene;
  scene.every = scene.simples.map((simple) => ({
    simple, radius, plane, homogeneous, map: null, size: 0,
    zero: reached !== null && !reached.has(simple.place),
  }));
  return scene.every;
}

/** Make maps until the time is over; return whether all are made. */
function prepare(scene, milliseconds) {
  const end = performance.now() + milliseconds;
  for (const one of everyTarget(scene)) {
    if (one.zero || one.map) continue;
    if (performance.now() > end) return false;
    const covectors = orbitOf(scene.record, scene.module, one.simple.label, "");
    one.map = mapOf(scene.map.vectors, scene.map.d, covectors, one.simple.dimension, scene.activation);
    one.size = largest(one);
    one.zero = one.size <= 1e-7 * scene.map.longest;
  }
  return true;
}

/**
 * Make the panel.
 * @param {object} view  with scene, unit() and pick(label).
 * @returns {Panel}
 */
export function everyPanel(view) {
  const panel = new Panel({
    title: "Its projection to every simple", className: "panel-every", ratio: 1, tallest: 4000,
    front: (pen) => front(pen, panel, view),
    pointer: {
      hover: (place) => {
        const at = place ? cellAt(panel, view, place) : null;
        panel.canvas.style.cursor = at ? "pointer" : "auto";
      },
    },
  });
  panel.canvas.addEventListener("click", (event) => {
    const at = cellAt(panel, view, { x: event.offsetX, y: event.offsetY });
    if (at && event.shiftKey) view.begin(at.simple.label);
    else if (at) view.pick(at.simple.label);
  });
  panel.links = h("p", { class: "every-links" });
  panel.element.append(panel.links);
  return panel;
}

/** Write the links to start from a simple, for keys and touch. */
export function linkEvery(panel, { app, scene }) {
  replace(panel.links, "Start from ", everyTarget(scene).map(({ simple }, i) => [i ? ", " : "", simple.label === scene.source.label
    ? h("b", null, simple.label)
    : h("a", { href: app.href({ source: simple.label, v: null, plane: null, copy: null }) }, simple.label)]));
}

/** Set the panel's height to what its pictures need. */
export function fitEvery(panel, view) {
  const { columns, rows, wide } = gridOf(panel, view);
  panel.ratio = ((wide + HEAD + FOOT) * rows) / (panel.canvas.clientWidth || columns * wide);
  panel.fit();
}

function gridOf(panel, view) {
  const many = everyTarget(view.scene).length;
  const width = panel.canvas.clientWidth || panel.width || 600;
  const rows = Math.ceil(many / Math.max(1, Math.round(width / WIDE)));
  const columns = Math.ceil(many / rows);
  return { columns, rows, wide: Math.min(width / columns, LARGEST) };
}

function cellAt(panel, view, { x, y }) {
  const { columns, wide } = gridOf(panel, view);
  const at = Math.floor(y / (wide + HEAD + FOOT)) * columns + Math.min(columns - 1, Math.floor(x / wide));
  return everyTarget(view.scene)[at] ?? null;
}

function front(pen, panel, view) {
  const { scene } = view;
  const { theme } = panel;
  const { columns, wide } = gridOf(panel, view);
  if (!prepare(scene, pen.isVector ? Infinity : SHARE)) panel.request();
  const all = everyTarget(scene);
  const common = Math.max(...all.map((one) => one.size), 1e-12);
  all.forEach((one, i) => {
    const x = (i % columns) * wide;
    const y = Math.floor(i / columns) * (wide + HEAD + FOOT);
    const box = { x: x + 6, y: y + HEAD, width: wide - 12, height: wide - 12 };
    const { label, dimension, action_order: order } = one.simple;
    const k = indexWords(one.simple);
    pen.text(x + 10, y + 12, k ? `${label}, ${k}` : label, { size: 13, bold: true, fill: theme.ink });
    const words = one.zero ? "zero" : `dim ${dimension}${order ? `, order ${order}` : ""}`;
    pen.text(x + wide - 10, y + 12, words, { size: 11, align: "right", fill: theme.soft });
    pen.poly([x + 4, y + 1, x + wide - 4, y + 1, x + wide - 4, y + wide + HEAD + FOOT - 5, x + 4, y + wide + HEAD + FOOT - 5], label === view.chosen() ? { stroke: theme.accent, width: 2 } : { stroke: theme.line });
    if (one.zero) {
      pen.text(x + wide / 2, y + HEAD + wide / 2 - 6, "0", { size: 26, align: "center", fill: theme.faint });
      return;
    }
    if (!one.map) return;
    const circle = scene.map.d > 1 && dimension <= 3 ? circleImage(scene, one) : null;
    const point = one.map.value(scene.v);
    const size = view.unit() ? own(one, scene, circle) : common;
    const numbers = [...point].slice(0, 3).map((value) => decimal(value, 3)).join(", ");
    pen.text(x + wide / 2, y + HEAD + wide - 2, `(${numbers}${dimension > 3 ? ", \u2026" : ""})`, {
      size: 11.5, align: "center", fill: theme.ink,
    });
    paintImage(pen, theme, box, {
      e: dimension, values: circle?.values, at: circle?.at, point, size, labelled: false,
    });
  });
}

/** Return the largest length on the circle that is drawn. */
function own(one, scene, circle) {
  if (!circle) return largest(one);
  const e = one.map.e;
  let most = 0;
  for (let i = 0; i < circle.values.length; i += e) {
    let sum = 0;
    for (let j = 0; j < e; j += 1) sum += circle.values[i + j] ** 2;
    most = Math.max(most, sum);
  }
  return Math.sqrt(most) || 1;
}
