// The list of earlier conversations, and the search in it.
import * as conversations from "./conversations.js";

const SEARCH_DELAY_MS = 200;
const field = document.getElementById("history-search");
const list = document.getElementById("history");

// `open(conversation)` is called with the one that the user selects.
export async function drawHistory(current, open) {
  const items = await conversations.list(field.value.trim());
  list.replaceChildren(...items.map((conversation) => item(conversation, current, open)));
}

// Call `search()` when the user has changed the text of the search.
export function setUpSearch(search) {
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, SEARCH_DELAY_MS);
  });
}

function item(conversation, current, open) {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = conversation.title;
  button.addEventListener("click", () => open(conversation));
  if (conversation.id === current.id) {
    row.className = "current";
    button.setAttribute("aria-current", "true");
  }
  row.append(button);
  return row;
}
