/** About an activation: its plot, its parts in words, its kernel, all names, and a formula field. */

import { FAMILIES, FORMULAS, readActivation } from "../mathematics/activations.js";
import { textfield } from "./controls.js";
import { h, replace, s } from "./dom.js";

const WIDE = 200;
const HIGH = 140;

/**
 * The panel, to stand beside what a view shows.
 * @param {object} app
 * @param {{open?: boolean}} [options]
 * @returns {{element: HTMLElement, update: () => void, destroy: () => void}}
 */
export function activationPanel(app, { open = true } = {}) {
  const summary = h("summary", null, "About f");
  const plots = h("div", { class: "about-plots" });
  const verdict = h("p", { class: "verdict", role: "status" });
  const field = textfield({
    label: "A name or a formula in x", placeholder: "max(x, 0) + x^2/10",
    onChange: (text) => choose(text),
  });
  field.input.classList.add("formula");
  field.input.addEventListener("input", () => preview(field.value.trim()));
  field.element.classList.add("field");
  const buttons = new Map();
  const list = h("dl", { class: "families" }, FAMILIES.map(([title, names]) => [
    h("dt", null, title),
    h("dd", null, names.map(([name]) => {
      const one = h("button", { type: "button", title: FORMULAS[name], "aria-pressed": "false",
        onclick: () => choose(name) }, name);
      buttons.set(name, one);
      return one;
    })),
  ]));
  const element = h("details", { class: "about-f", open }, summary, field.element, verdict, plots, list);
  let drawn = null;
  let listed = null;

  function choose(text) {
    const found = readActivation(text);
    if (text && !found.error) app.set({ f: text });
    else preview(text);
  }

  function preview(text) {
    show(text === "" ? app.activation : readActivation(text));
  }

  function show(f) {
    verdict.classList.toggle("wrong", Boolean(f.error));
    field.input.setAttribute("aria-invalid", String(Boolean(f.error)));
    verdict.textContent = f.error ? f.error : verdictWords(f);
    if (f.error || drawn === f) return;
    drawn = f;
    replace(plots, functionPlot(f), kernelPlot(f));
  }

  function update() {
    const f = app.activation;
    if (f === drawn && !field.input.matches("[aria-invalid=true]") && listed === f) return;
    listed = f;
    summary.textContent = `About f = ${f.name}`;
    if (document.activeElement !== field.input) field.value = app.state.f;
    for (const [name, one] of buttons) one.setAttribute("aria-pressed", String(f.named && f.name === name));
    show(f);
  }

  update();
  return { element, update, destroy() {} };
}

/**
 * The panel as one element that keeps itself in step.
 * @param {object} app
 * @returns {HTMLElement}
 */
export function activationPicker(app) {
  const panel = activationPanel(app, { open: false });
  const off = app.onChange(() => (panel.element.isConnected ? panel.update() : off()));
  return panel.element;
}

/**
 * What is known of an activation, in a sentence or two.
 * @param {import("../mathematics/activations.js").Activation} f
 * @returns {string}
 */
export function verdictWords(f) {
  const how = f.exact ? "exact" : "measured on samples, which is no proof";
  const shown = f.kinks.slice(0, 6).map((k) => Number(k.toPrecision(6))).join(", ");
  const at = f.kinks.length ? ` Not analytic at ${shown}${f.kinks.length > 6 ? ", ..." : ""}.` : "";
  return `${f.name}: ${f.words} (${how}).${at}`;
}

function functionPlot(f) {
  const reach = Math.max(3, ...f.kinks.filter((k) => Math.abs(k) < 20).map((k) => 1.25 * Math.abs(k)));
  const xs = Array.from({ length: 201 }, (_, i) => -reach + (i * reach) / 100);
  const whole = xs.map((x) => f.evaluate(x));
  const even = xs.map((x) => (f.evaluate(x) + f.evaluate(-x)) / 2);
  const odd = xs.map((x) => (f.evaluate(x) - f.evaluate(-x)) / 2);
  const words = `Plot of ${f.name} from ${-reach} to ${reach}, with its even and its odd part`;
  return plot(words, "f thick, even part thin, odd part dotted", xs,
    [["even", even], ["odd", odd], ["whole", whole]]);
}

function kernelPlot(f) {
  const ts = Array.from({ length: 41 }, (_, i) => -1 + i / 20);
  let values;
  try {
    values = ts.map((t) => f.dualRatio(t));
  } catch {
    values = [];
  }
  if (!values.every(Number.isFinite)) return null;
  return plot(`Plot of kappa of ${f.name} from -1 to 1, divided by its value at 1`, "κ(t)/κ(1), t from −1 to 1",
    ts, [["whole", values]]);
}

function plot(words, caption, xs, lines) {
  const values = lines.flatMap(([, ys]) => ys).filter(Number.isFinite);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const span = high - low || 1;
  const x = (value) => 4 + ((value - xs[0]) / (xs.at(-1) - xs[0])) * (WIDE - 8);
  const y = (value) => HIGH - 5 - ((value - low) / span) * (HIGH - 10);
  const path = (ys) => ys.map((value, i) => `${i ? "L" : "M"}${x(xs[i]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const label = (value) => String(Number(value.toPrecision(2))).replace("-", "−");
  return h("figure", null,
    s("svg", { class: "about-plot", viewBox: `0 0 ${WIDE} ${HIGH}`, width: WIDE, height: HIGH, role: "img", "aria-label": words },
      s("line", { class: "axis", x1: x(xs[0]), x2: x(xs.at(-1)), y1: y(0), y2: y(0) }),
      s("line", { class: "axis", x1: x(0), x2: x(0), y1: 5, y2: HIGH - 5 }),
      lines.map(([kind, ys]) => s("path", { class: kind, d: path(ys) })),
      s("text", { class: "tick", x: x(0) + 3, y: 13 }, label(high))),
    h("figcaption", null, caption));
}
