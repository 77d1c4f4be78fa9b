/** Which edges the picture shows, for what leaves the page. */

/**
 * Return the function that says whether an edge is drawn, and if not, why.
 *
 * A line may stand for several edges (simples in one box, an edge and its opposite): its share is
 * the mean of theirs, and all of them are shown or none.
 * @param {import("./picture.js").Picture} drawn
 * @param {number} threshold  lines with a smaller share are hidden
 * @returns {(source: number, target: number) => string}  "yes", or "no" and the reason
 */
export function shownFunction(drawn, threshold) {
  const lines = new Map();
  for (const line of drawn.all) {
    lines.set(`${line.from},${line.to}`, line);
    if (line.both) lines.set(`${line.to},${line.from}`, line);
  }
  const visible = new Set(drawn.shown);
  return (source, target) => {
    const [from, to] = [drawn.boxOf.get(source), drawn.boxOf.get(target)];
    const line = lines.get(`${from},${to}`);
    if (!line) return from === to ? "no: inside a box" : "no: implied by other edges";
    return visible.has(line) ? "yes" : `no: share of the line below ${threshold}`;
  };
}
