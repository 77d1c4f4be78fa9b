/**
 * Positions in the picture of an interaction graph that Python has not drawn: with opened boxes,
 * every edge, or a polynomial activation.
 *
 * The layered method of Sugiyama, Tagawa and Toda (1981), as in toolkit.figures: one row for each
 * order of the action, edges that skip rows get a place in each row between, rows are ordered by
 * barycentres, and positions are the exact least-squares solution under the minimal distances.
 * Nothing is random. A generator: each step is short, and the page breathes between the steps.
 */
import { route } from "./routes.js";

/**
 * A box, or the place where a line passes through a layer.
 * @typedef {object} Item
 * @property {number} index
 * @property {boolean} isBox
 * @property {number} layer
 * @property {number} left
 * @property {number} right
 * @property {number} height
 * @property {number} x
 * @property {Item[]} up
 * @property {Item[]} down
 */

const ITEMS_PER_LINE = 10;
/** How far a loop extends beyond its box. */
export const LOOP_REACH = 20;

/**
 * Place the boxes and route the lines around them.
 * @param {ReturnType<typeof import("./plan.js").planPicture>} plan
 * @param {[number, number][]} sizes  width and height of each box
 * @param {number} [widthLimit]  wider rows are broken into several lines
 * @returns {Generator<void, object>}  the picture, as the record has it
 */
export function* arrange(plan, sizes, widthLimit = 900) {
  const bundle = plan.grouped || plan.boxes.length > 8;
  const { layers, items, orders } = layersOf(plan, sizes, widthLimit);
  const chains = chainsOf(plan, items, layers, bundle);
  yield;
  yield* orderLayers(layers, arcsOf(plan, items));
  yield* placeItems(layers);
  return yield* route(plan, layers, items, chains, orders, bundle);
}

/**
 * Run a generator to its end, now.
 * @template T
 * @param {Generator<void, T>} steps
 * @returns {T}
 */
export function finished(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function layersOf(plan, sizes, widthLimit) {
  const layers = [];
  const items = [];
  const orders = [];
  const rows = new Map();
  plan.boxes.forEach((box, i) => {
    if (!rows.has(box.order)) rows.set(box.order, []);
    rows.get(box.order).push(i);
  });
  for (const [order, row] of rows) {
    const total = row.reduce((sum, i) => sum + sizes[i][0] + 24, 0);
    const lines = Math.max(
      widthLimit >= 900 ? Math.ceil(row.length / ITEMS_PER_LINE) : 1,
      Math.ceil(total / widthLimit),
    );
    let layer = [];
    let used = 0;
    let done = 0;
    for (const index of row) {
      const [width, height] = sizes[index];
      const middle = used + width / 2;
      if (layer.length && middle > (total * (done + 1)) / lines && done + 1 < lines) {
        layers.push(layer);
        orders.push(order);
        layer = [];
        done += 1;
      }
      const box = plan.boxes[index];
      const loop = box.members.length === 1 && box.loop !== null ? LOOP_REACH : 0;
      const item = newItem(index, true, layers.length, width / 2, width / 2 + loop, height);
      items.push(item);
      layer.push(item);
      used += width + 24;
    }
    layers.push(layer);
    orders.push(order);
  }
  return { layers, items, orders };
}

function newItem(index, isBox, layer, left, right, height) {
  return { index, isBox, layer, left, right, height, x: 0, up: [], down: [] };
}

/** Return the items that each line visits, from its upper end to its lower end. */
function chainsOf(plan, items, layers, bundle) {
  const shared = new Map();
  const joined = new Set();
  let count = items.length;
  return plan.links.map((link, number) => {
    let [upper, lower] = [items[link.source], items[link.target]];
    if (upper.layer > lower.layer) [upper, lower] = [lower, upper];
    const chain = [upper];
    for (let layer = upper.layer + 1; layer < lower.layer; layer += 1) {
      const key =
        bundle && !link.both
          ? `${link.target} ${link.kind} ${layer} ${upper === items[link.source]}`
          : `${number} ${layer}`;
      if (!shared.has(key)) {
        const item = newItem(count, false, layer, 2, 2, 0);
        shared.set(key, item);
        layers[layer].push(item);
        count += 1;
      }
      chain.push(shared.get(key));
    }
    chain.push(lower);
    if (upper.layer < lower.layer) {
      for (let i = 1; i < chain.length; i += 1) {
        const key = `${chain[i - 1].index} ${chain[i].index}`;
        if (joined.has(key)) continue;
        joined.add(key);
        chain[i - 1].down.push(chain[i]);
        chain[i].up.push(chain[i - 1]);
      }
    }
    return chain;
  });
}

/** Return, by layer, the pairs of items that a line joins inside the layer. */
function arcsOf(plan, items) {
  const arcs = new Map();
  for (const link of plan.links) {
    const [one, two] = [items[link.source], items[link.target]];
    if (one.layer !== two.layer) continue;
    if (!arcs.has(one.layer)) arcs.set(one.layer, []);
    arcs.get(one.layer).push([one.index, two.index]);
  }
  return arcs;
}

/** Order each layer for few crossings: barycentres, then exchanges of neighbours. */
function* orderLayers(layers, arcs) {
  const arcsAt = (i) => arcs.get(i) ?? [];
  const costAround = (i) => {
    let total = 0.25 * arcCost(layers[i], arcsAt(i));
    if (i) total += crossings(layers[i - 1], layers[i]);
    if (i + 1 < layers.length) total += crossings(layers[i], layers[i + 1]);
    return total;
  };
  const cost = () => {
    let total = 0;
    for (let i = 0; i < layers.length; i += 1) {
      if (i) total += crossings(layers[i - 1], layers[i]);
      total += 0.25 * arcCost(layers[i], arcsAt(i));
    }
    return total;
  };
  const lines = layers.flat().reduce((sum, item) => sum + item.down.length, 0);
  const count = layers.reduce((sum, layer) => sum + layer.length, 0);
  const isSmall = lines * count <= 40000; // exchanges look at every line for each item
  const copy = () => layers.map((layer) => [...layer]);
  let best = copy();
  let least = cost();
  const sweeps = lines > 4000 ? 4 : 12;
  for (let sweep = 0; sweep < sweeps && least; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (let k = 0; k < layers.length; k += 1) {
      const i = isDown ? k : layers.length - 1 - k;
      const beside = isDown ? i - 1 : i + 1;
      if (beside < 0 || beside >= layers.length) continue;
      const there = new Map(
        layers[beside].map((item, j) => [item, (j + 0.5) / layers[beside].length]),
      );
      const keys = new Map(
        layers[i].map((item, j) => {
          const near = isDown ? item.up : item.down;
          const own = (j + 0.5) / layers[i].length;
          const mean = near.reduce((sum, other) => sum + there.get(other), 0) / near.length;
          return [item, near.length ? mean : own];
        }),
      );
      layers[i].sort((one, two) => keys.get(one) - keys.get(two));
    }
    if (isSmall) yield* exchange(layers, costAround);
    const now = cost();
    if (now < least) {
      best = copy();
      least = now;
    }
    yield;
  }
  layers.forEach((layer, i) => layer.splice(0, layer.length, ...best[i]));
}

function* exchange(layers, costAround) {
  for (let round = 0; round < 6; round += 1) {
    let isBetter = false;
    for (let i = 0; i < layers.length; i += 1) {
      const layer = layers[i];
      for (let j = 0; j + 1 < layer.length; j += 1) {
        const before = costAround(i);
        [layer[j], layer[j + 1]] = [layer[j + 1], layer[j]];
        if (costAround(i) < before) isBetter = true;
        else [layer[j], layer[j + 1]] = [layer[j + 1], layer[j]];
      }
      yield;
    }
    if (!isBetter) return;
  }
}

/** Count the crossings of the lines between two layers: inversions, by a Fenwick tree. */
function crossings(upper, lower) {
  const position = new Map(lower.map((item, i) => [item, i]));
  const size = lower.length;
  const tree = new Int32Array(size + 1);
  let seen = 0;
  let total = 0;
  for (const item of upper) {
    const ends = item.down.map((other) => position.get(other));
    for (const end of ends) {
      let below = 0;
      for (let i = end + 1; i > 0; i -= i & -i) below += tree[i];
      total += seen - below;
    }
    for (const end of ends) {
      for (let i = end + 1; i <= size; i += i & -i) tree[i] += 1;
    }
    seen += ends.length;
  }
  return total;
}

function arcCost(layer, arcs) {
  if (!arcs.length) return 0;
  const position = new Map(layer.map((item, i) => [item.index, i]));
  return arcs.reduce(
    (sum, [one, two]) => sum + Math.abs(position.get(one) - position.get(two)) - 1,
    0,
  );
}

/** Set x: neighbours pull, distances hold. */
function* placeItems(layers) {
  const weight = (one, two) => [1, 3, 8][Number(!one.isBox) + Number(!two.isBox)];
  const gapsOf = (layer) => layer.slice(1).map((item, i) => distance(layer[i], item));
  const settle = (layer, near) => {
    const wanted = [];
    const weights = [];
    for (const item of layer) {
      let total = 0;
      let pull = 0;
      for (const other of near(item)) {
        const w = weight(item, other);
        total += w;
        pull += w * other.x;
      }
      wanted.push(total ? pull / total : item.x);
      weights.push(total || 0.5);
    }
    const xs = spread(wanted, gapsOf(layer), weights);
    layer.forEach((item, i) => {
      item.x = xs[i];
    });
  };
  for (const layer of layers) {
    const xs = spread(layer.map(() => 0), gapsOf(layer));
    layer.forEach((item, i) => {
      item.x = xs[i];
    });
  }
  const lines = layers.flat().reduce((sum, item) => sum + item.down.length, 0);
  const [sweeps, rounds] = lines > 4000 ? [4, 8] : [12, 40];
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const layer of layers.slice(1)) settle(layer, (item) => item.up);
    for (const layer of layers.slice(0, -1).reverse()) settle(layer, (item) => item.down);
    yield;
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const layer of layers) settle(layer, (item) => [...item.up, ...item.down]);
    if (round % 4 === 3) yield;
  }
  let start = Infinity;
  for (const item of layers.flat()) start = Math.min(start, item.x - item.left);
  for (const item of layers.flat()) item.x -= start;
}

function distance(one, two) {
  return one.right + two.left + [24, 15, 7][Number(!one.isBox) + Number(!two.isBox)];
}

/**
 * Return the positions nearest to the wanted ones that keep order and distances: isotonic
 * regression by pooling adjacent violators.
 * @param {number[]} wanted
 * @param {number[]} gaps  least distance from each item to the next
 * @param {number[]} [weights]
 * @returns {number[]}
 */
export function spread(wanted, gaps, weights) {
  const offsets = [0];
  for (const gap of gaps) offsets.push(offsets[offsets.length - 1] + gap);
  const blocks = [];
  wanted.forEach((target, i) => {
    let mean = target - offsets[i];
    let weight = weights ? weights[i] : 1;
    let count = 1;
    while (blocks.length && blocks[blocks.length - 1][0] >= mean) {
      const [other, more, number] = blocks.pop();
      mean = (mean * weight + other * more) / (weight + more);
      weight += more;
      count += number;
    }
    blocks.push([mean, weight, count]);
  });
  const levels = blocks.flatMap(([mean, , count]) => Array(count).fill(mean));
  return levels.map((level, i) => level + offsets[i]);
}
