/** Making elements. Text becomes text nodes, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an HTML element.
 * @param {string} tag
 * @param {Record<string, unknown>|null} [attributes] `on...` with a function listens; true sets
 *   an empty attribute; false, null and undefined set none; `dataset` takes an object
 * @param {...unknown} children nodes, text, numbers, lists of these; null and false are skipped
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * Makes an SVG element.
 * @param {string} tag
 * @param {Record<string, unknown>|null} [attributes] as for {@link h}
 * @param {...unknown} children
 * @returns {SVGElement}
 */
export function s(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * Replaces what is inside an element.
 * @param {Element} element
 * @param {...unknown} children as for {@link h}
 * @returns {Element} the element
 */
export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/**
 * Calls a function at most once a frame, with the last arguments.
 * @param {(...values: any[]) => void} work
 * @returns {(...values: any[]) => void}
 */
export function perFrame(work) {
  let last = null;
  return (...values) => {
    const waiting = last !== null;
    last = values;
    if (waiting) return;
    requestAnimationFrame(() => {
      const now = last;
      last = null;
      work(...now);
    });
  };
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (name === "dataset") {
      Object.assign(element.dataset, value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}
