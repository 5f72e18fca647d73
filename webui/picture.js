// The graph as sigma draws it: entities by their ids, colours, and what is in focus.
import Graph from "graphology";
import { Colours } from "./colours.js";
import { findCommunities } from "./communities.js";
import { letDrag } from "./dragging.js";
import { edgeAt } from "./edge-finding.js";
import { Focus } from "./focus.js";
import { drawHeld } from "./held.js";
import { drawLabel } from "./label.js";
import { Layout } from "./layout.js";
import { place } from "./placing.js";
import { SteadySigma } from "./steady.js";

const REST_MS = 60;
const EMPTY = new Graph({ type: "undirected" });

// Room for the names at the edges.
const padding = ({ clientWidth, clientHeight }) => Math.min(90, Math.min(clientWidth, clientHeight) / 8);

export class Picture {
  hidden = new Set(); // kinds

  constructor(container, { select, selectEdge, expand, clear, settling }) {
    this.container = container;
    this.graph = new Graph({ type: "undirected", multi: false });
    this.colours = new Colours();
    this.focus = new Focus(this);
    this.sigma = new SteadySigma(this.graph, container, {
      labelDensity: 1,
      labelGridCellSize: 110,
      labelRenderedSizeThreshold: 4,
      labelFont: "system-ui, sans-serif",
      labelSize: 13,
      defaultEdgeType: "line",
      zIndex: true,
      stagePadding: padding(container),
      minCameraRatio: 0.02,
      maxCameraRatio: 6,
      allowInvalidContainer: true,
      nodeReducer: (id, data) => this.focus.node(id, data),
      edgeReducer: (edge, data) => this.focus.edge(edge, data),
      defaultDrawNodeHover: (context, data, settings) => drawLabel(context, data, settings, this),
    });
    this.layout = new Layout(this.graph, { moved: () => this.sigma.refresh({ schedule: true }), changed: settling });
    this.sigma.on("clickNode", ({ node }) => select(this.name(node)));
    this.sigma.on("doubleClickNode", (event) => { event.preventSigmaDefault(); expand(this.name(event.node)); });
    this.sigma.on("clickStage", ({ event }) => {
      const edge = this.edgeAt(event);
      if (edge) selectEdge(...this.graph.extremities(edge).map((id) => this.name(id)));
      else clear();
    });
    this.sigma.on("enterNode", ({ node }) => this.#hover(node));
    this.sigma.on("leaveNode", () => this.#hover(""));
    this.sigma.on("moveBody", ({ event }) => this.#point(event));
    letDrag(this.sigma, this.graph, { begin: () => this.layout.stop(), drawHeld: (id) => drawHeld(this, id) });
    new ResizeObserver(() => this.#resize()).observe(container);
    this.repaint();
  }

  #resize() {
    this.sigma.resize();
    this.sigma.setSetting("stagePadding", padding(this.container)); // refreshes too
  }

  get selected() { return this.focus.selected; }
  get ids() { return this.graph.nodes().map(Number); }
  name(id) { return this.graph.getNodeAttribute(id, "label"); }
  id(name) { return this.graph.findNode((_, data) => data.label === name) || ""; }

  // ---- what is in it

  // Many changes at once, drawn once.
  #change(change) {
    this.layout.stop();
    this.focus.hovered = "";
    this.sigma.setGraph(EMPTY);
    change();
    this.focus.forgetWhatIsGone();
    this.colours.rank(this.graph);
    if (this.colours.by === "community") this.#group();
    this.sigma.setGraph(this.graph);
  }

  show(part) {
    this.focus.on({});
    this.#change(() => {
      this.graph.clear();
      this.colours.forget();
      place(this.graph, part);
    });
    this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
    this.settle();
  }

  add(part, around = "") {
    const before = this.graph.order;
    this.#change(() => place(this.graph, part, this.id(around)));
    if (this.graph.order > before) this.settle();
  }

  remove(...names) {
    const ids = names.map((name) => this.id(name)).filter(Boolean);
    if (!ids.length) return;
    this.#change(() => ids.forEach((id) => this.graph.dropNode(id)));
  }

  removeEdge(one, other) {
    const [from, to] = [this.id(one), this.id(other)];
    if (this.graph.hasEdge(from, to)) this.#change(() => this.graph.dropEdge(from, to));
  }

  // Takes away the neighbours that nothing else shown is related to.
  collapse(name) {
    const id = this.id(name);
    this.remove(...this.graph.neighbors(id).filter((other) => this.graph.degree(other) === 1).map((other) => this.name(other)));
  }

  settle() { this.layout.start(Math.min(this.container.clientWidth, this.container.clientHeight)); }

  // ---- colours

  colourBy(field) {
    this.colours.by = field;
    if (field === "community") this.#group();
    this.sigma.refresh();
  }

  #group() {
    findCommunities(this.graph);
    this.colours.rank(this.graph);
  }

  toggle(kind) {
    if (!this.hidden.delete(kind)) this.hidden.add(kind);
    this.sigma.refresh();
  }

  repaint() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["ink", "card", "line", "line-strong", "accent"]) this[name] = style.getPropertyValue(`--${name}`).trim();
    this.sigma.setSetting("labelColor", { color: this.ink });
    this.sigma.refresh();
  }

  // ---- what is in focus

  select(name) {
    this.focus.on({ selected: name && this.id(name) });
    this.sigma.refresh();
    if (this.selected && this.graph.order > 40) this.#goTo(this.selected);
  }

  selectEdge(one, other) {
    const [from, to] = [this.id(one), this.id(other)];
    this.focus.on({ selectedEdge: this.graph.edge(from, to) || "" });
    this.sigma.refresh();
  }

  showPath(ids) {
    this.focus.on({ path: ids.map(String) });
    this.sigma.refresh();
  }

  #goTo(id) {
    const { x, y } = this.sigma.getNodeDisplayData(id);
    const camera = this.sigma.getCamera();
    camera.animate({ x, y, ratio: Math.min(camera.ratio, 0.6) }, { duration: 400 });
  }

  edgeAt(place) { return edgeAt(this.sigma, this.graph, place); }

  // An edge is looked for where the pointer rests.
  #point(place) {
    clearTimeout(this.pointing);
    this.pointing = setTimeout(() => {
      if (!this.focus.hovered) this.container.style.cursor = this.edgeAt(place) ? "pointer" : "";
    }, REST_MS);
  }

  // Only what changes is drawn anew: the pointer runs over many.
  #hover(id) {
    const old = this.focus.hovered;
    this.focus.hovered = id;
    this.container.style.cursor = id ? "pointer" : "";
    const touched = [old, id].filter((one) => one && this.graph.hasNode(one));
    const nodes = touched.flatMap((one) => [one, ...this.graph.neighbors(one)]);
    const edges = touched.flatMap((one) => this.graph.edges(one));
    this.sigma.refresh({ partialGraph: { nodes, edges }, skipIndexation: true, schedule: true });
  }

  zoom(how) {
    const camera = this.sigma.getCamera();
    if (how === "in") camera.animatedZoom({ duration: 250 });
    if (how === "out") camera.animatedUnzoom({ duration: 250 });
    if (how === "fit") camera.animatedReset({ duration: 300 });
  }
}
