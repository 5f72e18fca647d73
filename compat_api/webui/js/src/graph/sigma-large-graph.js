// Sigma for large graphs on machines without a GPU. While the camera moves, the last frame is
// moved as a whole, as map viewers do, and drawn again when the camera rests. A frame is
// requested only after the previous one is finished. The reasons and measurements are in
// docs/adr/0010-drawing-large-graphs-without-a-gpu.md.
//
// This class overrides methods and reads a private property of sigma. The test
// sigma-large-graph.test.js fails if a new version of sigma does not have them.
import Sigma from "sigma";
import { FrameBudget } from "./frame-budget.js";

const REST_MS = 150;
const LAYERS = ["edges", "edgeLabels", "nodes", "labels", "hovers", "hoverNodes"];

export class LargeGraphSigma extends Sigma {
  frameBudget = new FrameBudget(() => {
    if (this.isFramePending) this.#requestFrame();
  });
  draggedNode = ""; // drawn above the last frame
  isChanged = true; // something other than the camera changed
  isFramePending = false; // request a frame when the current one is finished
  drawnCamera = null; // the state of the camera in the last frame
  restTimer = 0;

  refresh(options) {
    this.isChanged = true;
    return super.refresh(options);
  }

  // Sigma's constructor draws before the fields of this class are initialized.
  scheduleRender() {
    if (!this.frameBudget) return super.scheduleRender();
    if (this.frameBudget.isExceeded) this.#moveLastFrame();
    if (!this.frameBudget.isExceeded || this.isChanged) return this.#requestFrame();
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.#requestFrame(), REST_MS);
    return this;
  }

  render() {
    super.render();
    if (!this.frameBudget) return this;
    clearTimeout(this.restTimer);
    this.isChanged = false;
    this.drawnCamera = this.getCamera().getState();
    this.#transformLayers("");
    this.frameBudget.measure([this.webGLContexts.nodes, this.webGLContexts.edges]);
    return this;
  }

  // Sigma's index of positions belongs to the last frame.
  getNodeAtPosition(position) {
    if (this.draggedNode) return this.draggedNode;
    if (!this.drawnCamera) return super.getNodeAtPosition(position);
    const cameraState = this.getCamera().getState();
    const point = this.viewportToFramedGraph(position, { cameraState });
    return super.getNodeAtPosition(
      this.framedGraphToViewport(point, { cameraState: this.drawnCamera }),
    );
  }

  #requestFrame() {
    this.isFramePending = this.frameBudget.isBlocked;
    return this.isFramePending ? this : super.scheduleRender();
  }

  #moveLastFrame() {
    const { width, height } = this.getDimensions();
    const cameraState = this.getCamera().getState();
    const move = (x, y) => {
      const point = this.viewportToFramedGraph({ x, y }, { cameraState: this.drawnCamera });
      return this.framedGraphToViewport(point, { cameraState });
    };
    const [origin, right, down] = [move(0, 0), move(width, 0), move(0, height)];
    const xAxis = [(right.x - origin.x) / width, (right.y - origin.y) / width];
    const yAxis = [(down.x - origin.x) / height, (down.y - origin.y) / height];
    this.#transformLayers(`matrix(${[...xAxis, ...yAxis, origin.x, origin.y].join()})`);
  }

  #transformLayers(transform) {
    const canvases = this.getCanvases();
    for (const layer of LAYERS) {
      Object.assign(canvases[layer].style, { transform, transformOrigin: "0 0" });
    }
  }
}
