/** A new view or group begins at its top; what Back and Forward bring is where it was left. */

/** What an entry of the history has once it was shown. */
const SEEN = { seen: true };

/**
 * Follows what the app shows.
 * @param {object} app
 */
export function followScroll(app) {
  const left = new Map();
  let place = null;
  let shown = null;

  addEventListener("scroll", () => {
    if (!app.isAsking && shown === location.hash) left.set(shown, scrollY);
  }, { passive: true });

  app.onChange(() => {
    const isNew = history.state === null;
    const before = place;
    place = JSON.stringify([app.state.group, app.state.view]);
    shown = app.href({});
    if (isNew) history.replaceState(SEEN, "");
    if (before === null || before === place || app.state.section) return;
    scrollTo(0, isNew ? 0 : left.get(shown) ?? 0);
  });
}
