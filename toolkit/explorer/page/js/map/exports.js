/** What the map view hands out: picture, table, data, TikZ and Python code. */

import { s } from "../ui/dom.js";
import { inLight } from "../ui/theme.js";
import { pieceAt } from "../mathematics/pieces.js";
import { linesInPlane } from "../mathematics/arrangement.js";
import { everyTarget } from "./every.js";
import { isOnHyperplane } from "./scene.js";

const GAP = 24;
const HEAD = 26;

/**
 * @param {object} view  the map view.
 * @returns {{svg: SVGElement|null, table: object|null, json: object|null, tikz: string|null,
 *   python: string|null}}
 */
export function exportsOf(view) {
  const { scene } = view;
  if (!scene) return { svg: null, table: null, json: null, tikz: null, python: null };
  return {
    svg: inLight(() => (view.picture === "table" ? view.table.svg() : pictureOf(view))),
    table: tableOf(view),
    json: dataOf(view),
    tikz: tikzOf(scene),
    python: codeOf(scene, scene.activation),
  };
}

function pictureOf(view) {
  const parts = Object.values(view.panels).filter((panel) => panel.shown).map((panel) => panel.svg());
  const columns = parts.length > 2 ? 2 : parts.length;
  const svg = s("svg", null);
  let [x, y, high, wide] = [GAP, GAP, 0, 0];
  parts.forEach((part, i) => {
    if (i && i % columns === 0) [x, y, high] = [GAP, y + high + GAP + HEAD, 0];
    svg.append(
      s("text", { x, y: y + 12, "font-size": 14, "font-weight": 600, fill: "#20242a" }, part.title),
      s("g", { transform: `translate(${x},${y + HEAD})` }, part.group),
    );
    x += part.width + GAP;
    high = Math.max(high, part.height);
    wide = Math.max(wide, x);
  });
  svg.setAttribute("viewBox", `0 0 ${wide} ${y + high + GAP + HEAD}`);
  return svg;
}

function tableOf(view) {
  const { scene } = view;
  if (view.picture === "every") return everyTable(scene);
  const { map } = scene;
  const [before, after] = [view.inner(), view.after()];
  const w = Array.from({ length: map.d }, (_, i) => `w${i + 1}`);
  const u = Array.from({ length: map.e }, (_, i) => `u${i + 1}`);
  const rows = Array.from({ length: map.count }, (_, x) => [
    x, round(before[x]), round(after[x]),
    ...map.vectors.subarray(x * map.d, (x + 1) * map.d).map(round),
    ...map.covectors.subarray(x * map.e, (x + 1) * map.e).map(round),
  ]);
  return {
    name: `${scene.source.label} to ${scene.target.label} on ${scene.module.title} of ${scene.record.title}: the points at v`,
    columns: ["point", "<v, gw>", "f(<v, gw>)", ...w, ...u], rows,
  };
}

/** phi(v) in every simple. */
function everyTable(scene) {
  const { source, module, record, v, activation } = scene;
  const rows = everyTarget(scene).map(({ simple, map, zero }) => {
    const value = map && !zero ? [...map.value(v)] : [];
    return [
      simple.label, simple.paper_index ?? null, simple.dimension, zero ? "zero" : "",
      zero ? 0 : round(Math.hypot(...value)), value.map(round).join(" "),
    ];
  });
  return {
    name: `${source.label} to every simple of ${module.title} of ${record.title} through ${activation.name}, v = (${[...v].join(", ")})`,
    columns: ["K", "k", "dim K", "map", "length of phi(v)", "phi(v)"], rows,
  };
}

function round(x) {
  return Number(x.toPrecision(10));
}

function dataOf(view) {
  const { scene } = view;
  const { map, breaks, record, module, source, target, activation, named, v, verdict } = scene;
  const piece = breaks && !isOnHyperplane(scene, v) ? pieceAt(map, v) : null;
  const rows = (numbers, wide) => Array.from({ length: numbers.length / wide }, (_, i) =>
    [...numbers.slice(i * wide, (i + 1) * wide)].map(round));
  const orbit = scene.regions && piece ? scene.regions.orbit(v) : -1;
  return {
    group: groupName(record, module), title: record.title, module: module.id, source: source.label, target: target.label,
    source_copy: named.sourceCopy?.name ?? "", target_copy: named.targetCopy?.name ?? "",
    activation: activation.name, v: [...v], value: [...view.image()],
    zero: { is_zero: verdict.zero, certainty: verdict.certainty, parts: verdict.parts },
    hyperplanes: breaks ? breaks.normals.map((n) => [...n].map(round)) : null,
    offsets: breaks ? breaks.offsets.map(round) : null,
    regions: { count: source.regions ?? null, certainty: source.regions_are ?? null },
    region: piece && {
      matrix: rows(piece.matrix, map.d), constant: [...piece.constant].map(round),
      orbit_size: orbit >= 0 ? scene.regions.sizes[orbit] : null,
    },
    plane: scene.map.d > 2 ? scene.plane.frame.map((row) => [...row].map(round)) : null,
  };
}

/** The name by which Python makes the group: with the points that a natural module needs. */
export function groupName(record, module) {
  return module.id === "natural" ? record.title : record.name;
}

/** The module as Python makes it. */
export function moduleCode(module) {
  if (module.id === "regular") return "G.regular_module()";
  if (module.id === "natural") return "G.natural_module()";
  if (/^H\d+[a-z]*$/.test(module.id)) return `G.coset_module(${JSON.stringify(module.id)})`;
  return `G.module(${JSON.stringify(module.id)})`;
}

function codeOf({ record, module, source, target, named, v }, activation) {
  const copy = (name, chosen) => (chosen?.key ? `, ${name}=${Number(chosen.key)}` : "");
  return [
    "import toolkit as tk",
    "",
    `G = tk.group(${JSON.stringify(groupName(record, module))})  # ${record.title}`,
    `X = ${moduleCode(module)}`,
    `phi = tk.pl_map(X, "${source.label}", "${target.label}", ${JSON.stringify(activation.text ?? activation.name)}${copy("w", named.sourceCopy)}${copy("u", named.targetCopy)})`,
    `v = [${[...v].join(", ")}]`,
    "print(phi)",
    "print(phi.zero.reason)",
    "print(phi(v))",
    "if phi.is_piecewise_linear:",
    "    print(phi.hyperplanes, phi.offsets, phi.regions)",
    "    print(phi.at(v))",
    'phi.plot("map.svg")',
    "",
  ].join("\n");
}

/** The fan or the section as a TikZ picture; null in dimension 1. */
function tikzOf(scene) {
  const { map, breaks, radius, plane, v, record, source, target, activation } = scene;
  if (map.d === 1) return null;
  const [first, second] = plane.frame;
  const dots = (a) => a.reduce((sum, x, i) => sum + x * v[i], 0);
  const [x, y] = [dots(first), dots(second)];
  const rest = v.map((at, i) => (map.d > 2 ? at - x * first[i] - y * second[i] : 0));
  const lines = breaks ? linesInPlane(breaks.normals, breaks.offsets, rest, first, second) : [];
  const short = (t) => Number(((3 * t) / radius).toFixed(3));
  const drawn = lines.filter(({ c }) => Math.abs(c) < radius).map(({ a, b, c }) => {
    const half = Math.sqrt(radius * radius - c * c);
    return `\\draw (${short(c * a - half * b)},${short(c * b + half * a)}) -- (${short(c * a + half * b)},${short(c * b - half * a)});`;
  });
  return [
    `% ${record.title}: ${source.label} -> ${target.label} through ${activation.name}, where it breaks`,
    "\\begin{tikzpicture}", "\\draw[gray] (0,0) circle (3);", ...drawn,
    `\\draw[very thick,->] (0,0) -- (${short(x)},${short(y)}) node[above right] {$v$};`,
    "\\end{tikzpicture}", "",
  ].join("\n");
}
