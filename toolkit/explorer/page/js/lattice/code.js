/** What leaves the lattice view: table, node-link data, TikZ, Python code. */
import { moduleCode } from "../graph/code.js";

/**
 * Return the table of both lattices.
 * @param {object} shown  see the view
 */
export function latticeTable({ record, galois, closed, labels }) {
  const rows = galois.normal.map((n, i) => [
    n.label,
    "normal",
    n.order,
    n.structure ?? "",
    n.covers.join(", "),
    galois.isKnown ? galois.simplesOver(i).map((k) => labels[k]).join(", ") : "",
  ]);
  for (const [i, members] of (closed?.members ?? []).entries()) {
    const normal = galois.isKnown ? galois.kernelOf(members) : -1;
    const below = closed.covers.filter(([, large]) => large === i).map(([small]) => closed.keys[small]);
    rows.push([
      closed.keys[i],
      "closed",
      members.length,
      "",
      below.join(" "),
      normal >= 0 ? galois.normal[normal].label : "",
    ]);
  }
  return {
    name: `Normal subgroups and closed sets of ${record.title}`,
    columns: ["element", "kind", "order or size", "structure", "covers", "goes to"],
    rows,
  };
}

/** Return both lattices as node-link data. */
export function latticeData({ record, module, activation, bias, galois, closed, labels }) {
  return {
    normal_subgroups: {
      directed: true,
      multigraph: false,
      graph: { kind: "normal subgroups", group: record.name },
      nodes: galois.normal.map((n) => ({ id: n.label, order: n.order, index: n.index, structure: n.structure })),
      edges: galois.normal.flatMap((n) => n.covers.map((below) => ({ source: below, target: n.label }))),
    },
    closed_sets: closed && {
      directed: true,
      multigraph: false,
      graph: { kind: "closed sets", group: record.name, module: module.title, activation: activation.name, bias },
      nodes: closed.members.map((members, i) => {
        const normal = galois.isKnown ? galois.kernelOf(members) : -1;
        const node = { id: closed.keys[i], simples: members.map((m) => labels[m]).join(", ") };
        if (normal >= 0) node.normal_subgroup = galois.normal[normal].label;
        return node;
      }),
      edges: closed.covers.map(([small, large]) => ({ source: closed.keys[small], target: closed.keys[large] })),
    },
  };
}

/** Return Python code that makes both lattices. */
export function latticePython({ record, module, activation, bias, text }) {
  const f = activation.python ? "f" : JSON.stringify(activation.name);
  const setup = activation.python ? ["", ...[].concat(activation.python), ""] : [];
  return [
    "import toolkit as tk",
    "",
    `G = tk.group(${JSON.stringify(record.name)})`,
    `X = ${moduleCode(module, text)}`,
    ...setup,
    "normal = G.normal_subgroups().graph",
    "for lower, upper in normal.edges:",
    "    print(lower, upper)",
    `closed = tk.closed_sets(X, ${f}${bias ? ", bias=True" : ""})`,
    "for node, data in closed.nodes(data=True):",
    '    print(node, data.get("normal_subgroup"))',
    "",
  ].join("\n");
}

/** Return the picture as TikZ, the elements where they stand on the screen. */
export function latticeTikz(hasse, content) {
  const lines = [
    "\\begin{tikzpicture}[x=1pt, y=-1pt, box/.style={draw, fill=white, inner sep=2.5pt, font=\\small, align=center}]",
  ];
  for (const side of ["normal", "closed"]) {
    const lattice = hasse.lattices[side];
    if (!lattice) continue;
    for (const [a, b] of lattice.covers) {
      const ends = [a, b].map((i) => `(${hasse.places[side][i].map((v) => Math.round(v)).join(",")})`);
      lines.push(`  \\draw[black!60] ${ends[0]} -- ${ends[1]};`);
    }
    lattice.keys.forEach((_, i) => {
      const [x, y] = hasse.places[side][i].map((v) => Math.round(v));
      const words = content[side](i).lines.map(tex).join("\\\\[-2pt] \\scriptsize ");
      lines.push(`  \\node[box, rounded corners=${side === "normal" ? 2 : 7}pt] at (${x},${y}) {${words}};`);
    });
  }
  return [...lines, "\\end{tikzpicture}", ""].join("\n");
}

function tex(text) {
  return text
    .replace("∅", "$\\emptyset$")
    .replace(/([LNV])(\d+)/g, "$$$1_{$2}$$");
}
