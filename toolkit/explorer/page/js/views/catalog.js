/** The catalog: questions across groups as a table and as pictures; groups that share a graph. */

import { answer as ask } from "../catalog/answers.js";
import { downloads, jsonData, plainTable, pythonCode } from "../catalog/downloads.js";
import { plotPanel } from "../catalog/plots.js";
import { questionPanel } from "../catalog/question.js";
import { rowsTable } from "../catalog/rows.js";
import { sharedGraphs } from "../catalog/shared_graphs.js";
import { listTables } from "../catalog/tables.js";
import { firstColumns } from "../catalog/tables_shown.js";
import { between } from "../checks.js";
import { h } from "../ui/dom.js";

/** @type {import("../app.js").View} */
export default {
  id: "catalog",
  title: "Catalog",
  uses: [],
  keys: {
    ...{ table: null, find: null, sort: null, columns: null }, // said at the question
    page: between(1, Infinity, "shown is page 1", { whole: true }),
    plot(text, app) {
      const [kind, ...names] = text.split(":");
      const columns = app.shown?.part?.view.answer?.table.columns.map((one) => one.name);
      if (!columns || kind === "none") return null;
      const isColumn = (name) => columns.includes(name);
      const used = names.slice(0, kind === "bars" ? 1 : 2);
      if (["bars", "points"].includes(kind) && used.every(isColumn)) return null;
      return ["it is none, bars:column or points:column:column", "shown is what can be drawn"];
    },
    class: between(0, Infinity, "no class is open", { whole: true }),
  },
  async mount(root, app) {
    const view = new CatalogView(root, app, await listTables(app.data));
    return {
      view,
      drawn: view.update(),
      update: () => view.update(),
      exports: () => view.exports(),
      destroy: () => view.stop.abort(),
    };
  },
};

class CatalogView {
  constructor(root, app, tables) {
    this.app = app;
    this.tables = tables;
    this.stop = new AbortController();
    this.answer = null;
    this.question = null;
    this.asked = null;
    this.panel = questionPanel(app, tables, () => this.update());
    this.rows = rowsTable(app);
    this.plot = plotPanel(app);
    this.shared = sharedGraphs(app);
    this.files = downloads(app);
    this.count = h("p", { class: "catalog-count", "aria-live": "polite" });
    this.result = h("div", { class: "catalog-result" },
      h("div", { class: "catalog-left" }, h("div", { class: "catalog-bar" }, this.count, this.files.element), this.rows.element),
      this.plot.element);
    root.append(h("h1", { class: "heading" }, "Catalog"), this.panel.element, this.result, this.shared.element);
  }

  /** The question that the address asks. */
  read() {
    const { state } = this.app;
    const table = this.tables.find((one) => one.name === (state.table ?? "groups")) ?? null;
    if (table === null) {
      throw new Error(`The catalog has no table ${state.table}; it has ${this.tables.map((one) => one.name).join(", ")}.`);
    }
    return {
      table: table.name, condition: state.find ?? "", sort: state.sort ?? "",
      columns: state.columns ?? firstColumns(table).join(","), description: table,
    };
  }

  async update() {
    try {
      const question = this.read();
      this.panel.update(question, question.description);
      await this.find(question);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.fail(error);
    }
    await this.shared.update();
  }

  /** Asks, unless the same was asked before, and shows the page of rows and the picture. */
  async find(question) {
    const { table, condition, sort, columns } = question;
    const key = JSON.stringify([table, condition, sort, columns]);
    if (key !== this.asked) {
      this.stop.abort();
      const stop = new AbortController();
      this.stop = stop;
      this.asked = key;
      this.result.setAttribute("aria-busy", "true");
      try {
        const found = await ask(this.app, question, stop.signal);
        if (stop.signal.aborted) return;
        this.answer = found;
        this.question = question;
        this.answered = key;
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        return; // nobody waits for it any longer
      } finally {
        if (this.stop === stop) this.result.removeAttribute("aria-busy");
      }
      this.panel.fail(null);
      this.result.hidden = false;
      this.countRows();
      this.files.show(this.answer, question);
      this.drawn = null;
    }
    if (this.answer === null || this.answered !== key) return;
    const { page, plot } = this.app.state;
    this.rows.show(this.answer, sort, Number(page ?? 1) || 1);
    if (this.drawn !== (plot ?? "")) {
      this.drawn = plot ?? "";
      this.plotted = this.plot.show(this.answer, plot ?? "");
    }
    await this.plotted;
  }

  countRows() {
    const { rows, whole, table } = this.answer;
    const number = rows.toLocaleString("en");
    const all = table.rows.toLocaleString("en");
    const words = this.question.condition.trim() === "" ? `All ${all} rows` : `${number} of ${all} rows`;
    this.count.textContent = whole ? words : `The first ${number} rows: more than a page shows.`;
  }

  fail(error) {
    this.stop.abort();
    this.answer = null;
    this.asked = null;
    this.result.hidden = true;
    this.panel.fail(error);
  }

  exports() {
    const found = { svg: this.plot.svg(), table: null, json: null, tikz: null, python: null };
    if (this.answer === null) return found;
    return {
      ...found,
      table: plainTable(this.answer),
      json: jsonData(this.answer, this.question),
      python: pythonCode(this.question),
    };
  }
}
