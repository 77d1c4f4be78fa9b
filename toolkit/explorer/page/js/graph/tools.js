/** The controls above the picture, and how to move in it. */
import { button, checkbox, segmented, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { percent } from "./panel.js";

const KEYS = [
  ["arrows", "along the edges, and along a row"],
  ["Enter", "select the simple, or open the box"],
  [", and .", "go through the lines at the box; Enter keeps one"],
  ["o", "open or close the box"],
  ["+ − 0", "zoom"],
  ["Shift + click", "choose for a closure; so does Shift + Enter"],
];

/**
 * Make the controls.
 * @param {object} app
 * @param {{onOpen: (which: "all"|"none") => void, zoomers: HTMLElement}} parts
 */
export function graphTools(app, { onOpen, zoomers }) {
  const threshold = slider({
    label: "Hide lines below",
    min: 0,
    max: 100,
    words: (v) => (v ? percent(thresholdAt(v)) : "0 %"),
    onChange: (v, done) =>
      app.set({ threshold: v ? thresholdAt(v).toPrecision(2) : null }, { replace: !done }),
  });
  const edges = segmented({
    label: "Edges",
    options: [["0", "every"], ["1", "not implied"]],
    onChange: (v) => app.set({ reduced: v }),
  });
  const openAll = button({ label: "Open all boxes", onClick: () => onOpen("all") });
  const closeAll = button({ label: "Close boxes", onClick: () => onOpen("none") });
  const choosing = checkbox({ label: "choose simples for a closure", value: false });
  choosing.element.title = "Or hold Shift or Control while choosing simples";
  const element = h(
    "div",
    { class: "controls graph-tools", role: "group", "aria-label": "The picture" },
    edges.element,
    openAll.element,
    closeAll.element,
    threshold.element,
    choosing.element,
    zoomers,
  );
  return {
    element,
    isChoosing: () => choosing.value,
    /** Bring the controls to what is drawn. */
    update(boxes, plan, model) {
      edges.value = boxes.isReduced ? "1" : "0";
      const focused = document.activeElement;
      const many = plan.twins.filter((c) => c.length > 1);
      const open = many.filter((c) => boxes.isOpen(c));
      openAll.element.hidden = many.length === 0 || open.length === many.length;
      closeAll.element.hidden = many.length === 0 || open.length === 0;
      if (focused === openAll.input && openAll.element.hidden) closeAll.input.focus();
      if (focused === closeAll.input && closeAll.element.hidden) openAll.input.focus();
      threshold.element.hidden = !model.hasShares;
      if (document.activeElement !== threshold.input) {
        threshold.value = sliderAt(Number(app.state.threshold) || 0);
      }
    },
  };
}

/** Return the keys of the picture, to be opened. */
export function keysWords() {
  const rows = KEYS.map(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)]);
  return h(
    "details",
    { class: "behind" },
    h("summary", null, "Keys in the picture"),
    h("dl", { class: "graph-keys" }, rows),
  );
}

/** The slider is logarithmic: from 0.1 % at 1 to 100 % at 100. */
function thresholdAt(value) {
  return 10 ** (-3 + (3 * (value - 1)) / 99);
}

function sliderAt(threshold) {
  if (!(threshold > 0)) return 0;
  return Math.round(1 + (99 * (Math.log10(Math.max(threshold, 0.001)) + 3)) / 3);
}
