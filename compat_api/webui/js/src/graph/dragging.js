// Dragging an entity. Only the entity and its edges are drawn again, because drawing
// thousands of others would be slow. Where drawing is slow in any case, they are drawn on a
// layer above the graph.
import { drawDragged } from "./drag-overlay.js";

export function setUpDragging(view) {
  const { sigma, graph } = view;
  let dragged = "";

  function start({ node }) {
    dragged = node;
    view.layout.stop();
    sigma.setCustomBBox(sigma.getCustomBBox() ?? sigma.getBBox());
  }

  function move({ event }) {
    if (!dragged) return;
    Object.assign(graph.getNodeAttributes(dragged), sigma.viewportToGraph(event));
    if (sigma.frameBudget.isExceeded) sigma.draggedNode = dragged;
    if (sigma.draggedNode) drawDragged(view, dragged);
    else sigma.refresh(partOf(dragged));
    event.preventSigmaDefault();
    event.original.preventDefault();
    event.original.stopPropagation();
  }

  function partOf(node) {
    const partialGraph = { nodes: [node], edges: graph.edges(node) };
    return { partialGraph, skipIndexation: true, schedule: true };
  }

  function end() {
    if (!dragged) return;
    dragged = sigma.draggedNode = "";
    sigma.setCustomBBox(null);
    sigma.refresh({ schedule: true });
  }

  sigma.on("downNode", start);
  sigma.on("moveBody", move);
  sigma.on("upNode", end);
  sigma.on("upStage", end);
}
