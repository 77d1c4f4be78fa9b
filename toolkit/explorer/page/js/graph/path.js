/** Paths of SVG as polylines, to find the line under the pointer. */

const STEPS = 10;

/**
 * Return the points of a path of moves, lines and cubic curves, absolute or relative.
 * @param {string} d
 * @returns {number[]}  x, y, x, y, ...
 */
export function pointsOf(d) {
  const points = [];
  let [x, y] = [0, 0];
  for (const [, letter, rest] of d.matchAll(/([MLHVCmlhvc])([^MLHVCmlhvc]*)/g)) {
    const numbers = (rest.match(/-?(?:\d+\.?\d*|\.\d+)/g) ?? []).map(Number);
    const isRelative = letter === letter.toLowerCase();
    const [bx, by] = isRelative ? [x, y] : [0, 0];
    switch (letter.toUpperCase()) {
      case "H":
        x = bx + numbers[0];
        points.push(x, y);
        break;
      case "V":
        y = by + numbers[0];
        points.push(x, y);
        break;
      case "C":
        for (let i = 0; i + 5 < numbers.length; i += 6) {
          const [ox, oy] = isRelative ? [x, y] : [0, 0];
          const [a, b, c, e, f, g] = numbers.slice(i, i + 6);
          curve(points, x, y, ox + a, oy + b, ox + c, oy + e, ox + f, oy + g);
          [x, y] = [ox + f, oy + g];
        }
        break;
      default:
        for (let i = 0; i + 1 < numbers.length; i += 2) {
          const [ox, oy] = isRelative ? [x, y] : [0, 0];
          [x, y] = [ox + numbers[i], oy + numbers[i + 1]];
          points.push(x, y);
        }
    }
  }
  return points;
}

function curve(points, x0, y0, x1, y1, x2, y2, x3, y3) {
  for (let i = 1; i <= STEPS; i += 1) {
    const t = i / STEPS;
    const s = 1 - t;
    const [a, b, c, d] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    points.push(a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3);
  }
}

/**
 * Return the squared distance of a point from a polyline.
 * @param {number[]} points
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
export function squaredDistance(points, x, y) {
  let least = Infinity;
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [ax, ay] = [points[i], points[i + 1]];
    const [dx, dy] = [points[i + 2] - ax, points[i + 3] - ay];
    const length = dx * dx + dy * dy;
    const t = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
    const [ex, ey] = [ax + t * dx - x, ay + t * dy - y];
    const squared = ex * ex + ey * ey;
    if (squared < least) least = squared;
  }
  return least;
}
