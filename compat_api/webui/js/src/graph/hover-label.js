// The name of the entity under the pointer, on a card, and a ring around its node.
export function drawHoverLabel(context, node, settings, { card, ink, accent }) {
  context.font = `600 ${settings.labelSize}px ${settings.labelFont}`;
  const width = node.label ? context.measureText(node.label).width + 12 : 0;
  context.beginPath();
  context.fillStyle = card;
  context.strokeStyle = accent;
  context.lineWidth = 2;
  if (width) context.roundRect(node.x + node.size + 2, node.y - 11, width, 22, 6);
  context.fill();
  context.beginPath();
  context.arc(node.x, node.y, node.size + 2, 0, 2 * Math.PI);
  context.stroke();
  if (!width) return;
  context.fillStyle = ink;
  context.fillText(node.label, node.x + node.size + 8, node.y + settings.labelSize / 3);
}
