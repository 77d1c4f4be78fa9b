/** The controls of the map view: L and K, their copies, the picture, the plane. */

import { button, checkbox, segmented, select, textfield } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { copiesOf } from "../mathematics/models.js";
import { reachedFrom } from "./verdict.js";
import { presetsOf } from "./plane.js";
import { indexWords, readCopies, readVector, writeCopies } from "./scene.js";

const TYPES = { R: "real", C: "complex", H: "quaternionic" };

/** The pictures that the view shows. */
export const PICTURES = [["one", "one target"], ["every", "every target"], ["table", "all maps"]];

/** All controls in one row. */
export class Choices {
  /**
   * @param {object} app
   * @param {object} view  with turning, and turnToggled(on).
   */
  constructor(app, view) {
    this.app = app;
    const set = (patch) => app.set(patch);
    this.source = select({ label: "from L", options: [], onChange: (label) => set({ source: label, copy: null, v: null, plane: null }) });
    this.target = select({ label: "to K", options: [], onChange: (label) => set({ target: label, copy: null }) });
    this.sourceCopy = select({ label: "copy of L", options: [], onChange: (key) => this.#copies({ sourceCopy: key }) });
    this.targetCopy = select({ label: "copy of K", options: [], onChange: (key) => this.#copies({ targetCopy: key }) });
    this.swap = button({
      label: "\u21c4", title: "Exchange L and K", kind: "quiet",
      onClick: () => set({ source: this.target.value, target: this.source.value, copy: null, v: null, plane: null }),
    });
    this.swap.element.setAttribute("aria-label", "Exchange L and K");
    this.picture = segmented({ label: "picture", options: PICTURES, onChange: (key) => set({ picture: key === "one" ? null : key }) });
    this.shade = segmented({
      label: "colours", options: [["regions", "regions"], ["values", "values"]],
      onChange: (key) => set({ shade: key === view.shadeByDefault() ? null : key }),
    });
    this.plane = select({ label: "plane", options: [], onChange: (key) => set({ plane: key || null }) });
    this.turning = checkbox({ label: "dragging turns the plane", value: false, onChange: (on) => (view.turning = on) });
    this.flat = button({ label: "v into the plane", title: "Project v to the plane through the origin", onClick: () => view.flatten() });
    this.v = textfield({ label: "v", onChange: (text) => this.#typed(text) });
    this.v.element.classList.add("map-v");
    this.unit = checkbox({ label: "scale each to length 1", onChange: (on) => set({ unit: on ? "1" : null }) });
    this.element = h("div", { class: "controls map-controls" },
      this.source.element, this.sourceCopy.element, this.swap.element, this.target.element,
      this.targetCopy.element, this.v.element, this.picture.element, this.shade.element, this.plane.element,
      this.turning.element, this.flat.element, this.unit.element);
  }

  /** Move v to the numbers that were typed; say so if they are not a vector of L. */
  #typed(text) {
    const plain = text.replaceAll("\u2212", "-").replace(/[\s;()]+/g, " ").trim().replace(/\s*,\s*|\s+/g, ",");
    const v = readVector(plain, this.dimension);
    this.v.input.setAttribute("aria-invalid", String(!v));
    if (v) this.app.set({ v: plain });
    else this.app.announce(`v needs ${this.dimension} number${this.dimension === 1 ? "" : "s"}, with commas between them.`);
  }

  /** Show the numbers of v, unless they are being typed. */
  follow(text) {
    if (document.activeElement === this.v.input) return;
    this.v.input.removeAttribute("aria-invalid");
    this.v.value = text;
  }

  #copies(change) {
    this.app.set({ copy: writeCopies({ ...readCopies(this.app.state.copy), ...change }) });
  }

  /**
   * Show what the scene is.
   * @param {object} scene
   * @param {{picture: string, shade: string}} shown
   */
  update(scene, { picture, shade }) {
    this.dimension = scene.map.d;
    this.v.element.hidden = picture === "table";
    const words = (simple) => {
      const { label, dimension, type, multiplicity } = simple;
      const name = [label, indexWords(simple)].filter(Boolean).join(", ");
      return `${name} \u00b7 dim ${dimension}, ${TYPES[type] ?? type}${multiplicity > 1 ? `, ${multiplicity} copies` : ""}`;
    };
    const reached = reachedFrom(scene);
    this.source.setOptions(scene.simples.map((one) => [one.label, words(one)]), scene.source.label);
    this.target.setOptions(
      scene.simples.map((one) => [one.label, words(one) + (reached && !reached.has(one.place) ? " \u00b7 zero" : "")]),
      scene.target.label,
    );
    for (const [control, label, key] of [
      [this.sourceCopy, scene.source.label, scene.copies.sourceCopy],
      [this.targetCopy, scene.target.label, scene.copies.targetCopy],
    ]) {
      const list = copiesOf(scene.module, label);
      control.element.hidden = list.length < 2;
      control.setOptions(list.map((copy) => [copy.key, copy.name]), list.some((copy) => copy.key === key) ? key : "");
    }
    this.picture.value = picture;
    const single = picture === "one";
    const space = scene.map.d > 2 && picture !== "table";
    this.target.element.hidden = !single;
    this.swap.element.hidden = !single;
    this.targetCopy.element.hidden ||= !single;
    this.source.element.hidden = picture === "table";
    this.sourceCopy.element.hidden ||= picture === "table";
    this.shade.element.hidden = picture !== "one" || scene.map.d < 2 || !scene.regions;
    this.shade.value = shade;
    this.plane.element.hidden = !space;
    this.turning.element.hidden = !space;
    this.flat.element.hidden = !space;
    this.unit.element.hidden = picture !== "every";
    this.unit.value = this.app.state.unit === "1";
    if (space) this.#planes(scene);
  }

  #planes(scene) {
    const list = presetsOf(scene).map(({ key, words }) => [key, words]);
    const { name } = scene.plane;
    if (name === "hand") list.push(["hand", "turned by hand"]);
    this.plane.setOptions(list, name);
  }
}
