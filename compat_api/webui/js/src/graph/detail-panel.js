// The panel with the details of one entity or relation, and buttons for actions.
import { showNotice } from "../shared/notices.js";
import { getHTML, postJSON } from "../shared/requests.js";

const NOT_FOUND = 404;

export class DetailPanel {
  actions = {}; // by the data-action of the button; other modules add theirs

  constructor(texts, view, loader, reportError) {
    Object.assign(this, { texts, view, loader, reportError });
    this.element = document.getElementById("panel");
    this.element.addEventListener("click", ({ target }) => this.#click(target));
    Object.assign(this.actions, {
      expand: ({ name }) => reportError(loader.expand(name).then(() => view.select(name))),
      collapse: ({ name }) => loader.collapse(name),
      hide: ({ name }) => {
        loader.remove(name);
        this.close();
      },
    });
  }

  // The entity or relation in the panel: the data attributes of its header.
  get subject() {
    return this.element.querySelector("header").dataset;
  }

  async showEntity(name) {
    await this.#load(this.texts.entity, { name });
    this.updateTheme();
    const { id, name: canonical } = this.subject;
    if (!this.view.graph.hasNode(id)) await this.loader.expand(canonical);
    this.view.select(canonical);
  }

  async showRelation(source, target) {
    await this.#load(this.texts.relation, { source, target });
    this.view.selectEdge(source, target);
  }

  // Give the dot before the type the color that the type has in the graph.
  updateTheme() {
    const dot = this.element.querySelector("[data-kind]");
    if (dot) dot.style.background = this.view.colors.ofValue(dot.dataset.kind, "kind");
  }

  close() {
    this.element.hidden = true;
    this.view.select("");
  }

  // Undo the merge or rename that made `alias` an alias.
  async unmerge(alias) {
    const { name, message } = await postJSON(this.texts.unmerge, { name: alias });
    showNotice(message);
    if (name) await this.loader.expand(name);
    await this.showEntity(name || this.subject.name);
  }

  async #load(url, parameters) {
    this.element.innerHTML = await getHTML(url, parameters).catch((error) => {
      throw error.status === NOT_FOUND ? new Error(this.texts.notFound) : error;
    });
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  #click(target) {
    if (target.closest("[data-close-panel]")) {
      this.close();
      return;
    }
    const { entity, relation, unmerge, action } = target.closest("button")?.dataset ?? {};
    if (entity) this.reportError(this.showEntity(entity));
    if (relation) this.reportError(this.showRelation(this.subject.name, relation));
    if (unmerge) this.reportError(this.unmerge(unmerge));
    this.actions[action]?.(this.subject);
  }
}
