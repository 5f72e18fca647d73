// The steps of the layout. `nodes` and `edges` are the arrays of graphology's ForceAtlas2.
import iterateForceAtlas2 from "graphology-layout-forceatlas2/iterate";
import iterateNoverlap from "graphology-layout-noverlap/iterate";

const VALUES_PER_NODE = 10;
const SIZE = 8; // the index of the size in a node's values
const STABLE_STEP = 0.0008; // the mean step of a node at rest, as part of the radius
const STABLE_ROUNDS = 8;
const NOVERLAP = { margin: 3, expansion: 1.1, gridSize: 20, ratio: 1, speed: 3 };
const NOVERLAP_ROUNDS = 150;

// Return a function that runs one iteration and returns whether the layout is stable.
export function forceAtlas2UntilStable(nodes, edges, settings) {
  let stableRounds = 0;
  return () => {
    const before = positionsOf(nodes);
    iterateForceAtlas2(settings, nodes, edges);
    const isStable = meanStep(before, positionsOf(nodes)) < STABLE_STEP * meanRadius(nodes);
    stableRounds = isStable ? stableRounds + 1 : 0;
    return stableRounds >= STABLE_ROUNDS;
  };
}

// Return x and y of each node, one after the other.
export function positionsOf(nodes) {
  const positions = new Float32Array((2 * nodes.length) / VALUES_PER_NODE);
  for (let n = 0; n < positions.length / 2; n += 1) {
    positions[2 * n] = nodes[n * VALUES_PER_NODE];
    positions[2 * n + 1] = nodes[n * VALUES_PER_NODE + 1];
  }
  return positions;
}

export function meanStep(before, after) {
  let sum = 0;
  for (let n = 0; n < before.length; n += 2) {
    sum += Math.hypot(after[n] - before[n], after[n + 1] - before[n + 1]);
  }
  return sum / (before.length / 2);
}

function meanRadius(nodes) {
  const positions = positionsOf(nodes);
  return meanStep(new Float32Array(positions.length), positions) || 1;
}

// Return positions at which nodes do not overlap when the graph is `width` pixels wide.
// Sizes are in pixels, so the positions are converted to pixels first.
export function separate(nodes, width) {
  const positions = positionsOf(nodes);
  const scale = width / extent(positions);
  const matrix = new Float32Array((3 * positions.length) / 2);
  for (let n = 0; n < positions.length / 2; n += 1) {
    matrix[3 * n] = positions[2 * n] * scale;
    matrix[3 * n + 1] = positions[2 * n + 1] * scale;
    matrix[3 * n + 2] = nodes[n * VALUES_PER_NODE + SIZE];
  }
  for (let round = 0; round < NOVERLAP_ROUNDS; round += 1) {
    if (iterateNoverlap(NOVERLAP, matrix).converged) break;
  }
  for (let n = 0; n < positions.length / 2; n += 1) {
    positions[2 * n] = matrix[3 * n] / scale;
    positions[2 * n + 1] = matrix[3 * n + 1] / scale;
  }
  return positions;
}

function extent(positions) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of positions) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return high - low || 1;
}
