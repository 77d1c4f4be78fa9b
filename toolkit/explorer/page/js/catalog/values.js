/**
 * Truth with three values, as in SQL: true, false, null (not known). Comparisons of texts,
 * patterns, and whole numbers that a page can hold.
 */

/** Beyond it a page cannot count: 2^53. */
export const LARGEST = Number.MAX_SAFE_INTEGER;

/** What is said of a whole number beyond it, and what to do. */
export const TOO_LARGE = ["a number above 2^53 arises here, more than a page can hold", "plrep find can"];

/** @param {?boolean} a @param {() => ?boolean} b @returns {?boolean} */
export function and(a, b) {
  if (a === false) return false;
  const other = b();
  if (other === false) return false;
  return a === null || other === null ? null : true;
}

/** @param {?boolean} a @param {() => ?boolean} b @returns {?boolean} */
export function or(a, b) {
  if (a === true) return true;
  const other = b();
  if (other === true) return true;
  return a === null || other === null ? null : false;
}

/** @param {?boolean} a @returns {?boolean} */
export function not(a) {
  return a === null ? null : !a;
}

/** Comparisons by their signs; neither side is null. */
export const COMPARE = {
  "=": (a, b) => a === b,
  "<>": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Arithmetic by its signs; neither side is null. A remainder by zero is not known. */
export const ARITHMETIC = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "%": (a, b) => (b === 0 ? null : a % b),
};

/**
 * What `like` means: % stands for any characters, _ for one.
 * @param {string} pattern
 * @returns {(text: string) => boolean}
 */
export function like(pattern) {
  const inner = [...pattern].map((sign) => {
    if (sign === "%") return ".*";
    return sign === "_" ? "." : literal(sign);
  });
  const found = new RegExp(`^${inner.join("")}$`, "su");
  return (text) => found.test(text);
}

/**
 * What `glob` means: * stands for any characters, ? for one, [abc], [a-c] and [!a-c] for one of
 * these or none of them; a character after \ stands for itself.
 * @param {string} pattern
 * @returns {(text: string) => boolean}
 */
export function glob(pattern) {
  const inner = globExpression([...pattern]);
  if (inner === null) return () => false;
  const found = new RegExp(`^${inner}$`, "su");
  return (text) => found.test(text);
}

/** The pattern as a regular expression; null if nothing can match. */
function globExpression(signs) {
  let made = "";
  for (let i = 0; i < signs.length; i += 1) {
    const sign = signs[i];
    if (sign === "*") made += ".*";
    else if (sign === "?") made += ".";
    else if (sign === "\\") {
      i += 1;
      if (i === signs.length) return null;
      made += literal(signs[i]);
    } else if (sign === "[") {
      const set = bracket(signs, i + 1);
      if (set === null) return null;
      made += set.expression;
      i = set.end;
    } else made += literal(sign);
  }
  return made;
}

/** A set in brackets that starts at a place: its expression, and where its bracket closes. */
function bracket(signs, start) {
  let i = start;
  const opposite = signs[i] === "!";
  if (opposite) i += 1;
  const first = i;
  let inside = "";
  while (i < signs.length) {
    if (signs[i] === "]" && i > first) {
      if (inside === "") return { expression: opposite ? "." : "(?!)", end: i };
      return { expression: `[${opposite ? "^" : ""}${inside}]`, end: i };
    }
    if (i + 1 === signs.length) return null;
    if (signs[i + 1] === "-") {
      if (i + 2 === signs.length) return null;
      if (signs[i] <= signs[i + 2]) inside += `${literal(signs[i])}-${literal(signs[i + 2])}`;
      i += 3;
    } else {
      inside += literal(signs[i]);
      i += 1;
    }
  }
  return null;
}

function literal(sign) {
  return `\\u{${sign.codePointAt(0).toString(16)}}`;
}
