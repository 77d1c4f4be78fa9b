/** What leaves the graph view: Python code, TikZ, node-link data, the table of edges. */
import { lineWidth } from "./marks.js";

/**
 * Return Python code that makes the same graph.
 * @param {import("./model.js").GraphModel} model
 * @param {{set: string[], pair: [number, number]|null, moduleCode: string, threshold: number,
 *   isReduced: boolean}} shown  isReduced: whether edges that transitivity implies are not drawn
 * @returns {string}
 */
export function pythonCode(model, { set, pair, moduleCode, threshold, isReduced }) {
  const q = JSON.stringify;
  const bias = model.bias ? ", bias=True" : "";
  const f = activationCode(model.activation);
  const lines = [
    "import toolkit as tk",
    "",
    `G = tk.group(${q(model.record.name)})`,
    `X = ${moduleCode}`,
  ];
  if (f.setup.length) lines.push("", ...f.setup, "");
  lines.push(
    `graph = tk.interaction_graph(X, ${f.name}${bias})`,
    "for source, target, data in graph.edges(data=True):",
    "    print(source, target, data)",
  );
  if (isReduced) lines.push("# The page leaves out the edges that others imply by transitivity (reduced).");
  if (threshold > 0 && model.hasShares) {
    lines.push(
      `threshold = ${threshold}  # the page hides lines with a smaller mean share of the energy`,
      "for source, target, share in graph.edges(data=\"share\"):",
      "    if share >= threshold:",
      "        print(source, target, share)",
    );
  }
  if (pair) {
    const [l, k] = pair.map((i) => model.labels[i]);
    lines.push(`print(tk.explain(X, ${q(l)}, ${q(k)}, ${f.name}${bias}))`);
  }
  if (set.length) lines.push(`print(tk.closure(X, ${q(set).replace(/,/g, ", ")}, ${f.name}${bias}))`);
  return `${lines.join("\n")}\n`;
}

function activationCode(f) {
  if (f.python) return { name: "f", setup: [].concat(f.python) };
  return { name: JSON.stringify(f.name), setup: [] };
}

/**
 * Return the code of a module of the record.
 * @param {object} module
 * @param {string} [text]  what the address says
 * @returns {string}
 */
export function moduleCode(module, text) {
  if (module.id === "regular") return "G.regular_module()";
  if (module.id === "natural") return "G.natural_module()";
  const label = module.subgroup?.label;
  if (label && label === module.id) return `G.coset_module(${JSON.stringify(label)})`;
  return `G.module(${JSON.stringify(text ?? module.id)})`;
}

/**
 * Return the graph as node-link data, with the attributes of tk.interaction_graph.
 * @param {import("./model.js").GraphModel} model
 * @param {{threshold: number, isReduced: boolean}} drawn  what the picture leaves out: the data have
 *   every edge
 * @returns {object}
 */
export function nodeLink(model, { threshold, isReduced }) {
  const about = {
    group: model.record.name,
    module: model.module.title,
    activation: model.activation.name,
    bias: model.bias,
    schema: 1,
    activation_parts: model.activation.partsAre ?? (model.activation.exact === false ? "measured" : "exact"),
    shares: model.hasShares ? "expected" : `none: ${model.noShares ?? "not computed"}`,
  };
  about.picture = { threshold, reduced: isReduced };
  if (model.record.title !== model.record.name) about.group_title = model.record.title;
  return {
    directed: true,
    multigraph: false,
    graph: about,
    nodes: model.simples.map((s, i) => {
      const node = {
        dimension: s.dimension,
        type: s.type,
        multiplicity: model.module.contents[i].multiplicity,
        action_order: s.action_order,
        kernel_order: s.kernel_order,
      };
      if (s.paper_index !== null && s.paper_index !== undefined) node.paper_index = s.paper_index;
      return { ...node, id: model.labels[i] };
    }),
    edges: model.edges.map(({ source, target, parts, reach, reach_of, share }) => {
      const edge = { parts, reach, reach_of };
      if (Number.isFinite(share)) edge.share = share;
      return { ...edge, source: model.labels[source], target: model.labels[target] };
    }),
  };
}

/**
 * Return the table of edges.
 * @param {import("./model.js").GraphModel} model
 * @param {(source: number, target: number) => string} shown  whether the picture has the edge
 * @param {{digits?: number}} [options]  significant digits of shares, to be read; all if absent
 * @returns {import("../ui/table.js").Table}
 */
export function edgeTable(model, shown, { digits } = {}) {
  const columns = ["from", "to", "through", "reach", "of"];
  if (model.hasShares) columns.push(`share of the energy${digits ? ` (${digits} digits)` : ""}`);
  columns.push("shown");
  const written = (share) => {
    if (!Number.isFinite(share)) return null;
    return digits ? Number(share.toPrecision(digits)) : share;
  };
  return {
    name: `Edges of the interaction graph of ${model.record.title}, ${model.module.title}, ${model.activation.name}${model.bias ? ", with a bias" : ""}`,
    columns,
    rows: model.edges.map(({ source, target, parts, reach, reach_of, share }) => {
      const row = [model.labels[source], model.labels[target], parts, reach, reach_of];
      if (model.hasShares) row.push(written(share));
      return [...row, shown(source, target)];
    }),
  };
}

const STYLES = {
  even: "",
  odd: "densely dotted",
  "even and odd": "dash dot",
  polynomial: "loosely dashed",
  linear: "dashed, black!45",
  constant: "dotted, black!45",
  unknown: "black!45",
};
const COLOURS = { R: "0072B2", C: "E69F00", H: "009E73" };

/**
 * Return the picture as TikZ: boxes and lines stand where they do on the screen.
 * @param {import("./picture.js").Picture} drawn
 * @param {import("./model.js").GraphModel} model
 * @returns {string}
 */
export function tikz(drawn, model) {
  const types = [...new Set(model.simples.map((s) => s.type))].filter((t) => COLOURS[t]);
  const lines = [
    "\\begin{tikzpicture}[x=1pt, y=-1pt, >=stealth,",
    "  box/.style={rounded corners=3pt, draw, inner sep=2pt, font=\\small, align=center}]",
    `  % ${ascii(model.record.title)}, ${ascii(model.module.title)}, ${ascii(model.activation.name)}`,
    ...types.map((t) => `  \\definecolor{type${t}}{HTML}{${COLOURS[t]}}`),
  ];
  for (const line of drawn.shown) {
    const options = ["->", STYLES[line.kind], `line width=${(0.6 * lineWidth(model.hasShares ? line.share : undefined)).toFixed(2)}pt`];
    if (line.both) options[0] = "<->";
    lines.push(`  \\draw[${options.filter(Boolean).join(", ")}] ${tikzPath(line)};`);
  }
  drawn.boxes.forEach((box, i) => {
    const { members } = drawn.plan.boxes[i];
    const kinds = [...new Set(members.map((m) => model.simples[m].type))];
    const colour = kinds.length === 1 && COLOURS[kinds[0]] ? `type${kinds[0]}` : "black!60";
    const heading = members.length <= 3 ? `$${members.map((m) => subscript(model.labels[m])).join(",")}$` : `${members.length} simples`;
    const about = `dim ${[...new Set(members.map((m) => model.simples[m].dimension))].join(", ")}`;
    lines.push(
      `  \\node[box, ${colour}, text=black, fill=${colour}!12, minimum width=${Math.round(box.w)}pt, minimum height=${Math.round(box.h)}pt] ` +
        `at (${coordinates(box.x, box.y)}) {${heading}\\\\ \\scriptsize ${about}};`,
    );
  });
  return [...lines, "\\end{tikzpicture}", ""].join("\n");
}

function subscript(label) {
  return `${label[0]}_{${label.slice(1)}}`;
}

function ascii(text) {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function coordinates(x, y) {
  return `${Math.round(10 * x) / 10},${Math.round(10 * y) / 10}`;
}

/** Return an SVG path of moves, lines and cubic curves in TikZ; the line ends in its head's tip. */
function tikzPath({ d, offset, heads }) {
  const [dx, dy] = offset;
  let [x, y] = [0, 0];
  const out = [];
  const at = (px, py) => `(${coordinates(px + dx, py + dy)})`;
  for (const [, letter, rest] of d.matchAll(/([MLHVCmlhvc])([^MLHVCmlhvc]*)/g)) {
    const numbers = (rest.match(/-?(?:\d+\.?\d*|\.\d+)/g) ?? []).map(Number);
    const isRelative = letter === letter.toLowerCase();
    const kind = letter.toUpperCase();
    if (kind === "H") {
      x = numbers[0] + (isRelative ? x : 0);
      out.push(`-- ${at(x, y)}`);
    } else if (kind === "V") {
      y = numbers[0] + (isRelative ? y : 0);
      out.push(`-- ${at(x, y)}`);
    } else if (kind === "C") {
      for (let i = 0; i + 5 < numbers.length; i += 6) {
        const [ox, oy] = isRelative ? [x, y] : [0, 0];
        const [a, b, c, e, f, g] = numbers.slice(i, i + 6);
        out.push(`.. controls ${at(ox + a, oy + b)} and ${at(ox + c, oy + e)} .. ${at(ox + f, oy + g)}`);
        [x, y] = [ox + f, oy + g];
      }
    } else {
      for (let i = 0; i + 1 < numbers.length; i += 2) {
        const [ox, oy] = isRelative ? [x, y] : [0, 0];
        [x, y] = [ox + numbers[i], oy + numbers[i + 1]];
        out.push(`${kind === "M" ? "" : "-- "}${at(x, y)}`);
      }
    }
  }
  const [tip] = heads;
  if (tip) out.push(`-- (${coordinates(tip[0], tip[1])})`);
  return out.join(" ");
}

