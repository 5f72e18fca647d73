// The drawing of the graph: nodes have the ids of entities. Sigma draws it.
import Graph from "graphology";
import { Colors } from "./colors.js";
import { findCommunities } from "./communities.js";
import { setUpDragging } from "./dragging.js";
import { edgeAt } from "./edge-hit-test.js";
import { Focus } from "./focus.js";
import { drawHoverLabel } from "./hover-label.js";
import { Layout } from "./layout.js";
import { addPart } from "./node-placement.js";
import { LargeGraphSigma } from "./sigma-large-graph.js";

const REST_MS = 60; // the pointer rests before the edge below it is looked for
const MANY_NODES = 40; // with more, the camera moves to the selected one
const THEME = ["ink", "card", "line", "line-strong", "accent"];
const EMPTY = new Graph({ type: "undirected" });

// Leave room for labels at the margin.
const padding = ({ clientWidth, clientHeight }) =>
  Math.min(90, Math.min(clientWidth, clientHeight) / 8);

export class GraphView {
  hiddenTypes = new Set();
  theme = {}; // colors of the page by the names of their CSS variables

  constructor(container, { select, selectEdge, expand, clear, layoutChanged }) {
    this.container = container;
    this.graph = new Graph({ type: "undirected", multi: false });
    this.colors = new Colors();
    this.focus = new Focus(this);
    this.sigma = new LargeGraphSigma(this.graph, container, this.#settings());
    this.layout = new Layout(this.graph, {
      moved: () => this.sigma.refresh({ schedule: true }),
      changed: layoutChanged,
    });
    this.sigma.on("clickNode", ({ node }) => select(this.nameOf(node)));
    this.sigma.on("doubleClickNode", (event) => {
      event.preventSigmaDefault();
      expand(this.nameOf(event.node));
    });
    this.sigma.on("clickStage", ({ event }) => {
      const edge = this.edgeAt(event);
      if (edge) selectEdge(...this.graph.extremities(edge).map((id) => this.nameOf(id)));
      else clear();
    });
    this.sigma.on("enterNode", ({ node }) => this.#hover(node));
    this.sigma.on("leaveNode", () => this.#hover(""));
    this.sigma.on("moveBody", ({ event }) => this.#updateCursor(event));
    setUpDragging(this);
    new ResizeObserver(() => this.#resize()).observe(container);
    this.updateTheme();
  }

  #settings() {
    return {
      labelDensity: 1,
      labelGridCellSize: 110,
      labelRenderedSizeThreshold: 4,
      labelFont: "system-ui, sans-serif",
      labelSize: 13,
      defaultEdgeType: "line",
      zIndex: true,
      stagePadding: padding(this.container),
      minCameraRatio: 0.02,
      maxCameraRatio: 6,
      allowInvalidContainer: true,
      nodeReducer: (id, node) => this.focus.node(id, node),
      edgeReducer: (id, edge) => this.focus.edge(id, edge),
      defaultDrawNodeHover: (context, node, settings) =>
        drawHoverLabel(context, node, settings, this.theme),
    };
  }

  #resize() {
    this.sigma.resize();
    this.sigma.setSetting("stagePadding", padding(this.container)); // draws, too
  }

  get selected() {
    return this.focus.selected;
  }

  get ids() {
    return this.graph.nodes().map(Number);
  }

  nameOf(id) {
    return this.graph.getNodeAttribute(id, "label");
  }

  idOf(name) {
    return this.graph.findNode((_id, { label }) => label === name) || "";
  }

  edgeAt(position) {
    return edgeAt(this.sigma, this.graph, position);
  }

  // ---- content

  // Apply many changes and draw the graph once.
  #change(change) {
    this.layout.stop();
    this.focus.hovered = "";
    this.sigma.setGraph(EMPTY);
    change();
    this.focus.dropRemoved();
    this.colors.update(this.graph);
    if (this.colors.by === "community") this.#findCommunities();
    this.sigma.setGraph(this.graph);
  }

  // Replace the content.
  show(part) {
    this.focus.set({});
    this.#change(() => {
      this.graph.clear();
      this.colors.reset();
      addPart(this.graph, part);
    });
    this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
    this.runLayout();
  }

  // Add nodes and edges. New nodes start near the entity `around`.
  add(part, around = "") {
    const before = this.graph.order;
    this.#change(() => addPart(this.graph, part, this.idOf(around)));
    if (this.graph.order > before) this.runLayout();
  }

  remove(...names) {
    const ids = names.map((name) => this.idOf(name)).filter(Boolean);
    if (ids.length) this.#change(() => ids.forEach((id) => this.graph.dropNode(id)));
  }

  removeEdge(source, target) {
    const [from, to] = [this.idOf(source), this.idOf(target)];
    if (this.graph.hasEdge(from, to)) this.#change(() => this.graph.dropEdge(from, to));
  }

  // Remove the neighbors that have no other relation in the view.
  collapse(name) {
    const neighbors = this.graph.neighbors(this.idOf(name));
    const leaves = neighbors.filter((id) => this.graph.degree(id) === 1);
    this.remove(...leaves.map((id) => this.nameOf(id)));
  }

  runLayout() {
    const { clientWidth, clientHeight } = this.container;
    this.layout.start(Math.min(clientWidth, clientHeight));
  }

  // ---- appearance

  colorBy(field) {
    this.colors.by = field;
    if (field === "community") this.#findCommunities();
    this.sigma.refresh();
  }

  #findCommunities() {
    findCommunities(this.graph);
    this.colors.update(this.graph);
  }

  toggleType(type) {
    if (!this.hiddenTypes.delete(type)) this.hiddenTypes.add(type);
    this.sigma.refresh();
  }

  updateTheme() {
    const style = getComputedStyle(document.documentElement);
    for (const name of THEME) this.theme[name] = style.getPropertyValue(`--${name}`).trim();
    this.sigma.setSetting("labelColor", { color: this.theme.ink });
    this.sigma.refresh();
  }

  // ---- focus

  select(name) {
    this.focus.set({ selected: name && this.idOf(name) });
    this.sigma.refresh();
    if (this.selected && this.graph.order > MANY_NODES) this.#moveTo(this.selected);
  }

  selectEdge(source, target) {
    const edge = this.graph.edge(this.idOf(source), this.idOf(target));
    this.focus.set({ selectedEdge: edge || "" });
    this.sigma.refresh();
  }

  showPath(ids) {
    this.focus.set({ path: ids.map(String) });
    this.sigma.refresh();
  }

  #moveTo(id) {
    const { x, y } = this.sigma.getNodeDisplayData(id);
    const camera = this.sigma.getCamera();
    camera.animate({ x, y, ratio: Math.min(camera.ratio, 0.6) }, { duration: 400 });
  }

  #updateCursor(position) {
    clearTimeout(this.pointerRest);
    this.pointerRest = setTimeout(() => {
      if (this.focus.hovered) return;
      this.container.style.cursor = this.edgeAt(position) ? "pointer" : "";
    }, REST_MS);
  }

  // Draw only what changes, because the pointer crosses many nodes.
  #hover(id) {
    const changed = [this.focus.hovered, id].filter((node) => node && this.graph.hasNode(node));
    this.focus.hovered = id;
    this.container.style.cursor = id ? "pointer" : "";
    const nodes = changed.flatMap((node) => [node, ...this.graph.neighbors(node)]);
    const edges = changed.flatMap((node) => this.graph.edges(node));
    const partialGraph = { nodes, edges };
    this.sigma.refresh({ partialGraph, skipIndexation: true, schedule: true });
  }

  zoom(direction) {
    const camera = this.sigma.getCamera();
    if (direction === "in") camera.animatedZoom({ duration: 250 });
    if (direction === "out") camera.animatedUnzoom({ duration: 250 });
    if (direction === "fit") camera.animatedReset({ duration: 300 });
  }
}
