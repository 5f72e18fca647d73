// The documents that a question is limited to.
import { filterChips } from "../shared/chips.js";
import { getJSON } from "../shared/requests.js";
import { translations } from "../shared/translations.js";

// Return functions that read and change the selection, a map from ids to names.
export function setUpDocumentFilter() {
  const field = document.getElementById("filter-document");
  const options = document.getElementById("filter-suggestions");
  const chips = document.getElementById("filter-documents");
  const selected = new Map(); // ids to names
  let suggestions = [];

  function draw() {
    chips.replaceChildren(...filterChips(selected, translations.removeFilter, remove));
    chips.dispatchEvent(new Event("filterchange", { bubbles: true }));
  }

  function select({ id, name }) {
    selected.set(id, name);
    field.value = "";
    draw();
  }

  // The browser puts the name of the selected option into the field.
  async function suggest() {
    const match = suggestions.find(({ name }) => name === field.value);
    if (match) {
      select(match);
      return;
    }
    const parameters = { q: field.value };
    const response = await getJSON(field.dataset.url, parameters).catch(() => ({ documents: [] }));
    suggestions = response.documents;
    options.replaceChildren(...suggestions.map(({ name }) => new Option(name, name)));
  }

  field.addEventListener("input", suggest);
  field.addEventListener("focus", suggest);

  function replace(entries) {
    selected.clear();
    for (const [id, name] of entries) selected.set(id, name);
    draw();
  }

  const remove = (id) => selected.delete(id) && draw();
  return { selected: () => selected, add: select, remove, replace };
}
