/**
 * Controls with their labels. Each maker returns `{element, input, value}`: put `element` into
 * the page, read or set `value`; setting it does not call `onChange`.
 */

import { h } from "./dom.js";

let count = 0;

/**
 * A list to choose from.
 * @param {{label: string, options: Array<[string, string]>, value?: string, hidden?: boolean,
 *   onChange?: (value: string) => void}} given options as [value, words]; hidden hides the label
 */
export function select({ label, options, value, hidden, onChange }) {
  const input = h("select", { onchange: () => onChange?.(input.value) });
  const made = labelled(label, input, hidden);
  made.setOptions = (list, chosen) => {
    input.replaceChildren(...list.map(([key, words]) => h("option", { value: key }, words)));
    if (chosen !== undefined) input.value = chosen;
  };
  made.setOptions(options, value);
  return made;
}

/**
 * A box to tick.
 * @param {{label: string, value?: boolean, onChange?: (value: boolean) => void}} given
 */
export function checkbox({ label, value, onChange }) {
  const input = h("input", { type: "checkbox", onchange: () => onChange?.(input.checked) });
  const element = h("label", { class: "control check" }, input, h("span", null, label));
  const made = { element, input };
  Object.defineProperty(made, "value", {
    get: () => input.checked,
    set: (given) => (input.checked = Boolean(given)),
  });
  made.value = value;
  return made;
}

/**
 * A slider with its number beside it. `onChange(value, done)` is called with done false while
 * the user drags, and true at the end.
 * @param {{label: string, min: number, max: number, step?: number, value?: number,
 *   words?: (value: number) => string, onChange?: (value: number, done: boolean) => void}} given
 */
export function slider({ label, min, max, step = 1, value = min, words = String, onChange }) {
  const shown = h("output", { class: "slider-value" });
  const input = h("input", {
    type: "range", min, max, step,
    oninput: () => (show(), onChange?.(input.valueAsNumber, false)),
    onchange: () => (show(), onChange?.(input.valueAsNumber, true)),
  });
  const show = () => {
    shown.textContent = words(input.valueAsNumber);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  const made = labelled(label, input, false, show);
  made.element.append(shown);
  made.value = value;
  return made;
}

/**
 * A field for a number; what is not a number in the range is not passed on.
 * @param {{label: string, min?: number, max?: number, step?: number|"any", value?: number,
 *   onChange?: (value: number) => void}} given
 */
export function number({ label, min, max, step = 1, value, onChange }) {
  const input = h("input", {
    type: "number", min, max, step, inputmode: "decimal",
    onchange: () => input.value !== "" && input.checkValidity() && onChange?.(input.valueAsNumber),
  });
  const made = labelled(label, input);
  if (value !== undefined) made.value = value;
  return made;
}

/**
 * A field for text; `onChange` comes at Enter or when the field is left.
 * @param {{label: string, value?: string, placeholder?: string, suggestions?: string[],
 *   hidden?: boolean, onChange?: (value: string) => void}} given
 */
export function textfield({ label, value = "", placeholder, suggestions, hidden, onChange }) {
  const input = h("input", {
    type: "text", placeholder, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    onchange: () => onChange?.(input.value.trim()),
  });
  const made = labelled(label, input, hidden);
  if (suggestions) {
    const list = h("datalist", { id: `list-${(count += 1)}` });
    list.append(...suggestions.map((one) => h("option", { value: one })));
    input.setAttribute("list", list.id);
    made.element.append(list);
  }
  made.value = value;
  return made;
}

/**
 * A button.
 * @param {{label: string, title?: string, kind?: "plain"|"primary"|"quiet", pressed?: boolean,
 *   onClick: (event: Event) => void}} given pressed makes it a switch
 */
export function button({ label, title, kind = "plain", pressed, onClick }) {
  const input = h("button", {
    type: "button", class: `button ${kind}`, title,
    "aria-pressed": pressed === undefined ? null : String(pressed), onclick: onClick,
  }, label);
  return { element: input, input };
}

/**
 * A few choices side by side, one of them on (radio buttons).
 * @param {{label: string, options: Array<[string, string]>, value?: string,
 *   onChange?: (value: string) => void}} given
 */
export function segmented({ label, options, value, onChange }) {
  const name = `segment-${(count += 1)}`;
  const inputs = options.map(([key]) => h("input", {
    type: "radio", name, value: key, onchange: () => onChange?.(key),
  }));
  const element = h("fieldset", { class: "control segmented" },
    h("legend", null, label),
    options.map(([, words], i) => h("label", null, inputs[i], h("span", null, words))));
  const made = { element, input: inputs[0], inputs };
  Object.defineProperty(made, "value", {
    get: () => inputs.find((one) => one.checked)?.value,
    set: (given) => inputs.forEach((one) => (one.checked = one.value === given)),
  });
  made.value = value ?? options[0]?.[0];
  return made;
}

function labelled(label, input, hidden = false, changed = null) {
  input.id = `control-${(count += 1)}`;
  const words = h("label", { for: input.id, class: hidden ? "visually-hidden" : null }, label);
  const element = h("div", { class: "control" }, words, input);
  const made = { element, input };
  Object.defineProperty(made, "value", {
    get: () => (input.type === "range" || input.type === "number" ? input.valueAsNumber : input.value),
    set: (given) => {
      input.value = given;
      changed?.();
    },
  });
  return made;
}
