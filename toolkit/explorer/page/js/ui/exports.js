/** What leaves the page: SVG, PNG, CSV, JSON, TikZ, Python code, the address. */

import { inLight } from "./theme.js";

const SVG = "http://www.w3.org/2000/svg";
/** Properties that a picture needs and that children take over from their parents. */
const INHERITED = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "stroke-opacity", "font-family", "font-size", "font-style", "font-weight",
  "font-variant-numeric", "text-anchor", "paint-order", "visibility", "marker-start", "marker-end",
  "letter-spacing", "shape-rendering",
];
/** Those that are not taken over, with what holds where nothing is said. */
const OWN = {
  opacity: "1", "dominant-baseline": "auto", "vector-effect": "none",
  "stop-color": "rgb(0, 0, 0)", "stop-opacity": "1", "mix-blend-mode": "normal",
};

/**
 * A picture that stands alone: styles inside, in light colours, with title and description.
 * @param {SVGElement} svg on the page, or made for the export
 * @param {{title: string, description: string}} words
 * @returns {SVGElement} a copy, not on the page
 */
export function standalone(svg, words) {
  if (svg.isConnected) return dressed(svg, words);
  const host = document.createElement("div");
  host.style.cssText = "position:absolute;left:-10000px;top:0";
  host.append(svg);
  document.body.append(host);
  try {
    return dressed(svg, words);
  } finally {
    host.remove();
  }
}

function dressed(svg, { title, description }) {
  const copy = svg.cloneNode(true);
  const { width, height } = size(svg);
  inLight(() => {
    dress(svg, copy);
    const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
    const ground = document.createElementNS(SVG, "rect");
    const box = viewBox(svg, width, height);
    for (const [name, value] of Object.entries({ ...box, fill: paper || "#ffffff" })) {
      ground.setAttribute(name, value);
    }
    copy.prepend(ground);
    copy.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`);
  });
  copy.setAttribute("xmlns", SVG);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  for (const old of copy.querySelectorAll(":scope > title, :scope > desc")) old.remove();
  for (const [tag, text] of [["desc", description], ["title", title]]) {
    const element = document.createElementNS(SVG, tag);
    element.textContent = text;
    copy.prepend(element);
  }
  return copy;
}

/**
 * The text of a standalone SVG file.
 * @param {SVGElement} svg
 * @param {{title: string, description: string}} words
 * @returns {string}
 */
export function svgText(svg, words) {
  const text = new XMLSerializer().serializeToString(standalone(svg, words));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`;
}

/**
 * The same picture as a PNG with two pixels for each unit.
 * @param {SVGElement} svg
 * @param {{title: string, description: string}} words
 * @param {number} [scale]
 * @returns {Promise<Blob>}
 */
export async function pngOf(svg, words, scale = 2) {
  const alone = standalone(svg, words);
  const [width, height] = ["width", "height"].map((name) => Number(alone.getAttribute(name)));
  const image = new Image(width, height);
  const text = new XMLSerializer().serializeToString(alone);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob(
    (blob) => (blob ? resolve(blob) : reject(new Error("The browser made no PNG of this size."))),
    "image/png",
  ));
}

/**
 * A table as CSV (RFC 4180, lines end in CR LF).
 * @param {import("./table.js").Table} table
 * @returns {string}
 */
export function csvText({ columns, rows }) {
  const cell = (value) => {
    const text = value instanceof Node ? value.textContent : value ?? "";
    return /[",\r\n]/.test(String(text)) ? `"${String(text).replace(/"/g, '""')}"` : String(text);
  };
  return [columns, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

/**
 * Hands a file to the user.
 * @param {string} name
 * @param {Blob|string} content
 * @param {string} [type]
 */
export function save(name, content, type = "text/plain;charset=utf-8") {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** A name for a file: letters, digits, dot and dash only. */
export function fileName(...parts) {
  return parts.join("-").replace(/[^A-Za-z0-9.]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 80);
}

function size(svg) {
  const box = svg.getBoundingClientRect();
  const own = svg.viewBox?.baseVal;
  const width = box.width || own?.width || 600;
  const height = box.height || own?.height || 400;
  return { width: Math.ceil(width), height: Math.ceil(height) };
}

function viewBox(svg, width, height) {
  const own = svg.viewBox?.baseVal;
  return own && own.width
    ? { x: own.x, y: own.y, width: own.width, height: own.height }
    : { x: 0, y: 0, width, height };
}

/** Writes the styles of an element and of all inside into a copy, as far as they say something. */
function dress(from, to, above = null) {
  const computed = getComputedStyle(from);
  const found = {};
  const style = [];
  for (const name of INHERITED) {
    found[name] = computed.getPropertyValue(name);
    if (found[name] !== (above?.[name] ?? "")) style.push(`${name}:${found[name]}`);
  }
  for (const [name, usual] of Object.entries(OWN)) {
    const value = computed.getPropertyValue(name);
    if (value !== usual) style.push(`${name}:${value}`);
  }
  if (above !== null && computed.display === "none") style.push("display:none");
  for (const name of ["class", "style", "tabindex", "display", ...INHERITED, ...Object.keys(OWN)]) to.removeAttribute(name);
  if (style.length > 0) to.setAttribute("style", style.join(";"));
  const inner = [...to.children];
  [...from.children].forEach((child, i) => {
    if (child.namespaceURI === SVG) dress(child, inner[i], found);
  });
}
