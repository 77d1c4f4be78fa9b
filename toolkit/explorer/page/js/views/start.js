/** The start page: what this is, and groups to begin with. */

import { loopPicture } from "../start/loop.js";
import { h } from "../ui/dom.js";

const EXAMPLES = [
  [{ group: "C8" }, "C8", "cyclic: frequencies and their overtones"],
  [{ group: "D16" }, "D16", "the symmetries of an octagon"],
  [{ group: "S4" }, "S4", "permutations of four points"],
  [{ group: "A5" }, "A5", "the rotations of the icosahedron"],
  [{ group: "SL(2,3)" }, "SL(2,3)", "with a quaternionic simple"],
  [{ group: "M11" }, "M11", "a sporadic group"],
];

const QUESTIONS = [
  [{ group: "S4", view: "graph", simple: "L2" }, "What does the simple L2 of S4 reach through ReLU?"],
  [{ group: "A5", view: "map" }, "How does a map between simples of A5 fold space?"],
  [{ group: "Q8", view: "lattice" }, "Which sets of simples does no activation leave?"],
  [{ view: "overtones", f: "abs" }, "Which overtones does |sin x| have?"],
  [{ group: "C8", view: "layer" }, "Where does a layer share its weights?"],
  [{ view: "catalog" }, "Which groups share one interaction graph?"],
];

/** @type {import("../app.js").View} */
export default {
  id: "start",
  title: "Start",
  mount(root, app) {
    const count = h("span", null, "thousands of");
    const fresh = (patch) => app.href({ view: null, section: null, ...patch });
    root.append(
      h("h1", null, "Which simples talk to which through an activation?"),
      h("p", { class: "lead" },
        "When a finite group acts on the coordinates of a network, its equivariant linear layers keep every real simple module apart. ",
        "The activation, applied at each coordinate, does not: it sends a piecewise-linear map from one simple to another. ",
        "Here you see, for ", count, " groups, which simples it joins, by what map and how strongly. ",
        "Every picture has an address that you can cite."),
      h("p", { class: "note" }, here(app)),
      loopPicture(),
      h("h2", null, "Begin with a group"),
      h("ul", { class: "examples" }, EXAMPLES.map(([patch, name, words]) => h("li", null,
        h("a", { href: fresh(patch) }, h("b", null, name), h("span", null, words))))),
      h("h2", null, "Or with a question"),
      h("ul", { class: "questions" }, QUESTIONS.map(([patch, words]) => h("li", null,
        h("a", { href: fresh(patch) }, words)))));
    app.data.manifest().then((found) => {
      const all = found.shards.reduce((sum, one) => sum + one.count, 0) + Object.keys(found.named ?? {}).length;
      count.textContent = all.toLocaleString("en");
    }, (error) => console.warn(error));
    return {
      update() {},
      exports: () => ({ svg: null, table: null, json: null, tikz: null, python: null }),
      destroy() {},
    };
  },
};

/** What can be asked here, in words. */
function here(app) {
  if (app.server) return "Ask for any group and any module by name: what is not stored is computed on this computer.";
  return ["Stored here: every module Fun(G/H) up to order 63, the regular module above, and the natural module of named groups. ",
    "For any other group or module, ", h("code", null, "plrep explore"), " opens this page on your computer and computes it, where GAP is installed."];
}
