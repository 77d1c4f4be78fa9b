/**
 * Which of some words are like a given one: the measure of Python's `difflib`, so that the page
 * means the same column as the command line when it asks "did you mean".
 */

/**
 * The most similar words, the best first; equal ones by the alphabet, backwards.
 * @param {string} word
 * @param {string[]} possibilities
 * @param {number} most how many are returned
 * @param {number} least the least similarity, from 0 to 1
 * @returns {string[]}
 */
export function closeMatches(word, possibilities, most = 3, least = 0.6) {
  return possibilities
    .map((other) => ({ other, score: similarity(other, word) }))
    .filter(({ score }) => score >= least)
    .sort((a, b) => b.score - a.score || (a.other < b.other ? 1 : -1))
    .slice(0, most)
    .map(({ other }) => other);
}

/**
 * Twice the number of letters in matching blocks, divided by the number of all letters.
 * @param {string} a
 * @param {string} b
 * @returns {number} from 0 to 1
 */
export function similarity(a, b) {
  const total = a.length + b.length;
  return total === 0 ? 1 : (2 * matched(a, b)) / total;
}

/** Letters in the longest common block, and in those before and after it. */
function matched(a, b) {
  const [start, other, size] = longest(a, b);
  if (size === 0) return 0;
  return size + matched(a.slice(0, start), b.slice(0, other))
    + matched(a.slice(start + size), b.slice(other + size));
}

/** The longest common block: where it starts in both, the first of several; and its length. */
function longest(a, b) {
  let best = [0, 0, 0];
  let lengths = new Array(b.length + 1).fill(0);
  for (let i = 0; i < a.length; i += 1) {
    const next = new Array(b.length + 1).fill(0);
    for (let j = 0; j < b.length; j += 1) {
      if (a[i] !== b[j]) continue;
      const size = lengths[j] + 1;
      next[j + 1] = size;
      if (size > best[2]) best = [i - size + 1, j - size + 1, size];
    }
    lengths = next;
  }
  return best;
}
