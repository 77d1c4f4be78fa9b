/** The one heading of the first rank that a view has. */

import { h } from "./dom.js";

/**
 * Makes the head of a view: the group, what is shown of it, and beside it the common controls.
 * The controls are one element, which goes from head to head and keeps the focus.
 * @param {object} app
 * @param {string} words
 * @param {{group?: boolean}} [options] group false leaves out the group
 * @returns {HTMLElement}
 */
export function heading(app, words, { group = true } = {}) {
  const record = group ? app.record : null;
  const name = record ? nameBeside(record) : null;
  const focused = app.controls?.contains(document.activeElement) ? document.activeElement : null;
  if (focused) queueMicrotask(() => focused.isConnected && focused.focus({ preventScroll: true }));
  return h("div", { class: "view-head" },
    h("h1", { class: "heading" },
      record ? [h("span", { class: "heading-group" }, record.title), " "] : null,
      name ? [h("span", { class: "heading-name" }, name), " "] : null,
      words ? h("span", { class: "heading-words" }, words) : null),
    app.controls ?? null);
}

/**
 * The library's name of a group whose title is a description that other groups may have too.
 * @param {object} record
 * @returns {string|null}
 */
export function nameBeside(record) {
  return /[:.]/.test(record.title) && record.name !== record.title ? record.name : null;
}
