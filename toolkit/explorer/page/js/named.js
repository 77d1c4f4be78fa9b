/** What an address names: the record of its group, a module, an activation; found together. */

import { activation as readActivation } from "./mathematics/activations.js";
import { unpackedModule } from "./unpack.js";

/**
 * @typedef {object} Named
 * @property {string} key which part of the address these are the answer to
 * @property {object|null} record
 * @property {object|null} module
 * @property {object} activation
 * @property {{group: string|null, choices: string[], module: string|null,
 *   activation: string|null}} problems what could not be found, in sentences
 */

/**
 * The part of a state that names something which has to be found.
 * @param {Record<string, string>} state
 * @returns {string}
 */
export function keyOf({ group, module, f }) {
  return JSON.stringify([group ?? null, module ?? null, f]);
}

/** What holds before anything was found. */
export const NOTHING = Object.freeze({
  key: null,
  group: undefined,
  record: null,
  module: null,
  activation: readActivation("relu"),
  problems: Object.freeze({ group: null, choices: [], module: null, activation: null }),
});

/**
 * Makes the function that finds what a state names. Nothing is changed before all is found, so
 * that group, module and activation always belong together.
 * @param {{data: object, server: object|null}} parts
 * @returns {(state: Record<string, string>, before: Named, signal: AbortSignal) => Promise<Named>}
 *   what the signal stops is of no use; an activation that cannot be read leaves the one before
 */
export function createFinder({ data, server }) {
  const answers = new Map();
  const modules = new WeakMap();

  return async function find(state, before, signal) {
    const group = state.group ?? null;
    const found = await recordOf(group, before, signal);
    const { module, problem } = await moduleOf(found.record, state.module, signal);
    const { activation, sentence } = await activationOf(state.f, before);
    return {
      key: keyOf(state), group, record: found.record, module, activation,
      problems: { ...found.problems, module: problem, activation: sentence },
    };
  };

  async function recordOf(group, before, signal) {
    const problems = { group: null, choices: [] };
    if (group === null) return { record: null, problems };
    if (group === before.group && before.record) return { record: before.record, problems };
    try {
      return { record: await data.record(group, { signal }), problems };
    } catch (error) {
      return { record: null, problems: { group: error.message, choices: error.choices ?? [] } };
    }
  }

  async function moduleOf(record, text, signal) {
    if (record === null) return { module: null, problem: null };
    const first = record.modules?.[0] ?? null;
    if (text === undefined) return { module: first, problem: null };
    try {
      return { module: await named(record, text, signal), problem: null };
    } catch (error) {
      const instead = first ? ` Shown is ${first.title}.` : "";
      return { module: first, problem: `module=${text}: ${ended(error.message)}${instead}` };
    }
  }

  async function named(record, text, signal) {
    const bundled = record.modules.find((one) => one.id === text || one.title === text);
    if (bundled) return bundled;
    if (!modules.has(record)) modules.set(record, new Map());
    const own = modules.get(record);
    if (!own.has(text)) own.set(text, unpackedModule(await asked(record, text, signal), record));
    return own.get(text);
  }

  /** The server's answer, which is kept: it can be unpacked again for another copy of the record. */
  async function asked(record, text, signal) {
    const key = `${record.name}\n${text}`;
    if (answers.has(key)) return answers.get(key);
    if (server === null) {
      throw new Error(
        `${record.title} has no such module on this page; plrep explore answers for any module.`,
      );
    }
    const answer = await server.ask("module", { group: record.name, module: text }, { signal });
    answers.set(key, answer);
    return answer;
  }

  async function activationOf(text, before) {
    let found;
    try {
      found = await readActivation(text);
    } catch (error) {
      found = { error: error.message };
    }
    if (!found.error) return { activation: found, sentence: null };
    const kept = before.activation;
    return { activation: kept, sentence: `f=${text}: ${ended(found.error)} Shown is ${kept.name}.` };
  }
}

/** A sentence with its full stop. */
function ended(sentence) {
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}
