// The color of an entity: by its type or by its community.
const PALETTES = {
  light: [
    "#1e7970",
    "#c2571a",
    "#5b4bb7",
    "#a8326d",
    "#2f6fb5",
    "#7a6a12",
    "#b3261e",
    "#3c7a2e",
    "#7b4a2d",
    "#52616b",
  ],
  dark: [
    "#48b1a4",
    "#f0935a",
    "#a497f2",
    "#e883b5",
    "#7db4ef",
    "#d3bf55",
    "#ff8f86",
    "#8ccf7a",
    "#cf9f80",
    "#a3b3bd",
  ],
};

export class Colors {
  by = "kind"; // or "community"
  ranking = { kind: [], community: [] };

  // Give the first colors of the palette to the most frequent values. A value that is shown
  // already keeps its color.
  update(graph) {
    for (const field of Object.keys(this.ranking)) {
      const counts = countValues(graph, field);
      const previous = this.ranking[field];
      const added = [...counts.keys()].filter((value) => !previous.includes(value));
      added.sort((a, b) => counts.get(b) - counts.get(a));
      this.ranking[field] = [...previous.filter((value) => counts.has(value)), ...added];
    }
  }

  reset() {
    this.ranking = { kind: [], community: [] };
  }

  of(node) {
    return this.ofValue(node[this.by]);
  }

  // Values after the end of the palette share its last color.
  ofValue(value, field = this.by) {
    const palette = PALETTES[document.documentElement.dataset.theme] || PALETTES.light;
    const rank = this.ranking[field].indexOf(value);
    return palette[rank] ?? palette.at(-1);
  }
}

// Return how many nodes have each value of the field.
export function countValues(graph, field) {
  const counts = new Map();
  graph.forEachNode((_id, node) => counts.set(node[field], (counts.get(node[field]) || 0) + 1));
  return counts;
}
