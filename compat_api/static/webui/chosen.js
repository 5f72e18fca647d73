// The documents a question is asked of: searched by name, shown as chips.
import { get } from "./page.js";
import { words } from "./words.js";

export function suggestDocuments() {
  const field = document.getElementById("of-document");
  const offered = document.getElementById("documents-offered");
  const place = document.getElementById("documents-chosen");
  const chosen = new Map(); // ids to names
  let known = [];

  function draw() {
    place.replaceChildren(...[...chosen].map(([id, name]) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "chip";
      chip.textContent = `${name} ×`;
      chip.title = words.removeFilter;
      chip.addEventListener("click", () => { chosen.delete(id); draw(); });
      return chip;
    }));
    place.dispatchEvent(new Event("chosen", { bubbles: true }));
  }

  async function offer() {
    const found = known.find(({ name }) => name === field.value);
    if (found) {
      chosen.set(found.id, found.name);
      field.value = "";
      draw();
      return;
    }
    known = (await get(`${field.dataset.url}?${new URLSearchParams({ q: field.value })}`).catch(() => ({ documents: [] }))).documents;
    offered.replaceChildren(...known.map(({ name }) => new Option(name, name)));
  }
  field.addEventListener("input", offer);
  field.addEventListener("focus", offer);

  return { ids: () => [...chosen.keys()], clear: () => { chosen.clear(); draw(); } };
}
