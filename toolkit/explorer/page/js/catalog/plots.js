/** The picture of an answer, with its controls, and the same as a table. */

import { checkbox, segmented, select } from "../ui/controls.js";
import { h, replace } from "../ui/dom.js";
import { breath } from "./breath.js";
import { barPicture, markWords, pointPicture } from "./pictures.js";
import { barsOf, pointsOf } from "./plot_data.js";
import { rowLinks } from "./rows.js";
import { firstPicture } from "./tables_shown.js";

const KINDS = [["bars", "Bars"], ["points", "Points"], ["none", "None"]];

/**
 * What the address says of the picture.
 * @param {string} text "bars:simples", "points:order:simples", "points:order:simples:log", "none"
 * @param {import("./tables.js").Description} table
 * @returns {{kind: string, x?: string, y?: string, log: boolean}}
 */
export function readPlot(text, table) {
  const [kind, x, y, scale] = (text || firstPicture(table)).split(":");
  const numbers = numericNames(table);
  const own = (name, names, place) => (names.includes(name) ? name : names[Math.min(place, names.length - 1)]);
  if (kind === "points" && numbers.length > 0) {
    return { kind, x: own(x, numbers, 0), y: own(y, numbers, 1), log: scale === "log" };
  }
  if (kind === "bars") return { kind, x: own(x, barNames(table), 0), log: false };
  return { kind: "none", log: false };
}

/** What the address is to say; null for what a table shows first. */
function writePlot({ kind, x, y, log }, table) {
  const text = { bars: `bars:${x}`, points: `points:${x}:${y}${log ? ":log" : ""}`, none: "none" }[kind];
  return text === firstPicture(table) ? null : text;
}

function numericNames(table) {
  return table.columns.filter((one) => one.kind === "number").map((one) => one.name);
}

function barNames(table) {
  return table.columns.map((one) => one.name).filter((name) => name !== "group" && name !== "provenance");
}

/**
 * Makes the place for the picture.
 * @param {object} app
 * @returns {{element: HTMLElement, show: (answer: object, text: string) => Promise<void>, svg: () => SVGElement|null}}
 */
export function plotPanel(app) {
  const controls = h("div", { class: "controls" });
  const stage = h("div", { class: "catalog-stage" });
  const note = h("p", { class: "catalog-peek" });
  const behind = h("div");
  const element = h("section", { class: "catalog-plot panel", "aria-label": "Picture of these rows" }, controls, stage, note, behind);
  let svg = null;
  let controlled = "";
  let showing = 0;

  async function show(answer, text) {
    const plot = readPlot(text, answer.table);
    const key = JSON.stringify([answer.table.name, plot]);
    if (controlled !== key) {
      controlled = key;
      fillControls(app, controls, answer.table, plot);
    }
    showing += 1;
    const isOld = ((mine) => () => mine !== showing)(showing);
    svg = null;
    stage.replaceChildren();
    behind.replaceChildren();
    note.textContent = "";
    if (plot.kind === "none" || answer.rows === 0) return;
    await breath();
    if (!isOld()) await (plot.kind === "bars" ? drawBars : drawPoints)(answer, plot, isOld);
  }

  async function drawBars(answer, plot, isOld) {
    const column = answer.column(plot.x);
    if (!column) return missing(plot.x);
    const { bars, missing: unknown } = await barsOf(answer, column);
    if (isOld()) return undefined;
    const words = [partWords(answer), unknown ? `${unknown.toLocaleString("en")} rows have no ${plot.x}.` : ""]
      .filter(Boolean).join(" ");
    svg = barPicture({ bars, name: plot.x, numeric: column.kind === "number", onPick: (bar) => bar.condition && narrow(bar.condition), onPeek: peek(words, plot.x) });
    put(words, { name: `Rows by ${plot.x}`, columns: [plot.x, "rows"],
      rows: bars.map((bar) => [bar.condition ? link(bar) : bar.words, bar.count]) });
    return undefined;
  }

  async function drawPoints(answer, plot, isOld) {
    const [x, y] = [answer.column(plot.x), answer.column(plot.y)];
    if (!x || !y) return missing(x ? plot.y : plot.x);
    const found = await pointsOf(answer, x, y, plot.log);
    if (isOld()) return undefined;
    if (found.points.length === 0) return missing(plot.y);
    const log = plot.log && found.positive;
    const words = [
      partWords(answer),
      found.missing ? `${found.missing.toLocaleString("en")} rows lack a value.` : "",
      plot.log && !log ? "There are values that are not positive: no logarithms." : "",
      found.cells ? "Many points: those in one cell are one disc." : "",
      found.points.some((one) => one.count > 1) ? "The area of a disc tells how many rows it stands for." : "",
    ].filter(Boolean).join(" ");
    const open = rowLinks(answer);
    const pick = (one) => (one.count === 1 && open(one.row) ? app.set(open(one.row)) : narrow(one.condition));
    svg = pointPicture({ points: found.points, x: plot.x, y: plot.y, log, onPick: pick, onPeek: peek(words, null) });
    const group = answer.column("group");
    put(words, { name: `${plot.y} against ${plot.x}`, columns: [found.cells ? "cell" : "values", "rows", "the first"],
      rows: found.points.map((one) => [link(one), one.count,
        group ? h("a", { href: app.href(open(one.row)) }, group.at(one.row)) : ""]) });
    return undefined;
  }

  function put(words, table) {
    note.textContent = words;
    replace(stage, svg);
    app.table(behind, table);
  }

  function missing(name) {
    note.textContent = `No row has the column ${name}: choose it among the columns.`;
  }

  function peek(words, name) {
    return (one) => {
      note.textContent = one ? markWords(one, name) : words;
    };
  }

  function narrow(condition) {
    app.set({ find: both(app.state.find, condition), page: null });
  }

  function link(one) {
    return h("a", { href: app.href({ find: both(app.state.find, one.condition), page: null }) }, one.words);
  }

  return { element, show, svg: () => svg };
}

/** What the picture leaves out of the answer. */
function partWords({ whole, rows }) {
  return whole ? "" : `Counted are only the first ${rows.toLocaleString("en")} rows of the answer: narrow it to count all.`;
}

/**
 * Two conditions together.
 * @param {string|undefined} first
 * @param {string} second
 * @returns {string}
 */
export function both(first, second) {
  const before = (first ?? "").trim();
  if (before === "") return second;
  return `${/\bor\b/i.test(before) ? `(${before})` : before} and ${second}`;
}

function fillControls(app, place, table, plot) {
  const set = (change) => app.set({ plot: writePlot(readPlot(writeAny({ ...plot, ...change }), table), table) });
  const kind = segmented({ label: "Picture", options: KINDS, value: plot.kind, onChange: (value) => set({ kind: value }) });
  const names = plot.kind === "points" ? numericNames(table) : barNames(table);
  const choose = (label, key) => select({
    label, options: names.map((name) => [name, name]), value: plot[key], onChange: (name) => set({ [key]: name }),
  }).element;
  replace(place, kind.element,
    plot.kind === "bars" ? choose("of", "x") : null,
    plot.kind === "points" ? [choose("across", "x"), choose("up", "y"),
      checkbox({ label: "logarithms", value: plot.log, onChange: (log) => set({ log }) }).element] : null);
}

function writeAny({ kind, x = "", y = "", log }) {
  return { bars: `bars:${x}`, points: `points:${x}:${y}${log ? ":log" : ""}`, none: "none" }[kind];
}
