/** The interaction graph that is shown: the criterion, its edges, and the rows. */
import { edgesBySource } from "../mathematics/edges.js";
import { Criterion, simplesOf } from "../mathematics/support.js";
import { EdgeMatrix } from "./plan.js";

/**
 * @typedef {object} GraphModel
 * @property {object} record
 * @property {object} module
 * @property {object} activation
 * @property {boolean} bias
 * @property {Criterion} criterion
 * @property {string[]} labels  by position in the contents
 * @property {object[]} simples
 * @property {number[]} orders  order of the action
 * @property {import("../mathematics/edges.js").Edge[]} edges
 * @property {EdgeMatrix} matrix
 * @property {boolean} hasShares
 * @property {string|null} noShares  why there are none
 */

/**
 * Build the graph, source by source.
 * @param {{record: object, module: object, activation: object, bias: boolean,
 *   share: ((source:number, target:number) => number)|null, noShares?: string|null}} given
 * @returns {Generator<void, GraphModel>}
 */
export function* graphModel({ record, module, activation, bias, share, noShares = null }) {
  const criterion = new Criterion(record, module, activation, bias);
  const simples = simplesOf(record, module);
  const matrix = new EdgeMatrix(simples.length);
  for (const found of edgesBySource(criterion, share)) {
    matrix.add(found);
    yield;
  }
  return {
    record,
    module,
    activation,
    bias,
    criterion,
    labels: criterion.labels,
    simples,
    orders: simples.map((s) => Number(s.action_order)),
    edges: matrix.edges,
    matrix,
    hasShares: share !== null,
    noShares,
  };
}
