/** Layer: which weights an equivariant matrix Fun(X) -> Fun(Y) shares, and the Fourier basis. */

import { between, oneOf } from "../checks.js";
import { select } from "../ui/controls.js";
import { h, replace } from "../ui/dom.js";
import { heading } from "../ui/heading.js";
import { hoverLinks, markLinks, simpleLink } from "../ui/links.js";
import { counted, moduleWords } from "../ui/plural.js";
import { makeTable } from "../ui/table.js";
import { basisOf, basisPanel, fitBasis } from "../layer/basis.js";
import { layerExports } from "../layer/exports.js";
import { matrixPanel, orbitalColour } from "../layer/matrix.js";
import { blocksOf, degreesOf, MOST_ENTRIES, orbitalsOf, pairedWith } from "../layer/orbitals.js";
import { layoutOf } from "../map/points.js";

const MOST_CHIPS = 64;

/** The view, mounted. */
class LayerView {
  constructor(root, app) {
    Object.assign(this, { root, app, at: null, orbitals: null, basis: null, hovered: -1 });
    this.head = h("div", null);
    this.problem = h("p", { class: "problem", hidden: true });
    this.sentence = h("p", { class: "lead layer-sentence" });
    this.to = select({ label: "to Fun(Y)", options: [], onChange: (id) => app.set({ to: id === app.module.id ? null : id, weight: null }) });
    this.arrange = select({
      label: "order of the points", options: [["", "as numbered"], ["cycles", "along the cycles of a generator"]],
      onChange: (key) => app.set({ order: key || null }),
    });
    this.only = select({ label: "simples in the basis", options: [], onChange: (label) => app.set({ simple: label || null }) });
    this.matrix = matrixPanel(this);
    this.functions = basisPanel(this);
    this.entry = h("p", { class: "layer-entry", "aria-live": "polite" });
    this.chips = h("ul", { class: "layer-weights" });
    this.blocks = h("div", null);
    this.side = h("section", { class: "panel layer-side", "aria-label": "Weights" },
      h("h2", null, "Weights"), this.entry, this.chips, h("h2", null, "Counted by simples"), this.blocks);
    this.grid = h("div", { class: "layer-grid" }, this.matrix.element, this.side);
    this.behind = h("div", null);
    this.body = h("div", null,
      h("div", { class: "controls map-controls" }, this.to.element, this.arrange.element), this.sentence, this.grid,
      h("div", { class: "controls map-controls" }, this.only.element), this.functions.element, this.behind);
    replace(root, this.head, this.problem, this.body);
    app.table(this.behind, () => layerExports(this).table, "The weights as a table");
    this.observer = new MutationObserver(() => this.repaint());
    this.observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => this.repaint();
    this.scheme.addEventListener("change", this.onScheme);
    this.resized = new ResizeObserver(() => fitBasis(this.functions, this));
    this.resized.observe(this.body);
    this.offHover = hoverLinks(app, root);
    this.update();
  }

  get marked() {
    if (this.hovered >= 0) return this.hovered;
    const pinned = Number(this.app.state.weight ?? -1);
    return Number.isInteger(pinned) && pinned < (this.orbitals?.count ?? 0) ? pinned : -1;
  }

  update() {
    const { app } = this;
    replace(this.head, heading(app, "Layer"));
    const { record, module, state } = app;
    const problem = this.load(record, module, state);
    this.problem.hidden = !problem;
    this.body.hidden = Boolean(problem);
    if (problem) {
      this.problem.textContent = problem;
      return;
    }
    this.words();
    this.matrix.stale();
    this.functions.stale();
    fitBasis(this.functions, this);
    this.show();
    markLinks(app, this.root);
  }

  /** Find the two modules and what belongs to them; return a sentence where that fails. */
  load(record, module, state) {
    if (!record || !module) return "Choose a group first.";
    const usable = record.modules.filter((one) => one.images && !one.signed);
    const target = [...record.modules, module].find((one) => one.id === (state.to ?? module.id)) ?? module;
    this.to.setOptions(usable.map((one) => [one.id, moduleWords(one)]), target.id);
    for (const one of [module, target]) {
      if (one.signed) return `${one.title} has signs; layers on it are made in Python: tk.layer_basis(X).`;
      if (!one.images) return `The action on ${one.title} is not in this page; in Python, tk.layer_basis(X) answers for it.`;
    }
    if (module.degree * target.degree > MOST_ENTRIES) return `A matrix of ${target.degree} \u00d7 ${module.degree} entries is not drawn; in Python, tk.layer_basis(X, Y).`;
    if (this.module !== module || this.target !== target) {
      Object.assign(this, { module, target, at: null, hovered: -1 });
      this.orbitals = orbitalsOf(target.images, module.images);
      this.blockRows = blocksOf(record, module, target);
    }
    const cycles = state.order === "cycles";
    const plain = (n) => Array.from({ length: n }, (_, i) => i);
    this.arrange.value = cycles ? "cycles" : "";
    this.order = {
      rows: cycles ? layoutOf(target.images, target.degree).order : plain(target.degree),
      columns: cycles ? layoutOf(module.images, module.degree).order : plain(module.degree),
    };
    const labels = module.contents.map((entry) => entry.label ?? record.simples?.[entry.simple]?.label ?? "?");
    const only = labels.includes(state.simple) ? state.simple : "";
    this.only.setOptions([["", "all"], ...labels.map((label) => [label, label])], only);
    this.basis = basisOf(record, module, only || null);
    return null;
  }

  words() {
    const { module, target, orbitals, blockRows } = this;
    const { rows, columns, count } = orbitals;
    const same = module === target;
    const stored = same ? module.rank : target.orbitals?.to?.[module.id] ?? module.orbitals?.to?.[target.id];
    const check = stored ?? blockRows?.total;
    this.agrees = check === undefined || check === null || check === count;
    const known = check === undefined || check === null ? "" : same ? `; the rank of X is ${check}` : `; by characters ${check}`;
    this.sentence.textContent =
      `Equivariant maps Fun(X) \u2192 Fun(Y), X = ${module.title}, Y = ${same ? "X" : target.title}: ` +
      `${rows} \u00d7 ${columns} = ${counted(rows * columns, "entry", "entries")} ${rows * columns === 1 ? "has" : "share"} ${counted(count, "weight")}, one for each orbital${known}.`;
    if (!this.agrees) this.sentence.textContent += " The two numbers differ: please report this.";
    this.matrix.caption = `Rows: points of Y. Columns: points of X. One colour, one weight.`;
    this.matrix.note = "Point at an entry to see its orbital; choose it to keep it.";
    this.matrix.ratio = Math.min(1.4, (rows + 1) / (columns + 1));
    this.matrix.label = `The ${rows} by ${columns} matrix of ${counted(count, "weight")}. Arrow keys move over the entries, Enter keeps a weight marked.`;
    this.matrix.fit();
    this.functions.caption = `The Fourier basis of Fun(X): functions on the ${counted(columns, "point")}`;
    const shown = this.basis?.functions.length ?? 0;
    const all = this.basis?.all ?? 0;
    this.functions.shown = shown > 0;
    this.functions.note = "Orange with +: positive, blue with \u2212: negative; the area is the size. e1, e2, \u2026 are the coordinates of a simple; every g acts by the same matrix on each copy."
      + (shown < all ? ` The first ${shown} of ${all} are drawn: choose a simple.` : "");
    this.functions.label = `${counted(shown, "function")} of the Fourier basis on ${counted(columns, "point")}.`;
    const { dark } = this.matrix.theme;
    replace(this.chips, Array.from({ length: Math.min(count, MOST_CHIPS) }, (_, k) => h("li", null,
      h("button", {
        type: "button", class: "weight-chip", "aria-pressed": String(this.app.state.weight === String(k)),
        style: `--weight: ${orbitalColour(k, dark)}`, onclick: () => this.pin(k),
        onpointerenter: () => this.hover(k), onpointerleave: () => this.hover(-1),
        onfocus: () => this.hover(k), onblur: () => this.hover(-1),
      }, h("span", { class: "swatch", "aria-hidden": "true" }), `w${k}`, h("span", { class: "soft" }, ` \u00d7 ${orbitals.sizes[k]}`)))),
    count > MOST_CHIPS ? h("li", { class: "fine" }, `and ${count - MOST_CHIPS} more, in the table below`) : null);
    replace(this.blocks, blockRows ? [makeTable({
      name: "Weights by simples", columns: ["L", "dim L", "type", "in X", "in Y", "weights"], rows: blockRows.rows.map(([label, ...rest]) => [simpleLink(this.app, label), ...rest]),
    }, { caption: false }), h("p", { class: "fine" },
      `The sum of m(X) m(Y) dim End(L) is ${blockRows.total}.`)] : h("p", { class: "fine" }, "This module names its simples in its own way."));
  }

  // -- the entry under the pointer --

  point(entry) {
    this.at = entry;
    this.hovered = entry ? this.labelAt(entry) : -1;
    this.show();
  }

  labelAt([i, j]) {
    return this.orbitals.labels[this.order.rows[i] * this.orbitals.columns + this.order.columns[j]];
  }

  step(dx, dy) {
    const { rows, columns } = this.orbitals;
    const [i, j] = this.at ?? [0, 0];
    const clip = (at, most) => Math.max(0, Math.min(most - 1, at));
    this.point(this.at ? [clip(i + dy, rows), clip(j + dx, columns)] : [0, 0]);
  }

  choose(entry) {
    if (entry) this.pin(this.labelAt(entry));
  }

  pin(number) {
    this.app.set({ weight: this.app.state.weight === String(number) ? null : String(number) });
  }

  hover(number) {
    this.hovered = number;
    this.at = null;
    this.show();
  }

  show() {
    const { marked, orbitals, at } = this;
    this.matrix.request();
    let words = "Point at an entry, or choose a weight.";
    if (marked >= 0) {
      const { size, inRow, inColumn, rows } = degreesOf(orbitals, marked);
      const where = at ? `Entry (${this.order.rows[at[0]]}, ${this.order.columns[at[1]]}): weight w${marked}. ` : `Weight w${marked}. `;
      const pair = this.module === this.target ? pairedWith(orbitals, marked) : -1;
      const suborbit = inRow === 1 ? "a suborbit of 1 point" : `a suborbit of ${inRow} points`;
      words = `${where}Its orbital has ${counted(size, "entry", "entries")}: ${suborbit} in ${rows === 1 ? "its row" : `each of ${rows} rows`}, ${inColumn} in a column`
        + (pair < 0 ? "." : pair === marked ? "; it is its own transpose." : `; its transpose is weight w${pair}.`);
    }
    if (this.entry.textContent !== words) this.entry.textContent = words;
  }

  repaint() {
    this.matrix.repaint();
    this.functions.repaint();
    if (this.orbitals) this.words();
  }

  exports() {
    return layerExports(this);
  }

  destroy() {
    this.offHover();
    this.observer.disconnect();
    this.resized.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
    this.matrix.destroy();
    this.functions.destroy();
  }
}

/** @type {import("../app.js").View} */
export default {
  id: "layer",
  title: "Layer",
  uses: ["module"],
  keys: {
    to(text, app) {
      const known = [...app.record.modules, app.module];
      if (known.some((one) => one.id === text)) return null;
      return [`${app.record.title} has no such module on this page`, `shown is ${app.module.title}`];
    },
    weight(text, app) {
      const count = app.shown?.part?.orbitals?.count;
      return count ? between(0, count - 1, "no weight is marked", { whole: true })(text, app) : null;
    },
    order: oneOf(["cycles"], "the points stand as they are numbered"),
  },
  mount: (root, app) => new LayerView(root, app),
};
