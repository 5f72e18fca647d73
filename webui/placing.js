// What the server sends, as entities and edges of the picture, each with a first place.
const FEW = 500; // as many are drawn at full size
const SMALLEST = 1.5;
const GOLDEN_ANGLE = 2.399963; // the same start each time, nothing on top of another

// New ones begin around the entity `around`, where it is shown.
export function place(graph, part, around = "") {
  const from = graph.hasNode(around) ? graph.getNodeAttributes(around) : null;
  part.nodes.forEach(([id, label, kind, degree], n) => {
    const data = { label, kind, degree };
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
  size(graph);
}

// By degree; many are drawn smaller, so that they do not hide each other.
function size(graph) {
  const crowd = Math.min(1, Math.sqrt(FEW / Math.max(graph.order, 1)));
  graph.updateEachNodeAttributes((_, data) => {
    data.size = Math.max(crowd * Math.min(3 + 1.6 * Math.sqrt(data.degree), 22), SMALLEST);
    return data;
  }, { attributes: ["size"] });
}
