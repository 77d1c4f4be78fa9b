/** The group: what `plrep query` shows, in sections, with links to every other view. */

import { cards } from "../group/card.js";
import { elsewhere } from "../group/elsewhere.js";
import { groupCode } from "../group/python.js";
import { sections } from "../group/sections.js";
import { h, replace } from "../ui/dom.js";
import { heading, nameBeside } from "../ui/heading.js";
import { hoverLinks, markLinks } from "../ui/links.js";

const MOST_ALIASES = 12;

/** @type {import("../app.js").View} */
export default {
  id: "group",
  title: "Group",
  uses: [],
  keys: {
    section(text, app) {
      if (app.shown?.root.querySelector(`#section-${CSS.escape(text)}`)) return null;
      return ["this page has no such section", "shown is its beginning"];
    },
  },
  mount(root, app) {
    const head = h("header", { class: "group-head" });
    const contents = h("nav", { class: "group-contents", "aria-label": "On this page" });
    const chosen = h("div", { class: "group-cards" });
    const body = h("div", { class: "group-body" });
    root.append(head, h("div", { class: "group-columns" }, body,
      h("aside", { class: "group-side", "aria-label": "On this page, and what is chosen" }, contents, chosen)));
    const stop = hoverLinks(app, root);
    let drawn = null;
    let parts = [];
    let scrolled = null;

    function draw() {
      drawn = app.record;
      parts = sections(app);
      replace(head, ...headOf(app, drawn));
      replace(contents, h("h2", null, "On this page"), h("ul", null, parts.map((one) =>
        h("li", null, h("a", { dataset: { section: one.id }, onclick: () => scrollTo(one.id) }, one.title)))));
      replace(body, parts.map((one) => h("section", { id: `section-${one.id}` },
        h("h2", null, one.title), one.draw())));
    }

    function scrollTo(id) {
      scrolled = id;
      root.querySelector(`#section-${CSS.escape(id)}`)?.scrollIntoView();
    }

    function update() {
      if (drawn !== app.record) draw();
      for (const link of contents.querySelectorAll("a")) {
        link.href = app.href({ section: link.dataset.section });
        if (link.dataset.section === app.state.section) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
      replace(chosen, cards(app));
      markLinks(app, root);
      const wanted = app.state.section ?? null;
      if (wanted !== scrolled && wanted !== null) requestAnimationFrame(() => scrollTo(wanted));
    }

    update();
    return {
      update,
      exports() {
        const section = parts.find((one) => one.id === app.state.section)
          ?? parts.find((one) => one.id === "simples") ?? parts[0];
        return { svg: null, table: section.table, json: app.record, tikz: null, python: groupCode(app.record) };
      },
      destroy: stop,
    };
  },
};

function headOf(app, record) {
  const names = [...new Set([record.name, ...(record.aliases ?? [])])].filter((name) => ![record.title, nameBeside(record)].includes(name));
  const shown = names.slice(0, MOST_ALIASES);
  const more = names.length - shown.length;
  return [
    heading(app, ""),
    h("p", { class: "lead" }, record.summary),
    record.remark ? h("p", { class: "group-remark" }, `${record.remark}.`) : null,
    shown.length ? h("p", { class: "group-aliases" }, "Also ", shown.join(", "), more > 0 ? ` and ${more} more names` : "", ".") : null,
    elsewhere(record),
  ];
}
