/**
 * Words for numbers that are near a simple one. They are approximate, and the page says so.
 */

const NEAR = 1e-9;
const LARGEST_DENOMINATOR = 64;

/**
 * Return [numerator, denominator] of a fraction with a denominator up to 64 within 1e-9; or null.
 * @param {number} x
 * @returns {[number, number]|null}
 */
export function nearFraction(x) {
  for (let q = 1; q <= LARGEST_DENOMINATOR; q += 1) {
    const p = Math.round(x * q);
    if (Math.abs(x - p / q) < NEAR) return [p, q];
  }
  return null;
}

/**
 * Return a number as text: a fraction, a root of one, or (a + b root(n)) / c with small numbers if
 * it is within 1e-9 of one, else four decimals.
 * @param {number} x
 * @returns {string}
 */
export function numberText(x) {
  const sign = x < 0 ? "\u2212" : "";
  const size = Math.abs(x);
  if (size < NEAR) return "0";
  const plain = nearFraction(size);
  if (plain) return sign + fractionText(plain);
  const mixed = nearQuadratic(x);
  const square = nearFraction(size * size);
  if (square && Math.abs(size - Math.sqrt(square[0] / square[1])) < NEAR) {
    return sign + rootText(square);
  }
  if (mixed) return mixed;
  return sign + size.toFixed(4);
}

/** Return "(a + b root(n)) / c" near a number, for n = 2, 3, 5 and small a, b, c; or null. */
function nearQuadratic(x) {
  for (const n of [2, 3, 5]) {
    for (let c = 1; c <= 16; c += 1) {
      for (let b = -12; b <= 12; b += 1) {
        if (!b) continue;
        const a = Math.round(x * c - b * Math.sqrt(n));
        if (!a || Math.abs(a) > 24 || Math.abs(x - (a + b * Math.sqrt(n)) / c) >= NEAR) continue;
        const root = `${Math.abs(b) === 1 ? "" : Math.abs(b)}\u221a${n}`;
        const whole = a < 0 ? `\u2212${-a}` : String(a);
        const top = a < 0 && b > 0 ? `${root}\u2212${-a}` : `${whole}${b < 0 ? "\u2212" : "+"}${root}`;
        return c === 1 ? top : `(${top})/${c}`;
      }
    }
  }
  return null;
}

function fractionText([p, q]) {
  return q === 1 ? String(p) : `${p}/${q}`;
}

/** Return the root of p/q as a whole number times a square-free root, over a whole number. */
function rootText([p, q]) {
  let inside = p * q;
  let outside = 1;
  for (let k = 2; k * k <= inside; k += 1) {
    while (inside % (k * k) === 0) {
      inside /= k * k;
      outside *= k;
    }
  }
  const common = gcd(outside, q);
  const [top, bottom] = [outside / common, q / common];
  return `${top === 1 ? "" : top}\u221a${inside}${bottom === 1 ? "" : `/${bottom}`}`;
}

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

/**
 * Return a decimal number with a proper minus sign.
 * @param {number} x
 * @param {number} [digits]
 */
export function decimal(x, digits = 3) {
  const text = Math.abs(x).toFixed(digits);
  return x < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}
