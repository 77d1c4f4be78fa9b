/** What stands in place of a view when there is no group to show. */

import { h } from "./dom.js";

const MOST = 60;

/**
 * @param {object} app its problem with the group, and groups to choose from
 * @param {() => void} again asks once more
 * @returns {HTMLElement}
 */
export function problemPage(app, again) {
  const { group: sentence, choices = [] } = app.problems;
  const start = h("a", { href: app.href({ group: null, view: null }) }, "To the start page");
  if (choices.length > 0) {
    return h("div", null, h("h1", null, app.state.group), h("p", { class: "lead" }, sentence),
      h("ul", { class: "choices" }, choices.slice(0, MOST).map((name) =>
        h("li", null, h("a", { href: app.href({ group: name }) }, name)))),
      choices.length > MOST ? h("p", null, `The first ${MOST} are shown.`) : null, h("p", null, start));
  }
  if (app.record) {
    return h("div", { class: "problem", role: "alert" }, h("h1", null, app.record.title),
      h("p", null, `There is no module of ${app.record.title} on this page, and this view shows one.`),
      h("p", null, h("a", { href: app.href({ view: null }) }, `To the page of ${app.record.title}`)));
  }
  const asking = app.server !== null;
  return h("div", { class: "problem", role: "alert" },
    h("h1", null, asking ? `No answer for ${app.state.group}` : "This group is not here"),
    h("p", null, sentence),
    h("p", null, asking ? h("button", { type: "button", class: "button", onclick: again }, "Ask again") : null,
      " ", start));
}
