// What the server sends, as entities and edges of the picture, each with a first place.
const GOLDEN_ANGLE = 2.399963; // the same start each time, nothing on top of another

// New ones begin around the entity `around`, where it is shown.
export function place(graph, part, around = "") {
  const from = graph.hasNode(around) ? graph.getNodeAttributes(around) : null;
  part.nodes.forEach(([id, label, kind, degree], n) => {
    const data = { label, kind, degree, size: Math.min(3 + 1.6 * Math.sqrt(degree), 22) };
    if (graph.hasNode(id)) return graph.mergeNodeAttributes(id, data);
    const far = from ? 4 + Math.sqrt(n) : 10 * Math.sqrt(n + 1);
    const x = (from?.x ?? 0) + far * Math.cos(n * GOLDEN_ANGLE);
    const y = (from?.y ?? 0) + far * Math.sin(n * GOLDEN_ANGLE);
    return graph.addNode(id, { ...data, community: "", x, y });
  });
  for (const [source, target, weight, keywords] of part.edges) {
    if (!graph.hasNode(source) || !graph.hasNode(target)) continue;
    graph.mergeUndirectedEdge(source, target, { weight, keywords, size: Math.min(0.6 + 0.4 * Math.sqrt(weight), 4) });
  }
}
