/**
 * What is awaited, in words over the old picture, which is dimmed and of no use meanwhile. A group
 * that takes longer gets a page of its own in its place: its name, the progress and Stop.
 */

import { h, replace } from "./dom.js";

/** Milliseconds before it is shown, and before it is a page: most answers are there by then. */
const SHOWN_AFTER = 150;
const PAGE_AFTER = 700;

/**
 * Makes the sign for the element that holds the view.
 * @param {HTMLElement} main
 * @param {HTMLElement|null} [jobs] the place of running questions, which the sign takes in
 * @returns {{begin: (words: string, options: {controls: boolean, title?: string|null}) => void,
 *   leave: () => void, end: () => void}} begin may be called again with other words; `controls`
 *   tells whether the common controls belong to what was before, too; `title` is the heading of the
 *   page where nothing of what was before is of use; `leave` shows the old picture again
 */
export function createWaiting(main, jobs = null) {
  const words = h("p", { role: "status" });
  const head = h("div");
  const sign = h("div", { class: "waiting" }, head, words);
  const home = jobs?.parentElement;
  let timers = [];
  let still = [];
  let all = false;
  let heading = null;

  function begin(text, { controls, title = null }) {
    all = controls;
    if (heading !== title) leave();
    if (title !== null && heading === null) timers.push(setTimeout(turn, PAGE_AFTER));
    heading = title;
    if (words.textContent !== text) words.textContent = text;
    if (sign.isConnected) show();
    else timers.push(setTimeout(show, SHOWN_AFTER));
  }

  function show() {
    free();
    main.dataset.waiting ||= "over";
    for (const part of main.querySelectorAll(":scope > .view > *, :scope > .problem")) {
      const isHead = part.matches(".view-head") || part.querySelector(":scope > .view-head");
      if (part.inert || (isHead && !all)) continue;
      part.inert = true;
      still.push(part);
    }
    main.querySelector(":scope > .wait")?.remove();
    if (sign.isConnected) return;
    main.append(sign);
    if (jobs) sign.append(jobs);
  }

  function turn() {
    if (heading === null || !sign.isConnected) return;
    main.dataset.waiting = "page";
    replace(head, h("h1", null, heading));
    scrollTo(0, 0);
  }

  function free() {
    for (const part of still) part.inert = false;
    still = [];
  }

  function leave() {
    if (main.dataset.waiting === "page") main.dataset.waiting = "over";
    replace(head);
    heading = null;
  }

  function end() {
    timers.forEach(clearTimeout);
    timers = [];
    free();
    leave();
    if (jobs) home.append(jobs);
    sign.remove();
    delete main.dataset.waiting;
  }

  return { begin, leave, end };
}
