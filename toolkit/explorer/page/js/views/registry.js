/** The views, in the order of their keys 1 to 7. */

/** @type {ReadonlyArray<{id: string, title: string, needsGroup: boolean, needsModule?: boolean}>} */
export const VIEWS = Object.freeze([
  { id: "group", title: "Group", needsGroup: true },
  { id: "graph", title: "Interaction graph", needsGroup: true, needsModule: true },
  { id: "lattice", title: "Lattices", needsGroup: true, needsModule: true },
  { id: "map", title: "Map", needsGroup: true, needsModule: true },
  { id: "overtones", title: "Overtones", needsGroup: false },
  { id: "layer", title: "Layer", needsGroup: true, needsModule: true },
  { id: "catalog", title: "Catalog", needsGroup: false },
]);
