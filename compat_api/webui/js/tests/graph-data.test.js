import Graph from "graphology";
import { expect, test, vi } from "vitest";
import { Colors, countValues } from "../src/graph/colors.js";
import { findCommunities } from "../src/graph/communities.js";
import { fillExample, status } from "../src/graph/cypher.js";
import { distanceToSegment } from "../src/graph/edge-hit-test.js";
import { isNameTaken } from "../src/graph/edit-dialogs.js";
import { graphML } from "../src/graph/export.js";
import { largest } from "../src/graph/legend.js";
import { addPart } from "../src/graph/node-placement.js";

// Sigma needs WebGL, which is not available here.
vi.mock("@sigma/export-image", () => ({ downloadAsPNG: () => {} }));

const PART = {
  nodes: [
    [1, "Ada", "Person", 3],
    [2, "Babbage", "Person", 1],
    [3, "Engine", "Thing", 1],
  ],
  edges: [
    [1, 2, 4, "friends"],
    [1, 9, 1, "to an entity that is not shown"],
  ],
};
const newGraph = () => new Graph({ type: "undirected", multi: false });

function graphOf(part = PART) {
  const graph = newGraph();
  addPart(graph, part);
  return graph;
}

test("rows become nodes and edges", () => {
  const graph = graphOf();
  expect(graph.order).toBe(3);
  expect(graph.size).toBe(1);
  expect(graph.getNodeAttributes("1")).toMatchObject({ label: "Ada", kind: "Person" });
});

test("no two nodes start at the same position", () => {
  const positions = graphOf().mapNodes((_id, { x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`);
  expect(new Set(positions).size).toBe(3);
});

test("new nodes start near the expanded one, and known nodes keep their position", () => {
  const graph = graphOf();
  graph.mergeNodeAttributes("1", { x: 1000, y: 1000 });
  addPart(
    graph,
    {
      nodes: [
        [1, "Ada", "Person", 4],
        [4, "Notes", "Thing", 1],
      ],
      edges: [],
    },
    "1",
  );
  expect(graph.getNodeAttributes("1")).toMatchObject({ x: 1000, y: 1000, degree: 4 });
  const { x, y } = graph.getNodeAttributes("4");
  expect(Math.hypot(x - 1000, y - 1000)).toBeLessThan(10);
});

test("nodes of large graphs are smaller", () => {
  const rows = Array.from({ length: 5000 }, (_, n) => [n, `n${n}`, "t", 9]);
  const large = graphOf({ nodes: rows, edges: [] });
  const small = graphOf({ nodes: rows.slice(0, 10), edges: [] });
  const sizeOf = (graph) => graph.getNodeAttribute("0", "size");
  expect(sizeOf(large)).toBeLessThan(sizeOf(small));
});

test("frequent values get the first colors, and shown values keep theirs", () => {
  const graph = graphOf();
  const colors = new Colors();
  colors.update(graph);
  const person = colors.ofValue("Person");
  expect(countValues(graph, "kind").get("Person")).toBe(2);
  addPart(graph, {
    nodes: [4, 5, 6].map((id) => [id, `place ${id}`, "Place", 1]),
    edges: [],
  });
  colors.update(graph);
  expect(colors.ofValue("Person")).toBe(person);
  expect(colors.ofValue("Place")).not.toBe(person);
});

test("communities are named after their best connected entity", () => {
  const clique = (ids) => ids.flatMap((a, n) => ids.slice(n + 1).map((b) => [a, b, 1, ""]));
  const node = (id) => [id, `n${id}`, "t", id === 1 || id === 5 ? 9 : 3];
  const graph = graphOf({
    nodes: [1, 2, 3, 4, 5, 6, 7, 8].map(node),
    edges: [...clique([1, 2, 3, 4]), ...clique([5, 6, 7, 8]), [4, 8, 1, ""]],
  });
  findCommunities(graph);
  expect(graph.getNodeAttribute("3", "community")).toBe("n1");
  expect(graph.getNodeAttribute("7", "community")).toBe("n5");
});

test("communities of a graph without relations are found", () => {
  const graph = graphOf({ nodes: [[1, "Ada", "Person", 0]], edges: [] });
  findCommunities(graph);
  expect(graph.getNodeAttribute("1", "community")).toBe("Ada");
});

test("the legend lists the most frequent values and counts the others", () => {
  const counts = new Map([
    ["a", 1],
    ["b", 5],
    ["c", 2],
  ]);
  expect(largest(counts, 2)).toEqual({
    listed: [
      ["b", 5],
      ["c", 2],
    ],
    others: 1,
  });
});

test("the distance to an edge is that to the nearest point of it", () => {
  const [start, end] = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
  ];
  expect(distanceToSegment({ x: 5, y: 3 }, start, end)).toBe(3);
  expect(distanceToSegment({ x: 13, y: 4 }, start, end)).toBe(5);
  expect(distanceToSegment({ x: 3, y: 4 }, start, start)).toBe(5);
});

test("GraphML escapes names", () => {
  const graph = graphOf({ nodes: [[1, '<A & "B">', "t", 0]], edges: [] });
  const xml = graphML(graph);
  expect(xml).toContain("&lt;A &amp;");
  expect(xml).not.toContain("<A &");
});

test("names are escaped in Cypher examples", () => {
  expect(fillExample("WHERE a.id = 'NAME'", "O'Neil \\")).toBe("WHERE a.id = 'O\\'Neil \\\\'");
});

test("the status of a truncated Cypher result says so", () => {
  const texts = { rows: "{n} rows, {s} s", more: "more" };
  expect(status({ rows: [[1]], seconds: 0.2, truncated: true }, texts)).toBe(
    "1 rows, 0.2 s · more",
  );
});

test("a taken name is recognized by the status and not by the message", () => {
  const rename = { name: "Ada", new_name: "Babbage" };
  expect(isNameTaken({ status: 409, message: "已存在" }, rename)).toBe(true);
  expect(isNameTaken({ status: 400, message: "already exists" }, rename)).toBe(false);
  expect(isNameTaken({ status: 409 }, { name: "Ada", new_name: "Ada" })).toBe(false);
  expect(isNameTaken({ status: 409 }, { name: "Ada" })).toBe(false);
});
