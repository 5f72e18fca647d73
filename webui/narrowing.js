// The filters: a type, and documents, of which only what they say is shown.
import { get } from "../compat_api/static/webui/page.js";
import { suggest } from "./suggest.js";

const element = (id) => document.getElementById(id);

// Returns a function that says what is asked for now; `changed` hears when it changes.
export function filters(words, changed) {
  const documents = new Map(); // ids to names

  function draw() {
    element("chosen").replaceChildren(...[...documents].map(([id, name]) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "chip";
      chip.textContent = `${name} ×`;
      chip.title = words.removeFilter;
      chip.addEventListener("click", () => { documents.delete(id); draw(); changed(); });
      return chip;
    }));
  }

  const find = async (q) => (await get(`${words.documents}?${new URLSearchParams({ q })}`)).documents;
  suggest(element("document"), element("document-names"), find, ({ id, name }) => {
    documents.set(id, name);
    element("document").value = "";
    draw();
    changed();
  }, ({ name }) => name);
  element("type").addEventListener("change", changed);

  return () => ({
    types: element("type").value ? [element("type").value] : [],
    documents: [...documents.keys()],
  });
}
