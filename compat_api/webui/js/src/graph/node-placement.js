// Nodes and edges from the server's rows, with initial positions and sizes.
const FULL_SIZE_NODES = 500; // up to this number, nodes are drawn in full size
const MIN_SIZE = 1.5;
const GOLDEN_ANGLE = 2.399963; // initial positions on a spiral: deterministic, no two equal

// Add rows [id, name, type, degree] and [source, target, weight, keywords] to the graph. New
// nodes start around the node `around`, if it is in the graph.
export function addPart(graph, part, around = "") {
  const center = graph.hasNode(around) ? graph.getNodeAttributes(around) : null;
  part.nodes.forEach(([id, label, kind, degree], n) => {
    const attributes = { label, kind, degree };
    if (graph.hasNode(id)) graph.mergeNodeAttributes(id, attributes);
    else graph.addNode(id, { ...attributes, community: "", ...initialPosition(n, center) });
  });
  for (const [source, target, weight, keywords] of part.edges) {
    if (!graph.hasNode(source) || !graph.hasNode(target)) continue;
    const size = Math.min(0.6 + 0.4 * Math.sqrt(weight), 4);
    graph.mergeUndirectedEdge(source, target, { weight, keywords, size });
  }
  updateSizes(graph);
}

function initialPosition(n, center) {
  const distance = center ? 4 + Math.sqrt(n) : 10 * Math.sqrt(n + 1);
  return {
    x: (center?.x ?? 0) + distance * Math.cos(n * GOLDEN_ANGLE),
    y: (center?.y ?? 0) + distance * Math.sin(n * GOLDEN_ANGLE),
  };
}

// The size depends on the degree. Nodes of large graphs are smaller, so that they do not hide
// each other.
function updateSizes(graph) {
  const scale = Math.min(1, Math.sqrt(FULL_SIZE_NODES / Math.max(graph.order, 1)));
  const size = ({ degree }) => Math.min(3 + 1.6 * Math.sqrt(degree), 22);
  graph.updateEachNodeAttributes(
    (_id, node) => Object.assign(node, { size: Math.max(scale * size(node), MIN_SIZE) }),
    { attributes: ["size"] },
  );
}
