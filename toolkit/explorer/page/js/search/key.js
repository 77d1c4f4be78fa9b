/** The form under which names of groups are looked up, the same as in toolkit/explorer/pack. */

const SIGNS = { "×": "x", "⋊": ":", "≀": "wr", "·": "." };

/**
 * Small letters without blanks, with plain signs: "C2 × C_4" is "c2xc4".
 * @param {string} text
 * @returns {string}
 */
export function keyOf(text) {
  return text.replace(/[×⋊≀·]/g, (sign) => SIGNS[sign]).replace(/[_{}$\s]+/g, "").toLowerCase();
}
