/**
 * A panel: a canvas with a title and words below, drawn again once a frame when something changes.
 *
 * What changes rarely is drawn by `ground` and kept; what follows the pointer is drawn by `front`.
 */

import { h } from "../ui/dom.js";
import { CanvasPen, SvgPen } from "./pen.js";
import { colours } from "./colours.js";

/** @typedef {{x: number, y: number, id: number, shift: boolean}} Place  where a pointer is, in pixels. */

export class Panel {
  /**
   * @param {object} given
   * @param {string} given.title
   * @param {string} [given.label]  for readers of the screen.
   * @param {number} [given.ratio]  height by width.
   * @param {number} [given.tallest]  in pixels.
   * @param {(pen: object, panel: Panel) => void} [given.ground]
   * @param {(pen: object, panel: Panel) => void} [given.front]
   * @param {{down?: (place: Place) => boolean, move?: (place: Place) => void,
   *   up?: () => void, hover?: (place: Place|null) => void}} [given.pointer]
   * @param {(dx: number, dy: number, event: KeyboardEvent) => void} [given.arrows]
   * @param {string} [given.className]
   */
  constructor({ title, label, ratio = 1, tallest = 460, ground, front, pointer, arrows, className }) {
    this.ratio = ratio;
    this.tallest = tallest;
    this.ground = ground ?? (() => {});
    this.front = front ?? (() => {});
    this.title = title;
    this.head = h("figcaption", { class: "panel-title" }, title);
    this.canvas = h("canvas", {
      role: arrows ? "application" : "img",
      tabindex: arrows ? "0" : null,
      "aria-label": label ?? title,
    });
    this.words = h("p", { class: "panel-words" });
    this.element = h("figure", { class: `panel ${className ?? ""}` }, this.head, this.canvas, this.words);
    this.theme = colours();
    this.kept = null;
    this.width = 0;
    this.height = 0;
    this.waiting = false;
    this.drawn = 0;
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.element);
    if (pointer) listen(this.canvas, pointer);
    if (arrows) this.canvas.addEventListener("keydown", (event) => keys(event, arrows));
  }

  /** Write the title. */
  set caption(words) {
    this.title = words;
    this.head.textContent = words;
  }

  /** Write the words below. */
  set note(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  /** Write what readers of the screen hear. */
  set label(words) {
    this.canvas.setAttribute("aria-label", words);
  }

  /** Show or hide the panel. */
  set shown(on) {
    this.element.hidden = !on;
    if (on) this.fit();
  }

  get shown() {
    return !this.element.hidden;
  }

  /** Take the size that the page gives. */
  fit() {
    const width = this.canvas.clientWidth;
    if (!width || !this.shown) return;
    const height = Math.round(Math.min(this.tallest, width * this.ratio));
    const dots = Math.min(2, devicePixelRatio || 1);
    if (width === this.width && height === this.height && dots === this.dots) return;
    Object.assign(this, { width, height, dots });
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * dots);
    this.canvas.height = Math.round(height * dots);
    this.stale();
  }

  /** Draw everything again at the next frame. */
  stale() {
    this.kept = null;
    this.request();
  }

  /** Draw what follows the pointer again at the next frame. */
  request() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    if (!this.width || !this.shown) return;
    const { width, height, dots } = this;
    if (!this.kept) {
      this.kept = document.createElement("canvas");
      this.kept.width = this.canvas.width;
      this.kept.height = this.canvas.height;
      const context = this.kept.getContext("2d");
      context.scale(dots, dots);
      this.ground(new CanvasPen(context, width, height), this);
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.kept, 0, 0);
    context.scale(dots, dots);
    this.front(new CanvasPen(context, width, height), this);
    this.drawn += 1;
  }

  /** Read the colours of the page again. */
  repaint() {
    this.theme = colours();
    this.stale();
  }

  /**
   * Return the picture as SVG elements, in the colours of the page at the moment.
   * @returns {{group: SVGElement, width: number, height: number, title: string, note: string}}
   */
  svg() {
    const before = this.theme;
    this.theme = colours();
    const pen = new SvgPen(this.width || 360, this.height || 360);
    this.ground(pen, this);
    this.front(pen, this);
    this.theme = before;
    return {
      group: pen.group, width: pen.width, height: pen.height, title: this.title,
      note: this.words.textContent,
    };
  }

  destroy() {
    this.observer.disconnect();
  }
}

function listen(canvas, { down, move, up, hover }) {
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return {
      x: event.clientX - box.left, y: event.clientY - box.top, id: event.pointerId,
      shift: event.shiftKey || event.button === 2,
    };
  };
  let held = null;
  canvas.style.touchAction = down ? "none" : "auto";
  canvas.addEventListener("pointerdown", (event) => {
    if (held !== null || !down) return;
    if (down(place(event)) === false) return;
    held = event.pointerId;
    canvas.setPointerCapture(held);
    canvas.classList.add("held");
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held === event.pointerId) move?.(place(event));
    else if (held === null) hover?.(place(event));
  });
  const end = (event) => {
    if (held !== event.pointerId) return;
    held = null;
    canvas.classList.remove("held");
    up?.();
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => held === null && hover?.(null));
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function keys(event, arrows) {
  const step = ARROWS[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  const far = event.shiftKey ? 5 : 1;
  arrows(step[0] * far, step[1] * far, event);
}
