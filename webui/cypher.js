// The box for Cypher: what it finds as a table, and as a part of the picture.
import { send } from "../compat_api/static/webui/page.js";

const element = (id) => document.getElementById(id);

export function boxForCypher({ words, picture, load, panel, safely }) {
  const box = element("cypher");
  if (!box) return;
  const error = box.querySelector(".error");
  const show = (open) => {
    box.hidden = !open;
    element("open-cypher").setAttribute("aria-expanded", String(open));
    if (open) element("query").focus();
  };

  element("open-cypher").addEventListener("click", () => show(box.hidden));
  element("shut-cypher").addEventListener("click", () => show(false));
  element("examples").addEventListener("change", ({ target }) => {
    const name = picture.selected ? picture.name(picture.selected) : "NAME";
    element("query").value = target.value.replaceAll("NAME", name.replaceAll("'", "\\'"));
    target.value = "";
    element("query").focus();
  });
  element("query").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) element("ask-cypher").requestSubmit();
  });
  element("ask-cypher").addEventListener("submit", async (event) => {
    event.preventDefault();
    error.hidden = true;
    try {
      tell(await (await send(words.cypher, { query: element("query").value })).json());
    } catch (refused) {
      error.textContent = refused.message;
      error.hidden = false;
    }
  });

  function tell(found) {
    const { rows, more } = element("outcome").dataset;
    const said = [rows.replace("{n}", found.rows.length).replace("{s}", found.seconds)];
    if (found.truncated) said.push(more);
    element("outcome").textContent = said.join(" · ");
    element("rows").tHead.replaceChildren(row(found.columns.map((text) => cell("th", { text }))));
    element("rows").tBodies[0].replaceChildren(...found.rows.map((cells) => row(cells.map((one) => cell("td", one)))));
    if (found.nodes.length) {
      panel.shut();
      picture.show(found);
      load.add(found);
    }
  }

  function cell(tag, { text, name }) {
    const found = document.createElement(tag);
    if (!name) { found.textContent = text; return found; }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => safely(panel.entity(name)));
    found.append(button);
    return found;
  }
}

function row(cells) {
  const found = document.createElement("tr");
  found.append(...cells);
  return found;
}
