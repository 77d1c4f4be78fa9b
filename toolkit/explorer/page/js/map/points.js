/** The function on the points: <v, w_x> and what the activation makes of it. */

import { Panel } from "../drawing/panel.js";

/**
 * Return how the points of a module are best laid out.
 * @param {number[][]} images
 * @param {number} count
 * @returns {{kind: "rings"|"row", order: number[], rings: number[][]}}  rings: a generator moves
 *   the points once or twice round, as a rotation of a polygon does.
 */
export function layoutOf(images, count) {
  let best = null;
  for (const image of images) {
    const cycles = cyclesOf(image, count);
    const even = cycles.every((cycle) => cycle.length === cycles[0].length);
    if (even && cycles[0].length >= 3 && (!best || cycles.length < best.length)) best = cycles;
  }
  if (best && best.length <= 2 && count <= 128 * (3 - best.length)) return { kind: "rings", rings: best, order: best.flat() };
  const order = best ? best.flat() : Array.from({ length: count }, (_, x) => x);
  return { kind: "row", rings: [], order };
}

function cyclesOf(image, count) {
  const seen = new Uint8Array(count);
  const out = [];
  for (let start = 0; start < count; start += 1) {
    if (seen[start]) continue;
    const cycle = [];
    for (let x = start; !seen[x]; x = image[x]) {
      seen[x] = 1;
      cycle.push(x);
    }
    out.push(cycle);
  }
  return out;
}

/**
 * Make the panel of the points.
 * @param {object} view  with scene, inner() and after(): the numbers before and after f.
 * @returns {Panel}
 */
export function pointsPanel(view) {
  const panel = new Panel({
    title: "On the points", className: "panel-points", ratio: 1,
    front: (pen) => front(pen, panel, view),
    pointer: { hover: (place) => hover(panel, view, place) },
  });
  panel.at = -1;
  return panel;
}

function layout(panel, { scene }) {
  const { images } = scene.module;
  if (panel.of !== images) {
    panel.of = images;
    panel.layout = layoutOf(images, scene.map.count);
  }
  return panel.layout;
}

/** Return the largest number that is shown, steady while v moves on a sphere. */
function largestOf({ scene }) {
  const { map, radius } = scene;
  const reach = map.longest * radius;
  const f = [reach, -reach, reach / 2, -reach / 2].map((t) => Math.abs(map.activation.evaluate(t)));
  return Math.max(reach, ...f.filter(Number.isFinite).map((value) => Math.min(value, 3 * reach)));
}

function front(pen, panel, view) {
  const { kind } = layout(panel, view);
  if (kind === "rings") rings(pen, panel, view);
  else row(pen, panel, view);
}

function rings(pen, panel, view) {
  const { theme } = panel;
  const [before, after] = [view.inner(), view.after()];
  const { rings: circles } = panel.layout;
  const [cx, cy] = [panel.width / 2, panel.height / 2];
  const reach = Math.min(cx, cy) - 12;
  const radii = circles.length === 1 ? [0.58] : [0.72, 0.32];
  const room = (circles.length === 1 ? 0.38 : 0.19) * reach;
  const size = largestOf(view);
  panel.spots = [];
  circles.forEach((cycle, k) => {
    const radius = radii[k] * reach;
    pen.circle(cx, cy, radius, { stroke: theme.faint, width: 1 });
    const tip = (i, value) => {
      const angle = Math.PI / 2 - (2 * Math.PI * i) / cycle.length;
      const far = radius + (room * value) / size;
      return [cx + far * Math.cos(angle), cy - far * Math.sin(angle)];
    };
    const outline = [];
    cycle.forEach((x, i) => outline.push(...tip(i, before[x])));
    pen.poly(outline, { stroke: theme.soft, width: 1, dash: [2, 3] });
    const width = Math.max(2, Math.min(12, (2 * Math.PI * radius) / cycle.length / 2.4));
    cycle.forEach((x, i) => {
      const foot = tip(i, 0);
      const end = tip(i, after[x]);
      pen.segments([...foot, ...end], { stroke: after[x] < 0 ? theme.real : theme.complex, width });
      pen.circle(...tip(i, before[x]), Math.max(2, width / 2.6), { fill: theme.paper, stroke: theme.ink, width: 1.3 });
      panel.spots.push({ x: foot[0], y: foot[1], point: x });
    });
  });
  mark(pen, panel, view);
}

function row(pen, panel, view) {
  const { theme } = panel;
  const [before, after] = [view.inner(), view.after()];
  const { order } = panel.layout;
  const many = order.length;
  const size = largestOf(view);
  const rows = many > 64 ? Math.min(6, Math.ceil(many / 60)) : 1;
  const each = Math.ceil(many / rows);
  const gap = (panel.width - 24) / each;
  const high = panel.height / rows;
  panel.spots = [];
  for (let r = 0; r < rows; r += 1) {
    const middle = high * (r + 0.5);
    const y = (value) => middle - (0.44 * high * value) / size;
    pen.segments([8, middle, panel.width - 8, middle], { stroke: theme.faint });
    const width = Math.max(1.5, Math.min(14, gap * 0.55));
    for (let i = r * each; i < Math.min(many, (r + 1) * each); i += 1) {
      const x = 12 + gap * (i - r * each + 0.5);
      const point = order[i];
      pen.segments([x, middle, x, y(after[point])], { stroke: after[point] < 0 ? theme.real : theme.complex, width });
      pen.circle(x, y(before[point]), Math.max(1.6, Math.min(4.5, width / 2.6)), { fill: theme.paper, stroke: theme.ink, width: 1.2 });
      panel.spots.push({ x, y: middle, point });
    }
  }
  mark(pen, panel, view);
}

function mark(pen, panel, view) {
  const { theme } = panel;
  const spot = panel.spots.find(({ point }) => point === panel.at);
  if (!spot) return;
  pen.circle(spot.x, spot.y, 9, { stroke: theme.accent, width: 2 });
  const words = `point ${spot.point}: ${view.inner()[spot.point].toFixed(3)} \u2192 ${view.after()[spot.point].toFixed(3)}`;
  pen.text(panel.width / 2, panel.height - 8, words.replaceAll("-", "\u2212"), {
    size: 12, align: "center", fill: theme.ink, halo: theme.paper,
  });
}

function hover(panel, view, place) {
  let best = -1;
  let least = 26;
  for (const { x, y, point } of panel.spots ?? []) {
    const far = place ? Math.hypot(place.x - x, panel.layout.kind === "row" ? (place.y - y) / 4 : place.y - y) : Infinity;
    if (far < least) [least, best] = [far, point];
  }
  if (best === panel.at) return;
  panel.at = best;
  panel.request();
}
