/** The help: keys, in a dialog. */

import { checkbox } from "./controls.js";
import { h } from "./dom.js";
import { keysAreOn, setKeys } from "./keyboard.js";

const KEYS = [
  ["/", "search for a group"],
  ["1 to 7", "go to a view"],
  ["[ and ]", "previous and next group"],
  ["e", "export what is on the screen"],
  ["t", "light, dark, or as the system"],
  ["Escape", "leave a list; nothing selected"],
  ["?", "this help"],
];

/** @returns {{element: HTMLDialogElement, open: () => void}} */
export function helpDialog() {
  const element = h("dialog", { class: "help", "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, "Keys"),
    h("dl", null, KEYS.map(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)])),
    checkbox({ label: "Single keys act", value: keysAreOn(), onChange: setKeys }).element,
    h("p", null, "The address of the page holds all that is shown: copy it to cite what you see."),
    h("button", { type: "button", class: "button primary", onclick: () => element.close() }, "Close"));
  return { element, open: () => element.open || element.showModal() };
}
