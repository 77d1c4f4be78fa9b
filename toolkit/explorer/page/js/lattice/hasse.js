/** Two lattices side by side as live SVG, and the lines of the Galois connection between them. */
import { headPath } from "../graph/marks.js";
import { h, s, replace } from "../ui/dom.js";

const GAP = 150;
const TOP = 34;

/**
 * An element of a lattice on the screen.
 * @typedef {object} Place
 * @property {"normal"|"closed"} side
 * @property {number} index
 */

export class Hasse {
  /** @param {{onChoose: (place: Place) => void, onPeek: (place: Place|null) => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.covers = s("g", { class: "lattice-covers", "aria-hidden": "true" });
    this.galois = s("g", { class: "lattice-galois", "aria-hidden": "true" });
    this.sides = { normal: s("g", { role: "group" }), closed: s("g", { role: "group" }) };
    this.heads = s("g", { class: "lattice-heads", "aria-hidden": "true" });
    this.svg = s(
      "svg",
      { class: "lattice-svg", role: "group" },
      this.heads,
      this.covers,
      this.sides.normal,
      this.sides.closed,
      this.galois,
    );
    this.element = h("figure", { class: "lattice-stage" }, this.svg);
    this.listen();
  }

  /**
   * Draw.
   * @param {{normal: import("./sources.js").Lattice|null,
   *   closed: import("./sources.js").Lattice|null}} lattices
   * @param {{normal: (i: number) => {lines: string[], words: string},
   *   closed: (i: number) => {lines: string[], words: string}}} content  of each element
   * @param {{isStacked: boolean, titles: Record<string, string>}} options
   */
  draw(lattices, content, { isStacked, titles }) {
    this.lattices = lattices;
    this.places = { normal: [], closed: [] };
    this.elements = { normal: [], closed: [] };
    const shown = ["normal", "closed"].filter((side) => lattices[side]);
    const sizes = shown.map((side) => [Math.max(lattices[side].width, 150), lattices[side].height]);
    const highest = Math.max(0, ...sizes.map(([, height]) => height));
    let [x, y, width] = [0, 0, 0];
    const heads = [];
    replace(this.covers);
    replace(this.sides.normal);
    replace(this.sides.closed);
    shown.forEach((side, i) => {
      const lattice = lattices[side];
      const [w, height] = sizes[i];
      const dx = x + (w - lattice.width) / 2;
      const dy = y + TOP + (isStacked ? 0 : (highest - height) / 2);
      heads.push(s("text", { x: x + w / 2, y: y + 18 }, titles[side]));
      this.places[side] = lattice.positions.map(([px, py]) => [px + dx, py + dy]);
      this.covers.append(this.coverPath(side));
      this.sides[side].setAttribute("aria-label", titles[side]);
      lattice.keys.forEach((_, index) => {
        const element = this.node(side, index, content[side](index));
        this.elements[side].push(element);
        this.sides[side].append(element);
      });
      width = Math.max(width, x + w);
      if (isStacked) y += height + TOP + 30;
      else x += w + GAP;
    });
    replace(this.heads, heads);
    this.size = { width: width + 4, height: isStacked ? y : highest + TOP };
    this.svg.setAttribute("viewBox", `-2 0 ${this.size.width} ${this.size.height}`);
    this.svg.style.maxWidth = `${Math.round(1.3 * this.size.width)}px`;
    for (const side of shown) this.makeFocusable(side, 0);
  }

  coverPath(side) {
    const d = this.lattices[side].covers.map((pair) => this.coverLine(side, pair)).join("");
    const isDense = this.lattices[side].covers.length > 600;
    return s("path", { class: isDense ? "dense" : null, d });
  }

  coverLine(side, [upper, lower]) {
    const [[ax, ay], [bx, by]] = [this.places[side][upper], this.places[side][lower]];
    return `M${ax} ${ay}L${bx} ${by}`;
  }

  node(side, index, { lines, words, isPair = false }) {
    const [x, y] = this.places[side][index];
    const isDot = this.lattices[side].spacing < 50;
    const shape = (name) =>
      isDot
        ? s("circle", { class: name, cx: x, cy: y, r: 7 })
        : s("rect", { class: name, x: x - 25, y: y - 18, width: 50, height: 36, rx: side === "normal" ? 7 : 18 });
    const ring = isDot
      ? s("circle", { class: "ring", cx: x, cy: y, r: 10.5 })
      : s("rect", { class: "ring", x: x - 29, y: y - 22, width: 58, height: 44, rx: side === "normal" ? 10 : 22 });
    const texts = isDot
      ? null
      : lines.map((line, i) =>
          s("text", {
            class: i && !isPair ? "about" : "label",
            x,
            y: y + (lines.length > 1 ? [-2, 12][i] : 4),
            textLength: line.length > 9 ? 45 : null,
            lengthAdjust: line.length > 9 ? "spacingAndGlyphs" : null,
          }, line),
        );
    return s(
      "g",
      {
        class: `lattice-node ${side}`,
        role: "button",
        tabindex: "-1",
        "aria-label": words,
        dataset: { side, index },
      },
      shape("back"),
      shape("body"),
      ring,
      texts,
    );
  }

  /**
   * Mark elements and draw the lines of the Galois connection.
   * @param {{lines: {from: Place, to: Place}[], kept: Place[]|null, selected: Place[],
   *   above: Place[]}} marks  kept: what is not dimmed; null: everything
   */
  mark({ lines, kept, selected, above }) {
    const isIn = (list, side, i) => list.some((p) => p.side === side && p.index === i);
    for (const side of ["normal", "closed"]) {
      this.elements[side].forEach((element, i) => {
        element.classList.toggle("out", kept !== null && !isIn(kept, side, i));
        element.classList.toggle("selected", isIn(selected, side, i));
        element.classList.toggle("above", isIn(above, side, i));
        element.setAttribute("aria-pressed", String(isIn(selected, side, i)));
      });
    }
    this.svg.classList.toggle("dimmed", kept !== null);
    replace(this.galois, lines.map((line) => this.connection(line)));
  }

  connection({ from, to }) {
    const [[ax, ay], [bx, by]] = [this.places[from.side][from.index], this.places[to.side][to.index]];
    const isStacked = Math.abs(by - ay) > Math.abs(bx - ax);
    const reach = this.lattices[to.side].spacing < 50 ? 12 : 24;
    const start = this.lattices[from.side].spacing < 50 ? 10 : 22;
    const bend = 16;
    if (isStacked) {
      const way = by > ay ? 1 : -1;
      const [y0, y1] = [ay + way * start, by - way * reach];
      const middle = (y0 + y1) / 2;
      const side = way * bend;
      const d = `M${ax} ${y0}C${ax + side} ${middle} ${bx + side} ${middle} ${bx} ${y1 - way * 5}`;
      return s("g", null, s("path", { d }), s("path", { class: "head", d: headPath([bx, y1, 0, way], 1.8) }));
    }
    // over the row on the way there, under it on the way back: no element stands there
    const side = bx > ax ? -1 : 1;
    const [y0, y1] = [ay + side * start, by + side * reach];
    const [pull, lift] = [0.14 * (bx - ax), side * 36];
    const [cx, cy] = [bx - pull, y1 + lift];
    const length = Math.hypot(bx - cx, y1 - cy);
    const [dx, dy] = [(bx - cx) / length, (y1 - cy) / length];
    const d = `M${ax} ${y0}C${ax + pull} ${y0 + lift} ${cx} ${cy} ${bx - 5 * dx} ${y1 - 5 * dy}`;
    return s("g", null, s("path", { d }), s("path", { class: "head", d: headPath([bx, y1, dx, dy], 1.8) }));
  }

  // -- pointer and keys --------------------------------------------------------------------------

  placeOf(target) {
    const node = target.closest?.(".lattice-node");
    return node ? { side: node.dataset.side, index: Number(node.dataset.index) } : null;
  }

  listen() {
    const { svg, actions } = this;
    const peek = (event) => event.pointerType !== "touch" && actions.onPeek(this.placeOf(event.target));
    svg.addEventListener("pointerover", peek);
    svg.addEventListener("pointerleave", () => actions.onPeek(null));
    svg.addEventListener("focusin", (event) => {
      const place = this.placeOf(event.target);
      if (place) {
        this.makeFocusable(place.side, place.index);
        actions.onPeek(place);
      }
    });
    svg.addEventListener("focusout", () => actions.onPeek(null));
    svg.addEventListener("click", (event) => {
      const place = this.placeOf(event.target);
      if (place) actions.onChoose(place);
    });
    svg.addEventListener("keydown", (event) => {
      const place = this.placeOf(event.target);
      if (!place || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Enter" || event.key === " ") actions.onChoose(place);
      else if (event.key.startsWith("Arrow")) this.step(place, event.key);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  step({ side, index }, key) {
    const places = this.places[side];
    const [x, y] = places[index];
    let next = index;
    let least = Infinity;
    const consider = (i, distance) => {
      if (distance < least) [next, least] = [i, distance];
    };
    if (key === "ArrowUp" || key === "ArrowDown") {
      for (const [upper, lower] of this.lattices[side].covers) {
        if (key === "ArrowDown" && upper === index) consider(lower, Math.abs(places[lower][0] - x));
        if (key === "ArrowUp" && lower === index) consider(upper, Math.abs(places[upper][0] - x));
      }
    } else {
      const way = key === "ArrowRight" ? 1 : -1;
      places.forEach(([px, py], i) => {
        if (Math.abs(py - y) < 2 && (px - x) * way > 0) consider(i, Math.abs(px - x));
      });
      const other = side === "normal" ? "closed" : "normal";
      if (next === index && (key === "ArrowRight") === (side === "normal") && this.elements[other].length) {
        const near = this.places[other].map(([, py]) => Math.abs(py - y));
        const i = near.indexOf(Math.min(...near));
        this.makeFocusable(other, i);
        this.elements[other][i].focus();
        return;
      }
    }
    this.makeFocusable(side, next);
    this.elements[side][next].focus();
  }

  makeFocusable(side, index) {
    for (const element of this.elements[side]) element.setAttribute("tabindex", "-1");
    this.elements[side][index]?.setAttribute("tabindex", "0");
  }
}
