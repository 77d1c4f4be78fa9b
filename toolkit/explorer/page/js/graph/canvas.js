/** The stage of the picture: the SVG, its legend, pointer and keys. */
import { button } from "../ui/controls.js";
import { h, perFrame, s } from "../ui/dom.js";
import { drawLegend } from "./legend.js";
import { Picture } from "./picture.js";
import { boxAfter, pairsAt } from "./steps.js";
import { viewport } from "./viewport.js";

/**
 * Make the stage.
 * @param {{onSimple: (box: number, event: Event) => void, onPair: (pair: [number, number]) => void,
 *   onNothing: () => void, onPeek: (what: {box?: number, pair?: [number, number]}|null) => void,
 *   onToggle: (box: number) => void}} actions
 */
export function stage(actions) {
  const world = s("g");
  const svg = s("svg", { class: "graph-svg", role: "group", "aria-label": "Interaction graph" }, world);
  const legendGroup = s("g");
  const legend = s("svg", { class: "graph-legend", role: "img", "aria-label": "Legend" }, legendGroup);
  const view = viewport(svg, world);
  const drawn = new Picture(world);
  const zoomers = h(
    "div",
    { class: "graph-zoom", role: "group", "aria-label": "Zoom" },
    [
      ["−", "Smaller (key -)", () => view.zoom(1 / 1.4)],
      ["+", "Larger (key +)", () => view.zoom(1.4)],
      ["⤢", "All of it (key 0)", () => view.reset()],
    ].map(([label, title, onClick]) => {
      const made = button({ label, title, onClick });
      made.input.setAttribute("aria-label", title);
      return made.element;
    }),
  );
  const element = h("figure", { class: "graph-stage" }, svg, legend);
  let focused = -1;
  let stepped = -1;

  const boxAt = (target) => drawn.elements.indexOf(target.closest?.(".graph-box"));

  const peek = perFrame((event) => {
    const box = boxAt(event.target);
    if (box >= 0) actions.onPeek({ box });
    else {
      const line = lineUnder(event);
      actions.onPeek(line ? { pair: line.pair } : null);
      svg.classList.toggle("on-line", line !== null);
    }
  });

  function lineUnder(event) {
    const [x, y] = view.pointAt(event);
    return drawn.lineAt(x, y, (event.pointerType === "touch" ? 16 : 8) / view.scale());
  }

  svg.addEventListener("pointermove", (event) => event.pointerType !== "touch" && peek(event));
  svg.addEventListener("pointerleave", () => actions.onPeek(null));
  svg.addEventListener("click", (event) => {
    if (view.isMoving() && event.detail !== 0) return;
    const box = boxAt(event.target);
    if (event.target.closest(".toggle")) actions.onToggle(box);
    else if (box >= 0) actions.onSimple(box, event);
    else {
      const line = lineUnder(event);
      if (line) actions.onPair(line.pair);
      else actions.onNothing();
    }
  });
  svg.addEventListener("dblclick", (event) => {
    const box = boxAt(event.target);
    if (box < 0) view.zoom(1.8, view.pointAt(event));
  });
  svg.addEventListener("focusin", (event) => {
    const box = boxAt(event.target);
    if (box < 0) return;
    focusable(box);
    stepped = -1;
    actions.onPeek({ box });
    view.reveal(drawn.boxes[box].x, drawn.boxes[box].y);
  });
  svg.addEventListener("focusout", () => actions.onPeek(null));
  svg.addEventListener("keydown", (event) => {
    const box = boxAt(event.target);
    if (box < 0 || event.altKey || event.ctrlKey || event.metaKey) {
      if (box >= 0 && event.key === "Enter") actions.onSimple(box, event);
      return;
    }
    if (!act(event, box)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  function act(event, box) {
    const { key } = event;
    if (key.startsWith("Arrow") || key === "Home" || key === "End") focus(boxAfter(drawn, box, key));
    else if (key === "Enter" || key === " ") {
      if (stepped >= 0) actions.onPair(pairsAt(drawn, box)[stepped]);
      else actions.onSimple(box, event);
    } else if (key === "o") actions.onToggle(box);
    else if (key === "," || key === ".") step(box, key === "." ? 1 : -1);
    else if (key === "+" || key === "=") view.zoom(1.4, centre(box));
    else if (key === "-") view.zoom(1 / 1.4, centre(box));
    else if (key === "0") view.reset();
    else return false;
    return true;
  }

  const centre = (box) => [drawn.boxes[box].x, drawn.boxes[box].y];

  /** Go through the lines at a box. */
  function step(box, way) {
    const pairs = pairsAt(drawn, box);
    if (!pairs.length) return;
    stepped = stepped < 0 && way < 0 ? pairs.length - 1 : (stepped + way + pairs.length) % pairs.length;
    actions.onPeek({ pair: pairs[stepped] });
  }

  function focusable(box) {
    drawn.elements[focused]?.setAttribute("tabindex", "-1");
    focused = box;
    drawn.elements[box]?.setAttribute("tabindex", "0");
  }

  function focus(box) {
    focusable(box);
    drawn.elements[box]?.focus({ preventScroll: false });
  }

  return {
    element,
    zoomers,
    svg,
    drawn,
    view,
    /** Forget the box in the tab order; the first one takes its place. */
    restart(members) {
      const again = drawn.boxes.findIndex((b) => members?.some((m) => b.members.includes(m)));
      focused = -1;
      focusable(again >= 0 ? again : (drawn.readingOrder[0] ?? -1));
    },
    focus,
    legend(what, width) {
      const height = drawLegend(legendGroup, what, width);
      legend.setAttribute("viewBox", `0 0 ${Math.round(width)} ${Math.round(height)}`);
      legend.setAttribute("width", Math.round(width));
      legend.setAttribute("height", Math.round(height));
    },
    /** Return a picture with title and legend, for a file; it stands in a hidden place of the page. */
    forFile(title, place) {
      const width = Math.max(drawn.size.width, 420);
      const height = drawLegend(legendGroup, this.lastLegend ?? { types: new Set(), kinds: new Set(), captions: [] }, width - 24);
      const copy = world.cloneNode(true);
      copy.setAttribute("transform", `translate(${(width - drawn.size.width) / 2} 40)`);
      const below = legendGroup.cloneNode(true);
      below.setAttribute("transform", `translate(14 ${drawn.size.height + 58})`);
      const total = drawn.size.height + height + 70;
      const made = s(
        "svg",
        { class: "graph-svg", width, height: total, viewBox: `0 0 ${width} ${total}` },
        s("text", { class: "label", x: 14, y: 24, style: "font-size: 16px; text-anchor: start" }, title),
        copy,
        s("g", { class: "graph-legend" }, below),
      );
      place.replaceChildren(made);
      return made;
    },
  };
}
