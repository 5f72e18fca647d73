// Communities by Louvain's method, each called after its best connected entity.
import louvain from "graphology-communities-louvain";

// The same graph gives the same communities each time.
function generator(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

export function findCommunities(graph) {
  const found = graph.size ? louvain(graph, { getEdgeWeight: "weight", rng: generator(1) }) : {};
  const heads = new Map();
  graph.forEachNode((id, { label, degree }) => {
    const known = heads.get(found[id]);
    if (!known || degree > known.degree) heads.set(found[id], { label, degree });
  });
  graph.updateEachNodeAttributes(
    (id, data) => ({ ...data, community: heads.get(found[id]).label }),
    { attributes: ["community"] },
  );
}
