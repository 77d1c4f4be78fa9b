/** The app: what the address says, the record and module it names, and the view that shows it. */

import { oddities } from "./address.js";
import { createFinder, keyOf, NOTHING } from "./named.js";
import { format, parse, patched } from "./state.js";
import { h, replace } from "./ui/dom.js";
import { problemPage } from "./ui/problem.js";
import { refreshTable, tableBehind } from "./ui/table.js";
import { createWaiting } from "./ui/waiting.js";
import { VIEWS } from "./views/registry.js";

const WRITE_AFTER = 250;
const TABLE_AFTER = 120;

/**
 * @typedef {object} Mounted
 * @property {() => void|Promise<void>} update draws what the state says; the promise is kept when
 *   it is drawn
 * @property {Promise<void>} [drawn] the first drawing
 * @property {() => {svg: SVGElement|null, table: import("./ui/table.js").Table|null, json: any,
 *   tikz: string|null, python: string|null}} exports
 * @property {() => void} destroy
 *
 * @typedef {object} View
 * @property {string} id
 * @property {string} title
 * @property {Array<"module"|"activation"|"bias">} [uses] the common controls that are shown
 * @property {Record<string, import("./address.js").Check>} [keys] how its keys of the address are
 *   checked
 * @property {(root: HTMLElement, app: object) => Mounted|Promise<Mounted>} mount
 */

/**
 * Makes the app.
 * @param {{data: object, server: object|null, main: HTMLElement, jobs?: HTMLElement}} parts
 * @returns {object} the app of the views' contract
 */
export function createApp({ data, server, main, jobs = null }) {
  let state = parse(location.hash);
  let writing = null;
  let mounted = null;
  let named = NOTHING;
  let asking = null;
  let drawing = 0;
  let drawnKey = null;
  const find = createFinder({ data, server });
  const waiting = createWaiting(main, jobs);
  const listeners = { hover: new Set(), change: new Set(), ask: new Set() };

  const app = {
    data,
    server,
    get state() {
      return state;
    },
    record: null,
    module: null,
    activation: named.activation,
    /** Whether the address names something that is still being found: shown is what was before. */
    get isAsking() {
      return asking !== null;
    },
    /** The common controls, which a view's heading takes in. */
    controls: null,
    /** The view that is shown, with its mounted part, or null. */
    get shown() {
      return mounted;
    },
    /** What went wrong, as sentences by place: group, module, activation, view; `address`: a list. */
    problems: { address: [] },
    set,
    href: (patch) => format(patched(state, patch)),
    hover(what) {
      for (const callback of listeners.hover) callback(what);
    },
    onHover: (callback) => listening(listeners.hover, callback),
    onChange: (callback) => listening(listeners.change, callback),
    /** Calls back whenever the address changes while what it names is still being found. */
    onAsk: (callback) => listening(listeners.ask, callback),
    announce,
    table: tableThatFollows,
    start,
  };

  function listening(callbacks, callback) {
    callbacks.add(callback);
    return () => callbacks.delete(callback);
  }

  /** A table behind a picture; while it is open it follows what the view shows. */
  function tableThatFollows(root, table, words) {
    const made = tableBehind(root, table, words);
    let timer = null;
    let wasThere = false;
    const off = app.onChange(() => {
      clearTimeout(timer);
      if (made.isConnected) timer = setTimeout(() => made.isConnected && refreshTable(made), TABLE_AFTER);
      else if (wasThere) off();
      wasThere ||= made.isConnected;
    });
    return made;
  }

  function start() {
    addEventListener("click", flush, { capture: true });
    addEventListener("hashchange", () => {
      if (location.hash === format(state)) return;
      clearTimeout(writing);
      writing = null;
      state = parse(location.hash);
      settle();
    });
    settle();
  }

  function set(patch, { replace: over = false } = {}) {
    const next = patched(state, patch);
    if (next === state) return;
    if (!over) flush();
    state = next;
    write(over);
    settle();
  }

  /** Writes the address: at once, or a moment after the last of many changes. */
  function write(over) {
    clearTimeout(writing);
    writing = null;
    if (over) {
      writing = setTimeout(flush, WRITE_AFTER);
    } else {
      history.pushState(null, "", format(state));
    }
  }

  /** Writes what the last changes left to be written, before the address goes on. */
  function flush() {
    if (writing === null) return;
    clearTimeout(writing);
    writing = null;
    history.replaceState(null, "", format(state));
  }

  /**
   * Brings what is shown to what the state says. Group, module and activation are found together,
   * for the newest state only; until they are there the old picture stays, dimmed, with the words
   * of what is awaited, and what nobody waits for any longer is stopped.
   */
  function settle() {
    const key = keyOf(state);
    if (key === named.key) {
      forgetQuestion();
      showView().catch(fail);
    } else if (key !== asking?.key) {
      ask(key);
    }
    if (asking) listeners.ask.forEach((callback) => callback(app));
  }

  function ask(key) {
    forgetQuestion();
    const mine = { key, stop: new AbortController() };
    asking = mine;
    main.setAttribute("aria-busy", "true");
    const isOther = state.group !== named.group;
    waiting.begin(wordsOfQuestion(), { controls: isOther, title: isOther ? state.group ?? null : null });
    find(state, named, mine.stop.signal).then((found) => {
      if (asking !== mine) return;
      asking = null;
      named = found;
      const { record, module, activation } = found;
      Object.assign(app, { record, module, activation });
      Object.assign(app.problems, found.problems);
      return showView();
    }).catch((error) => {
      if (asking === mine) asking = null;
      fail(error);
    });
  }

  function forgetQuestion() {
    asking?.stop.abort();
    asking = null;
  }

  function wordsOfQuestion() {
    const { group, module, f } = state;
    const of = group ?? "the start page";
    if (group !== named.group) return module ? `Waiting for ${of}, ${module}.` : `Waiting for ${of}.`;
    return module ? `Waiting for ${module}, ${f}.` : `Waiting for ${f}.`;
  }

  /**
   * The view to show: where the group has no answer, a page that says so for views that need one;
   * without a group the start page.
   */
  function viewId() {
    const wanted = VIEWS.find((one) => one.id === state.view) ?? VIEWS[0];
    if (!wanted.needsGroup) return wanted.id;
    if (app.problems.group || (wanted.needsModule && app.record && !app.module)) return "problem";
    return app.record === null ? "start" : wanted.id;
  }

  function again() {
    named = { ...named, key: null };
    settle();
  }

  async function showView() {
    drawing += 1;
    const mine = drawing;
    waiting.leave();
    const id = viewId();
    app.problems.view = null;
    main.setAttribute("aria-busy", "true");
    if (id === "problem") {
      unmount();
      replace(main, problemPage(app, again));
      finish(mine);
      return;
    }
    if (mounted?.id === id && !mounted.isBroken) {
      if (mounted.part) draw(mine);
      return; // else its mounting draws what is newest when it ends
    }
    const { default: view } = await import(`./views/${id}.js`);
    if (mine !== drawing) return;
    unmount();
    const root = h("div", { class: `view view-${id}` });
    replace(main, root);
    const entry = { id, view, root, part: null, isBroken: false };
    mounted = entry;
    waiting.end();
    waiting.begin(wordsOfDrawing(), { controls: false });
    try {
      entry.part = await view.mount(root, app);
    } catch (error) {
      entry.isBroken = true;
      if (mounted === entry) fail(error);
      return;
    }
    if (mounted !== entry) entry.part.destroy();
    else if (mine !== drawing) draw(drawing);
    else after(entry.part.drawn, mine);
  }

  /** Lets the view draw what the state says now. */
  function draw(mine) {
    let drawn;
    try {
      drawn = mounted.part.update();
    } catch (error) {
      fail(error);
      return;
    }
    after(drawn, mine);
  }

  /** Goes on when a drawing is done: at once, or when its promise is kept. */
  function after(drawn, mine) {
    const takesTime = typeof drawn?.then === "function";
    const isNew = takesTime && drawnKey !== drawingKey();
    if (isNew) waiting.begin(wordsOfDrawing(), { controls: false });
    else finish(mine);
    if (takesTime) drawn.then(() => isNew && finish(mine), (error) => mine === drawing && fail(error));
  }

  function drawingKey() {
    return `${mounted?.id} ${named.key}`;
  }

  function wordsOfDrawing() {
    return `Drawing ${app.record?.title ?? "the picture"}.`;
  }

  /** What the state says is on the screen: the frame may say so. */
  function finish(mine) {
    if (mine !== drawing || asking) return;
    drawnKey = drawingKey();
    mounted?.root.querySelector(":scope > .failed")?.remove();
    waiting.end();
    main.removeAttribute("aria-busy");
    app.problems.address = oddities(app, mounted?.view);
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
  function fail(error) {
    app.problems.view = error.message;
    console.error(error);
    waiting.end();
    main.removeAttribute("aria-busy");
    const where = mounted?.root ?? main;
    where.querySelector(":scope > .failed")?.remove();
    where.prepend(h("div", { class: "problem failed", role: "alert" },
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
