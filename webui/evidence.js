// What an answer rests on, drawn: entities, their relations, and the passages that speak
// of them. SVG, for it is small and each thing in it is a link.
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import noverlap from "graphology-layout-noverlap";

const SPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MARGIN] = [720, 380, 46];

export function drawEvidence(frame, picture, title) {
  const graph = laidOut(picture);
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": title });
  graph.forEachEdge((_, data, source, target, from, to) => svg.append(line(data, from, to)));
  graph.forEachNode((_, data) => svg.append(dot(data)));
  frame.replaceChildren(svg);
}

function laidOut({ nodes, edges }) {
  const graph = new Graph({ type: "undirected", multi: false });
  nodes.forEach((node, n) => graph.addNode(node.id, { ...node, x: Math.cos(n * 2.4) * (n + 1), y: Math.sin(n * 2.4) * (n + 1), size: 3 }));
  for (const [source, target, label] of edges) graph.mergeEdge(source, target, { label });
  const alone = graph.filterNodes((id) => graph.degree(id) === 0);
  if (alone.length < graph.order) alone.forEach((id) => graph.dropNode(id)); // they stand in the tables
  forceAtlas2.assign(graph, { iterations: 400, settings: { ...forceAtlas2.inferSettings(graph), gravity: 0.6, strongGravityMode: true, scalingRatio: 6, linLogMode: false } });
  fit(graph);
  noverlap.assign(graph, { maxIterations: 80, settings: { margin: 16, ratio: 1 } });
  fit(graph);
  return graph;
}

// Into the frame, whatever its proportions.
function fit(graph) {
  for (const [axis, length] of [["x", WIDTH], ["y", HEIGHT]]) {
    const values = graph.mapNodes((_, data) => data[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scale = (length - 2 * MARGIN) / (high - low || 1);
    graph.updateEachNodeAttributes((_, data) => ({ ...data, [axis]: high === low ? length / 2 : MARGIN + (data[axis] - low) * scale }));
  }
}

function make(tag, values, text = "") {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

function line({ label }, from, to) {
  const kind = from.kind === "passage" || to.kind === "passage" ? "mention" : "relation";
  const element = make("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: kind });
  if (label) element.append(make("title", {}, label));
  return element;
}

function dot({ label, kind, url, found, x, y }) {
  const link = make("a", { href: url, class: `${kind}${found ? " found" : ""}` });
  const size = kind === "passage" ? 7 : found ? 6 : 4.5;
  if (kind === "passage") link.append(make("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, rx: 2 }));
  else link.append(make("circle", { cx: x, cy: y, r: size }));
  const right = x > WIDTH * 0.8;
  const short = label.length > 26 ? `${label.slice(0, 25)}…` : label;
  link.append(make("text", { x: right ? x - size - 3 : x + size + 3, y: y + 4, "text-anchor": right ? "end" : "start" }, short), make("title", {}, label));
  return link;
}
