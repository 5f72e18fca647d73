// The search for the shortest path between two entities.
import { setUpEntityField } from "./entity-field.js";

const element = (id) => document.getElementById(id);

export function setUpPathSearch({ texts, loader, panel, reportError }) {
  const [from, to] = [element("from"), element("to")];
  for (const field of [from, to]) {
    setUpEntityField(field, element(`${field.id}-names`), texts.search, (name) => {
      field.value = name;
    });
  }

  async function search() {
    const names = await loader.path(from.value, to.value);
    element("path-steps").replaceChildren(...names.map(step));
    if (!names.length) throw new Error(texts.noPath);
  }

  function step(name) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => reportError(panel.showEntity(name)));
    item.append(button);
    return item;
  }

  element("path-form").addEventListener("submit", (event) => {
    event.preventDefault();
    reportError(search());
  });
  panel.actions["path-from"] = ({ name }) => {
    element("path-search").open = true;
    from.value = name;
    to.focus();
  };
}
