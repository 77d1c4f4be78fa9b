/** Zoom and pan of a picture: wheel, pinch, drag, buttons, keys. */

const LARGEST = 6;

/**
 * @typedef {object} Viewport
 * @property {(width: number, height: number) => void} fit  a new picture: show all of it
 * @property {(factor: number, at?: [number, number]) => void} zoom
 * @property {(dx: number, dy: number) => void} pan
 * @property {() => void} reset
 * @property {(event: {clientX: number, clientY: number}) => [number, number]} pointAt  in the
 *   picture's own units
 * @property {() => number} scale  pixels on the screen for a unit of the picture
 * @property {(x: number, y: number) => void} reveal  move so that a point is seen
 * @property {() => boolean} isMoving  whether a drag has just moved the picture
 */

/**
 * Let a group inside an SVG be zoomed and moved.
 * @param {SVGSVGElement} svg
 * @param {SVGGElement} world
 * @returns {Viewport}
 */
export function viewport(svg, world) {
  let size = { width: 100, height: 100 };
  let [k, tx, ty] = [1, 0, 0];
  const pointers = new Map();
  let pinch = null;
  let dragged = 0;

  function apply() {
    k = Math.min(LARGEST, Math.max(1, k));
    tx = Math.min(0, Math.max(size.width * (1 - k), tx));
    ty = Math.min(0, Math.max(size.height * (1 - k), ty));
    world.setAttribute("transform", `matrix(${k} 0 0 ${k} ${tx} ${ty})`);
    svg.classList.toggle("zoomed", k > 1.001);
  }

  /** Return a point of the screen in units of the view box. */
  function inBox({ clientX, clientY }) {
    const matrix = svg.getScreenCTM();
    if (!matrix) return [0, 0];
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix.inverse());
    return [x, y];
  }

  function zoom(factor, [x, y] = [size.width / 2, size.height / 2]) {
    const next = Math.min(LARGEST, Math.max(1, k * factor));
    tx = x - ((x - tx) * next) / k;
    ty = y - ((y - ty) * next) / k;
    k = next;
    apply();
  }

  function pan(dx, dy) {
    tx += dx;
    ty += dy;
    apply();
  }

  const unitsPerPixel = () => 1 / (svg.getScreenCTM()?.a || 1);

  svg.addEventListener(
    "wheel",
    (event) => {
      const isZoom = event.ctrlKey || event.metaKey || svg.contains(document.activeElement);
      if (!isZoom && k <= 1.001) return; // the page scrolls
      if (isZoom && !event.ctrlKey && k <= 1.001 && event.deltaY > 0) return;
      event.preventDefault();
      if (isZoom) zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 160), inBox(event));
      else pan(-event.deltaX * unitsPerPixel(), -event.deltaY * unitsPerPixel());
    },
    { passive: false },
  );
  svg.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    dragged = 0;
    pinch = pointers.size === 2 ? spanOf(pointers) : null;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    dragged += Math.abs(dx) + Math.abs(dy);
    if (pinch && pointers.size === 2) {
      const now = spanOf(pointers);
      const box = inBox({ clientX: now.x, clientY: now.y });
      zoom(now.length / pinch.length, box);
      pan((now.x - pinch.x) * unitsPerPixel(), (now.y - pinch.y) * unitsPerPixel());
      pinch = now;
    } else if (k > 1.001) {
      if (dragged > 4 && !svg.hasPointerCapture(event.pointerId)) {
        svg.setPointerCapture(event.pointerId);
      }
      pan(dx * unitsPerPixel(), dy * unitsPerPixel());
    }
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    svg.addEventListener(name, (event) => {
      if (name === "pointerleave" && svg.hasPointerCapture(event.pointerId)) return;
      pointers.delete(event.pointerId);
      pinch = null;
    });
  }

  return {
    fit(width, height) {
      const isNew = Math.abs(width - size.width) > 1 || Math.abs(height - size.height) > 1;
      size = { width, height };
      svg.setAttribute("viewBox", `0 0 ${Math.round(width)} ${Math.round(height)}`);
      if (isNew) [k, tx, ty] = [1, 0, 0];
      apply();
    },
    zoom,
    pan,
    reset() {
      [k, tx, ty] = [1, 0, 0];
      apply();
    },
    pointAt(event) {
      const [x, y] = inBox(event);
      return [(x - tx) / k, (y - ty) / k];
    },
    scale: () => k / unitsPerPixel(),
    reveal(x, y) {
      if (k <= 1.001) return;
      const [sx, sy] = [x * k + tx, y * k + ty];
      const pad = 60;
      if (sx < pad || sx > size.width - pad) tx = size.width / 2 - x * k;
      if (sy < pad || sy > size.height - pad) ty = size.height / 2 - y * k;
      apply();
    },
    isMoving: () => dragged > 6,
  };
}

/** Return the middle and the length between two pointers. */
function spanOf(pointers) {
  const [[ax, ay], [bx, by]] = [...pointers.values()];
  return { x: (ax + bx) / 2, y: (ay + by) / 2, length: Math.max(1, Math.hypot(bx - ax, by - ay)) };
}
