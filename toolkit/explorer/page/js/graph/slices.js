/** Long work in short tasks, so that the page answers in between. */

/**
 * Run a generator in slices of a few milliseconds.
 * @template T
 * @param {Generator<void, T>} steps
 * @param {() => boolean} isStale  asked between slices: whether nobody wants the result any more
 * @param {number} [slice]  milliseconds
 * @returns {Promise<T|null>}  null if it was given up
 */
export async function inSlices(steps, isStale, slice = 14) {
  let until = performance.now() + slice;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < until) continue;
    await breath();
    if (isStale()) return null;
    until = performance.now() + slice;
  }
}

/** Let the page draw and answer. */
function breath() {
  if (globalThis.scheduler?.yield) return globalThis.scheduler.yield();
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
