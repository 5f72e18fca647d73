// Downloads of what is shown: the drawing as PNG, the graph as GraphML.
import { downloadAsPNG } from "@sigma/export-image";

const NAMESPACE = "http://graphml.graphdrawing.org/xmlns";
// The names and types of the fields, and the attributes that they are read from.
const NODE_FIELDS = {
  name: ["label", "string"],
  entity_type: ["kind", "string"],
  degree: ["degree", "int"],
  community: ["community", "string"],
};
const EDGE_FIELDS = { weight: ["weight", "double"], keywords: ["keywords", "string"] };

export function savePNG(sigma) {
  return downloadAsPNG(sigma, {
    fileName: "graph",
    backgroundColor: getComputedStyle(document.body).backgroundColor,
  });
}

export function saveGraphML(graph) {
  const link = document.createElement("a");
  link.download = "graph.graphml";
  link.href = URL.createObjectURL(new Blob([graphML(graph)], { type: "application/graphml+xml" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// The browser's XML document escapes the names.
export function graphML(graph) {
  const xml = document.implementation.createDocument(NAMESPACE, "graphml");

  function add(parent, tag, attributes = {}, text = "") {
    const element = parent.appendChild(xml.createElementNS(NAMESPACE, tag));
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  }

  function addKeys(kind, fields) {
    for (const [name, [, type]] of Object.entries(fields)) {
      const attributes = { id: name, for: kind, "attr.name": name, "attr.type": type };
      add(xml.documentElement, "key", attributes);
    }
  }

  function addData(element, fields, values) {
    for (const [name, [attribute]] of Object.entries(fields)) {
      add(element, "data", { key: name }, String(values[attribute] ?? ""));
    }
  }

  addKeys("node", NODE_FIELDS);
  addKeys("edge", EDGE_FIELDS);
  const root = add(xml.documentElement, "graph", { edgedefault: "undirected" });
  graph.forEachNode((id, node) => addData(add(root, "node", { id }), NODE_FIELDS, node));
  graph.forEachEdge((_edge, edge, source, target) =>
    addData(add(root, "edge", { source, target }), EDGE_FIELDS, edge),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(xml)}`;
}
