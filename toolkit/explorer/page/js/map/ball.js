/** The ball of L, or of three directions in it: coloured, with its great circles; turned by hand. */

import { Panel } from "../drawing/panel.js";
import { largest, painted, resolution } from "./raster.js";
import { turned } from "./plane.js";
import { dot } from "../mathematics/arrangement.js";

const ROOM = 1.1;

/**
 * Make the panel of the ball. Its view is the plane that is drawn beside it.
 * @param {object} view  as for the panel of L.
 * @returns {Panel}
 */
export function ballPanel(view) {
  const panel = new Panel({
    title: "The sphere", className: "panel-ball", ratio: 1,
    ground: (pen) => ground(pen, panel, view),
    front: (pen) => front(pen, panel, view),
    pointer: {
      down: (place) => start(panel, view, place),
      move: (place) => drag(panel, view, place),
      up: () => view.settle(),
    },
    arrows: (dx, dy) => {
      view.turnTo(turned(view.scene.plane.frame, dx * 0.06, dy * 0.06));
      view.settle(true);
    },
  });
  return panel;
}

function mapping(panel) {
  const [cx, cy] = [panel.width / 2, panel.height / 2];
  return { cx, cy, size: Math.min(panel.width, panel.height) / (2 * ROOM) };
}

function ground(pen, panel, view) {
  const { scene } = view;
  const { theme } = panel;
  const { cx, cy, size } = mapping(panel);
  const { radius } = scene;
  const { frame } = scene.plane;
  const regions = view.shade === "regions" && scene.regions?.complete;
  const many = pen.isVector ? 80 : resolution(scene, 2 * size, view.moving);
  const pixels = painted(scene, theme, regions ? "regions" : "values", many, frame, null, (column, row) => {
    const x = (2 * (column + 0.5)) / many - 1;
    const y = 1 - (2 * (row + 0.5)) / many;
    const rest = 1 - x * x - y * y;
    return rest < -0.12 ? null : [radius * x, radius * y, radius * Math.sqrt(Math.max(0, rest))];
  });
  pen.inDisc(cx, cy, size, () => pen.mosaic(cx - size, cy - size, 2 * size, 2 * size, many, many, pixels));
  circles(pen, theme, scene, frame, cx, cy, size);
  pen.circle(cx, cy, size, { stroke: theme.accent, width: 2 });
}

/** Draw the circles in which hyperplanes meet the sphere; what is behind is faint. */
function circles(pen, theme, { breaks, radius }, frame, cx, cy, size) {
  if (!breaks) return;
  const near = [];
  const far = [];
  breaks.normals.forEach((normal, i) => {
    const n = frame.map((axis) => dot(normal, axis));
    const length = Math.hypot(...n);
    if (length < 1e-9) return;
    const offset = breaks.offsets[i] / radius / length;
    if (Math.abs(offset) >= 1) return;
    const unit = n.map((x) => x / length);
    const spare = Math.abs(unit[0]) < 0.8 ? [1, 0, 0] : [0, 1, 0];
    const one = normalised(cross(unit, spare));
    const two = cross(unit, one);
    const round = Math.sqrt(1 - offset * offset);
    let before = null;
    for (let k = 0; k <= 72; k += 1) {
      const [c, s] = [Math.cos((k * Math.PI) / 36) * round, Math.sin((k * Math.PI) / 36) * round];
      const p = [0, 1, 2].map((j) => offset * unit[j] + c * one[j] + s * two[j]);
      if (before) {
        const side = p[2] + before[2] >= 0 ? near : far;
        side.push(cx + size * before[0], cy - size * before[1], cx + size * p[0], cy - size * p[1]);
      }
      before = p;
    }
  });
  pen.segments(far, { stroke: theme.ink, width: 0.7, alpha: 0.14 });
  pen.segments(near, { stroke: theme.ink, width: breaks.normals.length > 40 ? 0.8 : 1.3 });
}

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalised(v) {
  const size = Math.hypot(...v);
  return v.map((x) => x / size);
}

/** Return v in the frame's three directions, in units of the radius. */
function seen({ v, plane, radius }) {
  return plane.frame.map((axis) => dot(v, axis) / radius);
}

function front(pen, panel, view) {
  const { theme } = panel;
  const { cx, cy, size } = mapping(panel);
  const [x, y, z] = seen(view.scene);
  const length = Math.hypot(x, y, z) || 1;
  const tip = [cx + size * x, cy - size * y];
  const on = [cx + (size * x) / length, cy - (size * y) / length];
  const behind = z < 0;
  pen.segments([cx, cy, ...tip], { stroke: theme.ink, width: 1.5, dash: [4, 4], alpha: behind ? 0.35 : 0.9 });
  pen.circle(...on, 4.5, { fill: behind ? "none" : theme.accent, stroke: theme.paper, width: 1.5 });
  pen.circle(...tip, 7, { fill: theme.paper, stroke: theme.ink, width: 2.5, alpha: behind ? 0.6 : 1 });
  pen.text(tip[0] + 11, tip[1] - 10, "v", { size: 13, italic: true, bold: true, fill: theme.ink, halo: theme.paper });
}

function start(panel, view, place) {
  const { cx, cy, size } = mapping(panel);
  const [x, y] = seen(view.scene);
  const far = Math.hypot(place.x - cx - size * x, place.y - cy + size * y);
  panel.holds = far < 16 && !place.shift;
  panel.from = place;
  return true;
}

function drag(panel, view, place) {
  const { scene } = view;
  const { cx, cy, size } = mapping(panel);
  if (!panel.holds) {
    view.turnTo(turned(scene.plane.frame, (place.x - panel.from.x) / size, (panel.from.y - place.y) / size));
    panel.from = place;
    return;
  }
  // v moves on the sphere of its own length, on the side where it is
  const before = seen(scene);
  const length = Math.hypot(...before) || 1;
  let [x, y] = [(place.x - cx) / size, (cy - place.y) / size];
  const out = Math.hypot(x, y) / length;
  if (out > 1) [x, y] = [x / out, y / out];
  const z = Math.sqrt(Math.max(0, length * length - x * x - y * y)) * (before[2] < 0 ? -1 : 1);
  const change = [x - before[0], y - before[1], z - before[2]];
  view.moveTo(scene.v.map((at, i) => at + scene.radius * scene.plane.frame.reduce((sum, axis, j) => sum + change[j] * axis[i], 0)));
}

/** Return the words below the ball. */
export function wordsOfBall(scene) {
  const size = largest(scene);
  const what = scene.map.e === 1 ? `values up to ${size.toPrecision(3)}` : `lengths up to ${size.toPrecision(3)}`;
  return { size, what };
}
