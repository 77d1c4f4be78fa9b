/** The one heading of the first rank that a view has. */

import { h } from "./dom.js";

/**
 * Makes the heading of a view: the group, and what is shown of it.
 * @param {object} app
 * @param {string} words
 * @returns {HTMLElement}
 */
export function heading(app, words) {
  const record = app.record;
  const name = record ? nameBeside(record) : null;
  return h("h1", { class: "heading" },
    record ? [h("span", { class: "heading-group" }, record.title), " "] : null,
    name ? [h("span", { class: "heading-name" }, name), " "] : null,
    words ? h("span", { class: "heading-words" }, words) : null);
}

/**
 * The library's name of a group whose title is a description that other groups may have too.
 * @param {object} record
 * @returns {string|null}
 */
export function nameBeside(record) {
  return /[:.]/.test(record.title) && record.name !== record.title ? record.name : null;
}
