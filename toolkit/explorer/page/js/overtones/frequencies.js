/**
 * Which frequencies can occur on n points of a circle: the exact rule of interaction graphs for the
 * cyclic group of order n, whose simples are the frequencies 0 to n/2. n = Infinity is the circle.
 */

/** @param {number} a @param {number} b @returns {number} the greatest common divisor */
export function gcd(a, b) {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y) [x, y] = [y, x % y];
  return x;
}

/** @param {number} j @param {number} n @returns {number} the frequency that j is on n points */
export function folded(j, n) {
  if (n === Infinity) return Math.abs(j);
  const rest = ((j % n) + n) % n;
  return Math.min(rest, n - rest);
}

/**
 * The group of turns that act on all given frequencies by one common sign.
 * @param {number} n
 * @param {number[]} set frequencies
 * @returns {{plus: number, signed: boolean}} how many turns act as 1 (0 for all of the circle), and
 *   whether others act as -1
 */
export function commonTurns(n, set) {
  const plus = set.reduce(gcd, n === Infinity ? 0 : n);
  if (plus === 0 || (n !== Infinity && (n / plus) % 2)) return { plus, signed: false };
  return { plus, signed: set.every((a) => (a / plus) % 2 !== 0) };
}

/**
 * Return the frequencies that can occur in f(v), for v with these frequencies.
 * @param {number} n points, or Infinity
 * @param {number[]} set the frequencies of v
 * @param {object} activation
 * @param {number} most the greatest frequency to tell, for n = Infinity
 * @returns {Map<number, string[]>} frequency -> the parts of f that give it
 */
export function occurring(n, set, activation, most = 64) {
  const out = new Map();
  const last = n === Infinity ? most : Math.floor(n / 2);
  const put = (j, part) => {
    if (j <= last) out.set(j, [...(out.get(j) ?? []), part]);
  };
  const all = Array.from({ length: last + 1 }, (_, j) => j);
  if (!set.length) {
    if (activation.evaluate(0) !== 0) put(0, "constant");
    return out;
  }
  const { plus, signed } = commonTurns(n, set);
  const isMultiple = (j, of) => (of === 0 ? j === 0 : j % of === 0);
  if (activation.even === "non-polynomial") {
    all.filter((j) => isMultiple(j, signed ? 2 * plus : plus)).forEach((j) => put(j, "even"));
  }
  if (activation.odd === "non-polynomial") {
    const reached = signed ? (j) => j % (2 * plus) === plus : (j) => isMultiple(j, plus);
    all.filter(reached).forEach((j) => put(j, "odd"));
  }
  for (const degree of activation.degrees) {
    if (degree === 0) put(0, "constant");
    else if (degree === 1) set.forEach((j) => put(j, "linear"));
    else sums(n, set, degree, last).forEach((j) => put(j, `degree ${degree}`));
  }
  return out;
}

/** The frequencies of a product of so many waves: sums with signs. */
function sums(n, set, degree, last) {
  const steps = set.flatMap((a) => [a, -a]);
  const bound = n === Infinity ? last + degree * Math.max(...set) : 0;
  let reached = new Set([0]);
  for (let i = 0; i < degree; i += 1) {
    const next = new Set();
    for (const j of reached) {
      for (const step of steps) {
        const to = n === Infinity ? j + step : (((j + step) % n) + n) % n;
        if (n !== Infinity || Math.abs(to) <= bound) next.add(to);
      }
    }
    reached = next;
  }
  return [...new Set([...reached].map((j) => folded(j, n)))].sort((a, b) => a - b);
}

/**
 * Return what can occur after each layer of a chain.
 * @param {number} n
 * @param {number} start the frequency of the input
 * @param {object} activation
 * @param {number} depth
 * @param {boolean} withoutMean whether the mean is taken away between the layers
 * @param {number} [most]
 * @returns {Map<number, string[]>[]} for each layer
 */
export function occurringByDepth(n, start, activation, depth, withoutMean, most) {
  const out = [];
  let set = [folded(start, n)];
  for (let layer = 0; layer < depth; layer += 1) {
    const found = occurring(n, set, activation, most);
    out.push(found);
    set = [...found.keys()].filter((j) => !(withoutMean && j === 0)).sort((a, b) => a - b);
  }
  return out;
}

/**
 * Say in a few words which frequencies each part gives.
 * @param {number} n
 * @param {number[]} set
 * @param {object} activation
 * @returns {string[]}
 */
export function rules(n, set, activation) {
  if (!set.length) return ["nothing is left: f(0) alone"];
  const { plus, signed } = commonTurns(n, set);
  const multiples = (of) =>
    of === 1 ? "every frequency" : of === 0 || of === n ? "0 alone" : `the multiples of ${of}`;
  const out = [];
  if (activation.even === "non-polynomial") {
    out.push(`even part: ${multiples(signed ? 2 * plus : plus)}`);
  }
  if (activation.odd === "non-polynomial") {
    const odd = plus === 1 ? "the odd frequencies" : `the odd multiples of ${plus}`;
    out.push(`odd part: ${signed ? odd : multiples(plus)}`);
  }
  const list = set.length > 6 ? "what was there" : set.join(", ");
  for (const degree of activation.degrees) {
    if (degree === 0) out.push("constant: 0");
    else if (degree === 1) out.push(`linear part: ${list}`);
    else {
      const signed = set.length > 6 ? list : set.map((j) => (j ? `±${j}` : "0")).join(", ");
      out.push(`degree ${degree}: sums of ${degree} of ${signed}`);
    }
  }
  return out;
}
