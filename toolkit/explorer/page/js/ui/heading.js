/** The one heading of the first rank that a view has. */

import { h } from "./dom.js";

/**
 * Makes the heading of a view: the group, and what is shown of it.
 * @param {object} app
 * @param {string} words
 * @returns {HTMLElement}
 */
export function heading(app, words) {
  const group = app.record?.title;
  return h("h1", { class: "heading" }, group ? [h("span", { class: "heading-group" }, group), " "] : null,
    h("span", { class: "heading-words" }, words));
}
