// The shortest path between two entities, drawn and told step by step.
import { entityField } from "./suggest.js";

const element = (id) => document.getElementById(id);

export function letFindPaths({ words, load, panel, safely }) {
  const [from, to] = [element("from"), element("to")];
  for (const field of [from, to]) {
    entityField(field, element(`${field.id}-names`), words.search, (name) => { field.value = name; });
  }

  element("path").addEventListener("submit", (event) => {
    event.preventDefault();
    safely(find());
  });

  async function find() {
    const names = await load.path(from.value, to.value);
    const steps = names.map((name) => {
      const step = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => safely(panel.entity(name)));
      step.append(button);
      return step;
    });
    element("found-path").replaceChildren(...steps);
    if (!names.length) throw new Error(words.noPath);
  }

  panel.doings.from = ({ name }) => {
    element("way").open = true;
    from.value = name;
    to.focus();
  };
}
