// The graph as sigma draws it: colour by type, size by degree, a layout that settles.
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import Sigma from "sigma";

const COLOURS = {
  light: ["#1e7970", "#c2571a", "#5b4bb7", "#a8326d", "#2f6fb5", "#7a6a12", "#b3261e", "#3c7a2e", "#7b4a2d", "#52616b"],
  dark: ["#48b1a4", "#f0935a", "#a497f2", "#e883b5", "#7db4ef", "#d3bf55", "#ff8f86", "#8ccf7a", "#cf9f80", "#a3b3bd"],
};
const FRAME_MS = 14;  // of each frame, for the layout

export class Picture {
  constructor(container, { select, expand }) {
    this.graph = new Graph({ type: "undirected", multi: false });
    this.kinds = [];
    this.hidden = new Set();
    this.selected = "";
    this.start = "*";
    this.sigma = new Sigma(this.graph, container, {
      labelDensity: 1,
      labelGridCellSize: 110,
      labelRenderedSizeThreshold: 4,
      labelFont: "system-ui, sans-serif",
      labelSize: 13,
      defaultEdgeType: "line",
      zIndex: true,
      stagePadding: 90,
      minCameraRatio: 0.02,
      maxCameraRatio: 6,
      allowInvalidContainer: true,
      nodeReducer: (name, data) => this.#node(name, data),
      edgeReducer: (edge, data) => this.#edge(edge, data),
      defaultDrawNodeHover: (context, data, settings) => this.#hover(context, data, settings),
    });
    this.sigma.on("clickNode", ({ node }) => select(node));
    this.sigma.on("doubleClickNode", (event) => { event.preventSigmaDefault(); expand(event.node); });
    this.sigma.on("enterNode", ({ node }) => { this.hovered = node; container.style.cursor = "pointer"; this.sigma.refresh({ skipIndexation: true }); });
    this.sigma.on("leaveNode", () => { this.hovered = ""; container.style.cursor = ""; this.sigma.refresh({ skipIndexation: true }); });
    this.#drag();
    new ResizeObserver(() => { this.sigma.resize(); this.sigma.refresh(); }).observe(container);
    this.repaint();
  }

  get order() { return this.graph.order; }
  get size() { return this.graph.size; }
  has(name) { return this.graph.hasNode(name); }

  // ---- what is in it

  show(part, start) {
    this.graph.clear();
    this.start = start;
    this.kinds = kindsByNumber(part.nodes);
    this.add(part, start, false);
    this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  add(part, around, near = true) {
    const from = near && this.has(around) ? this.graph.getNodeAttributes(around) : null;
    part.nodes.forEach((node, n) => {
      const fields = { label: node.id, kind: node.type, degree: node.degree, size: Math.min(3 + 1.6 * Math.sqrt(node.degree), 22) };
      if (this.has(node.id)) return this.graph.mergeNodeAttributes(node.id, fields);
      if (!this.kinds.includes(node.type)) this.kinds.push(node.type);
      const angle = n * 2.399963;  // the golden angle: the same start each time, nothing on top of another
      const far = from ? 4 + Math.sqrt(n) : 10 * Math.sqrt(n + 1);
      return this.graph.addNode(node.id, { ...fields, x: (from?.x ?? 0) + far * Math.cos(angle), y: (from?.y ?? 0) + far * Math.sin(angle) });
    });
    for (const { source, target, weight, keywords } of part.edges) {
      this.graph.mergeUndirectedEdge(source, target, { weight, keywords, size: Math.min(0.6 + 0.4 * Math.sqrt(weight), 4) });
    }
    this.#settle();
  }

  remove(name) {
    if (this.has(name)) this.graph.dropNode(name);
  }

  // ---- colours

  colour(kind) {
    const number = this.kinds.indexOf(kind);
    const palette = COLOURS[document.documentElement.dataset.theme] || COLOURS.light;
    return number < 0 ? palette.at(-1) : palette[Math.min(number, palette.length - 1)];
  }

  types() {
    const counts = new Map();
    this.graph.forEachNode((_, { kind }) => counts.set(kind, (counts.get(kind) || 0) + 1));
    return [...counts].sort((one, other) => other[1] - one[1]).map(([kind, n]) => [kind, this.colour(kind), n]);
  }

  isHidden(kind) { return this.hidden.has(kind); }
  toggle(kind) {
    if (!this.hidden.delete(kind)) this.hidden.add(kind);
    this.sigma.refresh();
  }

  repaint() {
    const style = getComputedStyle(document.documentElement);
    this.ink = style.getPropertyValue("--ink").trim();
    this.card = style.getPropertyValue("--card").trim();
    this.line = style.getPropertyValue("--line-strong").trim();
    this.faint = style.getPropertyValue("--line").trim();
    this.accent = style.getPropertyValue("--accent").trim();
    this.sigma.setSetting("labelColor", { color: this.ink });
    this.sigma.refresh();
  }

  select(name) {
    this.selected = this.has(name) ? name : "";
    this.sigma.refresh();
    if (!this.selected) return;
    if (this.order < 40) return;  // all of it is in sight
    const { x, y } = this.sigma.getNodeDisplayData(name);
    this.sigma.getCamera().animate({ x, y, ratio: Math.min(this.sigma.getCamera().ratio, 0.6) }, { duration: 400 });
  }

  #focus() { return [this.hovered, this.selected].find((name) => name && this.has(name)) || ""; }
  #node(name, data) {
    const focus = this.#focus();
    const shown = { ...data, color: this.colour(data.kind), hidden: this.hidden.has(data.kind) };
    if (focus && name !== focus && !this.graph.areNeighbors(name, focus)) return { ...shown, color: this.faint, label: "", zIndex: 0 };
    return { ...shown, zIndex: 1, highlighted: name === this.selected, forceLabel: Boolean(focus) && (name === focus || this.graph.degree(focus) < 25) };
  }

  #edge(edge, data) {
    const focus = this.#focus();
    const near = !focus || this.graph.hasExtremity(edge, focus);
    return { ...data, color: focus && near ? this.accent : near ? this.line : this.faint, hidden: Boolean(focus) && !near, zIndex: near ? 1 : 0 };
  }

  #hover(context, data, settings) {
    context.font = `600 ${settings.labelSize}px ${settings.labelFont}`;
    const width = data.label ? context.measureText(data.label).width + 12 : 0;
    context.beginPath();
    context.fillStyle = this.card;
    context.strokeStyle = this.accent;
    context.lineWidth = 2;
    if (width) context.roundRect(data.x + data.size + 2, data.y - 11, width, 22, 6);
    context.fill();
    context.beginPath();
    context.arc(data.x, data.y, data.size + 2, 0, 2 * Math.PI);
    context.stroke();
    context.fillStyle = this.ink;
    if (data.label) context.fillText(data.label, data.x + data.size + 8, data.y + settings.labelSize / 3);
  }

  // ---- where things are

  // In slices on this thread: a worker would need a policy that allows blobs as scripts.
  // First things find their places, then they make room for one another.
  #settle() {
    const rounds = this.order < 500 ? 500 : this.order < 2000 ? 250 : 120;
    const wide = { ...forceAtlas2.inferSettings(this.graph), gravity: 1, scalingRatio: 12, strongGravityMode: true, edgeWeightInfluence: 0, slowDown: 2, barnesHutOptimize: this.order > 500 };
    const apart = { ...wide, adjustSizes: this.order < 1000, slowDown: 8 };
    let done = 0;
    cancelAnimationFrame(this.turn);
    const step = () => {
      const until = performance.now() + FRAME_MS;
      do {
        forceAtlas2.assign(this.graph, { iterations: 1, settings: done < rounds * 0.8 ? wide : apart });
        done += 1;
      } while (performance.now() < until && done < rounds);
      if (done < rounds && this.order > 1) this.turn = requestAnimationFrame(step);
    };
    step();
  }

  #drag() {
    let held = "";
    this.sigma.on("downNode", ({ node }) => { held = node; this.sigma.setCustomBBox(this.sigma.getCustomBBox() ?? this.sigma.getBBox()); });
    this.sigma.on("moveBody", ({ event }) => {
      if (!held) return;
      cancelAnimationFrame(this.turn);
      const { x, y } = this.sigma.viewportToGraph(event);
      this.graph.mergeNodeAttributes(held, { x, y });
      event.preventSigmaDefault();
      event.original.preventDefault();
      event.original.stopPropagation();
    });
    const drop = () => { held = ""; this.sigma.setCustomBBox(null); };
    this.sigma.on("upNode", drop);
    this.sigma.on("upStage", drop);
  }

  zoom(how) {
    const camera = this.sigma.getCamera();
    if (how === "in") camera.animatedZoom({ duration: 250 });
    if (how === "out") camera.animatedUnzoom({ duration: 250 });
    if (how === "fit") camera.animatedReset({ duration: 300 });
    if (how === "png") this.#save();
  }

  #save() {
    this.sigma.refresh();
    const layers = Object.values(this.sigma.getCanvases());
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [layers[0].width, layers[0].height];
    const context = sheet.getContext("2d");
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, sheet.width, sheet.height);
    for (const layer of layers) context.drawImage(layer, 0, 0);
    const link = document.createElement("a");
    link.download = "graph.png";
    link.href = sheet.toDataURL("image/png");
    link.click();
  }
}

// The types by how many have them: the first colours go to those one sees most.
function kindsByNumber(nodes) {
  const counts = new Map();
  for (const { type } of nodes) counts.set(type, (counts.get(type) || 0) + 1);
  return [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one));
}
