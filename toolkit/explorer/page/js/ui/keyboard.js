/** Keys of the page: single letters act only outside fields, and can be turned off. */

const KEY = "plrep-keys";
/** Milliseconds after which a browser takes a letter in a list as the first one again. */
const CHOOSING = 1000;
let chosenAt = 0;

/**
 * Listens for keys.
 * @param {Record<string, (event: KeyboardEvent) => void>} actions by `event.key`
 */
export function listenToKeys(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target instanceof HTMLSelectElement) {
      event.target.blur();
      return;
    }
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) {
      if (event.key.length === 1) typing(event.target, event.key);
      return;
    }
    if (event.key !== "Escape" && (typing(event.target, event.key) || !keysAreOn())) return;
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

/** Whether a key belongs to the element that has the focus. */
function typing(target, key) {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLSelectElement) return choosing(target, key);
  return target.closest(
    "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, " +
      "[contenteditable], [role=slider], [role=combobox]",
  ) !== null;
}

/** In a list a key chooses where an entry begins with it, or where it follows such a key at once. */
function choosing(list, key) {
  const now = Date.now();
  const begins = [...list.options].some((one) => one.text.toLowerCase().startsWith(key.toLowerCase()));
  if (!begins && now - chosenAt > CHOOSING) return false;
  chosenAt = now;
  return true;
}
