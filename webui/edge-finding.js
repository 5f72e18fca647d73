// Which edge lies at a place of the window. Found by reckoning, when somebody asks: sigma's
// own way draws every edge a second time in each frame.
const NEAR = 4; // pixels

export function edgeAt(sigma, graph, place) {
  const framed = (x, y) => sigma.viewportToFramedGraph({ x, y });
  const point = framed(place.x, place.y);
  const pixel = Math.abs(framed(place.x + 100, place.y).x - point.x) / 100;
  let [found, nearest] = ["", NEAR * pixel];
  graph.forEachEdge((edge, data, source, target) => {
    const [one, other] = [sigma.getNodeDisplayData(source), sigma.getNodeDisplayData(target)];
    if (!one || !other || one.hidden || other.hidden) return;
    const far = distance(point, one, other) - (sigma.scaleSize(data.size) / 2) * pixel;
    if (far < nearest) [found, nearest] = [edge, far];
  });
  return found;
}

// Of a point from the line between two others.
function distance({ x, y }, one, other) {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const along = ((x - one.x) * dx + (y - one.y) * dy) / (dx * dx + dy * dy || 1);
  const part = Math.min(1, Math.max(0, along));
  return Math.hypot(x - one.x - part * dx, y - one.y - part * dy);
}
