// The worker that calculates the layout: ForceAtlas2 until the nodes hardly move, then a step
// that separates overlapping nodes.
import { forceAtlas2UntilStable, positionsOf, separate } from "./layout-algorithm.js";

const SLICE_MS = 60; // between two positions that are shown
const MAX_MS = 20000;

onmessage = ({ data: { nodes, edges, settings, width } }) => {
  const started = performance.now();
  const isStable = forceAtlas2UntilStable(nodes, edges, settings);

  function slice() {
    const end = performance.now() + SLICE_MS;
    let stable = false;
    while (!stable && performance.now() < end) stable = isStable();
    if (stable || performance.now() - started > MAX_MS) {
      postMessage({ positions: separate(nodes, width), done: true });
      return;
    }
    postMessage({ positions: positionsOf(nodes), done: false });
    setTimeout(slice);
  }

  slice();
};
