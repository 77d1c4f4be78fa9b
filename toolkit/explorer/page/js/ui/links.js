/** Links that choose a simple, a normal subgroup or a module everywhere. */

import { h } from "./dom.js";
import { moduleWords } from "./plural.js";

const KEYS = ["simple", "normal", "module"];
const TYPES = { R: "real", C: "complex", H: "quaternionic" };

/**
 * A link that chooses a simple, or no longer chooses it.
 * @param {object} app
 * @param {string} label "L2"
 * @returns {HTMLElement}
 */
export function simpleLink(app, label) {
  const simple = app.record?.simples?.find((one) => one.label === label);
  if (!simple) return h("span", null, label);
  const words = `${TYPES[simple.type]}, dimension ${simple.dimension}`;
  return h("a", { class: `ref ref-simple type-${simple.type}`, title: `${label}: ${words}`,
    dataset: { simple: label } }, label);
}

/**
 * A link that chooses a normal subgroup.
 * @param {object} app
 * @param {string|null} label "N1"
 * @returns {HTMLElement|string}
 */
export function normalLink(app, label) {
  const normal = app.record?.normal?.find((one) => one.label === label);
  if (!normal) return label ?? "";
  const words = normal.structure ? `order ${normal.order}, ${normal.structure}` : `order ${normal.order}`;
  return h("a", { class: "ref ref-normal", title: `${label}: ${words}`, dataset: { normal: label } }, label);
}

/**
 * A link that chooses a module.
 * @param {object} app
 * @param {string} id "H4a"
 * @returns {HTMLElement|string}
 */
export function moduleLink(app, id, words = id) {
  const module = app.record?.modules?.find((one) => one.id === id);
  if (!module) return words;
  return h("a", { class: "ref ref-module", title: moduleWords(module),
    dataset: { module: id } }, words);
}

/**
 * Text in which labels of simples and normal subgroups are links.
 * @param {object} app
 * @param {string} text "L0 + 2 L3"
 * @returns {Array<Node|string>}
 */
export function linked(app, text) {
  return text.split(/(\b[LN]\d+\b)/).map((part, i) => {
    if (i % 2 === 0) return part;
    return part.startsWith("L") ? simpleLink(app, part) : normalLink(app, part);
  });
}

/**
 * Marks what is chosen among the links inside an element, and renews their addresses.
 * @param {object} app
 * @param {Element} root
 */
export function markLinks(app, root) {
  for (const key of KEYS) {
    const chosen = key === "module" ? app.module?.id : app.state[key];
    for (const link of root.querySelectorAll(`a[data-${key}]`)) {
      const on = link.dataset[key] === chosen;
      link.classList.toggle("selected", on);
      if (on) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.href = app.href({ [key]: on && key !== "module" ? null : link.dataset[key] });
    }
  }
}

/**
 * Lets links inside an element say where the pointer or the focus is.
 * @param {object} app
 * @param {Element} root
 * @returns {() => void} stops it
 */
export function hoverLinks(app, root) {
  const enter = (event) => {
    const link = event.target.closest?.("a[data-simple], a[data-normal]");
    if (!link) return;
    const { simple, normal } = link.dataset;
    app.hover(simple ? { simple } : { normal });
  };
  const leave = (event) => event.target.closest?.("a[data-simple], a[data-normal]") && app.hover(null);
  root.addEventListener("pointerover", enter);
  root.addEventListener("focusin", enter);
  root.addEventListener("pointerout", leave);
  root.addEventListener("focusout", leave);
  return app.onHover((what) => {
    for (const key of ["simple", "normal"]) {
      for (const link of root.querySelectorAll(`a[data-${key}]`)) {
        link.classList.toggle("hovered", what?.[key] === link.dataset[key]);
      }
    }
  });
}
