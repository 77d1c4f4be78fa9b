/** How the map view's parts of the address are checked: what is asked for must be what is drawn. */

import { oneOf } from "../checks.js";
import { copiesOf } from "../mathematics/models.js";
import { readCopies, readVector } from "./scene.js";

const sceneOf = (app) => app.shown?.part?.scene ?? null;

function drawnAs(key) {
  return (text, app) => {
    const scene = sceneOf(app);
    if (!scene || scene[key].label === text) return null;
    return [`${scene.module.title} of ${scene.record.title} has no simple of this name`, `shown is ${scene[key].label}`];
  };
}

function vector(text, app) {
  const scene = sceneOf(app);
  if (!scene || readVector(text, scene.map.d)) return null;
  const many = scene.map.d === 1 ? "1 number" : `${scene.map.d} numbers with commas between them`;
  return [`a vector of ${scene.source.label} has ${many}`, "shown is another"];
}

function copy(text, app) {
  const scene = sceneOf(app);
  if (!scene) return null;
  const { sourceCopy, targetCopy } = readCopies(text);
  const isThere = (label, key) => key === "" || copiesOf(scene.module, label).some((one) => one.key === key);
  const missing = [[scene.source.label, sourceCopy], [scene.target.label, targetCopy]]
    .filter(([label, key]) => !isThere(label, key)).map(([label, key]) => `${label} has no copy ${key}`);
  return missing.length ? [`${missing.join(" and ")} in ${scene.module.title}`, "shown is the generic copy"] : null;
}

function plane(text, app) {
  const scene = sceneOf(app);
  if (!scene || scene.plane.name !== "" || (scene.map.d > 2 && scene.plane.text !== text)) return null;
  if (scene.map.d < 3) return [`${scene.source.label} has no sections`, "all of it is shown"];
  return [`it names no plane in ${scene.source.label}`, "shown is the one across w"];
}

/** @type {Record<string, import("../address.js").Check>} */
export const MAP_KEYS = {
  source: drawnAs("source"),
  target: drawnAs("target"),
  copy,
  v: vector,
  plane,
  picture: oneOf(["one", "every", "table"], "shown is one target"),
  shade: oneOf(["regions", "values"], "the colours are those of the beginning"),
  unit: oneOf(["0", "1"], "nothing is scaled"),
};
