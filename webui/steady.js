// Sigma that keeps up where drawing is slow (no graphics card, say): there the last picture
// is moved as a whole while the camera moves, as maps do, and drawn anew when it rests. And
// no frame is asked for before the one before it is there.
import Sigma from "sigma";
import { Pace } from "./pace.js";

const REST_MS = 150;
const LAYERS = ["edges", "edgeLabels", "nodes", "labels", "hovers", "hoverNodes"];

export class SteadySigma extends Sigma {
  pace = new Pace(() => { if (this.owed) this.#draw(); });
  held = ""; // an entity that is being moved over the picture
  changed = true; // something but the camera
  owed = false; // a frame, once the last one is there
  drawn = null; // the camera of the last picture
  rest = 0;

  refresh(options) {
    this.changed = true;
    return super.refresh(options);
  }

  // Sigma's own constructor draws, before there are the fields of this class.
  scheduleRender() {
    if (!this.pace) return super.scheduleRender();
    if (this.pace.slow) this.#shift();
    if (!this.pace.slow || this.changed) return this.#draw();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.#draw(), REST_MS);
    return this;
  }

  #draw() {
    this.owed = this.pace.behind;
    return this.owed ? this : super.scheduleRender();
  }

  render() {
    super.render();
    if (!this.pace) return this;
    clearTimeout(this.rest);
    this.changed = false;
    this.drawn = this.getCamera().getState();
    this.#transform("");
    this.pace.measure([this.webGLContexts.nodes, this.webGLContexts.edges]);
    return this;
  }

  #shift() {
    const { width, height } = this.getDimensions();
    const at = (x, y) => this.framedGraphToViewport(this.viewportToFramedGraph({ x, y }, { cameraState: this.drawn }), { cameraState: this.getCamera().getState() });
    const [origin, right, down] = [at(0, 0), at(width, 0), at(0, height)];
    const values = [(right.x - origin.x) / width, (right.y - origin.y) / width, (down.x - origin.x) / height, (down.y - origin.y) / height, origin.x, origin.y];
    this.#transform(`matrix(${values.join()})`);
  }

  #transform(transform) {
    const canvases = this.getCanvases();
    for (const layer of LAYERS) Object.assign(canvases[layer].style, { transform, transformOrigin: "0 0" });
  }

  // Sigma looks into the picture as it was drawn for what lies under the pointer.
  getNodeAtPosition(place) {
    if (this.held || !this.drawn) return this.held || super.getNodeAtPosition(place);
    const framed = this.viewportToFramedGraph(place, { cameraState: this.getCamera().getState() });
    return super.getNodeAtPosition(this.framedGraphToViewport(framed, { cameraState: this.drawn }));
  }
}
