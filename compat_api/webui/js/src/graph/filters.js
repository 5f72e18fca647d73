// The filters of the graph: an entity type, and documents that entities must be extracted from.
import { filterChips } from "../shared/chips.js";
import { setUpCombobox } from "../shared/combobox.js";
import { getJSON } from "../shared/requests.js";

const element = (id) => document.getElementById(id);

// Return a function that gives the current filters. `changed()` is called when they change.
export function setUpFilters(texts, changed) {
  const documents = new Map(); // ids to names

  function update() {
    const remove = (id) => {
      documents.delete(id);
      update();
    };
    element("filter-documents").replaceChildren(
      ...filterChips(documents, texts.removeFilter, remove),
    );
    changed();
  }

  function add({ id, name }) {
    documents.set(id, name);
    element("document").value = "";
    update();
  }

  const find = async (q) => (await getJSON(texts.documents, { q })).documents;
  setUpCombobox(element("document"), element("document-names"), find, add, ({ name }) => name);
  element("type").addEventListener("change", changed);

  return () => ({
    types: element("type").value ? [element("type").value] : [],
    documents: [...documents.keys()],
  });
}
