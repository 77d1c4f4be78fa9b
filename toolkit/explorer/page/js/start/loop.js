/**
 * The picture of the loop: a vector of a simple as a function on the points, the activation, and
 * the energy of the result by simples. The numbers are those of max(0, sin) on eight points.
 */

import { h, s } from "../ui/dom.js";

const POINTS = 8;
const SHARES = [["0", 0.364], ["1", 0.5], ["2", 0.125], ["3", 0], ["4", 0.011]];
const WIDE = 168;
const HIGH = 96;

/** @returns {HTMLElement} */
export function loopPicture() {
  const wave = Array.from({ length: POINTS }, (_, k) => Math.sin((2 * Math.PI * k) / POINTS));
  const steps = [
    [dial(), "a vector v", "of a simple L"],
    [bars(wave, "var(--real)"), "include", "a function on the points of X"],
    [bars(wave.map((y) => Math.max(0, y)), "var(--real)"), "activate", "f at every point: here max(0, x)"],
    [energies(), "project", "energy in each simple K"],
  ];
  return h("ol", { class: "loop" }, steps.map(([picture, title, words]) => h("li", null, picture,
    h("b", null, title), h("span", null, words))));
}

function frame(...children) {
  return s("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "loop-picture", "aria-hidden": "true" }, children);
}

function dial() {
  const [x, y, r] = [WIDE / 2, HIGH / 2, 40];
  const dots = Array.from({ length: POINTS }, (_, k) => {
    const angle = (2 * Math.PI * k) / POINTS;
    return s("circle", { cx: x + r * Math.cos(angle), cy: y - r * Math.sin(angle), r: 2.4, class: "loop-dot" });
  });
  return frame(s("circle", { cx: x, cy: y, r, class: "loop-ring" }), dots,
    s("path", { d: `M${x} ${y}v${-r + 8}`, class: "loop-arrow" }),
    s("path", { d: `M${x - 4.5} ${y - r + 10}l4.5 -9l4.5 9z`, class: "loop-head" }));
}

function bars(values, fill) {
  const step = WIDE / (POINTS + 1);
  const zero = HIGH / 2;
  return frame(s("path", { d: `M6 ${zero}H${WIDE - 6}`, class: "loop-axis" }), values.map((value, k) => {
    const x = step * (k + 1);
    const y = zero - value * 38;
    return [s("path", { d: `M${x.toFixed(1)} ${zero}V${y.toFixed(1)}`, stroke: fill, "stroke-width": 3 }),
      s("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 4, fill })];
  }));
}

function energies() {
  const step = WIDE / SHARES.length;
  return frame(SHARES.map(([label, share], i) => {
    const x = step * i + step / 2;
    const high = share * 120;
    return [
      s("rect", { x: (x - 9).toFixed(1), y: (HIGH - 18 - high).toFixed(1), width: 18, height: high.toFixed(1), rx: 2, fill: "var(--accent)" }),
      s("path", { d: `M${(x - 12).toFixed(1)} ${HIGH - 18}h24`, class: "loop-axis" }),
      s("text", { x: x.toFixed(1), y: HIGH - 4, "text-anchor": "middle", "font-size": 12 }, label),
    ];
  }));
}
