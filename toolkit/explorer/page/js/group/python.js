/** The Python code that gives the same answers. */

/**
 * @param {object} record
 * @returns {string}
 */
export function groupCode(record) {
  return `import toolkit as tk

G = tk.group(${JSON.stringify(record.title)})
print(G.order)
for simple in G.simples:
    print(simple.label, simple.dimension, simple.type, simple.kernel_order)
for normal in G.normal_subgroups():
    print(normal.label, normal.order)
`;
}
