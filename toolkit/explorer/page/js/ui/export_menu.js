/** The button "Export" with what the view on the screen can give. */

import { copy } from "./copy.js";
import { csvText, fileName, pngOf, save, svgText } from "./exports.js";
import { h, replace } from "./dom.js";

/**
 * @param {object} app
 * @returns {{element: HTMLElement, open: () => void}}
 */
export function exportMenu(app) {
  const list = h("div", { class: "menu", id: "export-menu", hidden: true });
  const version = h("p", { class: "menu-note" });
  const button = h("button", {
    type: "button", class: "button", "aria-expanded": "false", "aria-controls": "export-menu",
    onclick: () => (list.hidden ? open() : close()),
  }, "Export");
  const element = h("div", { class: "menu-place" }, button, list);

  function close() {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }

  function open() {
    let found = {};
    let problem = null;
    try {
      if (app.isAsking) throw new Error("What the address names is not here yet.");
      found = app.shown?.part?.exports() ?? {};
    } catch (error) {
      problem = error.message;
    }
    replace(list, problem ? h("p", { class: "problem" }, problem) : null,
      entries(app, found).map(([words, work]) => h("button", { type: "button", onclick: () => run(words, work) }, words)),
      version);
    madeBy(app).then((made) => (version.textContent = `The version is part of what you cite: ${made}.`));
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    list.querySelector("button")?.focus();
  }

  async function run(words, work) {
    close();
    button.focus();
    try {
      const byHand = await work();
      if (byHand instanceof Node) {
        replace(list, h("p", { role: "alert" }, "The browser does not let this page copy: copy the text yourself (Ctrl-C)."), byHand);
        list.hidden = false;
        button.setAttribute("aria-expanded", "true");
        byHand.select();
      } else app.announce(`${words}: done.`);
    } catch (error) {
      app.announce(`${words}: ${error.message}`);
      replace(list, h("p", { class: "problem", role: "alert" }, error.message));
      list.hidden = false;
    }
  }

  element.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
      button.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const all = [...list.querySelectorAll("button")];
    const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    all[(at + all.length) % all.length]?.focus();
  });
  document.addEventListener("pointerdown", (event) => element.contains(event.target) || close());
  return { element, open };
}

/** The view in one line: what, where, by which version, when. */
async function citation(app) {
  const version = await madeBy(app);
  return `${document.title}, ${version}, ${location.href}, ${new Date().toISOString().slice(0, 10)}`;
}

/** The version that made what is shown: of the record, else of the whole pack. */
async function madeBy(app) {
  const made = app.record?.provenance?.toolkit ?? (await app.data.manifest().catch(() => null))?.version;
  return made ? `plrep-toolkit ${made}` : "plrep-toolkit";
}

/** The entries: words and work. */
function entries(app, found) {
  const group = app.record?.title ?? "";
  const name = (ending) => `${fileName(group, app.shown?.id ?? "page", app.module && app.shown?.view.uses?.includes("module") ? app.module.id : "")}.${ending}`;
  const words = {
    title: document.title,
    description: `${document.title}. Made by the plrep explorer: ${location.href}`,
  };
  const all = [];
  if (found.svg) {
    all.push(["Picture (SVG)", () => save(name("svg"), svgText(found.svg, words), "image/svg+xml")]);
    all.push(["Picture (PNG)", async () => save(name("png"), await pngOf(found.svg, words))]);
  }
  if (found.table) all.push(["Table (CSV)", () => save(name("csv"), csvText(found.table), "text/csv;charset=utf-8")]);
  if (found.json !== null && found.json !== undefined) {
    all.push(["Data (JSON)", () => save(name("json"), `${JSON.stringify(found.json, null, 1)}\n`, "application/json")]);
  }
  if (found.tikz) all.push(["LaTeX (TikZ)", () => save(name("tex"), found.tikz)]);
  if (found.python) all.push(["Python code", () => save(name("py"), found.python)]);
  all.push(["Copy a citation", async () => copy(await citation(app))]);
  all.push(["Copy the address", () => copy(location.href)]);
  return all;
}
