/** K: a line, a plane, space, or coordinates, with phi(v) and the image of a circle. */

import { largest } from "./raster.js";
import { Panel } from "../drawing/panel.js";
import { arrow } from "./source.js";
import { circleImage } from "./path.js";
import { decimal } from "../mathematics/near.js";
import { Pile, project, rolled, viewOf } from "../drawing/space.js";

const ROOM = 1.16;

/**
 * Make the panel of K.
 * @param {object} view  with scene and image(): phi(v).
 * @returns {Panel}
 */
export function targetPanel(view) {
  const panel = new Panel({
    title: "\u03c6(v)", className: "panel-target", ratio: 1,
    ground: (pen) => ground(pen, panel, view),
    front: (pen) => front(pen, panel, view),
    pointer: {
      down: (place) => {
        panel.from = place;
        return view.scene.map.e === 3;
      },
      move: (place) => {
        panel.camera = rolled(panel.camera, (place.x - panel.from.x) / 120, (place.y - panel.from.y) / -120);
        panel.from = place;
        panel.stale();
      },
    },
    arrows: (dx, dy) => {
      if (view.scene.map.e !== 3) return;
      panel.camera = rolled(panel.camera, dx * 0.08, dy * 0.08);
      panel.stale();
    },
  });
  panel.camera = { azimuth: 0.45, elevation: 0.42 };
  return panel;
}

/** Paint a small picture of an image, as in the panel, in a box. */
export function paintImage(pen, theme, box, given) {
  const { e, values, point, size, camera } = given;
  const [cx, cy] = [box.x + box.width / 2, box.y + box.height / 2];
  const scale = Math.min(box.width, box.height) / (2 * ROOM * (size || 1));
  const screen = (x, y) => [cx + scale * x, cy - scale * y];
  if (e === 1) paintLine(pen, theme, box, given);
  else if (e === 2) paintPlane(pen, theme, screen, values, point, size);
  else if (e === 3) paintSpace(pen, theme, screen, values, point, size, camera);
  else paintBars(pen, theme, box, point, size);
}

function ground() {}

function front(pen, panel, view) {
  const { scene } = view;
  const circle = scene.map.d > 1 ? circleImage(scene) : null;
  const box = { x: 0, y: 0, width: panel.width, height: panel.height };
  paintImage(pen, panel.theme, box, {
    e: scene.map.e, values: circle?.values, at: circle?.at,
    point: view.image(), size: largest(scene), camera: panel.camera, labelled: true,
  });
}

function paintLine(pen, theme, box, { values, point, size, at, labelled }) {
  const wide = Boolean(values);
  const gauge = labelled ? 58 : 26;
  const left = box.x + (wide ? gauge : box.width / 2);
  const middle = box.y + box.height / 2;
  const half = box.height / 2 / ROOM;
  const y = (value) => middle - (half * value) / (size || 1);
  pen.segments([left, y(size), left, y(-size)], { stroke: theme.soft, width: 1.5 });
  if (labelled) {
    for (const t of [-1, 0, 1]) {
      pen.segments([left - 4, y(t * size), left, y(t * size)], { stroke: theme.soft });
      pen.text(left - 8, y(t * size), t ? decimal(t * size, 2) : "0", { size: 11, align: "right", fill: theme.soft });
    }
  }
  if (wide) {
    // the values once round the circle
    const right = box.x + box.width - 10;
    const x = (angle) => left + 8 + ((right - left - 8) * angle) / (2 * Math.PI);
    pen.segments([left, y(0), right, y(0)], { stroke: theme.faint });
    const way = [];
    for (let i = 0; i < values.length; i += 1) way.push(x((2 * Math.PI * i) / (values.length - 1)), y(values[i]));
    pen.poly(way, { stroke: theme.real, width: labelled ? 2 : 1.5 }, true);
    const angle = (at + 2 * Math.PI) % (2 * Math.PI);
    pen.segments([x(angle), y(0), x(angle), y(point[0])], { stroke: theme.ink, width: 1, dash: [3, 3] });
    pen.circle(x(angle), y(point[0]), labelled ? 4 : 3, { fill: theme.ink });
  }
  pen.segments([left, y(0), left, y(point[0])], { stroke: theme.complex, width: labelled ? 7 : 5 });
  pen.circle(left, y(point[0]), labelled ? 6 : 4, { fill: theme.complex, stroke: theme.ink, width: 1.5 });
}

function paintPlane(pen, theme, screen, values, point, size) {
  pen.segments([...screen(-size, 0), ...screen(size, 0), ...screen(0, -size), ...screen(0, size)], { stroke: theme.faint });
  pen.circle(...screen(0, 0), Math.abs(screen(size, 0)[0] - screen(0, 0)[0]), { stroke: theme.line });
  if (values) {
    const way = [];
    for (let i = 0; i < values.length; i += 2) way.push(...screen(values[i], values[i + 1]));
    pen.poly(way, { stroke: theme.real, width: 2, fill: theme.real, alpha: 0.12 });
    pen.poly(way, { stroke: theme.real, width: 2 });
  }
  const tip = screen(point[0], point[1]);
  arrow(pen, theme, ...screen(0, 0), ...tip);
  pen.circle(...tip, 6, { fill: theme.complex, stroke: theme.ink, width: 1.5 });
}

function paintSpace(pen, theme, screen, values, point, size, camera) {
  const rows = viewOf(camera ?? { azimuth: 0.45, elevation: 0.42 });
  const flat = ([x, y]) => screen(x, y);
  const pile = new Pile(rows, screen);
  for (let axis = 0; axis < 3; axis += 1) {
    const end = [0, 1, 2].map((i) => (i === axis ? size : 0));
    pile.line([...end.map((x) => -x), 0, 0, 0, ...end], { stroke: theme.faint, width: 1.2 }, 0);
  }
  const ring = [];
  for (let i = 0; i <= 72; i += 1) ring.push(size * Math.cos((i * Math.PI) / 36), size * Math.sin((i * Math.PI) / 36), 0);
  pile.line(ring, { stroke: theme.line, width: 1 }, 0);
  if (values) pile.line([...values], { stroke: theme.real, width: 2.2 });
  pile.line([0, 0, 0, ...point], { stroke: theme.ink, width: 2 });
  pile.paint(pen);
  const foot = [point[0], point[1], 0];
  pen.segments([...flat(project(rows, point)), ...flat(project(rows, foot))], { stroke: theme.soft, dash: [3, 3] });
  pen.circle(...flat(project(rows, point)), 6, { fill: theme.complex, stroke: theme.ink, width: 1.5 });
}

function paintBars(pen, theme, box, point, size) {
  const gap = box.width / (point.length + 1);
  const middle = box.y + box.height / 2;
  pen.segments([box.x + gap / 2, middle, box.x + box.width - gap / 2, middle], { stroke: theme.faint });
  const half = box.height / 2 / ROOM;
  point.forEach((value, i) => {
    const x = box.x + gap * (i + 1);
    const y = middle - (half * value) / (size || 1);
    pen.segments([x, middle, x, y], { stroke: theme.real, width: Math.min(12, gap * 0.5) });
    pen.circle(x, y, 3, { fill: theme.complex, stroke: theme.ink });
  });
}
