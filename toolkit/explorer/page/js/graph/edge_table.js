/** The table of edges below the picture: it says which of them the picture shows. */
import { h } from "../ui/dom.js";
import { counted } from "../ui/plural.js";
import { edgeTable } from "./code.js";
import { partsWord } from "./explain.js";

const DIGITS = 6;
/** Milliseconds that an open table waits while the threshold is dragged. */
const PAUSE = 250;

/**
 * Make the place of the table.
 * @param {object} app
 * @returns {{element: HTMLElement, clear: () => void,
 *   renew: (model: import("./model.js").GraphModel,
 *     shown: (source: number, target: number) => string) => void}}
 */
export function edgeTablePlace(app) {
  const element = h("div");
  let waiting = null;

  function put(model, shown, isOpen) {
    element.replaceChildren();
    const words = `The ${counted(model.edges.length, "edge")} as a table (${partsWord(model.activation)})`;
    app.table(element, () => edgeTable(model, shown, { digits: DIGITS }), words).open = isOpen;
  }

  return {
    element,
    clear() {
      clearTimeout(waiting);
      element.replaceChildren();
    },
    renew(model, shown) {
      clearTimeout(waiting);
      const before = element.querySelector("details");
      if (!before?.querySelector("table")) put(model, shown, Boolean(before?.open));
      else waiting = setTimeout(() => put(model, shown, before.open), PAUSE);
    },
  };
}
