/** The local server, which asks GAP: jobs with progress, and a way to stop them. */

import { h } from "./ui/dom.js";

const WAIT = 15;
const SHOWN_AFTER = 400;

/**
 * @typedef {object} Server
 * @property {(kind: string, params: object, options?: {signal?: AbortSignal,
 *   onProgress?: (progress: object) => void}) => Promise<any>} ask
 */

/**
 * Makes the client, where a local server has put its token into the page.
 * @param {Document} page
 * @param {HTMLElement} place where running jobs are shown
 * @returns {Server|null} null for a static export
 */
export function createServer(page, place) {
  const token = page.querySelector('meta[name="plrep-token"]')?.getAttribute("content");
  if (!token) return null;
  const headers = { "X-Plrep-Token": token, "Content-Type": "application/json" };

  async function call(path, options) {
    let answer;
    try {
      answer = await fetch(new URL(path, page.baseURI), { ...options, headers });
    } catch {
      throw new Error("The local server does not answer: start it again with plrep explore.");
    }
    const body = await answer.json().catch(() => null);
    if (answer.status === 403) throw new Error("The local server was started anew: reload the page.");
    if (!answer.ok) throw new Error(sentence(body, answer.status));
    return body;
  }

  /** The job as soon as something changed, or null once it is to stop. */
  async function look(id, seen, signals) {
    const given = signals.filter(Boolean);
    if (given.some((one) => one.aborted)) return null;
    const signal = AbortSignal.any(given);
    try {
      return await call(`api/jobs/${id}?wait=${WAIT}&seen=${seen}`, { method: "GET", signal });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  async function ask(kind, params, { signal, onProgress } = {}) {
    const stop = new AbortController();
    const { id } = await call("api/jobs", {
      method: "POST",
      body: JSON.stringify({ kind, ...params }),
    });
    const shown = jobCard(place, titleOf(kind, params), () => stop.abort());
    try {
      for (let seen = 0; ;) {
        const job = await look(id, seen, [stop.signal, signal]);
        if (job === null) {
          await call(`api/jobs/${id}`, { method: "DELETE" }).catch(() => null);
          if (stop.signal.aborted) throw new Error("Stopped.");
          throw signal.reason; // the page itself waits no longer
        }
        if (job.state === "done") {
          for (const note of job.notes ?? []) noteCard(place, note);
          return job.result;
        }
        if (job.state === "failed") throw new Error(sentence(job, 0));
        if (job.state === "cancelled") throw new Error("Stopped.");
        seen = job.revision ?? 0;
        if (job.progress) {
          shown.progress(job.progress);
          onProgress?.(job.progress);
        }
      }
    } finally {
      shown.close();
    }
  }

  return { ask };
}

/** What is asked, in a few words. */
function titleOf(kind, { group, module, formula, table }) {
  return {
    find: `asking the catalog for ${table}`,
    record: `asking GAP about ${group}`,
    module: `asking for ${module} of ${group}`,
    activation: `reading ${formula}`,
  }[kind] ?? kind;
}

function sentence(body, status) {
  const found = body?.error?.message ?? body?.error ?? body?.detail;
  return typeof found === "string" && found ? found : `The server answered with status ${status}.`;
}

/** A sentence that came with an answer; it stays until the user has read it. */
function noteCard(place, sentence) {
  const close = h("button", { type: "button", class: "button quiet", onclick: () => card.remove() }, "Close");
  const card = h("div", { class: "job", role: "status" }, h("span", { class: "job-words" }, sentence), close);
  if (![...place.children].some((one) => one.firstChild?.textContent === sentence)) {
    place.append(card);
  }
}

/** A card with words, a bar and a button; it appears only when a job takes a moment. */
function jobCard(place, title, onStop) {
  const bar = h("progress", { "aria-label": title });
  const words = h("span", { class: "job-words" }, title);
  const button = h("button", { type: "button", onclick: onStop }, "Stop");
  const card = h("div", { class: "job", role: "group", "aria-label": "Running" }, words, bar, button);
  const timer = setTimeout(() => place.append(card), SHOWN_AFTER);
  return {
    progress({ done, total, words: said }) {
      if (total) {
        bar.max = total;
        bar.value = done ?? 0;
      }
      words.textContent = said && said !== "computing" ? `${title}: ${said}` : title;
    },
    close() {
      clearTimeout(timer);
      card.remove();
    },
  };
}
