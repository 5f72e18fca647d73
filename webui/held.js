// An entity that is moved, with its edges, over a picture that is not drawn anew meanwhile.
import { drawLabel } from "./label.js";

export function drawHeld(picture, id) {
  const { sigma, graph } = picture;
  const { width, height } = sigma.getDimensions();
  const context = sigma.getCanvases().hovers.getContext("2d");
  const at = sigma.graphToViewport(graph.getNodeAttributes(id));
  context.clearRect(0, 0, width, height);
  context.strokeStyle = picture.accent;
  context.lineWidth = 1.6;
  context.beginPath();
  graph.forEachNeighbor(id, (_, data) => {
    if (picture.hidden.has(data.kind)) return;
    const to = sigma.graphToViewport(data);
    context.moveTo(at.x, at.y);
    context.lineTo(to.x, to.y);
  });
  context.stroke();
  drawDot(picture, context, { ...graph.getNodeAttributes(id), ...at });
}

function drawDot(picture, context, data) {
  const size = picture.sigma.scaleSize(data.size);
  context.fillStyle = picture.colours.of(data);
  context.beginPath();
  context.arc(data.x, data.y, size, 0, 2 * Math.PI);
  context.fill();
  drawLabel(context, { ...data, size }, picture.sigma.getSettings(), picture);
}
