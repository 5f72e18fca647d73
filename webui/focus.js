// What is in focus (an entity, a relation, a path, or what the pointer is on), and so how
// each entity and each edge of the picture is drawn.
const FEW = 25; // neighbours whose names are all shown
const NOTHING = { selected: "", selectedEdge: "", path: [] };

export class Focus {
  hovered = "";

  constructor(picture) {
    this.picture = picture;
    this.on({});
  }

  get graph() { return this.picture.graph; }

  // One of `selected` (an entity's id), `selectedEdge`, `path` (ids), or nothing.
  on(what) { Object.assign(this, NOTHING, what); }

  forgetWhatIsGone() {
    if (!this.graph.hasNode(this.selected)) this.selected = "";
    if (!this.graph.hasEdge(this.selectedEdge)) this.selectedEdge = "";
    this.path = this.path.filter((id) => this.graph.hasNode(id));
  }

  node(id, data) {
    const { colours, hidden, line } = this.picture;
    const shown = { ...data, color: colours.of(data), hidden: hidden.has(data.kind) };
    if (!this.#holds(id)) return { ...shown, color: line, label: "", zIndex: 0 };
    return { ...shown, zIndex: 1, highlighted: id === this.selected, forceLabel: this.#isNamed(id) };
  }

  edge(edge, data) {
    const [one, other] = this.graph.extremities(edge);
    if (this.path.length) return this.#lit(data, this.#isStep(one, other));
    if (this.selectedEdge) return this.#lit(data, edge === this.selectedEdge);
    if (this.selected) return this.#lit(data, one === this.selected || other === this.selected);
    if (this.hovered && (one === this.hovered || other === this.hovered)) return this.#lit(data, true);
    return { ...data, color: this.picture["line-strong"] };
  }

  #holds(id) {
    if (this.path.length) return this.path.includes(id);
    if (this.selectedEdge) return this.graph.hasExtremity(this.selectedEdge, id);
    return !this.selected || id === this.selected || this.graph.areNeighbors(id, this.selected);
  }

  #isNamed(id) {
    if (this.path.length || this.selectedEdge) return true;
    const focus = this.hovered || this.selected;
    return Boolean(focus) && (id === focus || (this.graph.degree(focus) < FEW && this.graph.areNeighbors(id, focus)));
  }

  #isStep(one, other) {
    const [from, to] = [this.path.indexOf(one), this.path.indexOf(other)];
    return from >= 0 && to >= 0 && Math.abs(from - to) === 1;
  }

  #lit(data, lit) {
    const { accent, line } = this.picture;
    if (!lit) return { ...data, color: line, size: 0.5, zIndex: 0 };
    return { ...data, color: accent, size: Math.max(data.size, 1.6), zIndex: 1 };
  }
}
