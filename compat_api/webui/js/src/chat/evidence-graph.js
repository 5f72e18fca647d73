// A small drawing of the entities, relations and chunks that an answer is based on. It is SVG,
// so that each node is a link.
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import noverlap from "graphology-layout-noverlap";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MARGIN] = [720, 380, 46];
const LABEL_LENGTH = 26;
const SPIRAL_ANGLE = 2.4; // the same initial positions each time, none of them equal

export function drawEvidence(frame, data, title) {
  const graph = layOut(data);
  const svg = create("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "group",
    "aria-label": title,
  });
  graph.forEachEdge((_edge, edge, _source, _target, from, to) => svg.append(line(edge, from, to)));
  graph.forEachNode((_id, node) => svg.append(link(node)));
  frame.replaceChildren(svg);
}

export function layOut({ nodes, edges }) {
  const graph = new Graph({ type: "undirected", multi: false });
  nodes.forEach((node, n) => {
    const [x, y] = [Math.cos(n * SPIRAL_ANGLE), Math.sin(n * SPIRAL_ANGLE)];
    graph.addNode(node.id, { ...node, x: x * (n + 1), y: y * (n + 1), size: 3 });
  });
  for (const [source, target, label] of edges) graph.mergeEdge(source, target, { label });
  // Nodes without edges are listed in the tables below the drawing.
  const isolated = graph.filterNodes((id) => graph.degree(id) === 0);
  if (isolated.length < graph.order) isolated.forEach((id) => graph.dropNode(id));
  const settings = { gravity: 0.6, strongGravityMode: true, scalingRatio: 6, linLogMode: false };
  forceAtlas2.assign(graph, {
    iterations: 400,
    settings: { ...forceAtlas2.inferSettings(graph), ...settings },
  });
  fit(graph);
  noverlap.assign(graph, { maxIterations: 80, settings: { margin: 16, ratio: 1 } });
  fit(graph);
  return graph;
}

// Stretch both axes to the size of the frame.
function fit(graph) {
  for (const [axis, length] of [
    ["x", WIDTH],
    ["y", HEIGHT],
  ]) {
    const values = graph.mapNodes((_id, node) => node[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scale = (length - 2 * MARGIN) / (high - low || 1);
    const position = (value) => (high === low ? length / 2 : MARGIN + (value - low) * scale);
    graph.updateEachNodeAttributes((_id, node) => ({ ...node, [axis]: position(node[axis]) }));
  }
}

function create(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

function line({ label }, from, to) {
  const isMention = from.kind === "chunk" || to.kind === "chunk";
  const element = create("line", {
    x1: from.x,
    y1: from.y,
    x2: to.x,
    y2: to.y,
    class: isMention ? "mention" : "relation",
  });
  if (label) element.append(create("title", {}, label));
  return element;
}

function link({ label, kind, url, found, x, y }) {
  const element = create("a", { href: url, class: `${kind}${found ? " found" : ""}` });
  const size = nodeSize(kind, found);
  element.append(shape(kind, size, x, y));
  const isRight = x > WIDTH * 0.8;
  const position = {
    x: isRight ? x - size - 3 : x + size + 3,
    y: y + 4,
    "text-anchor": isRight ? "end" : "start",
  };
  element.append(create("text", position, shorten(label)), create("title", {}, label));
  return element;
}

function nodeSize(kind, found) {
  if (kind === "chunk") return 7;
  return found ? 6 : 4.5;
}

function shape(kind, size, x, y) {
  if (kind !== "chunk") return create("circle", { cx: x, cy: y, r: size });
  const [width, height] = [2 * size, 2 * size];
  return create("rect", { x: x - size, y: y - size, width, height, rx: 2 });
}

const shorten = (label) =>
  label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH - 1)}…` : label;
