// Suggestions while the user types @document or #tag into the question.
import { nextIndex } from "../shared/combobox.js";
import { getJSON } from "../shared/requests.js";
import { addDocument, addTag } from "./answer-settings.js";

const MENTION = /(?:^|\s)([@#])([^\s@#]{0,64})$/;
const DELAY_MS = 120;

// Return the kind, the text and the position of the mention that ends at the caret, or null.
export function mentionAt(text, caret) {
  const match = MENTION.exec(text.slice(0, caret));
  if (!match) return null;
  return { kind: match[1], query: match[2], start: caret - match[2].length - 1, end: caret };
}

// Return the text without the mention.
export const withoutMention = (text, { start, end }) =>
  (text.slice(0, start).trimEnd() + " " + text.slice(end).trimStart()).trimStart();

async function find({ kind, query }, { documents, tags }) {
  if (kind === "@") {
    const { documents: rows } = await getJSON(documents, { q: query });
    return rows.map((row) => ({ label: row.name, select: () => addDocument(row) }));
  }
  const { tags: names } = await getJSON(tags, { q: query });
  return names.map((name) => ({ label: `#${name}`, select: () => addTag(name) }));
}

export function setUpScopeSuggestions(field, list) {
  let [mention, suggestions, active, timer] = [null, [], 0, 0];

  function close() {
    clearTimeout(timer);
    mention = null;
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function draw() {
    list.replaceChildren(...suggestions.map(option));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-activedescendant", `scope-option-${active}`);
  }

  function option({ label }, n) {
    const item = document.createElement("li");
    Object.assign(item, { id: `scope-option-${n}`, role: "option", textContent: label });
    item.setAttribute("aria-selected", String(n === active));
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      select(n);
    });
    return item;
  }

  function select(n) {
    const { start } = mention;
    field.value = withoutMention(field.value, mention);
    field.setSelectionRange(start, start);
    suggestions[n].select();
    close();
  }

  async function suggest() {
    const current = mentionAt(field.value, field.selectionEnd);
    if (!current) {
      close();
      return;
    }
    const matches = await find(current, list.dataset).catch(() => []);
    const latest = mentionAt(field.value, field.selectionEnd);
    if (latest?.query !== current.query || latest.kind !== current.kind) return;
    [mention, suggestions, active] = [latest, matches, 0];
    if (matches.length) draw();
    else close();
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, DELAY_MS);
  });
  field.addEventListener("blur", close);
  // Before the handler that sends the question.
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const next = nextIndex(event.key, active, suggestions.length);
    if (next !== null) {
      active = next;
      draw();
    } else if (["Enter", "Tab"].includes(event.key)) select(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
}
