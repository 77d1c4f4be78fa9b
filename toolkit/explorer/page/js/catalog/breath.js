/** Long work in pieces. */

/** Rows that are looked at between two breaths of the page. */
export const ROWS_AT_ONCE = 20000;

/**
 * Lets the page do what waits: painting, keys.
 * @returns {Promise<void>}
 */
export function breath() {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}
