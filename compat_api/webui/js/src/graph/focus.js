// What is in focus (an entity, a relation, a path, or the entity under the pointer), and how
// it changes the appearance of nodes and edges.
const MAX_LABELED_NEIGHBORS = 25;
const NOTHING = { selected: "", selectedEdge: "", path: [] };

export class Focus {
  hovered = "";

  constructor(view) {
    this.view = view;
    this.set({});
  }

  get graph() {
    return this.view.graph;
  }

  // Focus one of `selected` (the id of an entity), `selectedEdge` and `path` (ids), or nothing.
  set(focus) {
    Object.assign(this, NOTHING, focus);
  }

  dropRemoved() {
    if (!this.graph.hasNode(this.selected)) this.selected = "";
    if (!this.graph.hasEdge(this.selectedEdge)) this.selectedEdge = "";
    this.path = this.path.filter((id) => this.graph.hasNode(id));
  }

  // Return the node as sigma draws it.
  node(id, node) {
    const { colors, hiddenTypes, theme } = this.view;
    const drawn = { ...node, color: colors.of(node), hidden: hiddenTypes.has(node.kind) };
    if (!this.#includes(id)) return { ...drawn, color: theme.line, label: "", zIndex: 0 };
    const isSelected = id === this.selected;
    return { ...drawn, zIndex: 1, highlighted: isSelected, forceLabel: this.#isLabeled(id) };
  }

  // Return the edge as sigma draws it.
  edge(id, edge) {
    const [source, target] = this.graph.extremities(id);
    const ends = [source, target];
    if (this.path.length) return this.#emphasize(edge, this.#isStep(source, target));
    if (this.selectedEdge) return this.#emphasize(edge, id === this.selectedEdge);
    if (this.selected) return this.#emphasize(edge, ends.includes(this.selected));
    if (this.hovered && ends.includes(this.hovered)) return this.#emphasize(edge, true);
    return { ...edge, color: this.view.theme["line-strong"] };
  }

  #includes(id) {
    if (this.path.length) return this.path.includes(id);
    if (this.selectedEdge) return this.graph.hasExtremity(this.selectedEdge, id);
    return !this.selected || id === this.selected || this.graph.areNeighbors(id, this.selected);
  }

  #isLabeled(id) {
    if (this.path.length || this.selectedEdge) return true;
    const center = this.hovered || this.selected;
    if (!center || id === center) return Boolean(center);
    const hasRoom = this.graph.degree(center) < MAX_LABELED_NEIGHBORS;
    return hasRoom && this.graph.areNeighbors(id, center);
  }

  #isStep(source, target) {
    const [from, to] = [this.path.indexOf(source), this.path.indexOf(target)];
    return from >= 0 && to >= 0 && Math.abs(from - to) === 1;
  }

  #emphasize(edge, isInFocus) {
    const { accent, line } = this.view.theme;
    if (!isInFocus) return { ...edge, color: line, size: 0.5, zIndex: 0 };
    return { ...edge, color: accent, size: Math.max(edge.size, 1.6), zIndex: 1 };
  }
}
