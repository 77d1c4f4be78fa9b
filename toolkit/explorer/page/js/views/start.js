/** The start page: what this is, and groups to begin with. */

import { h } from "../ui/dom.js";

const EXAMPLES = [
  ["C8", "cyclic: the paper's first pictures"],
  ["D16", "dihedral"],
  ["S4", "symmetric"],
  ["A5", "the icosahedron's rotations"],
  ["SL(2,3)", "with quaternionic simples"],
  ["M11", "a sporadic group"],
];

/** @type {import("../app.js").View} */
export default {
  id: "start",
  title: "Start",
  mount(root, app) {
    root.append(
      h("h1", null, "Which simples talk to which through ReLU?"),
      h("p", { class: "lead" }, "A neural network whose layers respect a finite group splits into the group's real ",
        "simple representations, and only the activation lets them talk."),
      h("ul", { class: "examples" }, EXAMPLES.map(([name, words]) => h("li", null,
        h("a", { href: app.href({ group: name }) }, h("b", null, name), h("span", null, words))))));
    return {
      update() {},
      exports: () => ({ svg: null, table: null, json: null, tikz: null, python: null }),
      destroy() {},
    };
  },
};
