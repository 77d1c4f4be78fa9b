/**
 * Two pens with the same strokes: one draws on a canvas, one writes SVG. What is seen on the screen
 * is so exported, line by line.
 *
 * Styles are `{fill, stroke, width, dash, alpha}`; coordinates are CSS pixels.
 */

import { s } from "../ui/dom.js";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Draws on a canvas. */
export class CanvasPen {
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   */
  constructor(context, width, height) {
    this.context = context;
    this.width = width;
    this.height = height;
    this.isVector = false;
    context.lineJoin = "round";
    context.lineCap = "round";
  }

  /** A polygon, or an open line of corners [x, y, x, y, ...]. */
  poly(corners, style, open = false) {
    const pen = this.context;
    if (corners.length < 4) return;
    pen.beginPath();
    pen.moveTo(corners[0], corners[1]);
    for (let i = 2; i < corners.length; i += 2) pen.lineTo(corners[i], corners[i + 1]);
    if (!open) pen.closePath();
    this.#finish(style);
  }

  /** Many separate lines [x, y, x, y, ...], four numbers each. */
  segments(ends, style) {
    const pen = this.context;
    pen.beginPath();
    for (let i = 0; i + 3 < ends.length; i += 4) {
      pen.moveTo(ends[i], ends[i + 1]);
      pen.lineTo(ends[i + 2], ends[i + 3]);
    }
    this.#finish({ ...style, fill: null });
  }

  /** A circle. */
  circle(x, y, radius, style) {
    this.context.beginPath();
    this.context.arc(x, y, Math.max(0, radius), 0, 2 * Math.PI);
    this.#finish(style);
  }

  /** Words. */
  text(x, y, words, { size = 12, align = "left", fill, bold = false, italic = false, halo } = {}) {
    const pen = this.context;
    pen.font = `${italic ? "italic " : ""}${bold ? "600 " : ""}${size}px ${FONT}`;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    if (halo) {
      pen.strokeStyle = halo;
      pen.lineWidth = 3;
      pen.setLineDash([]);
      pen.strokeText(words, x, y);
    }
    pen.fillStyle = fill;
    pen.fillText(words, x, y);
  }

  /**
   * A grid of colours, smoothed.
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   * @param {number} columns
   * @param {number} rows
   * @param {Uint8ClampedArray} pixels  four bytes each, row by row.
   * @param {boolean} [smooth]
   */
  mosaic(x, y, width, height, columns, rows, pixels, smooth = true) {
    const small = document.createElement("canvas");
    small.width = columns;
    small.height = rows;
    small.getContext("2d").putImageData(new ImageData(pixels, columns, rows), 0, 0);
    this.context.imageSmoothingEnabled = smooth;
    this.context.imageSmoothingQuality = "high";
    this.context.drawImage(small, x, y, width, height);
  }

  /** Let only what is inside a disc be drawn, while `work` runs. */
  inDisc(x, y, radius, work) {
    this.context.save();
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.clip();
    work();
    this.context.restore();
  }

  #finish({ fill, stroke, width = 1, dash, alpha = 1 }) {
    const pen = this.context;
    pen.globalAlpha = alpha;
    if (fill) {
      pen.fillStyle = fill;
      pen.fill();
    }
    if (stroke) {
      pen.strokeStyle = stroke;
      pen.lineWidth = width;
      pen.setLineDash(dash ?? []);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }
}

/** Writes SVG elements into a group. */
export class SvgPen {
  /**
   * @param {number} width
   * @param {number} height
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.isVector = true;
    this.group = s("g", null);
    this.clips = 0;
  }

  poly(corners, style, open = false) {
    if (corners.length < 4) return;
    this.#add("path", { d: wayOf(corners) + (open ? "" : "Z") }, style);
  }

  segments(ends, style) {
    let way = "";
    for (let i = 0; i + 3 < ends.length; i += 4) way += wayOf(ends.slice(i, i + 4));
    if (way) this.#add("path", { d: way }, { ...style, fill: null });
  }

  circle(x, y, radius, style) {
    this.#add("circle", { cx: short(x), cy: short(y), r: short(Math.max(0, radius)) }, style);
  }

  text(x, y, words, { size = 12, align = "left", fill, bold = false, italic = false, halo } = {}) {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    this.group.append(
      s("text", {
        x: short(x), y: short(y), fill, "font-size": size, "font-family": FONT,
        "text-anchor": anchor, "dominant-baseline": "central",
        "font-weight": bold ? 600 : null, "font-style": italic ? "italic" : null,
        stroke: halo ?? null, "stroke-width": halo ? 3 : null, "paint-order": halo ? "stroke" : null,
      }, words),
    );
  }

  /** A grid of colours: one rectangle for each run of equal ones in a row. */
  mosaic(x, y, width, height, columns, rows, pixels) {
    const [dx, dy] = [width / columns, height / rows];
    for (let r = 0; r < rows; r += 1) {
      for (let c = 0; c < columns; ) {
        const at = 4 * (r * columns + c);
        let end = c + 1;
        while (end < columns && same(pixels, at, 4 * (r * columns + end))) end += 1;
        if (pixels[at + 3]) {
          this.group.append(
            s("rect", {
              x: short(x + c * dx), y: short(y + r * dy),
              width: short((end - c) * dx + 0.3), height: short(dy + 0.3),
              fill: `rgb(${pixels[at]},${pixels[at + 1]},${pixels[at + 2]})`,
            }),
          );
        }
        c = end;
      }
    }
  }

  inDisc(x, y, radius, work) {
    const id = `disc-${Math.round(1e9 * Math.random()).toString(36)}-${(this.clips += 1)}`;
    const outer = this.group;
    const inner = s("g", { "clip-path": `url(#${id})` });
    outer.append(
      s("clipPath", { id }, s("circle", { cx: short(x), cy: short(y), r: short(radius) })),
      inner,
    );
    this.group = inner;
    work();
    this.group = outer;
  }

  #add(tag, attributes, { fill, stroke, width = 1, dash, alpha = 1 }) {
    this.group.append(
      s(tag, {
        ...attributes, fill: fill ?? "none", stroke: stroke ?? null,
        "stroke-width": stroke ? width : null, "stroke-dasharray": dash?.join(" ") ?? null,
        "stroke-linejoin": stroke ? "round" : null, "stroke-linecap": stroke ? "round" : null,
        opacity: alpha === 1 ? null : alpha,
      }),
    );
  }
}

function same(pixels, a, b) {
  return [0, 1, 2, 3].every((i) => pixels[a + i] === pixels[b + i]);
}

function short(x) {
  return Math.round(100 * x) / 100;
}

function wayOf(corners) {
  let way = `M${short(corners[0])} ${short(corners[1])}`;
  for (let i = 2; i < corners.length; i += 2) way += `L${short(corners[i])} ${short(corners[i + 1])}`;
  return way;
}
