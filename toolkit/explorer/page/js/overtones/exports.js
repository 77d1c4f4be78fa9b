/** What leaves the overtones view. */

import { pythonCode, tikz } from "./code.js";

/**
 * @param {object} view with app, shown, bars, svg, points, words(), table()
 * @returns {{svg: SVGElement, table: object, json: object, tikz: string, python: string}}
 */
export function exportsOf(view) {
  const { shown, bars, points } = view;
  const { activation } = view.app;
  return {
    svg: view.svg,
    table: view.table(),
    json: {
      activation: activation.name,
      parts_are: activation.partsAre,
      points: shown.n,
      frequency: shown.k,
      amplitude: shown.amplitude,
      phase_degrees: shown.phase,
      depth: shown.depth,
      between_layers: shown.between,
      input: points.input,
      output: points.output,
      factors: points.factors,
      frequencies: bars.map((bar) => ({
        frequency: bar.frequency, points: bar.points, circle: bar.circle, parts: bar.parts, simple: bar.label,
      })),
    },
    tikz: tikz(bars, view.words()),
    python: pythonCode({ ...shown, degrees: shown.phase, activation }),
  };
}
