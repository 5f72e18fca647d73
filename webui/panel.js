// One entity or one relation in words, and what can be done with it.
import { check, headers, notice, send } from "../compat_api/static/webui/page.js";

export class Panel {
  constructor(words, picture, load, safely) {
    Object.assign(this, { words, picture, load, safely, doings: {} });
    this.element = document.getElementById("panel");
    this.element.addEventListener("click", (event) => this.#click(event));
  }

  // What the open panel is about: its header's data.
  get about() { return this.element.querySelector("header").dataset; }

  async entity(name) {
    await this.#fill(this.words.entity, { name });
    this.repaint();
    if (!this.picture.graph.hasNode(this.about.id)) await this.load.expand(this.about.name);
    this.picture.select(this.about.name);
  }

  async relation(one, other) {
    await this.#fill(this.words.relation, { one, other });
    this.picture.selectEdge(one, other);
  }

  // Its dot, in the colour that the picture gives the entity's type.
  repaint() {
    const dot = this.element.querySelector("[data-kind]");
    if (dot) dot.style.background = this.picture.colours.ofValue(dot.dataset.kind, "kind");
  }

  shut() {
    this.element.hidden = true;
    this.picture.select("");
  }

  async #fill(url, values) {
    const asked = await fetch(`${url}?${new URLSearchParams(values)}`, { headers: headers() });
    if (asked.status === 404) throw new Error(this.words.nothing);
    this.element.innerHTML = await (await check(asked)).text();
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  #click({ target }) {
    const { picture, load } = this;
    if (target.closest("[data-shut-panel]")) return this.shut();
    const button = target.closest("button")?.dataset ?? {};
    if (button.go) this.safely(this.entity(button.go));
    if (button.relation) this.safely(this.relation(this.about.name, button.relation));
    if (button.split) this.safely(this.split(button.split));
    const { name } = this.about;
    if (button.do === "expand") this.safely(load.expand(name).then(() => picture.select(name)));
    if (button.do === "collapse") load.collapse(name);
    if (button.do === "hide") { load.remove(name); this.shut(); }
    return this.doings[button.do]?.(this.about);
  }

  // What `alias` stood for becomes an entity of its own again.
  async split(alias) {
    const answer = await (await send(this.words.split, { name: alias })).json();
    notice(answer.message);
    if (answer.name) await this.load.expand(answer.name);
    await this.entity(answer.name || this.about.name);
  }
}
