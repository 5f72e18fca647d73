// The edge at a position of the viewport. Sigma would draw every edge a second time in each
// frame to find it, so the distances are calculated instead, only when they are needed.
const TOLERANCE = 4; // pixels

// Return the nearest edge, or "" if none is near.
export function edgeAt(sigma, graph, position) {
  const toGraph = (x, y) => sigma.viewportToFramedGraph({ x, y });
  const point = toGraph(position.x, position.y);
  const pixel = Math.abs(toGraph(position.x + 100, position.y).x - point.x) / 100;
  let [nearest, distance] = ["", TOLERANCE * pixel];
  graph.forEachEdge((edge, { size }, source, target) => {
    const [start, end] = [sigma.getNodeDisplayData(source), sigma.getNodeDisplayData(target)];
    if (!start || !end || start.hidden || end.hidden) return;
    const width = sigma.scaleSize(size) * pixel;
    const current = distanceToSegment(point, start, end) - width / 2;
    if (current < distance) [nearest, distance] = [edge, current];
  });
  return nearest;
}

export function distanceToSegment({ x, y }, start, end) {
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const projection = ((x - start.x) * dx + (y - start.y) * dy) / (dx * dx + dy * dy || 1);
  const part = Math.min(1, Math.max(0, projection));
  return Math.hypot(x - start.x - part * dx, y - start.y - part * dy);
}
