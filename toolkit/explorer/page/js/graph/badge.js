/** The small number at a box: the layer of a closure, or how many members are in it. */
import { replace, s } from "../ui/dom.js";

/**
 * Write or remove the badge of a box.
 * @param {Element} element  of the box
 * @param {{x: number, y: number, w: number}} box
 * @param {string|null} text  null: no badge
 */
export function drawBadge(element, box, text) {
  const place = element.querySelector(".badge");
  if ((place.textContent ?? "") === (text ?? "")) return;
  if (!text) {
    replace(place);
    return;
  }
  const width = 10 + 7 * text.length;
  const [x, y] = [box.x - box.w / 2 - width + 4, box.y - 8.5];
  replace(
    place,
    s("rect", { x, y, width, height: 17, rx: 8.5 }),
    s("text", { x: x + width / 2, y: y + 12.5 }, text),
  );
}
