/** What is awaited, in words over the old picture, which is dimmed and of no use meanwhile. */

import { h } from "./dom.js";

/** Milliseconds before it is shown: most answers are there by then. */
const SHOWN_AFTER = 150;

/**
 * Makes the sign for the element that holds the view.
 * @param {HTMLElement} main
 * @returns {{begin: (words: string, options: {controls: boolean}) => void, end: () => void}}
 *   begin may be called again with other words; `controls` tells whether the common controls
 *   belong to what was before, too
 */
export function createWaiting(main) {
  const words = h("p", { class: "waiting", role: "status" });
  let timer = null;
  let still = [];
  let all = false;

  function begin(text, { controls }) {
    all = controls;
    if (words.textContent !== text) words.textContent = text;
    if (words.isConnected) show();
    else timer ??= setTimeout(show, SHOWN_AFTER);
  }

  function show() {
    timer = null;
    free();
    main.dataset.waiting = "";
    for (const part of main.querySelectorAll(":scope > .view > *, :scope > .problem")) {
      const isHead = part.matches(".view-head") || part.querySelector(":scope > .view-head");
      if (part.inert || (isHead && !all)) continue;
      part.inert = true;
      still.push(part);
    }
    main.querySelector(":scope > .wait")?.remove();
    if (!words.isConnected) main.append(words);
  }

  function free() {
    for (const part of still) part.inert = false;
    still = [];
  }

  function end() {
    clearTimeout(timer);
    timer = null;
    free();
    words.remove();
    delete main.dataset.waiting;
  }

  return { begin, end };
}
