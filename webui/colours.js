// Which colour an entity has: by its type, or by the community it lies in.
const PALETTES = {
  light: ["#1e7970", "#c2571a", "#5b4bb7", "#a8326d", "#2f6fb5", "#7a6a12", "#b3261e", "#3c7a2e", "#7b4a2d", "#52616b"],
  dark: ["#48b1a4", "#f0935a", "#a497f2", "#e883b5", "#7db4ef", "#d3bf55", "#ff8f86", "#8ccf7a", "#cf9f80", "#a3b3bd"],
};

export class Colours {
  by = "kind"; // or "community"
  ranks = { kind: [], community: [] };

  // The first colours go to what one sees most; what is known keeps its colour.
  rank(graph) {
    for (const field of Object.keys(this.ranks)) {
      const counts = count(graph, field);
      const fresh = [...counts.keys()].filter((value) => !this.ranks[field].includes(value));
      fresh.sort((one, other) => counts.get(other) - counts.get(one));
      this.ranks[field] = [...this.ranks[field].filter((value) => counts.has(value)), ...fresh];
    }
  }

  forget() { this.ranks = { kind: [], community: [] }; }

  of(data) { return this.ofValue(data[this.by]); }

  ofValue(value, field = this.by) {
    const palette = PALETTES[document.documentElement.dataset.theme] || PALETTES.light;
    const number = this.ranks[field].indexOf(value);
    return number < 0 ? palette.at(-1) : palette[Math.min(number, palette.length - 1)];
  }
}

export function count(graph, field) {
  const counts = new Map();
  graph.forEachNode((_, data) => counts.set(data[field], (counts.get(data[field]) || 0) + 1));
  return counts;
}
