/** The closure of chosen simples, played layer by layer. */
import { button } from "../ui/controls.js";
import { h, replace } from "../ui/dom.js";

const BEAT = 1100;

/**
 * Make the player.
 * @param {{onStep: (step: number|null, isPlaying: boolean) => void, onClear: () => void,
 *   announce: (text: string) => void}} actions  step null: the last layer
 */
export function closurePlayer({ onStep, onClear, announce }) {
  const play = button({ label: "Play", kind: "primary", onClick: toggle });
  const first = button({ label: "«", title: "To the chosen simples", onClick: () => go(0) });
  const back = button({ label: "‹", title: "One layer back", onClick: () => go(step - 1) });
  const forth = button({ label: "›", title: "One layer on", onClick: () => go(step + 1) });
  const clear = button({ label: "Clear", kind: "quiet", onClick: onClear });
  for (const [made, words] of [[first, "First layer"], [back, "One layer back"], [forth, "One layer on"]]) {
    made.input.setAttribute("aria-label", words);
  }
  const words = h("p", { class: "closure-words" });
  const sums = h("p", { class: "closure-sums fine" });
  const layers = h("ol", { class: "closure-layers", start: 0 });
  const element = h(
    "section",
    { class: "panel graph-closure", "aria-label": "Closure", hidden: true },
    h("div", { class: "closure-tools" }, first.element, back.element, play.element, forth.element, clear.element),
    words,
    layers,
    sums,
  );
  let timer = null;
  let step = 0;
  let found = [];

  function stop() {
    clearInterval(timer);
    timer = null;
    play.input.textContent = "Play";
  }

  function toggle() {
    if (timer) {
      stop();
      return;
    }
    if (step >= found.length - 1) go(0);
    play.input.textContent = "Pause";
    timer = setInterval(() => {
      if (step >= found.length - 1) stop();
      else set(step + 1, true);
    }, BEAT);
  }

  function go(to) {
    stop();
    set(to, false);
  }

  function set(to, isPlaying) {
    const last = found.length - 1;
    step = Math.min(last, Math.max(0, to));
    onStep(step === last ? null : step, isPlaying);
    const names = found[step]?.names.join(", ") ?? "";
    announce(step === 0 ? `The chosen simples: ${names}` : `Layer ${step}, new: ${names}`);
  }

  return {
    element,
    stop,
    /**
     * Show the layers of a closure.
     * @param {{names: string[], sums: string[]}[]} given  by layer what is new, and what of it no
     *   single line leads to; empty: no simples are chosen
     * @param {number} at  the layer that is shown
     * @param {number} total  number of simples in the module
     */
    show(given, at, total) {
      found = given;
      step = at;
      element.hidden = !given.length;
      if (!given.length) {
        stop();
        return;
      }
      const last = given.length - 1;
      first.input.disabled = back.input.disabled = at === 0;
      forth.input.disabled = at === last;
      play.input.disabled = last === 0;
      const size = given.reduce((sum, layer) => sum + layer.names.length, 0);
      const chosen = given[0].names.join(", ");
      const rest = size === total ? "all simples of the module" : `${size} of ${total} simples`;
      words.textContent =
        last === 0
          ? `{${chosen}} is closed: whatever the weights, a network on this module that starts in it stays in it.`
          : `The closure of {${chosen}} has ${rest}: a network on this module that starts in the chosen ones produces these, and nothing else.`;
      replace(sums, given.map((_, i) => sumWords(given, i)).filter(Boolean).join(" "));
      replace(
        layers,
        given.map((layer, i) =>
          h(
            "li",
            { class: i === at ? "now" : i > at ? "later" : null, "aria-current": i === at ? "step" : null },
            i ? `+ ${listed(layer.names)}` : listed(layer.names),
          ),
        ),
      );
    },
  };
}

/** What comes from sums of several simples and along no line. */
function sumWords(layers, i) {
  const { sums } = layers[i];
  if (!sums.length) return "";
  const before = layers.slice(0, i).flatMap((layer) => layer.names);
  const verb = sums.length === 1 ? "comes" : "come";
  const sources = before.length <= 3 ? before.join(" and ") : `the ${before.length} simples before`;
  return `${listed(sums)} ${verb} from sums of ${sources}, not along one line.`;
}

function listed(names) {
  return names.length <= 30 ? names.join(", ") : `${names.slice(0, 30).join(", ")} and ${names.length - 30} others`;
}
