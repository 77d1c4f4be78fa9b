/** The interaction graph: the layered picture, why an edge is there, closures. */
import { stage as makeStage } from "../graph/canvas.js";
import { drawBadge } from "../graph/badge.js";
import { boxesOf } from "../graph/boxes.js";
import { closurePlayer } from "../graph/player.js";
import { edgeTable, moduleCode, nodeLink, pythonCode, tikz } from "../graph/code.js";
import { boxLines, boxSize } from "../graph/contents.js";
import { arrange } from "../graph/layout.js";
import { graphModel } from "../graph/model.js";
import { edgePanel } from "../graph/panel.js";
import { planPicture } from "../graph/plan.js";
import { matching } from "../graph/recorded.js";
import { inSlices } from "../graph/slices.js";
import { edgeTablePlace } from "../graph/edge_table.js";
import { shareFunction } from "../graph/shares.js";
import { shownFunction } from "../graph/shown.js";
import { fromSums, marksOf } from "../graph/highlight.js";
import { graphTools, keysWords } from "../graph/tools.js";
import { between, oneOf, simpleOfModule, simplesOfModule } from "../checks.js";
import { activationPanel } from "../ui/activation_picker.js";
import { h } from "../ui/dom.js";
import { heading } from "../ui/heading.js";
import { counted } from "../ui/plural.js";

/** More lines than this are not drawn: twins stay in their boxes. */
const MOST_LINES = 4000;

/** @type {import("../app.js").View} */
export default {
  id: "graph",
  title: "Interaction graph",
  uses: ["module", "activation", "bias"],
  keys: {
    open: simplesOfModule("only the boxes of the others are open", ["all", "none"]),
    reduced: oneOf(["0", "1"], "every edge is drawn"),
    threshold: between(0, 1, "every edge is drawn"),
    source: simpleOfModule("no edge is explained"),
    target: simpleOfModule("no edge is explained"),
    set: simplesOfModule("only the others are taken"),
    step: between(0, Infinity, "the last layer is shown", { whole: true }),
  },
  mount(root, app) {
    const view = new GraphView(root, app);
    return {
      drawn: view.update(),
      update: () => view.update(),
      exports: () => view.exports(),
      destroy: () => view.destroy(),
    };
  },
};

class GraphView {
  constructor(root, app) {
    this.app = app;
    this.root = root;
    this.turn = 0;
    this.model = null;
    this.peeked = null;
    this.keys = {};
    this.stage = makeStage({
      onSimple: (box, event) => this.chooseBox(box, event),
      onPair: ([l, k]) => this.choosePair(this.label(l), this.label(k)),
      onNothing: () => app.set({ source: null, target: null, simple: null }),
      onPeek: (what) => this.peek(what),
      onToggle: (box) => this.toggleBox(box),
    });
    this.panel = edgePanel(app, {
      onPair: (l, k) => this.choosePair(l, k),
      onPeek: (pair) => this.peek(pair && { pair }),
    });
    this.player = closurePlayer({
      onStep: (step, isPlaying) => app.isAsking || app.set({ step }, { replace: isPlaying }),
      onClear: () => app.set({ set: null, step: null }),
      announce: app.announce,
    });
    this.tools = graphTools(app, {
      onOpen: (which) => app.set({ open: this.boxes.toggled(which) }),
      zoomers: this.stage.zoomers,
    });
    this.about = activationPanel(app, { open: false });
    this.notice = h("p", { class: "graph-notice", role: "status", hidden: true });
    this.table = edgeTablePlace(app);
    this.filePlace = h("div", { class: "graph-file", "aria-hidden": "true" });
    this.title = h("div");
    root.append(
      this.title,
      this.tools.element,
      this.notice,
      h(
        "div",
        { class: "graph-columns" },
        this.stage.element,
        h("div", { class: "graph-side" }, this.player.element, this.panel.element, this.about.element),
      ),
      keysWords(),
      this.table.element,
      this.filePlace,
    );
    this.offHover = app.onHover((what) => this.hoveredElsewhere(what));
    this.resized = new ResizeObserver(() => this.onResize());
    this.resized.observe(this.stage.element);
  }

  label(i) {
    return this.model.labels[i];
  }

  position(label) {
    return this.model ? this.model.labels.indexOf(label) : -1;
  }

  // -- bringing the view to the state ------------------------------------------------------------

  async update() {
    const { app } = this;
    const { record, module, activation, state } = app;
    if (!record || !module) return;
    const turn = ++this.turn;
    const isStale = () => turn !== this.turn;
    const graphKey = [record.name, module.id, module.title, activation.name, state.bias].join("\n");
    this.root.setAttribute("aria-busy", "true");
    if (this.keys.graph !== graphKey) {
      const model = await this.built(record, module, activation, state.bias === "1", isStale);
      if (!model) return;
      this.model = model;
      this.plan = null;
      this.peeked = null;
      this.keys = { graph: graphKey };
      this.table.clear();
    }
    const widthLimit = this.widthLimit();
    const pictureKey = [state.open, state.reduced, widthLimit].join("\n");
    if (this.keys.picture !== pictureKey) {
      if (!(await this.drawnAnew(widthLimit, isStale))) return;
      this.keys.picture = pictureKey;
      this.keys.threshold = undefined;
    }
    if (this.keys.title !== graphKey) {
      this.title.replaceChildren(heading(app, "interaction graph"));
      this.keys.title = graphKey;
    }
    this.applyThreshold();
    this.tools.update(this.boxes, this.plan, this.model);
    this.about.update();
    this.highlight();
    this.root.removeAttribute("aria-busy");
  }

  async built(record, module, activation, bias, isStale) {
    const { share, reason } = shareFunction(record, module, activation, bias);
    if (isStale()) return null;
    return inSlices(
      graphModel({ record, module, activation, bias, share, noShares: reason }),
      isStale,
    );
  }

  /** Return how wide rows may be: on a narrow screen they are broken into lines. */
  widthLimit() {
    const width = this.stage.element.clientWidth || 900;
    return width < 620 ? Math.max(280, Math.round(width / 40) * 40) : 900;
  }

  async drawnAnew(widthLimit, isStale) {
    const { model, app, stage } = this;
    const boxes = boxesOf(app.state, model);
    this.boxes = boxes;
    let plan = planPicture(model.matrix, model.orders, boxes);
    let notice = "";
    if (plan.links.length > MOST_LINES) {
      const count = plan.links.length.toLocaleString("en");
      plan = planPicture(model.matrix, model.orders, { isOpen: () => false, isReduced: true });
      notice = `${count} lines would not be a picture: twins stay in their boxes here, and the table has every edge.`;
    }
    const sizes = plan.boxes.map((box) => boxSize(boxLines(box, model)));
    const recorded = widthLimit >= 900 ? matching(model, plan) : null;
    const picture = recorded ?? (await inSlices(arrange(plan, sizes, widthLimit), isStale));
    if (!picture || isStale()) return false;
    const focusedOn = document.activeElement?.closest?.(".graph-box");
    const members = focusedOn && stage.svg.contains(focusedOn) ? focusedOn.dataset.members.split(",").map((l) => this.position(l)) : null;
    const twinOf = new Map();
    plan.twins.forEach((c) => c.length > 1 && c.forEach((m) => twinOf.set(m, c)));
    const toggled = (some) => (some.length > 1 ? "open" : twinOf.has(some[0]) ? "close" : null);
    const size = await inSlices(stage.drawn.draw(picture, plan, model, { toggled }), isStale);
    if (!size) return false;
    this.plan = plan;
    this.peeked = null;
    stage.view.fit(size.width, size.height);
    stage.svg.style.maxWidth = `${Math.round(1.25 * size.width)}px`;
    stage.svg.setAttribute("aria-label", this.description());
    stage.restart(members);
    if (members) stage.drawn.elements[stage.drawn.boxOf.get(members[0])]?.focus();
    this.notice.textContent = notice;
    this.notice.hidden = notice === "";
    return true;
  }

  description() {
    const { model, app } = this;
    return `Interaction graph of ${app.record.title}, ${model.module.title}, ${model.activation.name}${model.bias ? " with a bias" : ""}: ${counted(model.labels.length, "simple")}, ${counted(model.edges.length, "edge")}. Arrow keys move along the edges.`;
  }

  applyThreshold() {
    const { threshold } = this;
    if (this.keys.threshold === threshold) return;
    this.keys.threshold = threshold;
    this.hidden = this.stage.drawn.drawLines(threshold);
    this.showLegend();
    this.table.renew(this.model, shownFunction(this.stage.drawn, threshold));
  }

  get threshold() {
    return Number(this.app.state.threshold) || 0;
  }

  showLegend() {
    const { model, plan, stage } = this;
    const captions = [];
    if (plan.grouped) captions.push("A box holds simples with the same edges to and from all others.");
    if (plan.reduced) captions.push("Edges implied by transitivity are not drawn.");
    if (this.hidden) captions.push(`${counted(this.hidden, "line")} below the threshold ${this.hidden === 1 ? "is" : "are"} hidden.`);
    const what = {
      types: new Set(model.simples.map((s) => s.type)),
      kinds: new Set(stage.drawn.all.map((line) => line.kind)),
      hasShares: model.hasShares,
      captions,
      isClosed: false,
    };
    stage.lastLegend = what;
    stage.legend(what, Math.min(stage.element.clientWidth || 600, 900) - 8);
  }

  onResize() {
    if (!this.model || this.root.hasAttribute("aria-busy")) return;
    if (this.widthLimit() !== Number(this.keys.picture?.split("\n").at(-1))) void this.update();
    else if (this.plan) this.showLegend();
  }

  // -- what is marked ----------------------------------------------------------------------------

  /** Return the closure's layers for the chosen set, and the layer that is shown. */
  closure() {
    const { app, model } = this;
    const set = (app.state.set ?? "").split(",").map((l) => this.position(l)).filter((i) => i >= 0);
    if (!set.length) return { layers: [], step: 0 };
    const key = `${this.keys.graph}\n${set.join(",")}`;
    if (this.keys.closure !== key) {
      this.layers = model.criterion.closureLayers(set);
      this.keys.closure = key;
    }
    const last = this.layers.length - 1;
    const step = app.state.step === undefined ? last : Math.min(last, Math.max(0, Number(app.state.step) || 0));
    return { layers: this.layers, step };
  }

  selectedPair() {
    const { source, target } = this.app.state;
    const pair = [this.position(source), this.position(target)];
    return pair.every((i) => i >= 0) ? pair : null;
  }

  highlight() {
    const { app, model, stage, plan } = this;
    if (!plan) return;
    const { drawn } = stage;
    const { layers, step } = this.closure();
    const simple = this.position(app.state.simple);
    const pair = this.peeked?.pair ?? (this.peeked ? null : this.selectedPair());
    const box = this.peeked?.box ?? (!pair && simple >= 0 && !layers.length ? drawn.boxOf.get(simple) : undefined);
    const marks = marksOf(drawn, model, { pair, box, layers, step, simple, normal: app.state.normal });
    drawn.mark(marks.lines, marks.missing);
    stage.svg.classList.toggle("dimmed", marks.isDimmed);
    drawn.elements.forEach((element, i) => {
      const { classes, badge } = marks.boxes[i];
      for (const name of ["selected", "above", "out", "new", "end"]) {
        element.classList.toggle(name, classes.has(name));
      }
      element.setAttribute("aria-pressed", String(classes.has("selected")));
      drawBadge(element, drawn.boxes[i], badge);
    });
    const names = (some) => some.map((i) => model.labels[i]);
    const sums = fromSums(model, layers);
    const named = layers.map((layer, i) => ({ names: names(layer), sums: names(sums[i]) }));
    this.player.show(named, step, model.labels.length);
    const line = pair && drawn.lineOf(...pair);
    const members = box === undefined ? null : drawn.boxes[box].members;
    this.panel.show(model, {
      pair,
      simple: pair ? null : members?.length === 1 ? members[0] : simple >= 0 ? simple : null,
      members: pair ? null : members,
      back: line?.both ? [pair[1], pair[0]] : null,
    });
  }

  // -- what the user does ------------------------------------------------------------------------

  peek(what) {
    if (!this.plan || JSON.stringify(what) === JSON.stringify(this.peeked)) return;
    this.peeked = what;
    const { drawn } = this.stage;
    const members = what?.box === undefined ? null : drawn.boxes[what.box]?.members;
    if (members?.length === 1) this.app.hover({ simple: this.label(members[0]), from: "graph" });
    else if (what?.pair) {
      this.app.hover({ edge: what.pair.map((i) => this.label(i)), from: "graph" });
    } else this.app.hover(null);
    this.highlight();
  }

  hoveredElsewhere(what) {
    if (what?.from === "graph" || !this.model || !this.plan) return;
    const box = what?.simple ? this.stage.drawn.boxOf.get(this.position(what.simple)) : undefined;
    this.peeked = box === undefined ? null : { box };
    this.highlight();
  }

  chooseBox(box, event) {
    if (!this.plan) return;
    const { members } = this.stage.drawn.boxes[box];
    const labels = members.map((i) => this.label(i));
    if (this.tools.isChoosing() || event.shiftKey || event.ctrlKey || event.metaKey) {
      this.toggleInSet(labels);
      return;
    }
    const { state } = this.app;
    if (members.length > 1) {
      this.toggleBox(box);
      return;
    }
    const isAgain = state.simple === labels[0] && !state.source;
    this.app.set({ simple: isAgain ? null : labels[0], source: null, target: null });
  }

  toggleInSet(labels) {
    const before = (this.app.state.set ?? "").split(",").filter(Boolean);
    const isIn = labels.every((l) => before.includes(l));
    const after = isIn
      ? before.filter((l) => !labels.includes(l))
      : [...new Set([...before, ...labels])].sort((a, b) => this.position(a) - this.position(b));
    this.player.stop();
    this.app.set({ set: after.join(",") || null, step: null });
  }

  choosePair(source, target) {
    this.app.set({ source, target });
    if (source && target) this.app.announce(this.panel.element.querySelector(".edge-plain, .explained")?.textContent ?? "");
  }

  toggleBox(box) {
    if (!this.plan) return;
    const [first] = this.stage.drawn.boxes[box].members;
    const isTwin = this.plan.twins.some((c) => c.length > 1 && c.includes(first));
    if (isTwin) this.app.set({ open: this.boxes.toggled(first) });
  }

  // -- exports -----------------------------------------------------------------------------------

  exports() {
    const { model, app, stage } = this;
    if (!model || !this.plan) return { svg: null, table: null, json: null, tikz: null, python: null };
    const title = `${app.record.title}, ${model.module.title}, ${model.activation.name}${model.bias ? ", with a bias" : ""}`;
    const svg = stage.forFile(title, this.filePlace);
    this.showLegend();
    const set = (app.state.set ?? "").split(",").filter((l) => this.position(l) >= 0);
    const { threshold, plan } = this;
    const leftOut = { threshold, isReduced: plan.reduced };
    return {
      svg,
      table: edgeTable(model, shownFunction(stage.drawn, threshold)),
      json: nodeLink(model, leftOut),
      tikz: tikz(stage.drawn, model),
      python: pythonCode(model, {
        set,
        pair: this.selectedPair(),
        moduleCode: moduleCode(model.module, app.state.module),
        ...leftOut,
      }),
    };
  }

  destroy() {
    this.turn += 1;
    this.table.clear();
    this.player.stop();
    this.offHover();
    this.panel.destroy();
    this.about.destroy();
    this.resized.disconnect();
  }
}
