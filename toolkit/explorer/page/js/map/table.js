/** All maps of a module: a table of small pictures, a row for each L and a column for each K. */

import { mapOf, orbitOf } from "../mathematics/models.js";
import { breaksOf } from "../mathematics/pieces.js";
import { h, replace, s } from "../ui/dom.js";
import { simpleLink } from "../ui/links.js";
import { colours } from "../drawing/colours.js";
import { CanvasPen, SvgPen } from "../drawing/pen.js";
import { planeOf } from "./plane.js";
import { circleImage } from "./path.js";
import { evaluator, largest, painted } from "./raster.js";
import { indexWords } from "./scene.js";
import { reachedFrom } from "./verdict.js";

const SIZE = 96;
const MOST = 16;
const LARGEST_DIMENSION = 3;

/** The part of the page with the table. */
export class MapTable {
  constructor(app) {
    this.app = app;
    this.element = h("div", { class: "map-table" });
    this.key = "";
    this.cells = [];
    this.run = 0;
  }

  /** Draw the table of a scene, a few pictures at a time. */
  show(scene) {
    const { href } = this.app;
    const key = [href({ v: null, plane: null }), scene.module.title, scene.activation.name, document.documentElement.dataset.theme].join("\n");
    if (key === this.key) return;
    this.key = key;
    this.run += 1;
    const simples = scene.simples.filter((one) => one.dimension <= LARGEST_DIMENSION).slice(0, MOST);
    this.cells = [];
    const body = simples.map((source) => h("tr", null, h("th", { scope: "row" }, this.#name(source)),
      simples.map((target) => this.#cell(scene, source, target))));
    const left = scene.simples.length - simples.length;
    replace(this.element,
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "All maps" },
        h("table", null, h("caption", null, "From the row's simple to the column's. Choose one to look closer."),
          h("thead", null, h("tr", null, h("td", null), simples.map((one) => h("th", { scope: "col" }, this.#name(one))))),
          h("tbody", null, body))),
      h("p", { class: "fine" }, "From dimension 1: the graph. To dimension 1: values in colour, blue below 0 and orange above. Else: the image of a circle."),
      left > 0 ? h("p", { class: "fine" }, `${left} simples of dimension above ${LARGEST_DIMENSION} or beyond the first ${MOST} are left out.`) : null);
    this.#paint(scene, this.run);
  }

  #name(simple) {
    const k = indexWords(simple);
    return [simpleLink(this.app, simple.label), k ? h("span", { class: "fine index" }, k) : null];
  }

  #cell(scene, source, target) {
    const reached = reachedFrom({ ...scene, source });
    const zero = reached !== null && !reached.has(target.place);
    const words = `${source.label} to ${target.label}${zero ? ": zero" : ""}`;
    const href = this.app.href({ source: source.label, target: target.label, picture: null, v: null, plane: null, copy: null });
    if (zero) return h("td", { class: "zero" }, h("a", { href, "aria-label": words }, "0"));
    const dots = Math.min(2, devicePixelRatio || 1);
    const canvas = h("canvas", { width: SIZE * dots, height: SIZE * dots, role: "img", "aria-label": words });
    this.cells.push({ source, target, canvas, dots });
    return h("td", null, h("a", { href, "aria-label": words }, canvas));
  }

  async #paint(scene, run) {
    const theme = colours();
    let since = performance.now();
    for (const cell of this.cells) {
      if (performance.now() - since > 12) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (run !== this.run) return;
        since = performance.now();
      }
      const context = cell.canvas.getContext("2d");
      context.setTransform(cell.dots, 0, 0, cell.dots, 0, 0);
      cell.scene = smallScene(scene, cell.source, cell.target);
      paintSmall(new CanvasPen(context, SIZE, SIZE), theme, cell.scene);
    }
    this.element.dataset.painted = String(this.cells.length);
  }

  /** Return the table as one SVG. */
  svg() {
    const theme = colours();
    const labels = [...new Set(this.cells.flatMap(({ source, target }) => [source.label, target.label]))]
      .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
    const side = SIZE + 10;
    const all = s("svg", { viewBox: `0 0 ${side * labels.length + 50} ${side * labels.length + 40}` });
    const word = (x, y, text) => s("text", { x, y, "font-size": 13, "text-anchor": "middle", fill: theme.ink }, text);
    labels.forEach((label, i) => {
      all.append(word(50 + side * (i + 0.5), 20, label), word(24, 40 + side * (i + 0.5), label));
    });
    for (const cell of this.cells) {
      if (!cell.scene) continue;
      const pen = new SvgPen(SIZE, SIZE);
      paintSmall(pen, theme, cell.scene);
      const place = [50 + side * labels.indexOf(cell.target.label), 30 + side * labels.indexOf(cell.source.label)];
      pen.group.setAttribute("transform", `translate(${place})`);
      all.append(pen.group);
    }
    return all;
  }

  /** Draw again, in the colours of the page. */
  repaint(scene) {
    this.key = "";
    if (!this.element.hidden) this.show(scene);
  }
}

function smallScene(scene, source, target) {
  const { record, module, activation } = scene;
  const map = mapOf(orbitOf(record, module, source.label), source.dimension, orbitOf(record, module, target.label), target.dimension, activation);
  const small = { record, module, activation, source, target, map, breaks: breaksOf(map), radius: scene.radius, homogeneous: scene.homogeneous };
  small.radius = scene.homogeneous ? 1 : 3 / map.longest;
  small.plane = planeOf("", small, null);
  small.v = small.plane.frame[0].map((x) => x * small.radius);
  return small;
}

function paintSmall(pen, theme, small) {
  const { map, radius, plane, breaks } = small;
  const middle = SIZE / 2;
  const size = largest(small);
  const half = middle - 5;
  if (map.d === 1) {
    pen.segments([5, middle, SIZE - 5, middle], { stroke: theme.faint });
    for (let j = 0; j < map.e; j += 1) {
      const way = [];
      for (let i = 0; i <= 60; i += 1) {
        const t = radius * (i / 30 - 1);
        way.push(middle + (half * t) / radius, middle - (half * map.value([t])[j]) / size);
      }
      pen.poly(way, { stroke: theme.real, width: 2 }, true);
    }
  } else if (map.e === 1) {
    const many = pen.isVector ? 32 : 60;
    const ball = map.d === 3;
    const pixels = painted(small, theme, "values", many, plane.frame, null, (column, row) => {
      const [x, y] = [(2 * (column + 0.5)) / many - 1, 1 - (2 * (row + 0.5)) / many];
      const z = ball ? Math.sqrt(Math.max(0, 1 - x * x - y * y)) : 0;
      return x * x + y * y > 1.15 ? null : [radius * x, radius * y, radius * z];
    });
    pen.inDisc(middle, middle, half, () => pen.mosaic(5, 5, 2 * half, 2 * half, many, many, pixels));
    if (!ball && breaks?.central && breaks.normals.length <= 24) {
      const ends = breaks.normals.flatMap(([a, b]) => [middle - half * b, middle - half * a, middle + half * b, middle + half * a]);
      pen.segments(ends, { stroke: theme.ink, width: 0.6, alpha: 0.6 });
    }
    pen.circle(middle, middle, half, { stroke: theme.soft, width: 0.8 });
  } else {
    paintCurve(pen, theme, small, middle, half, size);
  }
}

function paintCurve(pen, theme, small, middle, half, size) {
  const { map, plane, radius } = small;
  const project = (values, at) => {
    const [x, y, z] = [values[at], values[at + 1], map.e > 2 ? values[at + 2] : 0];
    return map.e > 2 ? [x - 0.35 * z, y - 0.35 * z] : [x, y];
  };
  pen.circle(middle, middle, half, { stroke: theme.line });
  if (map.d === 2) {
    const { values } = circleImage(small);
    const way = [];
    for (let i = 0; i < values.length; i += map.e) {
      const [x, y] = project(values, i);
      way.push(middle + (half * x) / size, middle - (half * y) / size);
    }
    pen.poly(way, { fill: theme.real, alpha: 0.15 });
    pen.poly(way, { stroke: theme.real, width: 1.8 }, true);
    return;
  }
  // three great circles of the sphere
  const at = evaluator(small, plane.frame);
  const out = new Float64Array(map.e);
  for (const [one, two] of [[0, 1], [1, 2], [2, 0]]) {
    const way = [];
    for (let i = 0; i <= 90; i += 1) {
      const p = [0, 0, 0];
      p[one] = radius * Math.cos((i * Math.PI) / 45);
      p[two] = radius * Math.sin((i * Math.PI) / 45);
      at(p[0], p[1], p[2], out);
      const [x, y] = project(out, 0);
      way.push(middle + (half * x) / size, middle - (half * y) / size);
    }
    pen.poly(way, { stroke: theme.real, width: 1.2 }, true);
  }
}
