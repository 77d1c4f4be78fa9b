/** The colours that pictures of maps are painted with, read from the page. */

const NAMES = ["paper", "surface", "ink", "soft", "faint", "line", "accent", "real", "complex", "quaternionic", "focus"];

/** Okabe and Ito's palette without black: for the orbits of regions, and of pairs of points. */
export const ORBITS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442"];

const LIGHT = ["#00395C", "#0072B2", "#7DB7DA", "#F7F8FA", "#F5C873", "#E69F00", "#7A4B00"];
const DARK = ["#B5DDF5", "#4AA3DB", "#1E527A", "#1B2129", "#5E4512", "#DE9C14", "#FFDF9E"];
const STEPS = 256;

/**
 * @typedef {object} Colours
 * @property {boolean} dark
 * @property {string} paper
 * @property {string} surface
 * @property {string} ink
 * @property {string} soft
 * @property {string} faint
 * @property {string} line
 * @property {string} accent
 * @property {Uint8ClampedArray} scale  256 colours of three bytes, from negative to positive.
 */

/**
 * Return the colours of the page as they are now.
 * @returns {Colours}
 */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const found = {};
  for (const name of NAMES) found[name] = style.getPropertyValue(`--${name}`).trim() || fallback(name);
  const dark = luminance(found.paper) < 0.4;
  return { ...found, dark, scale: scaleOf(dark ? DARK : LIGHT) };
}

function fallback(name) {
  return { paper: "#ffffff", surface: "#ffffff", ink: "#1d2630", faint: "#c5ccd4", line: "#e3e7eb" }[name] ?? "#5b6773";
}

/** Return [red, green, blue] of a colour in any notation that the browser knows. */
function bytes(colour) {
  const plain = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (plain) return plain.slice(1).map((pair) => parseInt(pair, 16));
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function luminance(colour) {
  const [red, green, blue] = bytes(colour);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}

function scaleOf(shades) {
  const stops = shades.map(bytes);
  const out = new Uint8ClampedArray(3 * STEPS);
  for (let i = 0; i < STEPS; i += 1) {
    const at = (i / (STEPS - 1)) * (stops.length - 1);
    const k = Math.min(stops.length - 2, Math.floor(at));
    for (let c = 0; c < 3; c += 1) {
      out[3 * i + c] = stops[k][c] + (at - k) * (stops[k + 1][c] - stops[k][c]);
    }
  }
  return out;
}

/**
 * Return the place in the scale of a value, from 0 to 255; 0 has the middle of the scale.
 * @param {number} value
 * @param {number} size  the largest absolute value.
 */
export function shade(value, size) {
  const t = 0.5 + (0.5 * value) / (size || 1);
  return Math.max(0, Math.min(STEPS - 1, Math.round(t * (STEPS - 1))));
}

/**
 * Return the colour of a value as text.
 * @param {Colours} theme
 * @param {number} value
 * @param {number} size
 */
export function colourOf(theme, value, size) {
  const at = 3 * shade(value, size);
  return `rgb(${theme.scale[at]},${theme.scale[at + 1]},${theme.scale[at + 2]})`;
}

/**
 * Return the light fill of an orbit: its colour over the paper.
 * @param {Colours} theme
 * @param {number} orbit  from 0; -1 if orbits are not told apart.
 * @param {number} [strength]
 * @returns {[number, number, number]}
 */
export function orbitBytes(theme, orbit, strength = 0.34) {
  const under = bytes(theme.paper);
  const over = orbit < 0 ? bytes(theme.soft) : bytes(ORBITS[orbit % ORBITS.length]);
  const share = orbit < 0 ? 0.08 : strength;
  return under.map((value, i) => Math.round(value + share * (over[i] - value)));
}

/** The same as text. */
export function orbitFill(theme, orbit, strength) {
  return `rgb(${orbitBytes(theme, orbit, strength).join(",")})`;
}

/**
 * Return the letters of an orbit: A, B, ..., Z, A1, B1, ...
 * @param {number} orbit
 */
export function orbitLetter(orbit) {
  if (orbit < 0) return "";
  const round = Math.floor(orbit / 26);
  return String.fromCharCode(65 + (orbit % 26)) + (round || "");
}
