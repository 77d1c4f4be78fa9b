/** The graph of a map: a curve over a line, a surface over a plane, the image of a sphere. */

import { Panel } from "../drawing/panel.js";
import { colourOf } from "../drawing/colours.js";
import { evaluator, largest, shown } from "./raster.js";
import { Pile, project, rolled, viewOf } from "../drawing/space.js";

const FACES = 2400;
const MOST_RAYS = 96;

/**
 * Make the panel of the graph.
 * @param {object} view
 * @returns {Panel}
 */
export function surfacePanel(view) {
  const panel = new Panel({
    title: "The graph", className: "panel-surface", ratio: 1,
    ground: (pen) => kindOf(view.scene)?.ground(pen, panel, view),
    front: (pen) => kindOf(view.scene)?.front(pen, panel, view),
    pointer: {
      down: (place) => {
        panel.from = place;
        return view.scene.map.d > 1;
      },
      move: (place) => {
        panel.camera = rolled(panel.camera, (place.x - panel.from.x) / 120, (place.y - panel.from.y) / -120);
        panel.from = place;
        panel.stale();
      },
    },
    arrows: (dx, dy) => {
      panel.camera = rolled(panel.camera, dx * 0.08, dy * 0.08);
      panel.stale();
    },
  });
  panel.camera = { azimuth: -1.08, elevation: 0.52 };
  return panel;
}

/** Return which graph fits the dimensions, with its words; null if none. */
export function kindOf({ map }) {
  if (map.d === 1 && map.e === 1) return CURVE;
  if (map.d === 2 && map.e === 1) return SURFACE;
  if (map.d === 3 && (map.e === 3 || map.e === 2)) return IMAGE;
  return null;
}

const CURVE = {
  title: (scene) => `The graph of the map ${scene.source.label} \u2192 ${scene.target.label}`,
  words: () => "The graph; it breaks at the marks.",
  ground(pen, panel, { scene }) {
    const { theme } = panel;
    const { x, y } = curveScale(panel, scene);
    const { radius, map, breaks } = scene;
    pen.segments([x(-radius), y(0), x(radius), y(0), x(0), 12, x(0), panel.height - 12], { stroke: theme.faint });
    const way = [];
    for (let i = 0; i <= 400; i += 1) {
      const t = radius * (i / 200 - 1);
      way.push(x(t), y(map.value([t])[0]));
    }
    pen.poly(way, { stroke: theme.real, width: 2.5 }, true);
    breaks?.normals.forEach((normal, i) => {
      const t = normal[0] * breaks.offsets[i];
      pen.circle(x(t), y(map.value([t])[0]), 5, { fill: theme.paper, stroke: theme.ink, width: 1.5 });
    });
  },
  front(pen, panel, view) {
    const { theme } = panel;
    const { x, y } = curveScale(panel, view.scene);
    const [at, value] = [view.scene.v[0], view.image()[0]];
    pen.segments([x(at), y(0), x(at), y(value)], { stroke: theme.ink, dash: [3, 3] });
    pen.circle(x(at), y(value), 6, { fill: theme.complex, stroke: theme.ink, width: 1.5 });
  },
};

function curveScale(panel, scene) {
  const size = largest(scene);
  const [cx, cy] = [panel.width / 2, panel.height / 2];
  return { x: (t) => cx + (0.42 * panel.width * t) / scene.radius, y: (t) => cy - (0.42 * panel.height * t) / size };
}

const SURFACE = {
  title: (scene) => `The surface over the disc in ${scene.source.label}`,
  words: () => "Height and colour are values. Drag to turn it.",
  ground(pen, panel, view) {
    const { theme } = panel;
    const { scene } = view;
    const shape = surfaceOf(scene);
    const { rows, screen, lift, floor } = frameOf(panel, shape);
    const pile = new Pile(rows, screen);
    const { rings, spokes, heights, points } = shape;
    const below = [];
    for (let t = 0; t <= spokes; t += 1) below.push(points[2 * t], points[2 * t + 1], floor);
    const under = new Pile(rows, screen);
    under.line(below, { stroke: theme.faint, width: 1 });
    under.paint(pen);
    const corner = (r, t) => {
      const share = r / rings;
      return [share * points[2 * t], share * points[2 * t + 1], lift(heights[r * (spokes + 1) + t])];
    };
    const size = largest(scene);
    for (let r = 0; r < rings; r += 1) {
      for (let t = 0; t < spokes; t += 1) {
        const value = (heights[r * (spokes + 1) + t] + heights[(r + 1) * (spokes + 1) + t + 1]) / 2;
        const fill = colourOf(theme, value, size);
        pile.face([...corner(r, t), ...corner(r + 1, t), ...corner(r + 1, t + 1), ...corner(r, t + 1)], { fill, stroke: fill, width: 0.5 });
      }
    }
    const rim = [];
    for (let t = 0; t <= spokes; t += 1) rim.push(...corner(rings, t));
    pile.line(rim, { stroke: theme.ink, width: 1.3 });
    // more rays than can be told apart are left to the colours
    for (const t of shape.breaking.length <= MOST_RAYS ? shape.breaking : []) {
      const ray = [];
      for (let r = 0; r <= rings; r += 1) ray.push(...corner(r, t));
      pile.line(ray, { stroke: theme.ink, width: 1.1 }, 0.05);
    }
    pile.paint(pen);
  },
  front(pen, panel, view) {
    const { theme } = panel;
    const { scene } = view;
    const { rows, screen, lift, floor } = frameOf(panel, surfaceOf(scene));
    const [x, y] = [scene.v[0] / scene.radius, scene.v[1] / scene.radius];
    const at = (z) => screen(...project(rows, [x, y, z]).slice(0, 2));
    const top = at(lift(view.image()[0]));
    pen.segments([...at(floor), ...top], { stroke: theme.ink, width: 1.5, dash: [3, 3] });
    pen.circle(...at(floor), 3.5, { fill: theme.ink });
    pen.circle(...top, 6, { fill: theme.complex, stroke: theme.ink, width: 1.5 });
  },
};

/** Return heights on a polar grid, every breaking ray among its spokes. */
function surfaceOf(scene) {
  if (scene.surface) return scene.surface;
  const { breaks, radius } = scene;
  const central = breaks?.central && breaks.normals.length;
  const rays = [];
  if (central) {
    for (const [a, b] of breaks.normals) {
      const angle = Math.atan2(b, a) + Math.PI / 2;
      for (const one of [angle, angle + Math.PI]) rays.push(((one % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI));
    }
    rays.sort((a, b) => a - b);
  }
  const angles = [];
  const breaking = [];
  const corners = rays.length ? rays : [0];
  corners.forEach((from, k) => {
    const to = k + 1 < corners.length ? corners[k + 1] : corners[0] + 2 * Math.PI;
    const parts = Math.max(rays.length > 60 ? 1 : 2, Math.ceil((to - from) / 0.07));
    if (rays.length) breaking.push(angles.length);
    for (let i = 0; i < parts; i += 1) angles.push(from + ((to - from) * i) / parts);
  });
  angles.push(angles[0] + 2 * Math.PI);
  const spokes = angles.length - 1;
  const rings = Math.max(4, Math.min(central ? 14 : 30, Math.round(FACES / spokes)));
  const heights = new Float64Array((rings + 1) * (spokes + 1));
  const at = evaluator(scene, [[1, 0], [0, 1]]);
  const out = new Float64Array(1);
  for (let r = 0; r <= rings; r += 1) {
    for (let t = 0; t <= spokes; t += 1) {
      const far = (radius * r) / rings;
      at(far * Math.cos(angles[t]), far * Math.sin(angles[t]), 0, out);
      heights[r * (spokes + 1) + t] = out[0];
    }
  }
  const points = angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
  const low = heights.reduce((least, value) => Math.min(least, value), 0);
  const high = heights.reduce((most, value) => Math.max(most, value), 0);
  scene.surface = { rings, spokes, heights, points, breaking, low, high };
  return scene.surface;
}

function frameOf(panel, { low, high }) {
  const stretch = 1.05 / Math.max(high - low, 1e-12);
  const rows = viewOf(panel.camera);
  const scale = Math.min(panel.width, panel.height) / 2.35;
  const [cx, cy] = [panel.width / 2, panel.height / 2];
  return {
    rows,
    lift: (value) => stretch * (value - low) - 0.52,
    floor: stretch * (0 - low) - 0.52,
    screen: (x, y) => [cx + scale * x, cy - scale * y],
  };
}

const IMAGE = {
  title: (scene) => `The image of the sphere in ${scene.target.label}`,
  words: ({ map }) => (map.e === 3 ? "Colour is length. Drag to turn it." : "Colour is length."),
  ground(pen, panel, view) {
    const { theme } = panel;
    const { scene } = view;
    const { rings, spokes, values } = sphereImage(scene);
    const size = largest(scene);
    const e = scene.map.e;
    const { rows, screen } = imageFrame(panel, scene, size);
    const pile = new Pile(rows, screen);
    const corner = (r, t) => {
      const at = e * (r * (spokes + 1) + t);
      return [values[at], values[at + 1], e === 3 ? values[at + 2] : 0];
    };
    for (let r = 0; r < rings; r += 1) {
      for (let t = 0; t < spokes; t += 1) {
        const corners = [corner(r, t), corner(r + 1, t), corner(r + 1, t + 1), corner(r, t + 1)];
        const middle = [0, 1, 2].map((i) => corners.reduce((sum, c) => sum + c[i] / 4, 0));
        const fill = colourOf(theme, shown(middle), 1.2 * size);
        pile.face(corners.flat(), { fill, stroke: theme.paper, width: 0.4, alpha: e === 3 ? 1 : 0.5 });
      }
    }
    pile.paint(pen);
  },
  front(pen, panel, view) {
    const { theme } = panel;
    const { scene } = view;
    const { rows, screen } = imageFrame(panel, scene, largest(scene));
    const point = [...view.image(), 0].slice(0, 3);
    const tip = screen(...project(rows, point).slice(0, 2));
    pen.circle(...tip, 6, { fill: theme.complex, stroke: theme.ink, width: 1.5 });
  },
};

function imageFrame(panel, scene, size) {
  const flat = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const scale = Math.min(panel.width, panel.height) / (2.2 * size);
  const [cx, cy] = [panel.width / 2, panel.height / 2];
  return {
    rows: scene.map.e === 3 ? viewOf(panel.camera) : flat,
    screen: (x, y) => [cx + scale * x, cy - scale * y],
  };
}

function sphereImage(scene) {
  if (scene.sphere) return scene.sphere;
  const [rings, spokes] = scene.map.count > 100 ? [18, 36] : [28, 56];
  const e = scene.map.e;
  const values = new Float64Array(e * (rings + 1) * (spokes + 1));
  const at = evaluator(scene, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  const out = new Float64Array(e);
  for (let r = 0; r <= rings; r += 1) {
    const theta = (Math.PI * r) / rings;
    for (let t = 0; t <= spokes; t += 1) {
      const angle = (2 * Math.PI * t) / spokes;
      const ring = scene.radius * Math.sin(theta);
      at(ring * Math.cos(angle), ring * Math.sin(angle), scene.radius * Math.cos(theta), out);
      values.set(out, e * (r * (spokes + 1) + t));
    }
  }
  scene.sphere = { rings, spokes, values };
  return scene.sphere;
}
