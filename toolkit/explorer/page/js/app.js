/** The app: what the address says, the record and module it names, and the view that shows it. */

import { activation as readActivation } from "./mathematics/activations.js";
import { format, parse, patched } from "./state.js";
import { h, replace } from "./ui/dom.js";
import { problemPage } from "./ui/problem.js";
import { tableBehind } from "./ui/table.js";
import { unpackedModule } from "./unpack.js";
import { VIEWS } from "./views/registry.js";

const WRITE_AFTER = 250;

/**
 * @typedef {object} Mounted
 * @property {() => void} update
 * @property {() => {svg: SVGElement|null, table: import("./ui/table.js").Table|null, json: any,
 *   tikz: string|null, python: string|null}} exports
 * @property {() => void} destroy
 *
 * @typedef {object} View
 * @property {string} id
 * @property {string} title
 * @property {Array<"module"|"activation"|"bias">} [uses] the common controls that are shown
 * @property {(root: HTMLElement, app: object) => Mounted|Promise<Mounted>} mount
 */

/**
 * Makes the app.
 * @param {{data: object, server: object|null, main: HTMLElement}} parts
 * @returns {object} the app of the views' contract
 */
export function createApp({ data, server, main }) {
  let state = parse(location.hash);
  let turn = 0;
  let writing = null;
  let mounted = null;
  const settled = { group: undefined, module: undefined, f: undefined };
  const modules = new Map();
  const listeners = { hover: new Set(), change: new Set() };

  const app = {
    data,
    server,
    get state() {
      return state;
    },
    record: null,
    module: null,
    activation: readActivation("relu"),
    /** The common controls, which a view's heading takes in. */
    controls: null,
    /** The view that is shown, with its mounted part, or null. */
    get shown() {
      return mounted;
    },
    /** What went wrong, as sentences by place: group, module, activation, view. */
    problems: {},
    set,
    href: (patch) => format(patched(state, patch)),
    hover(what) {
      for (const callback of listeners.hover) callback(what);
    },
    onHover: (callback) => listening(listeners.hover, callback),
    onChange: (callback) => listening(listeners.change, callback),
    announce,
    table: (root, table, words) => tableBehind(root, table, words),
    start,
  };

  function listening(callbacks, callback) {
    callbacks.add(callback);
    return () => callbacks.delete(callback);
  }

  function start() {
    addEventListener("hashchange", () => {
      if (location.hash === format(state)) return;
      state = parse(location.hash);
      settle();
    });
    settle();
  }

  function set(patch, { replace: over = false } = {}) {
    const next = patched(state, patch);
    if (next === state) return;
    state = next;
    write(over);
    settle();
  }

  /** Writes the address: at once, or a moment after the last of many changes. */
  function write(over) {
    clearTimeout(writing);
    writing = null;
    if (over) {
      writing = setTimeout(() => history.replaceState(null, "", format(state)), WRITE_AFTER);
    } else {
      history.pushState(null, "", format(state));
    }
  }

  /** Brings record, module, activation and view to what the state says. */
  function settle() {
    turn += 1;
    const group = state.group ?? null;
    const fresh = group === settled.group && state.module === settled.module
      && state.f === settled.f && mounted?.id === viewId();
    if (fresh) updateView();
    else resolve(turn).catch((error) => fail("view", error));
  }

  async function resolve(mine) {
    main.setAttribute("aria-busy", "true");
    const group = state.group ?? null;
    if (group !== settled.group) await resolveGroup(group, mine);
    if (mine !== turn) return;
    if (state.module !== settled.module || app.module === null) await resolveModule(mine);
    if (mine !== turn) return;
    if (state.f !== settled.f) await resolveActivation(mine);
    if (mine !== turn) return;
    await showView(mine);
    if (mine === turn) main.removeAttribute("aria-busy");
  }

  async function resolveGroup(group, mine) {
    let record = null;
    let problem = null;
    let choices = [];
    try {
      if (group !== null) record = await data.record(group);
    } catch (error) {
      problem = error.message;
      choices = error.choices ?? [];
    }
    if (mine !== turn) return;
    app.record = record;
    app.module = null;
    app.problems.group = problem;
    app.problems.choices = choices;
    settled.group = group;
    settled.module = undefined;
  }

  async function resolveModule(mine) {
    const text = state.module;
    const record = app.record;
    let problem = null;
    let found = record?.modules?.[0] ?? null;
    if (record && text !== undefined) {
      try {
        found = await moduleOf(record, text);
      } catch (error) {
        problem = error.message;
      }
    }
    if (mine !== turn) return;
    app.module = found;
    app.problems.module = problem;
    settled.module = text;
  }

  async function moduleOf(record, text) {
    const bundled = record.modules.find((one) => one.id === text || one.title === text);
    if (bundled) return bundled;
    const key = `${record.name}\n${text}`;
    if (!modules.has(key)) {
      if (server === null) {
        throw new Error(
          `${record.title} has no module ${text} on this page; shown is ` +
            `${record.modules[0]?.title ?? "none"}. plrep explore answers for any module.`,
        );
      }
      const asked = server.ask("module", { group: record.name, module: text })
        .then((answer) => unpackedModule(answer, record));
      asked.catch(() => modules.delete(key));
      modules.set(key, asked);
    }
    return modules.get(key);
  }

  async function resolveActivation(mine) {
    const text = state.f;
    let found;
    try {
      found = await readActivation(text, app);
    } catch (error) {
      found = { ...app.activation, error: error.message };
    }
    if (mine !== turn) return;
    app.problems.activation = found.error ?? null;
    if (!found.error) app.activation = found;
    settled.f = text;
  }

  /** The view to show: without a group the start page stands for those that need one. */
  function viewId() {
    const wanted = VIEWS.find((one) => one.id === state.view) ?? VIEWS[0];
    if (app.problems.group) return "problem";
    return wanted.needsGroup && app.record === null ? "start" : wanted.id;
  }

  function again() {
    settled.group = undefined;
    settle();
  }

  async function showView(mine) {
    const id = viewId();
    app.problems.view = null;
    if (id === "problem") {
      unmount();
      changed();
      replace(main, problemPage(app, again));
      return;
    }
    if (mounted?.id === id) {
      updateView();
      return;
    }
    const { default: view } = await import(`./views/${id}.js`);
    if (mine !== turn) return;
    unmount();
    const root = h("div", { class: `view view-${id}` });
    replace(main, root);
    const entry = { id, view, root, part: null };
    mounted = entry;
    try {
      entry.part = await view.mount(root, app);
    } catch (error) {
      fail("view", error);
    }
    if (mounted !== entry) entry.part?.destroy();
    else changed();
  }

  function updateView() {
    try {
      mounted?.part?.update();
    } catch (error) {
      fail("view", error);
      return;
    }
    main.removeAttribute("aria-busy");
    changed();
  }

  function unmount() {
    const before = mounted;
    mounted = null;
    try {
      before?.part?.destroy();
    } catch (error) {
      console.warn(error);
    }
  }

  /** Shows an error as a sentence where the view would be; the console gets the rest. */
  function fail(place, error) {
    app.problems[place] = error.message;
    console.error(error);
    main.removeAttribute("aria-busy");
    const where = mounted?.root ?? main;
    where.querySelector(":scope > .problem")?.remove();
    where.prepend(h("div", { class: "problem", role: "alert" },
      h("p", null, `This could not be drawn: ${error.message}`)));
    changed();
  }

  function changed() {
    for (const callback of listeners.change) callback(app);
  }

  function announce(text) {
    const place = document.getElementById("announce");
    place.textContent = "";
    requestAnimationFrame(() => (place.textContent = text));
  }

  return app;
}
