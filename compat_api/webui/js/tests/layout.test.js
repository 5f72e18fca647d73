import Graph from "graphology";
import { graphToByteArrays } from "graphology-layout-forceatlas2/helpers";
import { expect, test } from "vitest";
import { layOut } from "../src/chat/evidence-graph.js";
import { settingsFor } from "../src/graph/layout.js";
import {
  forceAtlas2UntilStable,
  meanStep,
  positionsOf,
  separate,
} from "../src/graph/layout-algorithm.js";

function ring(size) {
  const graph = new Graph({ type: "undirected" });
  for (let n = 0; n < size; n += 1) {
    graph.addNode(n, { x: Math.cos(n * 2.4) * n, y: Math.sin(n * 2.4) * n, size: 5 });
  }
  for (let n = 0; n < size; n += 1) graph.addEdge(n, (n + 1) % size);
  return graph;
}

test("the layout of a ring becomes stable", () => {
  const graph = ring(30);
  const { nodes, edges } = graphToByteArrays(graph, () => 1);
  const isStable = forceAtlas2UntilStable(nodes, edges, settingsFor(graph));
  let rounds = 0;
  while (!isStable() && rounds < 20000) rounds += 1;
  expect(rounds).toBeLessThan(20000);
});

test("the mean step is the mean distance between two sets of positions", () => {
  const step = meanStep(new Float32Array([0, 0, 1, 1]), new Float32Array([3, 4, 1, 1]));
  expect(step).toBe(2.5);
});

test("overlapping nodes are separated", () => {
  const graph = ring(12);
  graph.updateEachNodeAttributes((id, node) => ({ ...node, x: node.x / 50, size: 8 }));
  const { nodes } = graphToByteArrays(graph, () => 1);
  const distances = (positions) => {
    let smallest = Infinity;
    for (let a = 0; a < positions.length; a += 2) {
      for (let b = a + 2; b < positions.length; b += 2) {
        const distance = Math.hypot(
          positions[a] - positions[b],
          positions[a + 1] - positions[b + 1],
        );
        smallest = Math.min(smallest, distance);
      }
    }
    return smallest;
  };
  expect(distances(separate(nodes, 800))).toBeGreaterThan(distances(positionsOf(nodes)));
});

test("the drawing of the evidence fits its frame, without isolated nodes", () => {
  const nodes = ["a", "b", "c", "d"].map((id) => ({ id, label: id, kind: "entity" }));
  const graph = layOut({
    nodes,
    edges: [
      ["a", "b", ""],
      ["b", "c", ""],
    ],
  });
  expect(graph.nodes()).toEqual(["a", "b", "c"]);
  graph.forEachNode((_id, { x, y }) => {
    expect(x).toBeGreaterThanOrEqual(46 - 0.01);
    expect(x).toBeLessThanOrEqual(720 - 46 + 0.01);
    expect(y).toBeGreaterThanOrEqual(46 - 0.01);
    expect(y).toBeLessThanOrEqual(380 - 46 + 0.01);
  });
});
