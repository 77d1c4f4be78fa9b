/** The legend below the picture. */
import { s } from "../ui/dom.js";
import { dashArray, LINES, lineWidth, TYPES } from "./marks.js";

const ROW = 19;
const LETTER = 6.2;

/**
 * Fill a group with the legend of a picture.
 * @param {SVGGElement} group
 * @param {{types: Set<string>, kinds: Set<string>, hasShares: boolean, captions: string[],
 *   isClosed: boolean}} what
 * @param {number} width  room
 * @returns {number}  its height
 */
export function drawLegend(group, what, width) {
  const items = [];
  for (const [key, words] of Object.entries(TYPES)) {
    if (what.types.has(key)) items.push(typeItem(key, `${key} ${words}`));
  }
  for (const [kind, { words }] of Object.entries(LINES)) {
    if (what.kinds.has(kind)) items.push(lineItem(kind, 1.8, words));
  }
  if (what.hasShares && what.kinds.size) {
    for (const share of [0.02, 0.1, 0.5]) {
      const words = `${100 * share} %${share === 0.5 ? " of the energy" : ""}`;
      items.push(lineItem("even", lineWidth(share), words, 26));
    }
  }
  if (what.isClosed) items.push({ words: "number at a box: layer of the closure", mark: [], room: 0 });
  for (const text of what.captions) {
    for (const words of wrapped(text, Math.floor(width / LETTER))) items.push({ words, mark: [], room: 0 });
  }
  group.replaceChildren();
  let [x, y] = [0, 10];
  for (const { words, mark, room } of items) {
    const size = room + LETTER * words.length;
    if (x > 0 && x + size > width) {
      x = 0;
      y += ROW;
    }
    group.append(
      s("g", { transform: `translate(${Math.round(x)} ${y})` }, mark, s("text", { x: room, y: 4 }, words)),
    );
    x += size + 18;
  }
  return y + 12;
}

/** Break a text into lines of at most so many letters. */
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function typeItem(type, words) {
  return {
    words,
    mark: s("g", { class: `graph-type type-${type}` }, s("rect", { class: "body", x: 0, y: -6, width: 14, height: 12, rx: 3 })),
    room: 20,
  };
}

function lineItem(kind, width, words, length = 34) {
  const style = LINES[kind].faint ? "faint" : null;
  return {
    words,
    mark: s(
      "g",
      { class: "graph-lines" },
      s("g", { class: style }, s("path", { d: `M0 0H${length - 6}`, "stroke-width": width, "stroke-dasharray": dashArray(kind, width) })),
    ),
    room: length,
  };
}
