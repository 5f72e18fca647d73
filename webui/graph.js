// The graph page: one picture (picture.js), what is around it (here).
import { Picture } from "./picture.js";
import { get, headers, notice, send } from "../compat_api/static/webui/page.js";
import { suggest } from "./suggest.js";

const root = document.getElementById("graph");
if (root) begin();

function begin() {
  const words = root.dataset;
  const panel = document.getElementById("panel");
  const picture = new Picture(root, { select: (name) => safely(open(name)), expand: (name) => safely(load(name, true)) });
  const element = (id) => document.getElementById(id);
  const at = (base, values) => `${base}?${new URLSearchParams(values)}`;
  let current = "";

  // ---- what is shown

  async function load(label, keep = false) {
    const values = { label, depth: keep ? 1 : element("depth").value, nodes: element("nodes").value };
    const part = await get(at(words.data, values));
    if (!part.nodes.length) return notice(words.nothing, true);
    if (keep) picture.add(part, label);
    else picture.show(part, label);
    count(part.truncated);
    legend();
  }

  const safely = (promise) => promise.catch((error) => notice(error.message, true));

  function count(truncated) {
    const text = words.size.replace("{n}", picture.order).replace("{m}", picture.size);
    element("size").textContent = truncated ? `${text}. ${words.truncated}` : text;
  }

  function legend() {
    element("legend").replaceChildren(...picture.types().map(([type, colour, number]) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", String(!picture.isHidden(type)));
      const dot = document.createElement("span");
      dot.className = "dot";
      dot.style.background = colour;
      button.append(dot, `${type} ${number}`);
      button.addEventListener("click", () => { picture.toggle(type); legend(); });
      item.append(button);
      return item;
    }));
  }

  async function go(name) {
    element("name").value = "";
    history.replaceState(null, "", at(location.pathname, { label: name }));
    await load(name);
    await open(name);
  }

  // ---- the panel

  async function open(name) {
    const asked = await fetch(at(words.entity, { name }), { headers: headers() });
    if (!asked.ok) return notice(words.nothing, true);
    panel.innerHTML = await asked.text();
    panel.hidden = false;
    panel.scrollTop = 0;
    current = panel.querySelector("header").dataset.name;
    for (const dot of panel.querySelectorAll("[data-kind]")) dot.style.background = picture.colour(dot.dataset.kind);
    picture.select(current);
    return undefined;
  }

  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-shut-panel]")) { panel.hidden = true; picture.select(""); }
    const other = event.target.closest("[data-go]")?.dataset.go;
    if (other) safely((picture.has(other) ? Promise.resolve() : load(other, true)).then(() => open(other)));
    const doing = event.target.closest("[data-do]")?.dataset.do;
    if (doing === "expand") safely(load(current, true));
    if (doing === "hide") { picture.remove(current); panel.hidden = true; count(); legend(); }
    if (doing === "edit") fillEdit();
    if (["edit", "merge", "remove"].includes(doing)) element(doing).showModal();
  });

  // ---- mending

  function fillEdit() {
    const { name, type, description } = panel.querySelector("header").dataset;
    const { elements } = element("edit").querySelector("form");
    elements.new_name.value = name;
    elements.entity_type.value = type;
    elements.description.value = description;
  }

  function mends(id, url, body, then) {
    const dialog = element(id);
    const told = dialog.querySelector(".error");
    dialog.addEventListener("close", () => { told.hidden = true; delete dialog.dataset.merge; });
    dialog.querySelector("[data-shut]").addEventListener("click", () => dialog.close());
    dialog.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target));
      try {
        const answer = await (await send(url, { name: current, ...body(dialog), ...values })).json();
        notice(answer.message);
        dialog.close();
        await then(answer);
      } catch (error) {
        told.textContent = error.message;
        if (id === "edit" && values.new_name !== current && /exists/.test(error.message)) {
          told.textContent = words.taken;
          dialog.dataset.merge = "1";
        }
        told.hidden = false;
      }
    });
  }

  const replaced = async (answer) => {
    if (picture.has(current) && answer.name !== current) picture.remove(current);
    await load(answer.name, true);
    await open(answer.name);
  };
  mends("edit", words.change, (dialog) => ({ merge: "merge" in dialog.dataset }), replaced);
  mends("merge", words.merge, () => ({}), replaced);
  mends("remove", words.delete, () => ({}), async () => {
    picture.remove(current);
    panel.hidden = true;
    count();
    legend();
  });
  element("merge").querySelector("[name=into]").addEventListener("input", async (event) => {
    const { names } = await get(at(words.search, { q: event.target.value }));
    element("targets").replaceChildren(...names.filter((name) => name !== current).map((name) => new Option(name, name)));
  });

  // ---- tools

  suggest(element("name"), element("names"), async (q) => (await get(at(words.search, { q }))).names, (name) => safely(go(name)));
  element("tools").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["depth", "nodes"]) element(id).addEventListener("change", () => safely(load(picture.start)));
  element("all").addEventListener("click", () => { history.replaceState(null, "", location.pathname); panel.hidden = true; safely(load("*")); });
  element("zoom").addEventListener("click", (event) => picture.zoom(event.target.dataset.zoom));
  for (const name of ["themechange", "storage"]) addEventListener(name, () => { picture.repaint(); legend(); });

  safely(words.label ? go(words.label) : load("*"));
}
