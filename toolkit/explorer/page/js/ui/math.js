/** Short formulas as text with raised and lowered parts: `L_2^H`, `U_{L}`, `f(x)`. */

import { h } from "./dom.js";

/**
 * Makes a formula. `_x` and `_{...}` lower, `^x` and `^{...}` raise; single letters are slanted.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function math(text) {
  const out = h("span", { class: "math" });
  const parts = text.matchAll(/([_^])(\{[^}]*\}|[A-Za-z0-9+-])|([A-Za-z]+)|([^_^A-Za-z]+|[_^])/g);
  for (const [, mark, inner, word, rest] of parts) {
    if (mark) {
      out.append(h(mark === "_" ? "sub" : "sup", null, letters(inner.replace(/[{}]/g, ""))));
    } else {
      out.append(word ? letters(word) : rest);
    }
  }
  return out;
}

function letters(word) {
  return /^[A-Za-z]$/.test(word) ? h("i", null, word) : word;
}
