/** The group: what `plrep query` shows. */

import { h, replace } from "../ui/dom.js";

/** @type {import("../app.js").View} */
export default {
  id: "group",
  title: "Group",
  uses: [],
  mount(root, app) {
    const update = () => {
      const record = app.record;
      replace(root, h("h1", null, record.title), h("p", { class: "lead" }, record.summary),
        h("dl", { class: "facts" }, (record.facts ?? []).map(([key, value]) => [h("dt", null, key), h("dd", null, value)])));
    };
    update();
    return {
      update,
      exports: () => ({ svg: null, table: null, json: app.record, tikz: null, python: null }),
      destroy() {},
    };
  },
};
