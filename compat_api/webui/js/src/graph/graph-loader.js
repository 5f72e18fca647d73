// Loads parts of the graph from the server into the view.
import { showError } from "../shared/notices.js";
import { postJSON } from "../shared/requests.js";

const numberIn = (id) => Number(document.getElementById(id).value);

export class GraphLoader {
  label = "*"; // where the shown part starts; "*" is the entire graph

  // `filters()` returns the current filters. `loaded(part)` is called after each change of
  // the view, without an argument if something was removed.
  constructor(texts, view, filters, loaded) {
    Object.assign(this, { texts, view, filters, loaded });
  }

  // Replace what is shown by the neighborhood of an entity.
  async show(label) {
    const part = await this.#load({ label, depth: numberIn("depth") });
    if (!part.nodes.length) {
      showError(new Error(this.texts.noMatches));
      return;
    }
    this.label = label;
    this.view.show(part);
    this.loaded(part);
  }

  // Add the neighbors of an entity.
  async expand(label) {
    const part = await this.#load({ label, depth: 1, shown: this.view.ids });
    this.view.add(part, label);
    this.loaded(part);
  }

  // Add the shortest path and return the names of its entities.
  async path(source, target) {
    const body = { source, target, shown: this.view.ids };
    const part = await postJSON(this.texts.path, body);
    if (part.path.length) {
      this.view.add(part, source);
      this.view.showPath(part.path);
      this.loaded(part);
    }
    const names = new Map(part.nodes);
    return part.path.map((id) => names.get(id));
  }

  add(part) {
    this.view.add(part);
    this.loaded(part);
  }

  remove(...names) {
    this.view.remove(...names);
    this.loaded();
  }

  collapse(name) {
    this.view.collapse(name);
    this.loaded();
  }

  removeEdge(source, target) {
    this.view.removeEdge(source, target);
    this.loaded();
  }

  #load(body) {
    return postJSON(this.texts.data, { ...body, nodes: numberIn("nodes"), ...this.filters() });
  }
}
