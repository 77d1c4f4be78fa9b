/** Keys of the page: single letters act only outside fields, and can be turned off. */

const KEY = "plrep-keys";

/**
 * Listens for keys.
 * @param {Record<string, (event: KeyboardEvent) => void>} actions by `event.key`
 */
export function listenToKeys(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    if (event.key !== "Escape" && (typing(event.target) || !keysAreOn())) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key !== "Escape") event.preventDefault();
    action(event);
  });
}

/** Whether single keys act. */
export function keysAreOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

/** Turns single keys on or off. */
export function setKeys(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // not remembered where the browser refuses
  }
}

function typing(target) {
  return target instanceof Element && target.closest(
    "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, " +
      "[contenteditable], [role=slider], [role=combobox]",
  ) !== null;
}
