// The box for Cypher queries. It shows the result as a table and as a graph.
import { postJSON } from "../shared/requests.js";
import { format } from "../shared/translations.js";

const element = (id) => document.getElementById(id);

export function setUpCypherBox({ root, view, loader, panel, reportError }) {
  const box = element("cypher");
  if (!box) return;
  const form = element("cypher-form");
  const query = element("query");
  const errorLine = box.querySelector(".error");

  function toggle(isOpen) {
    box.hidden = !isOpen;
    element("open-cypher").setAttribute("aria-expanded", String(isOpen));
    if (isOpen) query.focus();
  }

  function useExample(example) {
    const name = view.selected ? view.nameOf(view.selected) : "NAME";
    query.value = fillExample(example, name);
    query.focus();
  }

  function showResult(result) {
    element("cypher-status").textContent = status(result, element("cypher-status").dataset);
    const table = element("cypher-rows");
    table.tHead.replaceChildren(row(result.columns.map((text) => cell("th", { text }))));
    const rows = result.rows.map((values) => row(values.map((value) => cell("td", value))));
    table.tBodies[0].replaceChildren(...rows);
    if (!result.nodes.length) return;
    panel.close();
    view.show(result);
    loader.add(result);
  }

  // The name of an entity opens its details.
  function cell(tag, { text, name }) {
    const item = document.createElement(tag);
    if (!name) {
      item.textContent = text;
      return item;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => reportError(panel.showEntity(name)));
    item.append(button);
    return item;
  }

  element("open-cypher").addEventListener("click", () => toggle(box.hidden));
  element("close-cypher").addEventListener("click", () => toggle(false));
  element("examples").addEventListener("change", ({ target }) => {
    useExample(target.value);
    target.value = "";
  });
  query.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    errorLine.hidden = true;
    try {
      showResult(await postJSON(root.dataset.cypher, { query: query.value }));
    } catch (error) {
      errorLine.textContent = error.message;
      errorLine.hidden = false;
    }
  });
}

function row(cells) {
  const item = document.createElement("tr");
  item.append(...cells);
  return item;
}

export function status({ rows, seconds, truncated }, texts) {
  const count = format(texts.rows, { n: rows.length, s: seconds });
  return truncated ? `${count} · ${texts.more}` : count;
}

// Insert the name of an entity into an example, as a Cypher string.
export const fillExample = (example, name) =>
  example.replaceAll("NAME", name.replaceAll("\\", "\\\\").replaceAll("'", "\\'"));
