import Graph from "graphology";
import { beforeEach, expect, test } from "vitest";
import { Focus } from "../src/graph/focus.js";

let focus;
let view;

beforeEach(() => {
  const graph = new Graph({ type: "undirected" });
  for (const id of ["a", "b", "c"]) graph.addNode(id, { label: id, kind: "t" });
  graph.addEdgeWithKey("ab", "a", "b", { size: 1 });
  graph.addEdgeWithKey("bc", "b", "c", { size: 1 });
  const theme = { line: "line", "line-strong": "strong", accent: "accent" };
  view = { graph, theme, hiddenTypes: new Set(), colors: { of: () => "color" } };
  focus = new Focus(view);
});

const node = (id) => focus.node(id, view.graph.getNodeAttributes(id));
const edge = (id) => focus.edge(id, view.graph.getEdgeAttributes(id));

test("without a selection everything is shown alike", () => {
  expect(node("a").color).toBe("color");
  expect(edge("ab").color).toBe("strong");
});

test("a selected entity and its neighbors are emphasized", () => {
  focus.set({ selected: "a" });
  expect(node("a").highlighted).toBe(true);
  expect(node("b")).toMatchObject({ color: "color", forceLabel: true });
  expect(node("c")).toMatchObject({ color: "line", label: "" });
  expect(edge("ab").color).toBe("accent");
  expect(edge("bc").color).toBe("line");
});

test("the edges of a path are emphasized", () => {
  focus.set({ path: ["a", "b"] });
  expect(edge("ab").color).toBe("accent");
  expect(edge("bc").color).toBe("line");
  expect(node("c").label).toBe("");
});

test("nodes of hidden types are hidden", () => {
  view.hiddenTypes.add("t");
  expect(node("a").hidden).toBe(true);
});

test("removed nodes lose the focus", () => {
  focus.set({ path: ["a", "b"] });
  view.graph.dropNode("a");
  focus.dropRemoved();
  expect(focus.path).toEqual(["b"]);
});
