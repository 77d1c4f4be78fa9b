/** The pictures that Python has laid out, where they show what is asked for. */
import { pointsOf } from "./path.js";

/** In larger pictures a loop may cross a line. */
const LOOPS_LOOKED_AT = 40;

/**
 * Return the recorded picture that has exactly the boxes and lines of a plan, or null.
 * @param {import("./model.js").GraphModel} model
 * @param {ReturnType<typeof import("./plan.js").planPicture>} plan
 * @returns {object|null}
 */
export function matching(model, plan) {
  for (const picture of new Set(Object.values(model.module.pictures ?? {}))) {
    const found = picture && matched(picture, plan);
    if (found && hasRoomForLoops(found, plan)) return found;
  }
  return null;
}

/** Return a picture with its routes in the order of the plan's links, or null. */
function matched(picture, plan) {
  if (picture.boxes.length !== plan.boxes.length || picture.routes.length !== plan.links.length) {
    return null;
  }
  const place = new Map(picture.boxes.map((box, i) => [box.members.join(","), i]));
  const order = plan.boxes.map((box) => place.get(box.members.join(",")));
  if (order.some((i) => i === undefined)) return null;
  const routes = new Map();
  for (const route of picture.routes) {
    routes.set(`${route.from},${route.to}`, route);
    if (route.both) routes.set(`${route.to},${route.from}`, route);
  }
  const back = new Map(order.map((i, j) => [i, j]));
  const chosen = [];
  for (const link of plan.links) {
    const route = routes.get(`${order[link.source]},${order[link.target]}`);
    if (!route || route.kind !== link.kind || route.both !== link.both) return null;
    chosen.push({ ...route, from: back.get(route.from), to: back.get(route.to) });
  }
  const boxes = order.map((i) => picture.boxes[i]);
  return { ...picture, boxes, routes: chosen };
}

/** Whether the loops, which the record does not know of, are crossed by no line and no box. */
function hasRoomForLoops({ boxes, routes }, plan) {
  const loops = boxes.filter((_, i) => plan.boxes[i].loop !== null && plan.boxes[i].members.length === 1);
  if (loops.length > LOOPS_LOOKED_AT) return true;
  const lines = routes.map(({ d }) => pointsOf(d));
  return loops.every((box) => {
    const [left, right] = [box.x + box.w / 2 + 1, box.x + box.w / 2 + 22];
    const isOn = (x, y) => x > left && x < right && Math.abs(y - box.y) < 12;
    if (boxes.some((b) => b !== box && isOn(Math.max(b.x - b.w / 2, left + 1), b.y))) return false;
    return !lines.some((points) => crosses(points, isOn));
  });
}

/** Whether a polyline comes into a region; its steps are filled in. */
function crosses(points, isOn) {
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [ax, ay, bx, by] = points.slice(i, i + 4);
    const steps = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / 6));
    for (let k = 0; k <= steps; k += 1) {
      const t = k / steps;
      if (isOn(ax + t * (bx - ax), ay + t * (by - ay))) return true;
    }
  }
  return false;
}
