/** Which boxes of twins are open, as the address says it. */
import { EVERY_EDGE_UP_TO, twinClasses } from "./plan.js";

/**
 * Read the keys `open` and `reduced` for a graph. Absent, they mean what the pictures of plrep show:
 * up to eight simples every one by itself and every edge; else twins in boxes, implied lines left
 * out.
 * @param {Record<string, string>} state
 * @param {import("./model.js").GraphModel} model
 * @returns {{isOpen: (members: number[]) => boolean, isReduced: boolean,
 *   toggled: (first: number|"all"|"none") => string|null}}  the state `open` after a change
 */
export function boxesOf(state, model) {
  const isSmall = model.labels.length <= EVERY_EDGE_UP_TO;
  const byDefault = isSmall ? "all" : "none";
  const text = state.open ?? byDefault;
  const named = new Set(text.split(","));
  const isOpen = ([first]) => text === "all" || named.has(model.labels[first]);
  const written = (value) => (value === byDefault ? null : value);
  return {
    isOpen,
    isReduced: state.reduced === undefined ? !isSmall : state.reduced === "1",
    toggled(which) {
      if (typeof which === "string") return written(which);
      const all = twinClasses(model.matrix, model.orders).filter((c) => c.length > 1);
      const open = all.filter((c) => (c.includes(which) ? !isOpen(c) : isOpen(c)));
      if (open.length === all.length) return written("all");
      return written(open.map(([first]) => model.labels[first]).join(",") || "none");
    },
  };
}
