/**
 * The Galois connection between normal subgroups and sets of simples of a module:
 * N goes to {K : N <= ker K}, and A to the intersection of the kernels of its simples.
 */
import { simplesOf } from "../mathematics/support.js";

export class Galois {
  /**
   * @param {object} record
   * @param {object} module
   */
  constructor(record, module) {
    this.normal = record.normal ?? [];
    this.simples = simplesOf(record, module);
    const classes = new Map(this.normal.map((n) => [n.label, n.classes]));
    this.kernels = this.simples.map((s) => new Set(classes.get(s.kernel) ?? []));
    this.byClasses = new Map(this.normal.map((n, i) => [key(n.classes), i]));
    this.all = record.classes ? [...record.classes.sizes.keys()] : [];
  }

  /** Whether kernels are known: the group has a character table. */
  get isKnown() {
    return this.normal.length > 0 && this.kernels.every((kernel) => kernel.size > 0);
  }

  /**
   * Return the simples of the module whose kernel contains a normal subgroup.
   * @param {number} n  position among the normal subgroups
   * @returns {number[]}
   */
  simplesOver(n) {
    const { classes } = this.normal[n];
    return [...this.simples.keys()].filter((i) => classes.every((c) => this.kernels[i].has(c)));
  }

  /**
   * Return the intersection of the kernels of some simples; of none, the whole group.
   * @param {number[]} members
   * @returns {number}  position among the normal subgroups, or -1
   */
  kernelOf(members) {
    const common = this.all.filter((c) => members.every((i) => this.kernels[i].has(c)));
    return this.byClasses.get(key(common)) ?? -1;
  }
}

function key(classes) {
  return [...classes].sort((a, b) => a - b).join(",");
}
