// The dragged entity and its edges, drawn on a layer above the unchanged graph.
import { drawHoverLabel } from "./hover-label.js";

export function drawDragged(view, id) {
  const { sigma, graph } = view;
  const { width, height } = sigma.getDimensions();
  const context = sigma.getCanvases().hovers.getContext("2d");
  const position = sigma.graphToViewport(graph.getNodeAttributes(id));
  context.clearRect(0, 0, width, height);
  context.strokeStyle = view.theme.accent;
  context.lineWidth = 1.6;
  context.beginPath();
  graph.forEachNeighbor(id, (_id, neighbor) => {
    if (view.hiddenTypes.has(neighbor.kind)) return;
    const end = sigma.graphToViewport(neighbor);
    context.moveTo(position.x, position.y);
    context.lineTo(end.x, end.y);
  });
  context.stroke();
  drawNode(view, context, { ...graph.getNodeAttributes(id), ...position });
}

function drawNode(view, context, node) {
  const size = view.sigma.scaleSize(node.size);
  context.fillStyle = view.colors.of(node);
  context.beginPath();
  context.arc(node.x, node.y, size, 0, 2 * Math.PI);
  context.fill();
  drawHoverLabel(context, { ...node, size }, view.sigma.getSettings(), view.theme);
}
