// The picture as a PNG, and what is shown as GraphML.
import { downloadAsPNG } from "@sigma/export-image";

export function savePicture(sigma) {
  return downloadAsPNG(sigma, {
    fileName: "graph",
    backgroundColor: getComputedStyle(document.body).backgroundColor,
  });
}

const NODE = { name: ["label", "string"], entity_type: ["kind", "string"], degree: ["degree", "int"], community: ["community", "string"] };
const EDGE = { weight: ["weight", "double"], keywords: ["keywords", "string"] };
const SPACE = "http://graphml.graphdrawing.org/xmlns";

export function saveGraphML(graph) {
  const link = document.createElement("a");
  link.download = "graph.graphml";
  link.href = URL.createObjectURL(new Blob([graphML(graph)], { type: "application/graphml+xml" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Made by the browser's own XML, so that no name can break it.
export function graphML(graph) {
  const xml = document.implementation.createDocument(SPACE, "graphml");
  const add = (parent, tag, values = {}, text = "") => {
    const element = parent.appendChild(xml.createElementNS(SPACE, tag));
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };
  const keys = (kind, fields) => Object.entries(fields).forEach(([name, [, type]]) => add(xml.documentElement, "key", { id: name, for: kind, "attr.name": name, "attr.type": type }));
  const fill = (element, fields, data) => Object.entries(fields).forEach(([name, [field]]) => add(element, "data", { key: name }, String(data[field] ?? "")));
  keys("node", NODE);
  keys("edge", EDGE);
  const root = add(xml.documentElement, "graph", { edgedefault: "undirected" });
  graph.forEachNode((id, data) => fill(add(root, "node", { id }), NODE, data));
  graph.forEachEdge((_, data, source, target) => fill(add(root, "edge", { source, target }), EDGE, data));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(xml)}`;
}
