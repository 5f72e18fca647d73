// The layout of the graph. A worker calculates it; intermediate positions are shown.
import { graphToByteArrays } from "graphology-layout-forceatlas2/helpers";
import forceAtlas2 from "graphology-layout-forceatlas2";

const WORKER = new URL("./layout-worker.js", import.meta.url);

export class Layout {
  // `moved()` is called when there are new positions, `changed(isRunning)` when the worker
  // starts or stops.
  constructor(graph, { moved, changed }) {
    this.graph = graph;
    this.moved = moved;
    this.changed = changed;
    this.worker = null;
  }

  get isRunning() {
    return this.worker !== null;
  }

  // `width` is the width of the drawing in pixels, the unit of the sizes of nodes.
  start(width) {
    this.stop();
    if (this.graph.order < 2) {
      this.changed(false);
      return;
    }
    const ids = this.graph.nodes();
    const { nodes, edges } = graphToByteArrays(this.graph, () => 1);
    const message = { nodes, edges, settings: settingsFor(this.graph), width };
    this.worker = new Worker(WORKER, { type: "module" });
    this.worker.onmessage = ({ data }) => this.#receive(ids, data);
    this.worker.postMessage(message, [nodes.buffer, edges.buffer]);
    this.changed(true);
  }

  stop() {
    if (!this.worker) return;
    this.worker.terminate();
    this.worker = null;
    this.changed(false);
  }

  // The attributes are changed in place: an event for each of thousands of nodes is slow.
  #receive(ids, { positions, done }) {
    ids.forEach((id, n) => {
      if (!this.graph.hasNode(id)) return;
      const [x, y] = [positions[2 * n], positions[2 * n + 1]];
      Object.assign(this.graph.getNodeAttributes(id), { x, y });
    });
    this.moved();
    if (done) this.stop();
  }
}

export function settingsFor(graph) {
  return {
    ...forceAtlas2.inferSettings(graph),
    gravity: 1,
    strongGravityMode: true,
    scalingRatio: 12,
    slowDown: 2,
    barnesHutOptimize: graph.order > 500,
    barnesHutTheta: 0.6,
    edgeWeightInfluence: 0,
    linLogMode: false,
    outboundAttractionDistribution: false,
    adjustSizes: false,
  };
}
