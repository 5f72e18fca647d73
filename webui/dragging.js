// An entity follows the pointer. Only it and its edges are drawn anew, so that thousands
// of others do not slow it down; where it lies now is found out at the end.
export function letDrag(sigma, graph, begin) {
  let held = "";
  sigma.on("downNode", ({ node }) => {
    held = node;
    begin();
    sigma.setCustomBBox(sigma.getCustomBBox() ?? sigma.getBBox());
  });
  sigma.on("moveBody", ({ event }) => {
    if (!held) return;
    Object.assign(graph.getNodeAttributes(held), sigma.viewportToGraph(event));
    sigma.refresh({ partialGraph: { nodes: [held], edges: graph.edges(held) }, skipIndexation: true, schedule: true });
    event.preventSigmaDefault();
    event.original.preventDefault();
    event.original.stopPropagation();
  });
  const drop = () => {
    if (!held) return;
    held = "";
    sigma.setCustomBBox(null);
    sigma.refresh({ schedule: true });
  };
  sigma.on("upNode", drop);
  sigma.on("upStage", drop);
}
