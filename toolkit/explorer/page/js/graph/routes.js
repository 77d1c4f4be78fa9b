/**
 * Routes of the lines of an interaction graph around the boxes, given the boxes' positions.
 */
import { spread } from "./layout.js";

const ROW_PADDING = 9;
const HEAD = 5; // a path stops this far before the tip of its head

/**
 * Stack the layers and route the lines.
 * @returns {Generator<void, object>}  the picture, as the record has it
 */
export function* route(plan, layers, items, chains, orders, bundle) {
  const levels = arcLevels(chains);
  const deepest = Math.max(1, ...levels.values());
  const rise = (n) => 6 + levels.get(n) * Math.max(5, Math.min(13, 110 / deepest));
  yield;
  const { top, bottom, height } = stacked(layers, chains, levels, rise);
  const middle = (item) => (top[item.layer] + bottom[item.layer]) / 2;
  const ports = portsOf(plan, chains, items, levels, bundle);
  yield;
  const routes = [];
  for (const [n, link] of plan.links.entries()) {
    const course = levels.has(n)
      ? arc(chains[n], link, ports[n], middle, top, rise(n))
      : passage(chains[n], link, ports[n], items, middle, top, bottom);
    const { kind, source, target, both } = link;
    routes.push({ ...course, kind, from: source, to: target, both });
    if (n % 400 === 399) yield;
  }
  const bands = [];
  orders.forEach((order, i) => {
    const band = { order, top: top[i] - ROW_PADDING, bottom: bottom[i] + ROW_PADDING };
    const last = bands[bands.length - 1];
    if (last?.order === order) last.bottom = band.bottom;
    else bands.push(band);
  });
  let width = 0;
  for (const item of layers.flat()) width = Math.max(width, item.x + item.right);
  const boxes = plan.boxes.map((box, i) => ({
    members: box.members,
    mutual: box.mutual,
    x: items[i].x,
    y: middle(items[i]),
    w: 2 * items[i].left,
    h: items[i].height,
  }));
  return { boxes, bands, routes, width, height, grouped: plan.grouped, reduced: plan.reduced };
}

/** Return how high each line inside a layer rises: above all it spans. */
function arcLevels(chains) {
  const spans = [];
  chains.forEach((chain, number) => {
    const last = chain[chain.length - 1];
    if (chain[0].layer !== last.layer) return;
    const [low, high] = [chain[0].x, last.x].sort((a, b) => a - b);
    spans.push({ low, high, layer: last.layer, number });
  });
  spans.sort((one, two) => one.high - one.low - (two.high - two.low) || one.low - two.low);
  const levels = new Map();
  const done = new Map();
  for (const { low, high, layer, number } of spans) {
    if (!done.has(layer)) done.set(layer, []);
    let highest = 0;
    for (const other of done.get(layer)) {
      if (other.low < high - 1 && other.high > low + 1) highest = Math.max(highest, other.level);
    }
    levels.set(number, highest + 1);
    done.get(layer).push({ low, high, level: highest + 1 });
  }
  return levels;
}

function stacked(layers, chains, levels, rise) {
  const rises = layers.map(() => 0);
  for (const n of levels.keys()) {
    const { layer } = chains[n][0];
    rises[layer] = Math.max(rises[layer], rise(n) + 4);
  }
  const top = [];
  const bottom = [];
  let y = 0;
  layers.forEach((layer, i) => {
    let lines = 0;
    let wide = 0;
    let height = 0;
    for (const item of layer) {
      lines += item.up.length;
      height = Math.max(height, item.height);
      for (const other of item.up) wide = Math.max(wide, Math.abs(item.x - other.x));
    }
    const gap = i ? 24 + Math.min(50, 1.2 * lines) + Math.min(40, 0.08 * wide) : 0;
    y += gap + rises[i] + ROW_PADDING;
    top.push(y);
    bottom.push(y + height);
    y += height + ROW_PADDING;
  });
  return { top, bottom, height: y };
}

/**
 * Return where each line meets its upper and its lower box, as x. Lines that share their way meet a
 * box in one point.
 */
function portsOf(plan, chains, items, levels, bundle) {
  const wishes = new Map();
  const wish = (item, isAbove, entry) => {
    const key = `${item.index} ${isAbove}`;
    if (!wishes.has(key)) wishes.set(key, { item, groups: new Map() });
    const { groups } = wishes.get(key);
    if (!groups.has(entry.mark)) groups.set(entry.mark, []);
    groups.get(entry.mark).push(entry);
  };
  plan.links.forEach((link, number) => {
    const chain = chains[number];
    const last = chain.length - 1;
    for (const [end, beside, slot] of [
      [chain[0], chain[1], 0],
      [chain[last], chain[last - 1], 1],
    ]) {
      if (levels.has(number)) {
        const way = beside.x - end.x;
        const side = way < 0 ? -1 : 1;
        wish(end, true, { number, slot, mark: `${number}`, side, rank: -way, x: beside.x });
        continue;
      }
      let mark = `${number}`;
      if (bundle && end.index === link.target && !link.both) mark = link.kind;
      else if (!beside.isBox) mark = `via ${beside.index}`;
      wish(end, slot === 1, { number, slot, mark, side: 0, rank: beside.x, x: beside.x });
    }
  });
  const ports = plan.links.map(() => [0, 0]);
  for (const { item, groups } of wishes.values()) {
    const mean = (group, key) => group.reduce((sum, w) => sum + w[key], 0) / group.length;
    const ranked = [...groups.values()]
      .map((group) => ({ group, side: group[0].side, rank: mean(group, "rank") }))
      .sort((one, two) => one.side - two.side || one.rank - two.rank);
    const last = ranked.length - 1;
    const half = Math.max(item.left - 6.5, 2);
    const gap = Math.min(11, (2 * half) / Math.max(1, last));
    const wanted = ranked.map(({ group }) =>
      Math.min(half, Math.max(-half, mean(group, "x") - item.x)),
    );
    const xs = spread(wanted, Array(last).fill(gap));
    ranked.forEach(({ group }, i) => {
      const inside = Math.min(half - (last - i) * gap, Math.max(-half + i * gap, xs[i]));
      for (const { number, slot } of group) ports[number][slot] = item.x + inside;
    });
  }
  return ports;
}

/** Return the course of a line from an upper to a lower row. */
function passage(chain, link, [first, last], items, middle, top, bottom) {
  const upper = chain[0];
  const lower = chain[chain.length - 1];
  const start = middle(upper) + upper.height / 2;
  const end = middle(lower) - lower.height / 2;
  const heads = [];
  let [y0, y1] = [start, end];
  if (link.both || items[link.target] === lower) {
    heads.push([last, end, 0, 1]);
    y1 -= HEAD;
  }
  if (link.both || items[link.target] === upper) {
    heads.push([first, start, 0, -1]);
    y0 += HEAD;
  }
  let x = first;
  let y = y0;
  let d = `M${n(x)} ${n(y)}`;
  for (let i = 1; i < chain.length; i += 1) {
    const [one, two] = [chain[i - 1], chain[i]];
    const high = one === upper ? Math.max(y0, bottom[one.layer]) : bottom[one.layer];
    const low = two === lower ? Math.min(y1, top[two.layer]) : top[two.layer];
    if (y < high - 0.01) d += `V${n(high)}`;
    const bend = 0.5 * (low - high);
    const target = two === lower ? last : two.x;
    d += `C${n(x)} ${n(high + bend)} ${n(target)} ${n(low - bend)} ${n(target)} ${n(low)}`;
    x = target;
    y = low;
  }
  if (y < y1 - 0.01) d += `V${n(y1)}`;
  return { d, heads };
}

/** Return the course of a line inside a row: two quarters of an ellipse above the boxes. */
function arc(chain, link, ports, middle, top, fullRise) {
  // chains of one layer run from the source to the target
  const [source, target] = [chain[0], chain[chain.length - 1]];
  const [x0, x1] = ports;
  const y0 = middle(source) - source.height / 2;
  const y1 = middle(target) - target.height / 2;
  const heads = [[x1, y1, 0, 1]];
  let start = y0;
  if (link.both) {
    heads.push([x0, y0, 0, 1]);
    start -= HEAD;
  }
  const base = top[source.layer] - HEAD;
  const rise = fullRise - HEAD;
  const way = x1 > x0 ? 1 : -1;
  const reach = way * Math.min(Math.abs(x1 - x0) / 2, 3.2 * rise);
  const free = 0.4477; // 1 - 4/3 (sqrt 2 - 1): a cubic for a quarter circle
  const apex = base - rise;
  const shoulder = base - (1 - free) * rise;
  const d =
    `M${n(x0)} ${n(start)}V${n(base)}` +
    `C${n(x0)} ${n(shoulder)} ${n(x0 + free * reach)} ${n(apex)} ${n(x0 + reach)} ${n(apex)}` +
    `H${n(x1 - reach)}` +
    `C${n(x1 - free * reach)} ${n(apex)} ${n(x1)} ${n(shoulder)} ${n(x1)} ${n(base)}` +
    `V${n(y1 - HEAD)}`;
  return { d, heads };
}

function n(x) {
  return Math.round(10 * x) / 10;
}
