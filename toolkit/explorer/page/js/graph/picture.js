/**
 * The picture of an interaction graph as live SVG.
 *
 * Lines of one kind and width are one path, so that thousands of edges are a few elements; the line
 * under the pointer is found by its distance. Boxes are elements of their own, with one tab stop
 * among them.
 */
import { s, replace } from "../ui/dom.js";
import { boxLines } from "./contents.js";
import { compactInteger } from "../ui/numbers.js";
import { dashArray, headPath, lineWidth, LINES, loopPath } from "./marks.js";
import { pointsOf, squaredDistance } from "./path.js";
import { lineKind } from "./plan.js";

/** Space around the picture: the orders of the rows stand on the left. */
const MARGIN = { top: 10, right: 8, bottom: 10 };

/**
 * A line that is drawn.
 * @typedef {object} Line
 * @property {string} d
 * @property {number[][]} heads
 * @property {string} kind
 * @property {number} share
 * @property {number} from  index of a box
 * @property {number} to
 * @property {boolean} both
 * @property {[number, number]} pair  positions of a source and a target
 */

export class Picture {
  /** @param {SVGElement} world  the group that is filled */
  constructor(world) {
    this.bands = s("g", { class: "graph-bands", "aria-hidden": "true" });
    this.lines = s("g", { class: "graph-lines", "aria-hidden": "true" });
    this.marked = s("g", { class: "graph-marked", "aria-hidden": "true" });
    this.nodes = s("g", { class: "graph-nodes" });
    replace(world, this.bands, this.lines, this.marked, this.nodes);
    this.elements = [];
    this.all = [];
    this.shown = [];
  }

  /**
   * Draw boxes and lines.
   * @param {object} picture  as the record has it
   * @param {ReturnType<typeof import("./plan.js").planPicture>} plan
   * @param {import("./model.js").GraphModel} model
   * @param {{toggled: (members: number[]) => "open"|"close"|null}} options  what a box offers
   * @returns {Generator<void, {width: number, height: number}>}
   */
  *draw(picture, plan, model, { toggled }) {
    const words = picture.bands.map((band) => `order ${compactInteger(band.order)}`);
    this.left = 26 + 6.6 * Math.max(...words.map((w) => w.length));
    this.picture = picture;
    this.model = model;
    this.plan = plan;
    const right = picture.width + 28; // a loop reaches 20 beyond its box
    replace(
      this.bands,
      picture.bands.map((band, i) => [
        s("rect", {
          x: this.left - 8,
          y: band.top + MARGIN.top,
          width: right + 8,
          height: band.bottom - band.top,
          rx: 7,
        }),
        s(
          "text",
          { x: this.left - 18, y: (band.top + band.bottom) / 2 + MARGIN.top + 4 },
          words[i],
        ),
      ]),
    );
    yield;
    this.boxes = picture.boxes.map((box) => ({
      ...box,
      x: box.x + this.left,
      y: box.y + MARGIN.top,
    }));
    this.boxOf = new Map();
    this.boxes.forEach((box, i) => box.members.forEach((m) => this.boxOf.set(m, i)));
    this.elements = [];
    replace(this.nodes);
    for (const [i, box] of this.boxes.entries()) {
      const element = this.boxElement(box, plan.boxes[i], toggled(box.members));
      this.elements.push(element);
      this.nodes.append(element);
      if (i % 25 === 24) yield;
    }
    this.readingOrder = [...this.boxes.keys()].sort(
      (a, b) => this.boxes[a].y - this.boxes[b].y || this.boxes[a].x - this.boxes[b].x,
    );
    this.all = this.linesOf(picture, plan);
    this.size = {
      width: this.left + right + MARGIN.right,
      height: picture.height + MARGIN.top + MARGIN.bottom,
    };
    return this.size;
  }

  /** Return all lines: those between boxes, and the loops of single simples. */
  linesOf(picture, plan) {
    const offset = [this.left, MARGIN.top];
    const lines = picture.routes.map((route, i) => ({
      ...route,
      ...plan.links[i],
      from: route.from,
      to: route.to,
      offset,
      heads: route.heads.map(([x, y, dx, dy]) => [x + offset[0], y + offset[1], dx, dy]),
    }));
    plan.boxes.forEach((box, i) => {
      if (box.members.length > 1 || box.loop === null) return;
      const [m] = box.members;
      lines.push({
        ...loopPath(this.boxes[i]),
        kind: lineKind(box.loop),
        share: box.loopShare,
        from: i,
        to: i,
        both: false,
        pair: [m, m],
        offset: [0, 0],
      });
    });
    return lines;
  }

  boxElement(box, planned, toggle) {
    const { model } = this;
    const isSingle = box.members.length === 1;
    const types = [...new Set(box.members.map((m) => model.simples[m].type))];
    const lines = boxLines(planned, model);
    const [x, y] = [box.x - box.w / 2, box.y - box.h / 2];
    const tops = lines.length > 2 ? [20, 35, 48] : [18, 33];
    const group = s(
      "g",
      {
        class: `graph-box type-${types.length === 1 ? types[0] : "mixed"}${isSingle ? "" : " closed"}`,
        role: "button",
        tabindex: "-1",
        "aria-label": isSingle ? lines.join(", ") : `${model.labels[box.members[0]]} and others: ${lines.join(", ")}`,
        dataset: { members: box.members.map((m) => model.labels[m]).join(",") },
      },
      isSingle ? null : s("rect", { class: "behind", x: x + 4, y: y + 4, width: box.w, height: box.h, rx: 8 }),
      s("rect", { class: "body", x, y, width: box.w, height: box.h, rx: 8 }),
      s("rect", { class: "ring", x: x - 4, y: y - 4, width: box.w + 8, height: box.h + 8, rx: 11 }),
      lines.map((line, i) =>
        s("text", { class: ["label", "about", isSingle ? "about" : "about inside"][i], x: box.x, y: y + tops[i] }, line),
      ),
      s("g", { class: "badge" }),
    );
    if (toggle) {
      const [cx, cy] = [x + box.w - 1, y + 1];
      group.append(
        s(
          "g",
          { class: "toggle", role: "presentation" },
          s("title", null, toggle === "open" ? "Open this box (key o)" : "Close this box (key o)"),
          s("circle", { class: "hit", cx, cy, r: 13 }),
          s("circle", { class: "disc", cx, cy, r: 7.5 }),
          s("path", {
            d: `M${cx - 3.6} ${cy}h7.2${toggle === "open" ? `M${cx} ${cy - 3.6}v7.2` : ""}`,
          }),
        ),
      );
    }
    return group;
  }

  /**
   * Draw the lines that carry at least a share of the energy.
   * @param {number} threshold
   * @returns {number}  how many edges of the picture are hidden
   */
  drawLines(threshold) {
    const isShown = (line) => !this.model.hasShares || !(line.share < threshold);
    this.shown = this.all.filter(isShown);
    const buckets = new Map();
    for (const line of this.shown) {
      const width = Math.round(5 * lineWidth(this.widthOf(line))) / 5;
      const key = `${line.kind} ${width} ${line.offset[0]}`;
      if (!buckets.has(key)) buckets.set(key, { kind: line.kind, width, lines: [] });
      buckets.get(key).lines.push(line);
    }
    const isFaint = ({ kind }) => LINES[kind].faint;
    const sorted = [...buckets.values()].sort(
      (a, b) => Number(isFaint(b)) - Number(isFaint(a)) || b.width - a.width,
    );
    replace(this.lines, sorted.map((bucket) => paths(bucket, isFaint(bucket) ? "faint" : "")));
    return this.all.length - this.shown.length;
  }

  widthOf(line) {
    return this.model.hasShares ? line.share : undefined;
  }

  /** Return the line nearest to a point of the picture, or null if none is within a distance. */
  lineAt(x, y, reach) {
    let best = null;
    let least = reach * reach;
    for (const line of this.shown) {
      line.points ??= pointsOf(line.d);
      const squared = squaredDistance(line.points, x - line.offset[0], y - line.offset[1]);
      if (squared < least) {
        least = squared;
        best = line;
      }
    }
    return best;
  }

  /** Return the line that shows the edge between two simples, or null if none does. */
  lineOf(source, target) {
    const [a, b] = [this.boxOf.get(source), this.boxOf.get(target)];
    return (
      this.all.find((l) => (l.from === a && l.to === b) || (l.both && l.from === b && l.to === a)) ??
      null
    );
  }

  /**
   * Draw some lines once more, above the others.
   * @param {{line: Line, style: string}[]} marked
   * @param {{from: number, to: number}[]} [missing]  pairs of boxes whose edge is not drawn
   */
  mark(marked, missing = []) {
    replace(
      this.marked,
      marked.map(({ line, style }) =>
        paths({ kind: line.kind, width: lineWidth(this.widthOf(line)) + 0.9, lines: [line] }, style),
      ),
      missing.map(({ from, to }) => this.shortcut(from, to)),
    );
  }

  /** Return a thin line for an edge that follows from others and is not drawn. */
  shortcut(from, to) {
    const [a, b] = [this.boxes[from], this.boxes[to]];
    const [y0, y1] = [a.y + a.h / 2, b.y - b.h / 2];
    const middle = (y0 + y1) / 2;
    const head = [b.x, y1, 0, 1];
    return s(
      "g",
      { class: "chosen implied" },
      s("path", { d: `M${a.x} ${y0}C${a.x} ${middle} ${b.x} ${middle} ${b.x} ${y1 - 5}`, "stroke-width": 1.6, "stroke-dasharray": "3 4" }),
      s("path", { class: "head", d: headPath(head, 1.6) }),
    );
  }
}

/** Return the elements of some lines of one kind and width. */
function paths({ kind, width, lines }, style) {
  const [dx, dy] = lines[0].offset;
  return s(
    "g",
    { class: style || null, dataset: { kind } },
    s("path", {
      d: lines.map((line) => line.d).join(""),
      transform: dx || dy ? `translate(${dx} ${dy})` : null,
      "stroke-width": width,
      "stroke-dasharray": dashArray(kind, width),
    }),
    s("path", {
      class: "head",
      d: lines.flatMap((line) => line.heads.map((head) => headPath(head, width))).join(""),
    }),
  );
}
