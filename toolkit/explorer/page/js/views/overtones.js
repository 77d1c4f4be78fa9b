/** Overtones: a wave on n points, what an activation makes of it, and which frequencies appear. */

import { clean } from "../catalog/plot_data.js";
import { between, oneOf } from "../checks.js";
import { exportsOf } from "../overtones/exports.js";
import { framesOf, legend, percent, picture, SILENT } from "../overtones/picture.js";
import { folded, occurringByDepth, rules } from "../overtones/frequencies.js";
import { ring } from "../overtones/ring.js";
import { tone } from "../overtones/sound.js";
import { bent, FINE, fourier, meanSquare, onCircle } from "../overtones/wave.js";
import { activationPanel } from "../ui/activation_picker.js";
import { button, number, segmented, slider } from "../ui/controls.js";
import { h, perFrame, replace } from "../ui/dom.js";
import { heading } from "../ui/heading.js";
import { math } from "../ui/math.js";

const MOST_POINTS = 360;
const MOST_DEPTH = 12;
const BETWEEN = [["none", "as it is"], ["energy", "scaled"], ["mean", "scaled, no mean"]];
const WIDEST = 1344;
/** Shares below this are the rounding of floats. */
const NOISE = 1e-24;

/** @type {import("../app.js").View} */
export default {
  id: "overtones",
  title: "Overtones",
  uses: ["activation"],
  keys: {
    n: within("n", 2, () => MOST_POINTS, { whole: true }),
    k: within("k", 0, (shown) => Math.floor(shown.n / 2), { whole: true }),
    amp: within("amplitude", 0.01, () => 4),
    phase: within("phase", -360, () => 360),
    depth: within("depth", 1, () => MOST_DEPTH, { whole: true }),
    between: oneOf(BETWEEN.map(([key]) => key), "the waves are scaled"),
    bars: oneOf(["linear", "log"], "the bars are linear"),
  },
  mount(root, app) {
    const view = new OvertonesView(root, app);
    view.update();
    return {
      view,
      update: () => view.update(),
      exports: () => view.exports(),
      destroy: () => view.destroy(),
    };
  },
};

/** The check of a number: what is beyond its bounds is shown as the nearest within. */
function within(key, least, mostOf, options) {
  return (text, app) => {
    const shown = app.shown?.part?.view?.shown;
    return shown ? between(least, mostOf(shown), `shown is ${shown[key]}`, options)(text, app) : null;
  };
}

class OvertonesView {
  constructor(root, app) {
    this.app = app;
    this.width = 0;
    this.chosen = null;
    this.title = h("div");
    this.lead = h("p", { class: "overtones-lead" });
    this.beyond = h("p", { class: "overtones-beyond", role: "status", hidden: true });
    this.place = h("div", { class: "overtones-place" });
    this.said = h("p", { class: "overtones-said", "aria-live": "polite" });
    this.rule = h("div", { class: "overtones-rule" });
    this.key = h("div");
    this.ringPlace = h("div", { class: "overtones-ring-place" });
    this.panel = activationPanel(app, { open: innerWidth > 700 });
    this.sound = tone();
    this.controls();
    root.append(this.title, this.lead, this.bar, this.beyond, this.place, this.said, this.key,
      h("div", { class: "overtones-below" }, h("div", null, this.rule, this.ringPlace), this.panel.element));
    app.table(root, () => this.table(), "The frequencies as a table");
    this.listen();
    this.watch = new ResizeObserver(perFrame(() => this.resized()));
    this.watch.observe(this.place);
  }

  controls() {
    const set = (patch, done = true) => this.app.set(patch, { replace: !done });
    this.fields = {
      n: number({ label: "Points n", min: 2, max: MOST_POINTS }),
      k: slider({ label: "Frequency k", min: 0, max: 8, onChange: (k, done) => set({ k }, done) }),
      amp: slider({ label: "Amplitude A", min: 0.1, max: 4, step: 0.05,
        onChange: (amp, done) => set({ amp: amp.toFixed(2) }, done) }),
      phase: slider({ label: "Phase", min: 0, max: 359, words: (x) => `${x}°`,
        onChange: (phase, done) => set({ phase }, done) }),
      depth: slider({ label: "f applied", min: 1, max: MOST_DEPTH,
        words: (x) => (x === 1 ? "once" : `${x} times`), onChange: (depth, done) => set({ depth }, done) }),
      between: segmented({ label: "Between layers", options: BETWEEN, onChange: (between) => set({ between }) }),
      bars: segmented({ label: "Bars", options: [["linear", "linear"], ["log", "log"]],
        onChange: (bars) => set({ bars }) }),
    };
    this.fields.n.input.addEventListener("change", () => this.setPoints(this.fields.n.input));
    this.listenButton = button({ label: "Listen", title: "One period of f of the wave, as a tone", pressed: false,
      onClick: () => this.toggleSound() });
    const { n, k, amp, phase, depth, between, bars } = this.fields;
    this.bar = h("div", { class: "controls overtones-controls", role: "group", "aria-label": "The wave" },
      n.element, k.element, amp.element, phase.element, depth.element, between.element, bars.element,
      h("div", { class: "control" }, this.listenButton.element));
  }

  /** Sets n, and k with it; what is no number of points becomes the nearest that is, and a sentence. */
  setPoints(input) {
    const given = input.value.trim() === "" ? NaN : input.valueAsNumber;
    const n = Number.isFinite(given) ? Math.min(MOST_POINTS, Math.max(2, Math.round(given))) : this.shown.n;
    const words = n === given ? "" : `n is a whole number from 2 to ${MOST_POINTS}: shown is ${n}.`;
    input.value = String(n);
    this.beyond.textContent = words;
    this.beyond.hidden = words === "";
    const most = Math.floor(n / 2);
    this.app.set({ n, ...(Number(this.app.state.k) > most ? { k: most } : {}) });
  }

  /** Dragging the wave: up and down its amplitude, left and right its phase. */
  listen() {
    let start = null;
    this.place.addEventListener("pointerdown", (event) => {
      const { x, y } = this.inside(event);
      const { left, top, width, height } = framesOf(this.width).wave;
      if (event.button !== 0 || x < left || x > left + width || y < top || y > top + height) return;
      start = { ...this.inside(event), ...this.reading() };
      this.place.setPointerCapture(event.pointerId);
      this.place.classList.add("dragged");
      event.preventDefault();
    });
    this.place.addEventListener("pointermove", (event) => {
      if (start) this.drag(start, this.inside(event));
      else this.choose(event.target.closest?.(".bar")?.dataset.frequency ?? null);
    });
    const end = () => {
      if (start) this.app.set({ ...this.written() });
      start = null;
      this.place.classList.remove("dragged");
    };
    this.place.addEventListener("pointerup", end);
    this.place.addEventListener("pointercancel", end);
    this.place.addEventListener("pointerleave", () => this.choose(null));
    this.place.addEventListener("click", (event) => {
      const frequency = event.target.closest?.(".bar")?.dataset.frequency;
      const label = frequency === undefined ? null : this.labelOf(Number(frequency));
      if (label) this.app.set({ simple: label === this.app.state.simple ? null : label });
    });
  }

  inside(event) {
    const box = this.place.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  drag(start, now) {
    const { width } = framesOf(this.width).wave;
    const turned = start.phase - Math.max(1, start.k) * ((now.x - start.x) / width) * 360;
    const grown = start.amplitude * Math.exp((start.y - now.y) / 160);
    const amp = Math.min(4, Math.max(0.1, grown)).toFixed(2);
    this.app.set({ phase: ((Math.round(turned) % 360) + 360) % 360, amp }, { replace: true });
  }

  written() {
    const { amp, phase } = this.app.state;
    return { amp, phase };
  }

  /** What the state asks for, within its bounds. */
  reading() {
    const { state } = this.app;
    const value = (key, least, most, otherwise) => {
      const x = Number(state[key] ?? NaN);
      return Number.isFinite(x) ? Math.min(most, Math.max(least, x)) : otherwise;
    };
    const own = cyclicOrder(this.app.record);
    const n = Math.round(value("n", 2, MOST_POINTS, own && own >= 2 && own <= MOST_POINTS ? own : 12));
    return {
      n,
      k: Math.round(value("k", 0, Math.floor(n / 2), 1)),
      amplitude: value("amp", 0.01, 4, 1),
      phase: value("phase", -360, 360, 0),
      depth: Math.round(value("depth", 1, MOST_DEPTH, 1)),
      between: BETWEEN.some(([key]) => key === state.between) ? state.between : "energy",
      scale: state.bars === "log" ? "log" : "linear",
    };
  }

  labelOf(frequency) {
    const { record } = this.app;
    if (cyclicOrder(record) !== this.shown?.n) return null;
    return simpleOf(record, frequency);
  }

  update() {
    const { app } = this;
    const shown = this.reading();
    this.shown = shown;
    const { activation } = app;
    const wave = { frequency: shown.k, amplitude: shown.amplitude, phase: (shown.phase * Math.PI) / 180,
      depth: shown.depth, between: shown.between, f: activation.evaluate };
    this.points = bent(wave, shown.n);
    this.fine = bent(wave, 720);
    const most = Math.max(Math.floor(shown.n / 2), Math.min(24, Math.max(12, 6 * shown.k)));
    const circle = onCircle(wave, activation.kinks, most);
    const own = fourier(this.points.output);
    const total = meanSquare(this.points.output);
    this.layers = occurringByDepth(shown.n, shown.k, activation, shown.depth, shown.between === "mean");
    const can = this.layers.at(-1);
    const last = Math.floor(shown.n / 2);
    this.bars = circle.energies.map((energy, frequency) => ({
      frequency,
      points: frequency > last ? null : total > 0 ? own.energies[frequency] / total : 0,
      circle: circle.total > 0 ? energy / circle.total : 0,
      parts: frequency > last ? null : can.get(frequency) ?? null,
      label: this.labelOf(frequency),
    }));
    this.write();
    replace(this.ringPlace, ring({ fine: this.fine, points: this.points },
      `The ${shown.n} points on their circle, pushed out by what is positive and in by what is negative`));
    this.draw();
    if (this.sound.isPlaying()) this.sound.change(bent(wave, FINE).output);
    this.wave = wave;
  }

  write() {
    const { app, shown, fields } = this;
    const isOwn = cyclicOrder(app.record) === shown.n;
    replace(this.title, heading(app, "Overtones", { group: isOwn }));
    const link = h("a", { href: app.href({ group: `C${shown.n}`, view: "graph", module: null, simple: null }) }, `C${shown.n}`);
    replace(this.lead, "A wave on ", String(shown.n), " points of a circle lies in one simple of the cyclic group ", link,
      ". The activation bends it, and overtones appear: frequencies that are in f of the wave and were not in the wave. ",
      "Drag the wave.");
    fields.k.input.max = Math.floor(shown.n / 2);
    for (const key of ["n", "k", "depth"]) if (document.activeElement !== fields[key].input) fields[key].value = shown[key];
    fields.amp.value = shown.amplitude;
    fields.phase.value = ((shown.phase % 360) + 360) % 360;
    fields.between.value = shown.between;
    fields.between.element.hidden = shown.depth === 1;
    fields.bars.value = shown.scale;
    if (this.keyFor !== shown.n) replace(this.key, legend(shown.n));
    this.keyFor = shown.n;
    this.writeRule();
    this.panel.update();
  }

  writeRule() {
    const { shown } = this;
    const { activation } = this.app;
    const before = shown.depth === 1 ? [folded(shown.k, shown.n)]
      : [...this.layers.at(-2).keys()].filter((j) => !(shown.between === "mean" && j === 0));
    const words = rules(shown.n, before.sort((a, b) => a - b), activation);
    const how = activation.exact ? "exact" : "exact for the parts of f, which are measured";
    const reached = [...this.layers.at(-1).keys()].sort((a, b) => a - b);
    const last = Math.floor(shown.n / 2);
    const list = reached.length > last ? "all" : reached.length > 24
      ? `${reached.slice(0, 24).join(", ")}, ...` : reached.join(", ");
    replace(this.rule, h("h2", null, "Which frequencies can occur"),
      h("p", null, `After ${shown.depth === 1 ? "one layer" : `${shown.depth} layers`}, of 0 to ${last}: `, h("b", null, list || "none"), ` (${how}).`),
      h("ul", null, words.map((one) => h("li", null, one))),
      shown.depth > 1 ? h("p", { class: "overtones-small" }, `The rule of the last layer, for what can be there before it. ${this.factorWords()}`) : null,
      this.limit());
  }

  factorWords() {
    if (this.shown.between === "none") return "Nothing happens between the layers.";
    const factors = this.points.factors.map((x) => String(Number(x.toPrecision(3)))).join(", ");
    return `On the points the layers were multiplied by ${factors}.`;
  }

  /** The series that everybody may know. */
  limit() {
    if (this.app.activation.name !== "relu" || this.shown.depth !== 1) return null;
    return h("p", { class: "overtones-small" }, "On the circle, ",
      math("max(sin x, 0)"), " = ", math("1/π"), " + ", math("½ sin x"), " − ",
      math("(2/π) Σ cos 2mx / (4m^2−1)"),
      ", m = 1, 2, ...: energies 40.5 %, 50 %, 9.01 %, 0.36 %, ...");
  }

  resized() {
    const width = Math.max(300, Math.min(WIDEST, Math.floor(this.place.clientWidth)));
    if (width !== this.width) this.draw();
  }

  draw() {
    this.width = Math.max(300, Math.min(WIDEST, Math.floor(this.place.clientWidth) || 720));
    const { shown } = this;
    this.svg = picture({
      width: this.width, wave: { fine: this.fine, points: this.points }, bars: this.bars,
      scale: shown.scale,
    }, this.words());
    replace(this.place, this.svg);
    this.say();
  }

  words() {
    const { shown, bars } = this;
    const loud = bars.filter((bar) => bar.points > 0.005)
      .map((bar) => `frequency ${bar.frequency} ${percent(bar.points)}`).join(", ");
    return `The wave of frequency ${shown.k} on ${shown.n} points and ${this.app.activation.name} of it; ` +
      `energies: ${loud || "none"}.`;
  }

  selected() {
    const { simple } = this.app.state;
    if (!simple) return null;
    return this.bars.find((bar) => bar.label === simple)?.frequency ?? null;
  }

  choose(frequency) {
    const next = frequency === null ? null : Number(frequency);
    if (next === this.chosen) return;
    this.chosen = next;
    const label = next === null ? null : this.labelOf(next);
    this.app.hover(label ? { simple: label } : null);
    this.say();
  }

  /** Marks the bar under the pointer, or the chosen simple's, and says what it is. */
  say() {
    const bar = this.bars.find((one) => one.frequency === (this.chosen ?? this.selected()));
    for (const one of this.svg.querySelectorAll(".bar")) {
      one.classList.toggle("chosen", Number(one.dataset.frequency) === bar?.frequency);
    }
    if (!bar) {
      this.said.textContent = "Point at a bar to read it.";
      return;
    }
    this.said.textContent = describe(bar, this.shown.n);
  }

  table() {
    return {
      name: `${this.app.activation.name} of a wave of frequency ${this.shown.k} on ${this.shown.n} points`,
      columns: ["frequency", `share on ${this.shown.n} points`, "share on the circle", "can occur", "simple"],
      rows: this.bars.map((bar) => [bar.frequency, bar.parts ? share(bar.points) : bar.points && 0, share(bar.circle), canWords(bar), bar.label ?? ""]),
    };
  }

  exports() {
    return exportsOf(this);
  }

  toggleSound() {
    if (this.sound.isPlaying()) this.sound.stop();
    else this.sound.play(bent(this.wave, FINE).output);
    const isOn = this.sound.isPlaying();
    this.listenButton.input.setAttribute("aria-pressed", String(isOn));
    this.listenButton.input.textContent = isOn ? "Silence" : "Listen";
  }

  destroy() {
    this.watch.disconnect();
    this.sound.stop();
    this.panel.destroy();
  }
}

/** The order of the group that is shown if it is cyclic, else null. */
function cyclicOrder(record) {
  if (!record?.simples?.length) return null;
  const order = Number(record.order);
  return record.classes?.orders?.includes(order) ? order : null;
}

/** The label of a cyclic group's simple by its frequency, for the first class of generators. */
function simpleOf(record, frequency) {
  const n = Number(record.order);
  const generator = record.classes.orders.indexOf(n);
  const own = (one) => one.paper_index
    ?? Math.round((Math.acos(one.character[generator] / one.dimension) * n) / (2 * Math.PI));
  return record.simples.find((one) => own(one) === frequency)?.label ?? null;
}

/** A share as a table has it: without the rounding of floats. */
function share(value) {
  if (value === null) return null;
  return value < NOISE ? 0 : clean(value);
}

function canWords(bar) {
  if (bar.points === null) return "";
  return bar.parts ? `yes: ${bar.parts.join(", ")}` : "no: exactly 0";
}

function describe(bar, n) {
  const name = `Frequency ${bar.frequency}${bar.label ? ` (${bar.label})` : ""}`;
  const circle = `${percent(bar.circle)} on the circle`;
  if (bar.points === null) return `${name}: ${circle}; on ${n} points it is frequency ${folded(bar.frequency, n)}.`;
  if (!bar.parts) return `${name}: exactly 0 on ${n} points, whatever the wave; ${circle}.`;
  const share = bar.points < SILENT ? "can occur, and is silent here" : `${percent(bar.points)} on ${n} points`;
  return `${name}: ${share}, ${circle}. It comes from ${partWords(bar.parts)}.`;
}

function partWords(parts) {
  const words = parts.map((part) => {
    if (part === "constant") return "the constant";
    return part.startsWith("degree") ? `the power of ${part}` : `the ${part} part`;
  });
  return words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
