/** Map: drag v in L and see f(<v, gw>) on the points, phi(v) in K, the regions and their matrices. */

import { h, replace } from "../ui/dom.js";
import { activationPanel } from "../ui/activation_picker.js";
import { heading } from "../ui/heading.js";
import { counted } from "../ui/plural.js";
import { hoverLinks, markLinks, moduleLink } from "../ui/links.js";
import { MAP_KEYS } from "../map/address.js";
import { ballPanel } from "../map/ball.js";
import { Choices, PICTURES } from "../map/choices.js";
import { everyPanel, fitEvery, linkEvery } from "../map/every.js";
import { exportsOf } from "../map/exports.js";
import { Facts, headline, reasons } from "../map/facts.js";
import { planeOf, split, writePlane } from "../map/plane.js";
import { pointsPanel } from "../map/points.js";
import { largest } from "../map/raster.js";
import { readVector, sceneOf, writeVector } from "../map/scene.js";
import { sourcePanel } from "../map/source.js";
import { kindOf, surfacePanel } from "../map/surface.js";
import { MapTable } from "../map/table.js";
import { targetPanel } from "../map/target.js";

const WRITE_EVERY = 150;

/** The view, mounted. */
class MapView {
  constructor(root, app) {
    Object.assign(this, { root, app, scene: null, moving: false, turning: false, shade: "regions" });
    this.head = h("div", null);
    this.sentence = h("p", { class: "lead map-sentence" });
    this.why = h("details", { class: "map-why" }, h("summary", null, "Why, part by part"), h("ul", null));
    this.problem = h("p", { class: "problem", hidden: true });
    this.choices = new Choices(app, this);
    this.facts = new Facts();
    this.table = new MapTable(app);
    this.panels = {
      source: sourcePanel(this), points: pointsPanel(this), target: targetPanel(this),
      ball: ballPanel(this), surface: surfacePanel(this), every: everyPanel(this),
    };
    this.grid = h("div", { class: "map-grid" },
      ["source", "target", "points", "ball", "surface", "every"].map((name) => this.panels[name].element),
      this.facts.element);
    this.behind = h("div", null);
    this.about = activationPanel(app, { open: false });
    replace(root, this.head, this.choices.element, this.problem, this.sentence, this.grid,
      this.table.element, this.why, this.behind, this.about.element);
    app.table(this.behind, () => exportsOf(this).table, "The numbers on the points as a table");
    this.themes = new MutationObserver(() => this.repaint());
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => this.repaint();
    this.scheme.addEventListener("change", this.onScheme);
    this.resized = new ResizeObserver(() => this.picture === "every" && this.scene && fitEvery(this.panels.every, this));
    this.resized.observe(this.grid);
    this.offHover = hoverLinks(app, root);
    this.update();
  }

  // -- what panels ask --

  /** The numbers <v, w_x>. */
  inner() {
    this.refresh();
    return this.before;
  }

  /** The numbers f(<v, w_x>). */
  after() {
    this.refresh();
    return this.later;
  }

  /** phi(v). */
  image() {
    this.refresh();
    return this.result;
  }

  unit() {
    return this.app.state.unit === "1";
  }

  shadeByDefault() {
    return this.scene?.regions ? "regions" : "values";
  }

  refresh() {
    const { scene } = this;
    if (this.known === scene.v && this.of === scene.map) return;
    const { map, v } = scene;
    Object.assign(this, { known: v, of: map });
    if (this.before?.length !== map.count) {
      this.before = new Float64Array(map.count);
      this.later = new Float64Array(map.count);
    }
    map.inner(v, this.before);
    for (let x = 0; x < map.count; x += 1) this.later[x] = map.activation.evaluate(this.before[x]);
    this.result = map.value(v);
  }

  // -- what panels tell --

  /** Move v; the numbers are those that the address can hold. */
  moveTo(v) {
    const { scene } = this;
    const text = writeVector(v, scene.radius);
    const next = readVector(text, scene.map.d);
    if (!next) return;
    const moved = scene.map.d > 2 && outside(next, scene).some((x, i) => Math.abs(x - outside(scene.v, scene)[i]) > 1e-3 * scene.radius);
    scene.v = next;
    this.pinned = null;
    if (moved) this.panels.source.stale();
    this.follow();
    this.write({ v: text });
  }

  /** Show another v for as long as the pointer is there; null: the one before. */
  preview(v) {
    if (v) this.pinned ??= this.scene.v;
    else if (!this.pinned) return;
    this.scene.v = v ?? this.pinned;
    if (!v) this.pinned = null;
    this.follow();
  }

  /** Turn the plane. */
  turnTo(frame) {
    const { scene } = this;
    const text = writePlane(frame);
    scene.plane = planeOf(text, scene, null);
    for (const one of scene.every ?? []) one.plane = scene.plane;
    this.moving = true;
    this.panels.source.stale();
    this.panels.ball.stale();
    this.follow();
    this.write({ plane: text });
  }

  /** Project v to the plane. */
  flatten() {
    const { scene } = this;
    const { a, b } = split(scene.v, scene.plane.frame);
    const [first, second] = scene.plane.frame;
    this.moveTo(first.map((x, i) => a * x + b * second[i]));
    this.panels.source.stale();
    this.settle(true);
  }

  /** A drag or a step has ended: draw finely, write the address, say what is there. */
  settle(aloud = false) {
    if (this.moving) {
      this.moving = false;
      this.panels.source.stale();
      this.panels.ball.stale();
    }
    this.writeNow();
    if (aloud) {
      clearTimeout(this.speaker);
      this.speaker = setTimeout(() => this.app.announce(
        `${this.facts.value.textContent}. ${this.facts.region.textContent}`), 400);
    }
  }

  /** The simple that is chosen in all views. */
  chosen() {
    return this.app.state.simple ?? null;
  }

  begin(source) {
    this.app.set({ source, copy: null, v: null, plane: null });
  }

  pick(target) {
    this.app.set({ target, picture: null, copy: null });
  }

  /** Draw what follows v. */
  follow() {
    const { panels } = this;
    for (const panel of Object.values(panels)) if (panel.shown) panel.request();
    this.choices.follow(writeVector(this.scene.v, this.scene.radius));
    if (this.picture === "one") this.facts.show(this.scene, this.image(), panels.source.theme);
  }

  /** Write the address, not more often than browsers like. */
  write(patch) {
    this.pending = { ...this.pending, ...patch };
    this.timer ??= setTimeout(() => this.writeNow(), WRITE_EVERY);
  }

  /** Write what is pending, unless the address has gone to another map meanwhile. */
  writeNow() {
    clearTimeout(this.timer);
    this.timer = null;
    const now = this.pending;
    this.pending = null;
    if (now && this.isOurs()) this.app.set(now, { replace: true });
  }

  /** Whether the address still names the map that is shown. */
  isOurs() {
    const { app, scene } = this;
    if (app.isAsking || app.record !== scene?.record || app.module !== scene.module) return false;
    return app.activation === scene.activation && this.settled.rest === restOf(app.state);
  }

  // -- the view's contract --

  update() {
    if (this.pending && this.isOurs()) return; // the address follows the pointer, and is behind
    this.pending = null;
    if (this.isShown()) return;
    const { app, panels } = this;
    replace(this.head, heading(app, "Map"));
    const before = this.scene;
    const found = this.found();
    this.problem.hidden = !found.problem;
    for (const part of [this.choices.element, this.sentence, this.grid, this.facts.element, this.why, this.behind, this.table.element]) {
      part.hidden = Boolean(found.problem);
    }
    if (found.problem) {
      replace(this.problem, found.problem, this.elsewhere());
      this.scene = null;
      markLinks(app, this.root);
      return;
    }
    this.scene = found;
    const wanted = app.state.picture;
    this.picture = PICTURES.some(([key]) => key === wanted) ? wanted : "one";
    const shade = ["regions", "values"].includes(app.state.shade) ? app.state.shade : this.shadeByDefault();
    this.shade = found.regions ? shade : "values";
    this.choices.update(found, this);
    this.about.update();
    this.words();
    this.arrange();
    markLinks(app, this.root);
    this.facts.stale();
    if (before !== found) this.known = null;
    for (const panel of Object.values(panels)) if (panel.shown) panel.stale();
    for (const one of found.every ?? []) one.plane = found.plane;
    this.follow();
  }

  /** Whether all that the address says is on the screen: so while v or the plane is dragged. */
  isShown() {
    const { app, scene } = this;
    const { v = "", plane = "" } = app.state;
    const before = this.settled;
    this.settled = { v, plane, rest: restOf(app.state), record: app.record, module: app.module, activation: app.activation };
    const same = (keys) => before && keys.every((key) => before[key] === this.settled[key]);
    if (!scene || !same(["rest", "record", "module", "activation"])) return false;
    const here = v === "" ? before.v === "" : writeVector(scene.v, scene.radius) === v;
    return here && (plane === before.plane || plane === scene.plane.text);
  }

  found() {
    try {
      return sceneOf(this.app, this.scene);
    } catch (error) {
      return { problem: error.message };
    }
  }

  /** Links to modules of the record that have maps. */
  elsewhere() {
    const others = (this.app.record?.modules ?? []).filter((one) => one.vectors && one.id !== this.app.module?.id);
    if (!others.length) return null;
    return [" Maps are here on ", others.slice(0, 6).map((one, i) => [i ? ", " : "", moduleLink(this.app, one.id, one.title)]), "."];
  }

  words() {
    const { scene } = this;
    const single = this.picture === "one";
    this.sentence.hidden = this.picture === "table";
    this.sentence.textContent = single ? headline(scene)
      : `${scene.source.label} \u2192 every simple of ${scene.module.title} through ${scene.activation.name}: point at v, or drag it.`;
    replace(this.why.querySelector("ul"), reasons(scene).map((words) => h("li", null, words)));
  }

  /** Show the panels that fit, and write their words. */
  arrange() {
    const { panels, scene, picture } = this;
    const { d, e } = scene.map;
    const single = picture === "one";
    const table = picture === "table";
    const kind = kindOf(scene);
    panels.source.shown = !table;
    panels.source.ratio = d === 1 ? 0.4 : 1;
    panels.target.shown = single;
    panels.points.shown = !table;
    panels.ball.shown = d > 2 && !table;
    panels.surface.shown = single && Boolean(kind) && !scene.verdict.zero;
    panels.every.shown = picture === "every";
    this.grid.hidden = table;
    this.grid.dataset.picture = picture;
    this.grid.dataset.panels = String(Object.values(panels).filter((panel) => panel.shown).length);
    this.table.element.hidden = !table;
    this.facts.element.hidden = !single;
    this.why.hidden = !single;
    this.behind.hidden = table;
    if (table) this.table.show(scene);
    const { source, target } = scene;
    panels.source.caption = { 1: `v on the line ${source.label}`, 2: `v in the plane ${source.label}` }[d] ?? `v in ${source.label}: the plane through it`;
    panels.source.note = this.wordsOfSource();
    panels.source.label = `v in ${source.label}. Arrow keys move v, with Shift by larger steps.`;
    panels.points.caption = `f(\u27e8v, gw\u27e9) on ${counted(scene.map.count, "point")}`;
    panels.points.note = "\u25cb \u27e8v, gw\u27e9  \u25ae f(\u27e8v, gw\u27e9): orange above 0, blue below";
    panels.points.label = `The function on ${scene.map.count} points before and after ${scene.activation.name}; the numbers are in the table below.`;
    panels.target.caption = `\u03c6(v) in ${target.label}`;
    panels.target.note = d === 1 ? "" : e <= 3 ? `Blue: the image of the circle through v${d > 2 ? " in the plane" : ""}.${e === 3 ? " Drag to turn." : ""}` : "Coordinates.";
    panels.target.label = `phi of v in ${target.label}${e === 3 ? ". Arrow keys turn the space." : ""}`;
    panels.ball.caption = d === 3 ? `The sphere in ${source.label}` : "The sphere of three directions";
    panels.ball.note = "Drag to turn it and the plane beside it, or drag v on it.";
    panels.ball.label = `The sphere of ${source.label}. Arrow keys turn it and the plane.`;
    if (kind) {
      panels.surface.caption = kind.title(scene);
      panels.surface.note = kind.words(scene);
      panels.surface.label = `${kind.title(scene)}. Arrow keys turn it.`;
    }
    if (picture === "every") fitEvery(panels.every, this);
    if (picture === "every") linkEvery(panels.every, this);
    panels.every.note = `${d === 1 ? "" : "Blue: the image of the circle through v; to dimension 1 the values once round it. "}`
      + (this.unit() ? `Each is divided by its largest length ${d === 1 ? "where |v| is as drawn" : "on the circle"}; the numbers are \u03c6(v) itself. ` : "")
      + "Choose one to look closer, with Shift to start from it.";
  }

  wordsOfSource() {
    const { scene } = this;
    const { d } = scene.map;
    if (d === 1) return "Drag v. Marks: where the map breaks.";
    if (scene.verdict.zero) return "Drag v: \u03c6(v) = 0.";
    const lines = scene.breaks?.normals.length ? " Lines: where \u03c6 breaks." : "";
    return `Drag v.${lines} ${this.wordsOfColours()}`;
  }

  wordsOfColours() {
    const { scene } = this;
    if (this.shade === "regions") return "Colour, hatching and letter: the orbit of the region under G.";
    const size = largest(scene).toPrecision(3);
    return scene.map.e === 1 ? `Blue to orange: values from \u2212${size} to ${size}.` : `Colour: lengths up to ${size}.`;
  }

  repaint() {
    for (const panel of Object.values(this.panels)) panel.repaint();
    if (!this.scene) return;
    this.table.repaint(this.scene);
    this.facts.stale();
    this.follow();
  }

  exports() {
    return exportsOf(this);
  }

  destroy() {
    clearTimeout(this.timer);
    clearTimeout(this.speaker);
    this.offHover();
    this.about.destroy();
    this.themes.disconnect();
    this.resized.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
    for (const panel of Object.values(this.panels)) panel.destroy();
  }
}

/** What the address says beside v and the plane. */
function restOf({ v, plane, ...rest }) {
  return JSON.stringify(rest);
}

function outside(v, { plane }) {
  return split(v, plane.frame).rest;
}

/** @type {import("../app.js").View} */
export default {
  id: "map",
  title: "Map",
  uses: ["module", "activation"],
  keys: MAP_KEYS,
  mount: (root, app) => new MapView(root, app),
};
