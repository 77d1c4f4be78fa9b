/** Space in parallel projection: turned by hand, faces painted from back to front. */

/** @typedef {{azimuth: number, elevation: number}} Camera  in radians. */

/**
 * Return three rows: to the right, up, towards the viewer.
 * @param {Camera} camera
 * @returns {number[][]}
 */
export function viewOf({ azimuth, elevation }) {
  const [c, s] = [Math.cos(azimuth), Math.sin(azimuth)];
  const [ce, se] = [Math.cos(elevation), Math.sin(elevation)];
  return [
    [-s, c, 0],
    [-se * c, -se * s, ce],
    [ce * c, ce * s, se],
  ];
}

/** Return a camera turned by the pointer: angles to the right and up. */
export function rolled({ azimuth, elevation }, right, up) {
  const most = Math.PI / 2;
  return { azimuth: azimuth - right, elevation: Math.max(-most, Math.min(most, elevation - up)) };
}

/** Return [x, y, depth] of a point. */
export function project(rows, p) {
  return rows.map((row) => row[0] * p[0] + row[1] * p[1] + row[2] * p[2]);
}

/** Things to paint, the farthest first. */
export class Pile {
  constructor(rows, screen) {
    this.rows = rows;
    this.screen = screen;
    this.items = [];
  }

  /** A face [x, y, z, x, y, z, ...]. */
  face(corners, style) {
    const flat = [];
    let depth = 0;
    for (let i = 0; i < corners.length; i += 3) {
      const [x, y, z] = project(this.rows, corners.slice(i, i + 3));
      flat.push(...this.screen(x, y));
      depth += z;
    }
    this.items.push({ depth: (3 * depth) / corners.length, flat, style, open: false });
  }

  /** A line [x, y, z, x, y, z, ...], painted as if it were a little nearer. */
  line(points, style, nearer = 0.02) {
    let before = null;
    for (let i = 0; i < points.length; i += 3) {
      const [x, y, z] = project(this.rows, points.slice(i, i + 3));
      const here = { at: this.screen(x, y), z };
      if (before) {
        const depth = (z + before.z) / 2 + nearer;
        this.items.push({ depth, flat: [...before.at, ...here.at], style, open: true });
      }
      before = here;
    }
  }

  paint(pen) {
    this.items.sort((a, b) => a.depth - b.depth);
    for (const { flat, style, open } of this.items) pen.poly(flat, style, open);
  }
}
