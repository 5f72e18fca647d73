// ForceAtlas2 until it hardly moves any more, then room for everything.
import iterate from "graphology-layout-forceatlas2/iterate";
import makeRoom from "graphology-layout-noverlap/iterate";

const PER_NODE = 10;
const SLICE_MS = 60; // between two pictures
const STILL = 0.0008; // of the radius, the mean step of a node that counts as at rest
const QUIET_ROUNDS = 8;
const MOST_MS = 20000;
const ROOM = { margin: 3, expansion: 1.1, gridSize: 20, ratio: 1, speed: 3 };
const ROOM_ROUNDS = 150;

onmessage = ({ data: { nodes, edges, settings, width } }) => {
  const began = performance.now();
  let quiet = 0;
  const slice = () => {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until && quiet < QUIET_ROUNDS) {
      const before = places(nodes);
      iterate(settings, nodes, edges);
      quiet = meanStep(before, nodes) < STILL * radius(nodes) ? quiet + 1 : 0;
    }
    if (quiet < QUIET_ROUNDS && performance.now() - began < MOST_MS) {
      postMessage({ places: places(nodes), done: false });
      setTimeout(slice);
      return;
    }
    postMessage({ places: apart(nodes, width), done: true });
  };
  slice();
};

function places(nodes) {
  const found = new Float32Array(2 * nodes.length / PER_NODE);
  for (let n = 0; n < found.length / 2; n += 1) {
    found[2 * n] = nodes[n * PER_NODE];
    found[2 * n + 1] = nodes[n * PER_NODE + 1];
  }
  return found;
}

function meanStep(before, nodes) {
  let sum = 0;
  for (let n = 0; n < before.length / 2; n += 1) {
    sum += Math.hypot(nodes[n * PER_NODE] - before[2 * n], nodes[n * PER_NODE + 1] - before[2 * n + 1]);
  }
  return sum / (before.length / 2);
}

function radius(nodes) {
  let sum = 0;
  for (let at = 0; at < nodes.length; at += PER_NODE) sum += Math.hypot(nodes[at], nodes[at + 1]);
  return sum / (nodes.length / PER_NODE) || 1;
}

// In pixels, as the whole is drawn: there the sizes are known.
function apart(nodes, width) {
  const found = places(nodes);
  const scale = width / extent(found);
  const matrix = new Float32Array(3 * found.length / 2);
  for (let n = 0; n < found.length / 2; n += 1) {
    matrix[3 * n] = found[2 * n] * scale;
    matrix[3 * n + 1] = found[2 * n + 1] * scale;
    matrix[3 * n + 2] = nodes[n * PER_NODE + 8];
  }
  for (let round = 0; round < ROOM_ROUNDS; round += 1) if (makeRoom(ROOM, matrix).converged) break;
  for (let n = 0; n < found.length / 2; n += 1) {
    found[2 * n] = matrix[3 * n] / scale;
    found[2 * n + 1] = matrix[3 * n + 1] / scale;
  }
  return found;
}

function extent(found) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of found) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return high - low || 1;
}
