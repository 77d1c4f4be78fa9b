/**
 * The search box: a combobox of groups. Enter opens the group of that name; a condition in the
 * catalog; what is not in the list is taken as a name.
 */

import { suggest } from "../search/suggest.js";
import { searchSources } from "../search/sources.js";
import { h, replace } from "./dom.js";

/**
 * Makes the search box.
 * @param {object} app
 * @returns {{element: HTMLElement, update: () => void, focus: () => void}}
 */
export function createSearch(app) {
  const list = h("ul", { id: "found", role: "listbox", "aria-label": "Groups", class: "found", hidden: true });
  const note = h("p", { class: "found-note", id: "found-note", hidden: true });
  const input = h("input", {
    type: "search", id: "search", role: "combobox", "aria-label": "Group: name, order, label or condition",
    "aria-controls": "found", "aria-expanded": "false", "aria-autocomplete": "list",
    placeholder: "S4, order 96, not abelian ...", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    enterkeyhint: "go", oninput: look, onfocus: () => sources(), onkeydown: key, onblur: leave,
  });
  const panel = h("div", { class: "found-panel", hidden: true }, list, note);
  const element = h("div", { class: "search", role: "search" }, input, panel);
  let loading = null;
  let active = -1;
  let options = [];

  function sources() {
    loading ??= searchSources(app);
    return loading;
  }

  async function look() {
    const text = input.value;
    const found = await suggest(text, await sources());
    if (text !== input.value || document.activeElement !== input) return;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    options = found.items.map((item, i) => option(i, () => go(item.group), h("b", null, item.title), h("span", null, item.words)));
    if (found.condition !== null && found.count > 0) {
      options.push(option(options.length, () => all(found.condition),
        h("b", null, `All ${found.count.toLocaleString("en")} in the catalog`), h("span", null, found.condition)));
    }
    replace(list, options);
    const words = said(text, found);
    note.textContent = words;
    note.hidden = words === "";
    show(options.length > 0 || words !== "");
    app.announce(found.count === 1 ? "1 group" : `${found.count} groups`);
  }

  function said(text, found) {
    if (text.trim() === "" || found.items.length > 0) {
      return found.count > found.items.length && found.condition === null
        ? `The first ${found.items.length} of ${found.count}: type more to narrow.` : "";
    }
    return app.server
      ? `No bundled group is called so. Enter asks GAP for ${text.trim()}.`
      : `No group here fits ${text.trim()}.`;
  }

  function option(i, work, ...children) {
    return h("li", { id: `found-${i}`, role: "option", "aria-selected": "false",
      onpointerdown: (event) => event.preventDefault(), onclick: work }, children);
  }

  function key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (panel.hidden || options.length === 0) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose((active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active >= 0) options[active].click();
      else enter();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (panel.hidden) input.blur();
      show(false);
    }
  }

  /** Opens what was typed. */
  async function enter() {
    const text = input.value.trim();
    if (text === "") return;
    const nothing = { items: [], count: 0, condition: null, exact: 0 };
    const found = await sources().then((all) => suggest(text, all)).catch(() => nothing);
    if (text !== input.value.trim()) return;
    const isName = /\d/.test(text) && !/[,(x×:.\s]$/i.test(text) && text.split("(").length === text.split(")").length;
    if (found.exact === 1) go(found.items[0].group);
    else if (found.exact > 1) go(text); // which are to choose from
    else if (found.condition !== null && found.count !== 1) all(found.condition);
    else if (found.items.length > 0 && (found.condition !== null || !isName)) go(found.items[0].group);
    else go(text);
  }

  function choose(i) {
    options[active]?.setAttribute("aria-selected", "false");
    active = i;
    options[i].setAttribute("aria-selected", "true");
    options[i].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[i].id);
  }

  function go(group) {
    show(false);
    const needs = app.shown?.id === "catalog" || app.shown?.id === "start";
    app.set({ group, ...(needs ? { view: "group" } : {}) });
    input.blur();
  }

  function all(condition) {
    show(false);
    input.blur();
    app.set({ view: "catalog", table: "groups", find: condition, page: null, sort: null });
  }

  function leave() {
    show(false);
    update();
  }

  function show(on) {
    panel.hidden = !on;
    list.hidden = !on || options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  function update() {
    if (document.activeElement !== input) input.value = app.record?.title ?? app.state.group ?? "";
  }

  return {
    element,
    update,
    focus() {
      input.focus();
      input.select();
    },
  };
}
