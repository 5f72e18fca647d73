// Communities, found by the Louvain method. Each is named after its best connected entity.
import louvain from "graphology-communities-louvain";

// A linear congruential generator: the same graph gives the same communities each time.
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

// Set the attribute `community` of all nodes.
export function findCommunities(graph) {
  const options = { getEdgeWeight: "weight", rng: randomNumbers(1) };
  const communities = graph.size ? louvain(graph, options) : {};
  const heads = new Map();
  graph.forEachNode((id, { label, degree }) => {
    const head = heads.get(communities[id]);
    if (!head || degree > head.degree) heads.set(communities[id], { label, degree });
  });
  graph.updateEachNodeAttributes(
    (id, node) => ({ ...node, community: heads.get(communities[id]).label }),
    { attributes: ["community"] },
  );
}
