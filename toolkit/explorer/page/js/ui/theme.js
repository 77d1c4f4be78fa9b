/** Light and dark: as the system says, or as the user chose. */

const KEY = "plrep-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };

/** The user's choice: "auto", "light" or "dark". */
export function theme() {
  return document.documentElement.dataset.theme ?? "auto";
}

/**
 * Chooses, and remembers the choice where the browser allows it.
 * @param {"auto"|"light"|"dark"} choice
 */
export function setTheme(choice) {
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
  else delete document.documentElement.dataset.theme;
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // private windows may refuse: the choice then holds for this page
  }
}

/** Applies the remembered choice. */
export function restoreTheme() {
  try {
    setTheme(localStorage.getItem(KEY) ?? "auto");
  } catch {
    // nothing remembered
  }
}

/** Goes to the next choice and returns it. */
export function nextTheme() {
  setTheme(NEXT[theme()]);
  return theme();
}

/**
 * Runs something while the page has its light colours; nothing is painted in between.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
export function inLight(work) {
  const before = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  try {
    return work();
  } finally {
    if (before === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = before;
  }
}
