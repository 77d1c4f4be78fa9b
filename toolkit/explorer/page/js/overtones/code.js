/** Python code and TikZ for what the view shows. */

/**
 * Python code that prints the same energies, and what can occur.
 * @param {{n: number, k: number, amplitude: number, degrees: number, depth: number,
 *   between: string, activation: object}} shown
 * @returns {string}
 */
export function pythonCode({ n, k, amplitude, degrees, depth, between, activation }) {
  const text = JSON.stringify(activation.name);
  const step = {
    none: [],
    energy: ["        v = v * (energy / np.mean(v**2)) ** 0.5"],
    mean: ["        v = v - v.mean()", "        v = v * (energy / np.mean(v**2)) ** 0.5"],
  }[between];
  const layers = depth === 1
    ? ["v = f(v)"]
    : [
        "energy = np.mean(v**2)",
        `for layer in range(${depth}):`,
        ...(step.length ? ["    if layer:", ...step] : []),
        "    v = f(v)",
      ];
  return [
    "import numpy as np",
    "import toolkit as tk",
    "from toolkit.pl import find_activation, occurring_simples",
    "",
    `f = find_activation(${text})`,
    `n, k = ${n}, ${k}`,
    `v = ${amplitude} * np.sin(2 * np.pi * (k * np.arange(n) % n) / n + np.radians(${degrees}))`,
    "v[abs(v) < 1e-14] = 0",
    ...layers,
    "",
    "energies = abs(np.fft.rfft(v) / n) ** 2",
    "energies[1 : (n + 1) // 2] *= 2  # the sines and cosines of k and n - k",
    "shares = energies / energies.sum()",
    "",
    "# which frequencies can occur at all: exactly, by the rule of interaction graphs",
    `X = tk.group(f"C{n}").regular_module()`,
    "frequency = {L.label: L.paper_index for L in X.spherical_table.simples}",
    "label = {j: name for name, j in frequency.items()}",
    "present = {k}",
    `for layer in range(${depth}):`,
    ...(between === "mean" ? ["    present -= {0} if layer else set()"] : []),
    "    found = occurring_simples(X, [label[j] for j in sorted(present)], f)",
    "    present = {frequency[K.label] for K in found}",
    "",
    "for j, share in enumerate(shares):",
    `    print(f"{j:4d} {share:12.6%}", "can occur" if j in present else "exactly 0")`,
    "",
  ].join("\n");
}

/**
 * The bars and marks as a TikZ picture.
 * @param {import("./picture.js").Bar[]} bars
 * @param {string} words
 * @returns {string}
 */
export function tikz(bars, words) {
  const own = bars.filter((bar) => bar.points !== null);
  const width = Math.min(0.8, 12 / own.length);
  const x = (i) => (i * width).toFixed(3);
  const lines = own.map((bar, i) => {
    const height = (4 * bar.points).toFixed(4);
    const sign = !bar.parts ? "$\\times$" : bar.points < 1e-12 ? "$\\circ$" : "$\\bullet$";
    return [
      `  \\fill[overtone] (${x(i)},0) rectangle ++(${(width * 0.7).toFixed(3)},${height});`,
      `  \\node[font=\\tiny] at (${x(i + 0.35)},-0.2) {${sign}};`,
      `  \\node[font=\\tiny] at (${x(i + 0.35)},-0.5) {${bar.frequency}};`,
    ].join("\n");
  });
  return [
    `% ${words.replace(/[\r\n]/g, " ")}`,
    "\\documentclass[tikz,border=4pt]{standalone}",
    "\\definecolor{overtone}{HTML}{0072B2}",
    "\\begin{document}",
    "\\begin{tikzpicture}",
    `  \\draw (0,0) -- (${x(own.length)},0);`,
    ...lines,
    "\\end{tikzpicture}",
    "\\end{document}",
    "",
  ].join("\n");
}
