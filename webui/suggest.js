// A field with suggestions, by the ARIA combobox pattern.
export function suggest(field, list, find, take) {
  let waiting;
  let chosen = -1;

  const items = () => [...list.children];
  function close() {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function choose(number) {
    chosen = (number + items().length) % items().length;
    items().forEach((item, n) => item.setAttribute("aria-selected", String(n === chosen)));
    items()[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", items()[chosen].id);
  }

  async function open() {
    const asked = field.value;
    const names = await find(asked).catch(() => []);
    if (asked !== field.value) return;
    list.replaceChildren(...names.map((name, n) => {
      const item = document.createElement("li");
      item.id = `name-${n}`;
      item.role = "option";
      item.textContent = name;
      item.setAttribute("aria-selected", "false");
      item.addEventListener("mousedown", (event) => { event.preventDefault(); close(); take(name); });
      return item;
    }));
    list.hidden = names.length === 0;
    field.setAttribute("aria-expanded", String(names.length > 0));
    chosen = -1;
  }

  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(open, 120); });
  field.addEventListener("focus", open);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (list.hidden || !items().length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      const name = items()[Math.max(chosen, 0)].textContent;
      close();
      take(name);
    }
  });
}
