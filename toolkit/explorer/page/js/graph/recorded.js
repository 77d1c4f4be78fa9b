/** The pictures that Python has laid out, where they show what is asked for. */

/**
 * Return the recorded picture that has exactly the boxes and lines of a plan, or null.
 * @param {import("./model.js").GraphModel} model
 * @param {ReturnType<typeof import("./plan.js").planPicture>} plan
 * @returns {object|null}
 */
export function matching(model, plan) {
  for (const picture of new Set(Object.values(model.module.pictures ?? {}))) {
    const found = picture && matched(picture, plan);
    if (found) return found;
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
