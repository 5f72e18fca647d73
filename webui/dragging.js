// An entity follows the pointer. Only it and its edges are drawn anew, so that thousands
// of others do not slow it down; where drawing is slow, over the picture that lies still.
export function letDrag(sigma, graph, { begin, drawHeld }) {
  let held = "";
  sigma.on("downNode", ({ node }) => {
    held = node;
    begin();
    sigma.setCustomBBox(sigma.getCustomBBox() ?? sigma.getBBox());
  });
  sigma.on("moveBody", ({ event }) => {
    if (!held) return;
    Object.assign(graph.getNodeAttributes(held), sigma.viewportToGraph(event));
    if (sigma.pace.slow) sigma.held = held;
    if (sigma.held) drawHeld(held);
    else sigma.refresh({ partialGraph: { nodes: [held], edges: graph.edges(held) }, skipIndexation: true, schedule: true });
    event.preventSigmaDefault();
    event.original.preventDefault();
    event.original.stopPropagation();
  });
  const drop = () => {
    if (!held) return;
    held = sigma.held = "";
    sigma.setCustomBBox(null);
    sigma.refresh({ schedule: true });
  };
  sigma.on("upNode", drop);
  sigma.on("upStage", drop);
}
