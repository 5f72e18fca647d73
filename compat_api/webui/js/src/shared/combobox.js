// A text field with suggestions, following the ARIA combobox pattern.
const DELAY_MS = 120;

// `find(text)` returns the suggestions, `label(suggestion)` their texts, and
// `select(suggestion)` is called with the one that the user selects.
export function setUpCombobox(field, list, find, select, label = (suggestion) => suggestion) {
  let suggestions = [];
  let query = null; // the text that the suggestions belong to
  let timer;
  let active = -1;

  const items = () => [...list.children];

  function close() {
    clearTimeout(timer);
    query = null;
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function activate(index) {
    active = index;
    items().forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
    items()[active].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", items()[active].id);
  }

  function option(suggestion, n) {
    const item = document.createElement("li");
    item.id = `${list.id}-${n}`;
    item.role = "option";
    item.textContent = label(suggestion);
    item.setAttribute("aria-selected", "false");
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      close();
      select(suggestion);
    });
    return item;
  }

  async function open() {
    const text = field.value;
    const matches = await find(text).catch(() => []);
    if (text !== field.value || document.activeElement !== field) return;
    [suggestions, query] = [matches, text];
    list.replaceChildren(...suggestions.map(option));
    list.hidden = suggestions.length === 0;
    field.setAttribute("aria-expanded", String(suggestions.length > 0));
    active = -1;
  }

  // Suggestions for an earlier text must not be selected by a user who types fast.
  async function selectActive() {
    if (query !== field.value) {
      clearTimeout(timer);
      await open();
    }
    const suggestion = suggestions[Math.max(active, 0)];
    if (suggestion === undefined || query !== field.value) return;
    close();
    select(suggestion);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(open, DELAY_MS);
  });
  field.addEventListener("focus", open);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const next = nextIndex(event.key, active, suggestions.length);
    if (next !== null) activate(next);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter") selectActive();
    else return;
    event.preventDefault();
  });
}

// Return the suggestion that an arrow key leads to, or null for other keys.
export function nextIndex(key, active, count) {
  if (!count) return null;
  if (key === "ArrowDown") return (active + 1) % count;
  if (key === "ArrowUp") return (Math.max(active, 0) - 1 + count) % count;
  return null;
}
