// The name of the entity under the pointer, on a card, and a ring around its dot.
export function drawLabel(context, data, settings, { card, ink, accent }) {
  context.font = `600 ${settings.labelSize}px ${settings.labelFont}`;
  const width = data.label ? context.measureText(data.label).width + 12 : 0;
  context.beginPath();
  context.fillStyle = card;
  context.strokeStyle = accent;
  context.lineWidth = 2;
  if (width) context.roundRect(data.x + data.size + 2, data.y - 11, width, 22, 6);
  context.fill();
  context.beginPath();
  context.arc(data.x, data.y, data.size + 2, 0, 2 * Math.PI);
  context.stroke();
  context.fillStyle = ink;
  if (data.label) context.fillText(data.label, data.x + data.size + 8, data.y + settings.labelSize / 3);
}
