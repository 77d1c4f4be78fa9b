/** The lattice of normal subgroups and the lattice of closed sets, and the connection between. */
import { simplesOfModule } from "../checks.js";
import { inSlices } from "../graph/slices.js";
import { latticeData, latticePython, latticeTable, latticeTikz } from "../lattice/code.js";
import { Galois } from "../lattice/galois.js";
import { Hasse } from "../lattice/hasse.js";
import { closedLattice, normalLattice } from "../lattice/sources.js";
import { aboutBoth, aboutClosed, aboutNormal, closedContent, normalContent } from "../lattice/words.js";
import { h, replace } from "../ui/dom.js";
import { heading } from "../ui/heading.js";
import { hoverLinks, markLinks } from "../ui/links.js";

/** @type {import("../app.js").View} */
export default {
  id: "lattice",
  title: "Lattices",
  uses: ["module", "activation", "bias"],
  keys: { set: simplesOfModule("no closed set is marked") },
  mount(root, app) {
    const view = new LatticeView(root, app);
    return {
      drawn: view.update(),
      update: () => view.update(),
      exports: () => view.exports(),
      destroy: () => view.destroy(),
    };
  },
};

class LatticeView {
  constructor(root, app) {
    this.app = app;
    this.root = root;
    this.turn = 0;
    this.peeked = null;
    this.shown = null;
    this.hasse = new Hasse({
      onChoose: (place) => this.choose(place),
      onPeek: (place) => this.peek(place),
    });
    this.title = h("div");
    this.notice = h("div", { class: "lattice-notice" });
    this.words = h("section", { class: "panel lattice-panel", "aria-label": "About the element" });
    this.tablePlace = h("div");
    root.append(
      this.title,
      this.notice,
      h("div", { class: "lattice-columns" }, this.hasse.element, this.words),
      this.tablePlace,
    );
    this.offs = [hoverLinks(app, root), app.onHover((what) => this.hoveredElsewhere(what))];
    this.resized = new ResizeObserver(() => {
      if (this.shown && this.isStacked() !== this.shown.isStacked) this.draw();
    });
    this.resized.observe(this.hasse.element);
  }

  /** Whether the lattices stand one above the other: side by side they would be too small. */
  isStacked() {
    const room = this.hasse.element.clientWidth || 900;
    const { normal, closed } = this.shown;
    return Boolean(normal && closed) && room < 0.7 * (normal.width + closed.width + 150);
  }

  async update() {
    const { app } = this;
    const { record, module, activation, state } = app;
    if (!record || !module) return;
    const turn = ++this.turn;
    const bias = state.bias === "1";
    const key = [record.name, module.id, module.title, activation.name, bias].join("\n");
    if (this.key !== key) {
      this.root.setAttribute("aria-busy", "true");
      const made = await inSlices(closedLattice(record, module, activation, bias), () => turn !== this.turn);
      if (!made || turn !== this.turn) return;
      const galois = new Galois(record, module);
      const normal = normalLattice(record);
      this.shown = {
        record,
        module,
        activation,
        bias,
        text: state.module,
        galois,
        normal: normal.lattice,
        closed: made.lattice,
        labels: galois.simples.map((s) => s.label),
      };
      this.key = key;
      this.peeked = null;
      this.title.replaceChildren(heading(app, "normal subgroups and closed sets"));
      const reasons = [normal.reason, made.reason].filter(Boolean);
      replace(this.notice, reasons.map((text) => h("p", null, text)));
      this.draw();
      replace(this.tablePlace);
      const table = app.table(this.tablePlace, () => latticeTable(this.shown), "Both lattices as a table");
      table.open = reasons.length > 0;
    }
    this.highlight();
    this.root.removeAttribute("aria-busy");
  }

  content() {
    const { galois, closed, labels } = this.shown;
    return {
      normal: (i) => normalContent(galois.normal[i]),
      closed: (i) => closedContent(closed.members[i].map((m) => labels[m]), labels.length),
    };
  }

  draw() {
    const { normal, closed, activation, module } = this.shown;
    this.shown.isStacked = this.isStacked();
    const titles = { normal: "Normal subgroups", closed: "Closed sets" };
    this.hasse.draw({ normal, closed }, this.content(), { isStacked: this.shown.isStacked, titles });
    this.hasse.svg.setAttribute(
      "aria-label",
      `Normal subgroups of ${this.app.record.title}, and sets of simples in the ${module.title} closed under ${activation.name}. Arrow keys move along the lines.`,
    );
    this.highlight();
  }

  // -- the connection ----------------------------------------------------------------------------

  /** Return the closed set that a normal subgroup goes to: its simples, or the least around them. */
  closedOver(n) {
    const { galois, closed } = this.shown;
    const over = galois.simplesOver(n);
    if (!closed) return { over, index: -1, isClosed: null };
    let best = -1;
    closed.members.forEach((members, i) => {
      const holds = over.every((m) => members.includes(m));
      if (holds && (best < 0 || members.length < closed.members[best].length)) best = i;
    });
    return { over, index: best, isClosed: best >= 0 && closed.members[best].length === over.length };
  }

  /** Return lines and kept elements for an element under the pointer. */
  connection(place) {
    const { galois, closed } = this.shown;
    const lines = [];
    const kept = [place];
    if (!galois.isKnown) return { lines, kept };
    const go = (from, to) => {
      if (to.index < 0 || !this.hasse.lattices[to.side]) return null;
      lines.push({ from, to });
      kept.push(to);
      return to;
    };
    if (place.side === "normal") {
      const there = go(place, { side: "closed", index: this.closedOver(place.index).index });
      if (there) go(there, { side: "normal", index: galois.kernelOf(closed.members[there.index]) });
    } else {
      const there = go(place, { side: "normal", index: galois.kernelOf(closed.members[place.index]) });
      if (there) go(there, { side: "closed", index: this.closedOver(there.index).index });
    }
    return { lines, kept };
  }

  highlight() {
    if (!this.shown) return;
    const { app } = this;
    const { galois, closed, labels } = this.shown;
    const chosen = this.chosenPlace();
    const place = this.peeked ?? chosen;
    const { lines, kept } = place ? this.connection(place) : { lines: [], kept: null };
    const simple = labels.indexOf(app.state.simple);
    const above = [];
    if (simple >= 0) {
      closed?.members.forEach((m, i) => m.includes(simple) && above.push({ side: "closed", index: i }));
      galois.normal.forEach((n, i) => {
        if (n.classes.every((c) => galois.kernels[simple].has(c))) above.push({ side: "normal", index: i });
      });
    }
    this.hasse.mark({ lines, kept, selected: chosen ? [chosen] : [], above });
    this.say(place);
    markLinks(app, this.words);
  }

  chosenPlace() {
    const { app } = this;
    const { galois, closed, labels } = this.shown;
    const n = galois.normal.findIndex((one) => one.label === app.state.normal);
    if (n >= 0) return { side: "normal", index: n };
    if (!closed || !app.state.set) return null;
    const set = app.state.set.split(",").map((l) => labels.indexOf(l)).sort((a, b) => a - b).join(",");
    const index = closed.members.findIndex((members) => members.join(",") === set);
    return index < 0 ? null : { side: "closed", index };
  }

  say(place) {
    const { app } = this;
    const { galois, closed, labels } = this.shown;
    const key = `${this.key}\n${place?.side} ${place?.index} ${app.state.simple}`;
    if (this.said === key) return;
    this.said = key;
    const named = (members) => members.map((m) => labels[m]);
    if (!place) replace(this.words, aboutBoth(this.counts()));
    else if (place.side === "normal") {
      const { over, isClosed } = galois.isKnown ? this.closedOver(place.index) : { over: [], isClosed: null };
      const back = galois.isKnown ? galois.normal[galois.kernelOf(over)] : null;
      replace(this.words, aboutNormal(app, galois.normal[place.index], { labels: named(over), isClosed, back }));
    } else {
      const members = closed.members[place.index];
      const n = galois.isKnown ? galois.kernelOf(members) : -1;
      const over = n >= 0 ? named(galois.simplesOver(n)) : [];
      replace(this.words, aboutClosed(app, named(members), { normal: galois.normal[n] ?? null, over }));
    }
  }

  counts() {
    const { galois, closed } = this.shown;
    if (!closed || !galois.isKnown) return { normal: galois.normal.length, closed: null, isBijective: null };
    const goesTo = new Set(closed.members.map((members) => galois.kernelOf(members)));
    const isSame = (members) => galois.simplesOver(galois.kernelOf(members)).length === members.length;
    const isBijective =
      closed.members.length === galois.normal.length &&
      goesTo.size === galois.normal.length &&
      closed.members.every((members) => members.length > 0 && isSame(members));
    return { normal: galois.normal.length, closed: closed.members.filter((members) => members.length > 0).length, isBijective };
  }

  // -- what the user does ------------------------------------------------------------------------

  peek(place) {
    if (JSON.stringify(place) === JSON.stringify(this.peeked)) return;
    this.peeked = place;
    const normal = place?.side === "normal" ? this.shown.galois.normal[place.index].label : null;
    this.app.hover(normal ? { normal, from: "lattice" } : null);
    this.highlight();
  }

  hoveredElsewhere(what) {
    if (!this.shown || what?.from === "lattice") return;
    const n = this.shown.galois.normal.findIndex((one) => one.label === what?.normal);
    const next = n >= 0 ? { side: "normal", index: n } : null;
    if (!next && !this.hoveredLink) return;
    this.hoveredLink = next !== null;
    // only the marks: the words under the pointer stay
    const { lines, kept } = next ? this.connection(next) : { lines: [], kept: null };
    this.hasse.mark({ lines, kept, selected: [], above: [] });
    if (!next) this.highlight();
  }

  choose({ side, index }) {
    const { app } = this;
    const { galois, closed, labels } = this.shown;
    if (side === "normal") {
      const { label } = galois.normal[index];
      app.set({ normal: app.state.normal === label ? null : label, set: null, step: null });
      return;
    }
    const set = closed.members[index].map((m) => labels[m]).join(",");
    app.set({ set: app.state.set === set ? null : set, step: null, normal: null });
  }

  exports() {
    if (!this.shown) return { svg: null, table: null, json: null, tikz: null, python: null };
    const isDrawn = this.shown.normal || this.shown.closed;
    return {
      svg: isDrawn ? this.hasse.svg : null,
      table: latticeTable(this.shown),
      json: latticeData(this.shown),
      tikz: isDrawn ? latticeTikz(this.hasse, this.content()) : null,
      python: latticePython(this.shown),
    };
  }

  destroy() {
    this.turn += 1;
    this.offs.forEach((off) => off());
    this.resized.disconnect();
  }
}
