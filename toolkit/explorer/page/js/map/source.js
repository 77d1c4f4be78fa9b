/** L: a line, a plane, or a plane section, with the regions and a vector v to drag. */

import { Panel } from "../drawing/panel.js";
import { cellAt, onScreen, paintCells, section } from "./cells.js";
import { painted, resolution } from "./raster.js";
import { split, turned } from "./plane.js";

const ROOM = 1.14;

/**
 * Make the panel of L.
 * @param {object} view  with scene, shade ("regions" or "values"), moveTo(v, done), turnTo(frame,
 *   done), turning (whether dragging turns the plane) and moving.
 * @returns {Panel}
 */
export function sourcePanel(view) {
  const panel = new Panel({
    title: "v", className: "panel-source", ratio: 1,
    ground: (pen) => ground(pen, panel, view),
    front: (pen) => front(pen, panel, view),
    pointer: {
      down: (place) => start(panel, view, place),
      move: (place) => drag(panel, view, place),
      up: () => view.settle(),
      hover: (place) => preview(panel, view, place),
    },
    arrows: (dx, dy, event) => step(view, dx, dy, event),
  });
  panel.from = null;
  return panel;
}

/** Return the map from units of L to pixels, and back. */
function mapping(panel, { radius }) {
  const [cx, cy] = [panel.width / 2, panel.height / 2];
  const scale = Math.min(panel.width, panel.height) / (2 * ROOM * radius);
  return {
    cx, cy, scale,
    screen: (x, y) => [cx + scale * x, cy - scale * y],
    units: (x, y) => [(x - cx) / scale, (cy - y) / scale],
  };
}

/** Return v's coordinates in the plane that is drawn, and the rest of it. */
function coordinates({ v, plane, map }) {
  return map.d === 1 ? { a: v[0], b: 0, rest: null } : split(v, plane.frame);
}

function originOf(scene) {
  return scene.map.d > 2 ? split(scene.v, scene.plane.frame).rest : null;
}

function ground(pen, panel, view) {
  const { scene } = view;
  const { theme } = panel;
  const { screen, scale, cx, cy } = mapping(panel, scene);
  if (scene.map.d === 1) {
    groundLine(pen, panel, scene, screen);
    return;
  }
  const origin = originOf(scene);
  const { frame } = scene.plane;
  const found = section(scene, frame, origin, scene.radius);
  panel.cells = found.cells;
  panel.lines = found.lines;
  const coloured = view.shade === "regions" && found.cells;
  const size = scale * scene.radius;
  if (coloured) {
    paintCells(pen, theme, found.cells, screen);
  } else {
    const many = pen.isVector ? 72 : resolution(scene, 2 * size, view.moving);
    const pixels = painted(scene, theme, "values", many, frame, origin, (column, row) => [
      scene.radius * ((2 * (column + 0.5)) / many - 1),
      scene.radius * (1 - (2 * (row + 0.5)) / many),
      0,
    ]);
    pen.inDisc(cx, cy, size, () => pen.mosaic(cx - size, cy - size, 2 * size, 2 * size, many, many, pixels));
  }
  const reach = scene.breaks?.central && !origin?.some((x) => Math.abs(x) > 1e-12) ? 1.05 : 1;
  const ends = [];
  for (const { a, b, c } of found.lines) {
    const half = Math.sqrt(Math.max(0, (reach * scene.radius) ** 2 - c * c));
    ends.push(...screen(c * a - half * b, c * b + half * a), ...screen(c * a + half * b, c * b - half * a));
  }
  pen.segments(ends, { stroke: theme.ink, width: found.lines.length > 40 ? 0.7 : 1.2 });
  pen.circle(cx, cy, size, { stroke: theme.soft, width: 1 });
}

function groundLine(pen, panel, scene, screen) {
  const { theme } = panel;
  const { radius, breaks } = scene;
  pen.segments([...screen(-1.1 * radius, 0), ...screen(1.1 * radius, 0)], { stroke: theme.soft, width: 1.5 });
  for (const t of [-1, -0.5, 0, 0.5, 1]) {
    const [x, y] = screen(t * radius, 0);
    pen.segments([x, y - 4, x, y + 4], { stroke: theme.soft, width: 1 });
    pen.text(x, y + 17, String(Number((t * radius).toPrecision(3))).replace("-", "\u2212"), { size: 11, align: "center", fill: theme.soft });
  }
  breaks?.normals.forEach((normal, i) => {
    const [x, y] = screen(normal[0] * breaks.offsets[i], 0);
    pen.segments([x, y - 14, x, y + 8], { stroke: theme.ink, width: 2 });
  });
}

function front(pen, panel, view) {
  const { scene } = view;
  const { theme } = panel;
  const { screen } = mapping(panel, scene);
  const { a, b } = coordinates(scene);
  if (view.shade === "regions" && panel.cells) {
    const cell = cellAt(panel.cells, a, b);
    if (cell) {
      pen.poly(onScreen(cell.corners, screen), { stroke: theme.paper, width: 5 });
      pen.poly(onScreen(cell.corners, screen), { stroke: theme.accent, width: 2.5 });
    }
  }
  const [x, y] = screen(a, b);
  arrow(pen, theme, ...screen(0, 0), x, y, scene.map.d > 2);
  pen.circle(x, y, 8, { fill: theme.paper, stroke: theme.ink, width: 2.5 });
  pen.circle(x, y, 3, { fill: theme.ink });
  pen.text(x + 13, y - 12, "v", { size: 14, fill: theme.ink, italic: true, bold: true, halo: theme.paper });
}

/** Draw an arrow; dashed where it is only the part of v that lies in the plane. */
export function arrow(pen, theme, x0, y0, x1, y1, dashed = false, colour = theme.ink) {
  pen.segments([x0, y0, x1, y1], { stroke: theme.paper, width: 4, alpha: 0.7 });
  pen.segments([x0, y0, x1, y1], { stroke: colour, width: 2, dash: dashed ? [5, 4] : undefined });
}

function start(panel, view, place) {
  panel.from = place;
  panel.turns = view.scene.map.d > 2 && (place.shift || view.turning);
  if (!panel.turns) drag(panel, view, place);
  return true;
}

function drag(panel, view, place) {
  const { scene } = view;
  const { units, scale } = mapping(panel, scene);
  if (panel.turns) {
    const size = scale * scene.radius;
    const frame = turned(scene.plane.frame, (place.x - panel.from.x) / size, (panel.from.y - place.y) / size);
    panel.from = place;
    view.turnTo(frame);
    return;
  }
  const [x, y] = units(place.x, place.y);
  moveIn(view, x, y);
}

/** With every target on the screen v follows the pointer, and goes back when it leaves. */
function preview(panel, view, place) {
  if (view.picture !== "every") return;
  if (!place) {
    view.preview(null);
    return;
  }
  const [x, y] = mapping(panel, view.scene).units(place.x, place.y);
  if (Math.hypot(x, y) <= 1.08 * view.scene.radius) view.preview(vectorAt(view.scene, x, y));
}

/** Move v in the plane. */
function moveIn(view, x, y) {
  view.moveTo(vectorAt(view.scene, x, y));
}

/** Return the vector at a place in the plane; it stays in the disc. */
function vectorAt(scene, x, y) {
  const most = 1.1 * scene.radius;
  if (scene.map.d === 1) return Float64Array.of(Math.max(-most, Math.min(most, x)));
  const { rest } = split(scene.v, scene.plane.frame);
  const far = Math.hypot(x, y) / (1.08 * scene.radius);
  const [a, b] = far > 1 ? [x / far, y / far] : [x, y];
  const [first, second] = scene.plane.frame;
  return rest.map((at, i) => (scene.map.d > 2 ? at : 0) + a * first[i] + b * second[i]);
}

function step(view, dx, dy) {
  const { scene } = view;
  const { a, b } = coordinates(scene);
  const size = scene.radius / 50;
  moveIn(view, a + dx * size, b + (scene.map.d === 1 ? 0 : dy * size));
  view.settle(true);
}
