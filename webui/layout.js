// Where things are: found by a worker that stops by itself, shown as it comes.
import { graphToByteArrays } from "graphology-layout-forceatlas2/helpers";
import forceAtlas2 from "graphology-layout-forceatlas2";

const WORKER = new URL("./layout-worker.js", import.meta.url);

export class Layout {
  // `moved` is called when places are new, `changed` with whether it is at work.
  constructor(graph, { moved, changed }) {
    this.graph = graph;
    this.moved = moved;
    this.changed = changed;
    this.worker = null;
  }

  get running() { return this.worker !== null; }

  // `width`: of the place it is drawn in, in pixels, in which the sizes are given.
  start(width) {
    this.stop();
    if (this.graph.order < 2) return this.changed(false);
    const keys = this.graph.nodes();
    const { nodes, edges } = graphToByteArrays(this.graph, () => 1);
    this.worker = new Worker(WORKER, { type: "module" });
    this.worker.onmessage = ({ data }) => this.#receive(keys, data);
    this.worker.postMessage({ nodes, edges, settings: settings(this.graph), width }, [nodes.buffer, edges.buffer]);
    return this.changed(true);
  }

  stop() {
    if (!this.worker) return;
    this.worker.terminate();
    this.worker = null;
    this.changed(false);
  }

  // Written in place and told once: an event for each of thousands would stutter.
  #receive(keys, { places, done }) {
    keys.forEach((key, n) => {
      if (!this.graph.hasNode(key)) return;
      Object.assign(this.graph.getNodeAttributes(key), { x: places[2 * n], y: places[2 * n + 1] });
    });
    this.moved();
    if (done) this.stop();
  }
}

function settings(graph) {
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
