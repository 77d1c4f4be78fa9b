/** The n points on their circle, pushed in and out by the wave and by f of it. */

import { s } from "../ui/dom.js";

const SIZE = 260;
const MIDDLE = SIZE / 2;
const RADIUS = 74;
const PUSH = 46;

/**
 * Draws the ring.
 * @param {{fine: {input: number[], output: number[]}, points: {output: number[]}}} wave
 * @param {string} words
 * @returns {SVGElement}
 */
export function ring({ fine, points }, words) {
  const all = [...fine.input, ...fine.output].filter(Number.isFinite).map(Math.abs);
  const largest = Math.max(1e-9, ...all);
  const at = (value, turn) => {
    const r = RADIUS + (value / largest) * PUSH;
    const angle = 2 * Math.PI * turn;
    return [MIDDLE + r * Math.sin(angle), MIDDLE - r * Math.cos(angle)];
  };
  const path = (values) => `${values.map((value, i) => {
    const [x, y] = at(value, i / values.length);
    return `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join("")}Z`;
  const n = points.output.length;
  const size = n > 120 ? 1.5 : n > 48 ? 2.2 : 3.6;
  return s("svg", { class: "picture overtones-picture overtones-ring", viewBox: `0 0 ${SIZE} ${SIZE}`,
    width: SIZE, height: SIZE, role: "img", "aria-label": words },
    s("circle", { class: "ring", cx: MIDDLE, cy: MIDDLE, r: RADIUS }),
    s("path", { class: "input", d: path(fine.input) }),
    s("path", { class: "output", d: path(fine.output) }),
    points.output.map((value, j) => {
      const [x, y] = at(value, j / n);
      const [x0, y0] = at(0, j / n);
      return [n > 120 ? null : s("line", { class: "stem", x1: x0, y1: y0, x2: x, y2: y }),
        s("circle", { class: n > 48 ? "point bare" : "point", cx: x, cy: y, r: size })];
    }));
}
