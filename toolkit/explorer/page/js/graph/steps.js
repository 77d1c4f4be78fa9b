/** Moving from box to box with the arrow keys: along edges, and along a row. */

/**
 * Return the box that an arrow key leads to, or the same.
 * @param {import("./picture.js").Picture} drawn
 * @param {number} at  index of the box
 * @param {string} key  name of the key
 * @returns {number}
 */
export function boxAfter(drawn, at, key) {
  const { boxes, readingOrder } = drawn;
  if (key === "Home") return readingOrder[0];
  if (key === "End") return readingOrder[readingOrder.length - 1];
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const place = readingOrder.indexOf(at) + (key === "ArrowRight" ? 1 : -1);
    return readingOrder[Math.min(readingOrder.length - 1, Math.max(0, place))];
  }
  const isDown = key === "ArrowDown";
  const near = new Set();
  for (const line of drawn.shown) {
    if (line.from === line.to) continue;
    for (const [a, b] of line.both ? [[line.from, line.to], [line.to, line.from]] : [[line.from, line.to]]) {
      if (isDown && a === at) near.add(b);
      if (!isDown && b === at) near.add(a);
    }
  }
  const other = (i) => boxes[i].y !== boxes[at].y;
  const candidates = [...near].filter(other).length ? [...near].filter(other) : [...near];
  const distance = (i) => Math.abs(boxes[i].y - boxes[at].y) + 0.4 * Math.abs(boxes[i].x - boxes[at].x);
  return candidates.reduce((best, i) => (best === at || distance(i) < distance(best) ? i : best), at);
}

/**
 * Return the lines that leave or enter a box, in a fixed order, to step through with keys.
 * @param {import("./picture.js").Picture} drawn
 * @param {number} at
 * @returns {[number, number][]}  pairs of simples
 */
export function pairsAt(drawn, at) {
  const out = [];
  for (const line of drawn.shown) {
    if (line.from === at || (line.both && line.to === at)) {
      out.push(line.from === at ? line.pair : [line.pair[1], line.pair[0]]);
    }
  }
  for (const line of drawn.shown) {
    if (line.to === at && line.from !== at && !line.both) out.push(line.pair);
  }
  return out;
}
