/** What the catalog view begins with for each table: columns, a picture, examples. */

/** Columns that are shown first; other tables show all but what made the row, and what the group is. */
const FIRST = {
  groups: [
    "group", "description", "order", "abelian", "nilpotent", "solvable", "exponent", "classes",
    "simples", "simples_R", "simples_C", "simples_H", "largest_dimension", "normal_subgroups",
  ],
  graphs: [
    "group", "description", "module", "activation", "nodes", "edges", "loops", "sinks",
    "nontrivial_sinks", "sources", "components", "longest_path", "self_share_mean",
    "trivial_share_mean", "largest_leak",
  ],
};

/** The picture that is shown first. */
const PICTURES = {
  groups: "points:order:simples",
  classes: "bars:element_order",
  simples: "bars:type",
  normal_subgroups: "points:order:subgroup_order",
  quotients: "points:order:kernel_order",
  modules: "points:degree:rank",
  contents: "bars:multiplicity",
  graphs: "points:nodes:edges",
  edges: "bars:parts",
  closed_sets: "bars:size",
  pl_maps: "points:order:targets",
};

const EXAMPLES = {
  groups: [
    ["simples_H > 0 and not solvable", "quaternionic simples, not solvable"],
    ["simple and not abelian", "simple, not abelian"],
    ["faithful_simples = 0", "no faithful simple"],
  ],
  classes: [
    ["group = 'S4'", "of S4"],
    ["class != inverse and size > 20", "not closed under inversion, large"],
  ],
  simples: [
    ["group = 'SL(2,3)'", "of SL(2,3)"],
    ["type = 'H' and dimension = 4 and kernel_order = 1", "faithful, quaternionic, dimension 4"],
    ["dimension * dimension > order", "dimension above the root of the order"],
  ],
  quotients: [
    ["quotient = 'A5'", "groups above A5"],
    ["quotient = 'S3' and kernel_order = 2", "above S3, by a kernel of order 2"],
  ],
  modules: [
    ["rank = 2 and degree > 20", "2-transitive, more than 20 points"],
    ["not subgroup_normal and largest_multiplicity > 2", "a simple three times or more"],
    ["group = 'S4'", "of S4"],
  ],
  contents: [
    ["regions > 6 and module != 'regular'", "more than six regions"],
    ["group = 'A5' and module = 'regular'", "of A5, regular"],
  ],
  graphs: [
    ["activation = 'relu' and nontrivial_sinks > 0", "non-trivial sinks under relu"],
    ["activation = 'abs' and module = 'regular' and longest_path > 4", "long paths under abs"],
    ["group = 'D16' and module = 'regular'", "of D16, regular"],
  ],
  pl_maps: [["group = 'S4'", "of S4"], ["targets = 1 and kernel_order = 1", "reach one simple only"]],
  edges: [["group = 'S4' and module = 'regular' and activation = 'relu'", "S4, regular, relu"]],
};

/**
 * The names of the columns that a table shows first.
 * @param {{name: string, columns: Array<{name: string}>}} table
 * @returns {string[]}
 */
export function firstColumns(table) {
  if (FIRST[table.name]) return FIRST[table.name];
  const own = table.columns.map((one) => one.name).filter((name) => name !== "provenance");
  return own.flatMap((name) => (name === "group" ? ["group", "description"] : [name]));
}

/** @returns {string} the picture that a table shows first, "none" for no picture */
export function firstPicture(table) {
  return PICTURES[table.name] ?? "none";
}

/** @returns {Array<[string, string]>} conditions to begin with, and what they mean */
export function examplesOf(table) {
  return EXAMPLES[table.name] ?? [];
}
