/** Long work in pieces. */

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
