// The conversations one has had, to go back to or to delete.
import * as store from "./conversations.js";
import { words } from "./words.js";

export async function drawPast(now, open) {
  const known = await store.all();
  document.getElementById("past").replaceChildren(...known.map((one) => item(one, now, open)));
}

function item(one, now, open) {
  const found = document.createElement("li");
  found.className = one.id === now.id ? "now" : "";
  const name = document.createElement("button");
  name.type = "button";
  name.textContent = one.title;
  if (one.id === now.id) name.setAttribute("aria-current", "true");
  name.addEventListener("click", () => open(one));
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "icon";
  remove.textContent = "×";
  remove.setAttribute("aria-label", words.delete);
  remove.addEventListener("click", async () => {
    await store.forget(one.id);
    if (one.id === now.id) open(store.fresh());
    else drawPast(now, open);
  });
  found.append(name, remove);
  return found;
}
