/** Overtones: to be drawn here. */

import { h, replace } from "../ui/dom.js";
import { heading } from "../ui/heading.js";

/** @type {import("../app.js").View} */
export default {
  id: "overtones",
  title: "Overtones",
  uses: ["activation"],
  mount(root, app) {
    const update = () => replace(root, heading(app, "Overtones"),
      h("p", { class: "wait" }, "To be drawn here."));
    update();
    return {
      update,
      exports: () => ({ svg: null, table: null, json: null, tikz: null, python: null }),
      destroy() {},
    };
  },
};
