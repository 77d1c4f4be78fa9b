/** Copying a text, also where the browser has no clipboard: a page that came without https. */

import { h } from "./dom.js";

/**
 * Copies a text.
 * @param {string} text
 * @returns {Promise<HTMLTextAreaElement|null>} null, or a field with the text, to be copied by hand
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return null;
  } catch {
    const field = h("textarea", { readonly: true, rows: 4, "aria-label": "The text to copy" });
    field.value = text;
    return copiedFrom(field) ? null : field;
  }
}

/** The old way, by a selection; it tells whether the browser did it. */
function copiedFrom(field) {
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    before?.focus?.();
  }
}
