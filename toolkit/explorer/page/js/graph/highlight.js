/** Which boxes and lines of the picture are marked, and how. */

/**
 * @typedef {object} Marks
 * @property {{line: import("./picture.js").Line, style: string}[]} lines
 * @property {{from: number, to: number}[]} missing  edges that are not drawn
 * @property {{classes: Set<string>, badge: string|null}[]} boxes
 * @property {boolean} isDimmed  whether the other lines step back
 */

/**
 * Decide the marks.
 * @param {import("./picture.js").Picture} drawn
 * @param {import("./model.js").GraphModel} model
 * @param {{pair: [number, number]|null, box: number|undefined, layers: number[][], step: number,
 *   simple: number, normal: string|undefined}} what  the edge and the box in question, the layers of
 *   a closure, the selected simple and normal subgroup
 * @returns {Marks}
 */
export function marksOf(drawn, model, { pair, box, layers, step, simple, normal }) {
  const boxes = drawn.boxes.map(() => ({ classes: new Set(), badge: null }));
  const lines = [];
  const missing = [];
  const layerOf = new Map(layers.flatMap((layer, i) => layer.map((m) => [m, i])));
  if (layers.length) closureMarks();
  if (pair) pairMarks();
  else if (box !== undefined && box >= 0) {
    for (const line of drawn.shown) {
      const isThere = line.from === box || line.to === box;
      if (isThere && isInside(line.from) && isInside(line.to)) lines.push({ line, style: "chosen" });
    }
  }
  if (simple >= 0) boxes[drawn.boxOf.get(simple)]?.classes.add("selected");
  const above = normal ? simplesAbove(model, normal) : null;
  if (above) {
    drawn.boxes.forEach((b, i) => b.members.some((m) => above.has(m)) && boxes[i].classes.add("above"));
  }
  return { lines, missing, boxes, isDimmed: lines.length > 0 || missing.length > 0 };

  /** Whether a box has a simple of the closure, as far as it is shown; always, if there is none. */
  function isInside(i) {
    if (!layers.length) return true;
    return drawn.boxes[i].members.some((m) => (layerOf.get(m) ?? Infinity) <= step);
  }

  function pairMarks() {
    const [from, to] = pair.map((i) => drawn.boxOf.get(i));
    boxes[from]?.classes.add("end");
    boxes[to]?.classes.add("end");
    const line = drawn.lineOf(...pair);
    if (line) lines.push({ line, style: "chosen" });
    else if (model.matrix.at(...pair) && from !== to) missing.push({ from, to });
  }

  function closureMarks() {
    const isIn = (m) => (layerOf.get(m) ?? Infinity) <= step;
    drawn.boxes.forEach((b, i) => {
      const inside = b.members.filter(isIn);
      if (!inside.length) {
        boxes[i].classes.add("out");
        return;
      }
      const numbers = [...new Set(inside.map((m) => layerOf.get(m)))];
      if (numbers.includes(step) && step > 0) boxes[i].classes.add("new");
      boxes[i].badge =
        inside.length === b.members.length
          ? numbers.sort((x, y) => x - y).join(",")
          : `${inside.length} of ${b.members.length}`;
    });
    if (pair || box !== undefined) return;
    const reaches = (a, c) =>
      drawn.boxes[a].members.some(
        (m) =>
          (layerOf.get(m) ?? Infinity) < step &&
          drawn.boxes[c].members.some((n) => layerOf.get(n) === step && model.matrix.at(m, n)),
      );
    for (const line of drawn.shown) {
      if (line.from === line.to || step === 0) continue;
      if (reaches(line.from, line.to) || (line.both && reaches(line.to, line.from))) {
        lines.push({ line, style: "chosen" });
      }
    }
  }
}

/**
 * Return what of each layer of a closure no single simple before it reaches: it comes from sums.
 * @param {import("./model.js").GraphModel} model
 * @param {number[][]} layers
 * @returns {number[][]}  by layer
 */
export function fromSums({ matrix }, layers) {
  return layers.map((layer, i) => {
    const before = layers.slice(0, i).flat();
    return i ? layer.filter((k) => !before.some((l) => matrix.at(l, k))) : [];
  });
}

/**
 * Return the positions of the simples whose kernel contains a normal subgroup.
 * @param {{record: object, simples: object[]}} model
 * @param {string} label  of the normal subgroup
 * @returns {Set<number>|null}  null if the record does not list it
 */
export function simplesAbove({ record, simples }, label) {
  const classes = new Map((record.normal ?? []).map((n) => [n.label, n.classes]));
  const wanted = classes.get(label);
  if (!wanted) return null;
  const found = new Set();
  simples.forEach((s, i) => {
    const kernel = new Set(classes.get(s.kernel) ?? []);
    if (wanted.every((c) => kernel.has(c))) found.add(i);
  });
  return found;
}
