/** The search box: names of groups, for now as a plain field. */

import { h } from "./dom.js";

/**
 * Makes the search box.
 * @param {object} app
 * @returns {{element: HTMLElement, update: () => void, focus: () => void}}
 */
export function createSearch(app) {
  const input = h("input", {
    type: "search", id: "search", "aria-label": "Group", placeholder: "S4, C8, order 96 ...",
    autocomplete: "off", spellcheck: "false",
  });
  const element = h("form", { class: "search", role: "search", onsubmit: (event) => {
    event.preventDefault();
    if (input.value.trim()) app.set({ group: input.value.trim() });
    input.blur();
  } }, input);
  return {
    element,
    update() {
      if (document.activeElement !== input) input.value = app.record?.title ?? app.state.group ?? "";
    },
    focus() {
      input.focus();
      input.select();
    },
  };
}
