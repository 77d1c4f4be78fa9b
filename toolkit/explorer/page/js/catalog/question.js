/** What is asked: the table, the condition with its examples and help, the columns. */

import { button, checkbox, select, textfield } from "../ui/controls.js";
import { h, replace } from "../ui/dom.js";
import { makeTable } from "../ui/table.js";
import { examplesOf, firstColumns } from "./tables_shown.js";

const GRAMMAR = [
  ["order <= 60 and not abelian", "comparisons = != < <= > >=, chained as 4 < order <= 60; and, or, not"],
  ["order in (24, 48)", "one of some values; between 10 and 20"],
  ["description like 'C2%'", "% stands for any characters; glob with * and ?"],
  ["'2' in abelian_invariants", "an item of a list"],
  ["subgroup_classes is not null", "where something is known; what is not known never holds"],
  ["group = 'SL(2,3)'", "any name of a group"],
  ["order % 8 = 0", "also + - *"],
  ["groups.order = 24", "in other tables: columns of the group"],
];

/**
 * Makes the controls.
 * @param {object} app
 * @param {import("./tables.js").Description[]} tables
 * @param {() => void} again asks once more what the address says
 * @returns {{element: HTMLElement, update: (question: object, table: object) => void,
 *   fail: (error: Error|null) => void}}
 */
export function questionPanel(app, tables, again) {
  const choice = select({
    label: "Table",
    options: tables.filter((one) => shownTable(one.name)).map((one) => [one.name, wordsOf(one, app.server !== null)]),
    onChange: (table) => app.set({ table: table === "groups" ? null : table, ...FRESH, find: null }),
  });
  const field = textfield({
    label: "Condition", placeholder: "every row",
    onChange: apply,
  });
  field.input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") applyAnyhow();
  });
  field.input.classList.add("formula");
  field.element.classList.add("catalog-condition");
  const ask = button({ label: "Find", kind: "primary", onClick: applyAnyhow });
  const meaning = h("p");
  const examples = h("ul", { class: "catalog-examples", "aria-label": "Conditions to begin with" });
  const problem = h("div", { class: "problem catalog-problem", role: "alert", id: "catalog-problem", hidden: true });
  const columns = h("details", { class: "catalog-columns" }, h("summary", null, "Columns"));
  const help = h("details", { class: "catalog-help" }, h("summary", null, "How to write a condition"));
  const element = h("section", { class: "catalog-question", "aria-label": "What is asked" },
    h("div", { class: "controls" }, choice.element, field.element, ask.element), problem,
    h("div", { class: "catalog-begin" }, meaning, examples, columns, help));
  let filled = null;
  let asked = null;

  /** Writes what stands in the field into the address. */
  function apply() {
    const find = field.input.value.trim();
    const isNew = find !== (app.state.find ?? "").trim();
    if (isNew) app.set({ find, page: null });
    return isNew;
  }

  /** The same, and asks also if the address says it already. */
  function applyAnyhow() {
    if (!apply()) again();
  }

  function update(question, table) {
    choice.value = table.name;
    const now = JSON.stringify([table.name, question.condition]);
    const isTyping = document.activeElement === field.input && asked === now;
    if (!isTyping) field.value = question.condition; // what is shown is what is asked
    asked = now;
    const where = table.file === null && app.server ? " Asked of the local server." : "";
    meaning.textContent = `A row is ${table.meaning}.${where}${examplesOf(table).length ? " Try" : ""}`;
    replace(examples, examplesOf(table).map(([text, words]) =>
      h("li", null, h("a", { class: "chip", href: app.href({ find: text, page: null }), title: words }, text))));
    examples.hidden = examplesOf(table).length === 0;
    const key = `${table.name} ${question.columns}`;
    if (filled === key) return;
    filled = key;
    fillColumns(app, columns, question, table, tables);
    fillHelp(help, table, insert);
  }

  function insert(name) {
    const { input } = field;
    const at = input.selectionEnd ?? input.value.length;
    const before = input.value.slice(0, at);
    const word = before === "" || before.endsWith(" ") || before.endsWith("(") ? name : ` ${name}`;
    input.value = before + word + input.value.slice(at);
    input.focus();
    input.setSelectionRange(at + word.length, at + word.length);
  }

  /** Shows what is wrong, with a mark under the place. */
  function fail(error) {
    problem.hidden = error === null;
    problem.className = error?.command ? "panel catalog-problem" : "problem catalog-problem";
    field.input.removeAttribute("aria-invalid");
    field.input.removeAttribute("aria-describedby");
    if (error === null) return;
    replace(problem, h("p", null, sentence(error)), marked(error),
      error.command ? [h("p", null, "This command writes these rows, and plrep explore shows them here:"), h("pre", { tabindex: "0" }, error.command)] : null);
    if (error.position === undefined) return;
    field.input.setAttribute("aria-invalid", "true");
    field.input.setAttribute("aria-describedby", "catalog-problem");
  }

  return { element, update, fail };
}

/** What a change of table or condition takes away. */
export const FRESH = Object.freeze({ sort: null, columns: null, plot: null, page: null });

function shownTable(name) {
  return name !== "provenance" && name !== "attempts";
}

function wordsOf({ name, rows, file }, isServed) {
  if (file === null && !isServed) return `${name.replaceAll("_", " ")} (not on this page)`;
  return `${name.replaceAll("_", " ")} (${rows.toLocaleString("en")})`;
}

function sentence(error) {
  if (error.problem === undefined) return error.message;
  const words = error.suggestion ? `${error.problem}; ${error.suggestion}` : error.problem;
  return `This cannot be read: ${words}${/[.?!]$/.test(words) ? "" : "."}`;
}

/** The condition with the place of the mistake marked. */
function marked(error) {
  if (typeof error.position !== "number") return null;
  const signs = [...error.text];
  const from = Math.max(0, error.position - 40);
  const wrong = signs[error.position] ?? " ";
  return h("pre", { class: "catalog-mark", "aria-hidden": "true" }, from > 0 ? "…" : "",
    signs.slice(from, error.position).join(""), h("mark", null, wrong === " " ? "\u00a0" : wrong),
    signs.slice(error.position + 1, error.position + 40).join(""));
}

function fillColumns(app, place, question, table, tables) {
  const chosen = question.columns.split(",").map((name) => name.trim());
  const set = (names) => app.set({ columns: names.join(",") === firstColumns(table).join(",") ? null : names.join(",") });
  const box = (name, meaning) => {
    const made = checkbox({ label: name, value: chosen.includes(name), onChange: (on) => {
      set(on ? [...chosen, name] : chosen.filter((one) => one !== name));
    } });
    made.element.title = meaning;
    if (chosen.length === 1 && chosen[0] === name) made.input.disabled = true;
    return made.element;
  };
  const own = new Set(table.columns.map((one) => one.name));
  const groups = tables.find((one) => one.name === "groups");
  const others = own.has("group") && table.name !== "groups" ? groups.columns.filter((one) => !own.has(one.name)) : [];
  replace(place, h("summary", null, "Columns"),
    h("div", { class: "catalog-boxes" }, table.columns.map((one) => box(one.name, one.meaning))),
    others.length ? [h("p", null, "Of the group:"), h("div", { class: "catalog-boxes" }, others.map((one) => box(one.name, one.meaning)))] : null,
    button({ label: "As at first", kind: "quiet", onClick: () => app.set({ columns: null }) }).element);
}

function fillHelp(place, table, insert) {
  const names = table.columns.map(({ name, type, meaning }) => [
    h("button", {
      type: "button", class: "catalog-name", title: `Put ${name} into the condition`,
      onmousedown: (event) => event.preventDefault(), // the field stays in focus, unasked
      onclick: () => insert(name),
    }, name),
    type, meaning,
  ]);
  replace(place, h("summary", null, "How to write a condition"),
    makeTable({ name: "The language", columns: ["for example", "meaning"],
      rows: GRAMMAR.map(([text, words]) => [h("code", null, text), words]) }, { caption: false }),
    makeTable({ name: `Columns of ${table.name}`, columns: ["column", "type", "meaning"], rows: names }, { caption: false }));
}
