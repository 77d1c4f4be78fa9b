/** The frame around the view: header, tabs, common controls, what is selected, footer. */

import { NAMES } from "../mathematics/activations.js";
import { VIEWS } from "../views/registry.js";
import { checkbox, select, textfield } from "./controls.js";
import { h, replace } from "./dom.js";
import { exportMenu } from "./export_menu.js";
import { nameBeside } from "./heading.js";
import { helpDialog } from "./help.js";
import { listenToKeys } from "./keyboard.js";
import { moduleWords } from "./plural.js";
import { createSearch } from "./search.js";
import { nextTheme, restoreTheme, theme } from "./theme.js";

const THEME_WORDS = { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" };
const THEME_SIGNS = { auto: "◐", light: "☀", dark: "☾" };

/**
 * Builds the frame and keeps it in step with the app.
 * @param {object} app
 */
export function createFrame(app) {
  restoreTheme();
  const search = createSearch(app);
  const exporting = exportMenu(app);
  const help = helpDialog();
  const before = stepLink("‹", "Previous group");
  const after = stepLink("›", "Next group");
  const themeButton = h("button", { type: "button", class: "icon-button", onclick: () => {
    nextTheme();
    showTheme();
    app.announce(themeButton.title);
  } });
  const showTheme = () => {
    themeButton.textContent = THEME_SIGNS[theme()];
    themeButton.title = THEME_WORDS[theme()];
    themeButton.setAttribute("aria-label", THEME_WORDS[theme()]);
  };
  showTheme();

  replace(document.getElementById("top"),
    h("a", { class: "brand", href: "#", title: "Start page" }, h("img", { src: "icon.svg", alt: "", width: 26, height: 26 }),
      h("span", null, "plrep")),
    h("div", { class: "finder" }, before, search.element, after),
    h("div", { class: "tools" }, exporting.element, themeButton,
      h("button", { type: "button", class: "icon-button", "aria-label": "Keys and help",
        title: "Keys and help (?)", onclick: help.open }, "?")));
  document.body.append(help.element);

  const tabs = VIEWS.map((one, i) => h("a", { href: "#", dataset: { view: one.id }, title: `Key ${i + 1}` }, one.title));
  replace(document.getElementById("views"), h("ul", null, tabs.map((tab) => h("li", null, tab))));
  const bar = commonControls(app);
  const foot = document.getElementById("foot");

  let neighboursOf = null;
  function update() {
    const { record, state } = app;
    const id = app.shown?.id;
    showTabs(id, record !== null);
    search.update();
    bar.update();
    const title = VIEWS.find((one) => one.id === id)?.title;
    document.title = [record?.title, record && nameBeside(record), title, "plrep explorer"].filter(Boolean).join(" · ");
    if (record !== neighboursOf) showNeighbours(record);
    footer(app, foot);
    document.body.dataset.group = record?.name ?? "";
    document.body.dataset.view = id ?? "";
    document.body.dataset.state = JSON.stringify(state);
  }

  /** The tabs lead to the views of the group in the address, also while it is awaited. */
  function showTabs(id, hasGroup) {
    tabs.forEach((tab, i) => {
      const view = VIEWS[i];
      const off = view.needsGroup && !hasGroup;
      tab.toggleAttribute("data-off", off);
      if (off) {
        tab.removeAttribute("href");
        tab.setAttribute("aria-disabled", "true");
      } else {
        tab.href = app.href({ view: view.id });
        tab.removeAttribute("aria-disabled");
      }
      const current = view.id === id;
      if (current && !tab.hasAttribute("aria-current")) tab.scrollIntoView({ block: "nearest", inline: "center" });
      if (current) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    });
  }

  async function showNeighbours(record) {
    neighboursOf = record;
    point(before, null);
    point(after, null);
    if (!record) return;
    try {
      const found = await app.data.neighbours(record);
      if (neighboursOf !== record) return;
      point(before, found.previous);
      point(after, found.next);
    } catch (error) {
      console.warn(error);
    }
  }

  /** Steps by key: one after the other, from the group in the address, also while it is awaited. */
  let stepping = Promise.resolve();
  function step(direction) {
    stepping = stepping.then(async () => {
      const from = app.isAsking ? { name: app.state.group } : app.record;
      const name = from && (await app.data.neighbours(from))[direction];
      if (name) app.set({ group: name });
    }).catch((error) => console.warn(error));
  }

  function point(link, name) {
    const icon = link.dataset.words;
    if (name === null) {
      link.removeAttribute("href");
      link.setAttribute("aria-disabled", "true");
      link.setAttribute("aria-label", icon);
    } else {
      link.href = app.href({ group: name });
      link.removeAttribute("aria-disabled");
      link.setAttribute("aria-label", `${icon}: ${name}`);
      link.title = `${icon}: ${name} (key ${link === before ? "[" : "]"})`;
    }
  }

  const keys = {
    "?": help.open,
    "/": () => search.focus(),
    "[": () => step("previous"),
    "]": () => step("next"),
    e: () => exporting.open(),
    t: () => themeButton.click(),
    Escape: () => app.set({ simple: null, normal: null }),
  };
  VIEWS.forEach((one, i) => {
    keys[String(i + 1)] = () => tabs[i].hasAttribute("href") && app.set({ view: one.id });
  });
  listenToKeys(keys);
  app.onChange(update);
  app.onAsk(() => {
    const hasGroup = app.state.group !== undefined;
    showTabs(app.state.view ?? (hasGroup ? "group" : "start"), hasGroup);
  });
}

function stepLink(sign, words) {
  return h("a", { class: "icon-button step", role: "link", "aria-label": words, "aria-disabled": "true", dataset: { words } }, sign);
}

/** Module, activation and bias, for the views that use them; and what is selected. */
function commonControls(app) {
  const place = document.getElementById("bar");
  const module = select({ label: "Module", options: [], onChange: (id) => app.set({ module: id }) });
  const anyModule = textfield({
    label: "or any module", placeholder: "points^2 + H4a",
    onChange: (text) => text !== "" && app.set({ module: text }),
  });
  const formula = textfield({
    label: "Activation f", suggestions: NAMES.map(([name]) => name),
    onChange: (text) => app.set({ f: text }),
  });
  formula.input.classList.add("formula");
  formula.input.setAttribute("aria-describedby", "activation-words");
  const bias = checkbox({ label: "bias", onChange: (on) => app.set({ bias: on }) });
  const words = h("span", { class: "activation-words" });
  const chosen = h("div", { class: "chosen" });
  const problem = h("ul", { class: "problem", role: "alert", hidden: true });
  const controls = h("div", { class: "controls" },
    module.element, anyModule.element, formula.element, bias.element, chosen, words);
  app.controls = controls;
  replace(place, problem);
  let listed = null;

  function update() {
    const uses = app.shown?.view.uses ?? [];
    module.element.hidden = !uses.includes("module") || !app.record;
    anyModule.element.hidden = module.element.hidden || app.server === null;
    formula.element.hidden = !uses.includes("activation");
    words.hidden = formula.element.hidden;
    bias.element.hidden = !uses.includes("bias");
    listModules();
    if (document.activeElement !== formula.input) formula.value = app.state.f;
    formula.input.setAttribute("aria-invalid", String(Boolean(app.problems.activation)));
    bias.value = app.state.bias === "1";
    replace(words, app.problems.activation ? null : h("span", { id: "activation-words" }, app.activation.words));
    words.title = words.textContent;
    const said = [app.shown ? app.problems.group : null, app.problems.module,
      uses.includes("activation") ? app.problems.activation : null, ...app.problems.address].filter(Boolean);
    problem.hidden = said.length === 0;
    if (problem.textContent !== said.join("")) replace(problem, said.map((words) => h("li", null, words)));
    selection();
    controls.hidden = [...controls.children].every((one) => one.hidden || one.childNodes.length === 0);
  }

  function listModules() {
    const modules = app.record?.modules ?? [];
    const key = `${app.record?.name} ${app.module?.id}`;
    if (listed !== key) {
      const own = app.module && !modules.includes(app.module) ? [app.module] : [];
      module.setOptions([...modules, ...own].map((one) => [one.id, moduleWords(one)]));
      listed = key;
    }
    if (app.module) module.value = app.module.id;
    const other = app.module && !modules.includes(app.module) ? app.state.module : "";
    if (document.activeElement !== anyModule.input) anyModule.value = other;
  }

  function selection() {
    const chips = ["simple", "normal"].filter((key) => app.state[key]).map((key) =>
      h("a", { class: "chip", href: app.href({ [key]: null }), title: "No longer selected (Escape)",
        "aria-label": `${app.state[key]} is selected; no longer select it` }, app.state[key], h("span", { "aria-hidden": "true" }, " ×")));
    replace(chosen, chips.length ? h("span", { class: "chosen-words" }, "Selected") : null, chips);
    chosen.hidden = chips.length === 0;
  }

  return { update };
}

/** Says by which versions the answers were made: of the record, else of the whole pack. */
function footer(app, foot) {
  const show = (made) => {
    const versions = [made?.toolkit && `plrep-toolkit ${made.toolkit}`, made?.gap && `GAP ${made.gap}`];
    const by = versions.filter(Boolean).join(" and ");
    replace(foot, h("p", null, "Answers are exact unless marked; they come from ", by || "plrep-toolkit",
      ", and the page draws them. Cite a view by its address."));
  };
  const own = app.record?.provenance;
  show(own);
  if (own) return;
  app.data.manifest().then((found) => show({ toolkit: found.version, gap: found.gap }), () => null);
}
