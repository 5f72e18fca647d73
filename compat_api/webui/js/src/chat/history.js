// The list of earlier conversations.
import { translations } from "../shared/translations.js";
import * as conversations from "./conversations.js";

// `open(conversation)` is called with the one that the user selects.
export async function drawHistory(current, open) {
  const items = (await conversations.list()).map((one) => item(one, current, open));
  document.getElementById("history").replaceChildren(...items);
}

function item(conversation, current, open) {
  const isCurrent = conversation.id === current.id;
  const row = document.createElement("li");
  row.className = isCurrent ? "current" : "";
  const title = button(conversation.title, () => open(conversation));
  if (isCurrent) title.setAttribute("aria-current", "true");
  const remove = button("×", async () => {
    await conversations.remove(conversation.id);
    if (isCurrent) open(conversations.create());
    else drawHistory(current, open);
  });
  remove.className = "icon";
  remove.setAttribute("aria-label", translations.delete);
  row.append(title, remove);
  return row;
}

function button(text, click) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", click);
  return element;
}
