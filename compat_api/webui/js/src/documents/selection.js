// The documents that the user has selected in the list. They stay selected when the list is
// drawn again or another page of it is shown.
const ROW_BOXES = "tbody input";

export class Selection {
  #documents = new Map();

  constructor(list) {
    this.list = list;
    list.addEventListener("change", ({ target }) => this.#change(target));
  }

  get ids() {
    return [...this.#documents.keys()];
  }

  get documents() {
    return [...this.#documents.values()];
  }

  get names() {
    return this.documents.map(({ name }) => name);
  }

  clear() {
    this.#documents.clear();
  }

  // Return the document in whose row the element is, as a list, or null outside of rows.
  rowOf(element) {
    const box = element.closest("tr")?.querySelector("input");
    return box ? [documentOf(box)] : null;
  }

  // Check the boxes of selected documents and show the bar with the actions.
  draw() {
    const boxes = this.#boxes();
    for (const box of boxes) {
      box.checked = this.#documents.has(box.value);
      if (box.checked) this.#update(box);
    }
    const bar = this.list.querySelector(".selection");
    if (!bar) return;
    bar.hidden = this.#documents.size === 0;
    bar.querySelector(".count").textContent = this.#documents.size;
    const all = this.list.querySelector("#select-all");
    all.checked = boxes.length > 0 && boxes.every(({ checked }) => checked);
  }

  #boxes() {
    return [...this.list.querySelectorAll(ROW_BOXES)];
  }

  #update(box) {
    if (box.checked) this.#documents.set(box.value, documentOf(box));
    else this.#documents.delete(box.value);
  }

  #change(box) {
    const changed = box.id === "select-all" ? this.#boxes() : [box];
    for (const row of changed) {
      if (!row.matches(ROW_BOXES)) continue;
      row.checked = box.checked;
      this.#update(row);
    }
    this.draw();
  }
}

const documentOf = ({ value, dataset }) => ({
  id: value,
  name: dataset.name,
  tags: dataset.tags.split(",").filter(Boolean),
});
