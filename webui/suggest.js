// A field with suggestions, by the ARIA combobox pattern.
import { get } from "../compat_api/static/webui/page.js";

// Names of entities.
export function entityField(field, list, url, take) {
  const find = async (q) => (await get(`${url}?${new URLSearchParams({ q })}`)).names;
  suggest(field, list, find, take);
}

// `find` gives things, `shown` what a thing is called, `take` gets the chosen one.
export function suggest(field, list, find, take, shown = (thing) => thing) {
  let things = [];
  let answered = null; // what the things are an answer to
  let waiting;
  let chosen = -1;

  const items = () => [...list.children];
  function close() {
    clearTimeout(waiting);
    answered = null;
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
    const found = await find(asked).catch(() => []);
    if (asked !== field.value || document.activeElement !== field) return;
    [things, answered] = [found, asked];
    list.replaceChildren(...things.map((thing, n) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${n}`;
      item.role = "option";
      item.textContent = shown(thing);
      item.setAttribute("aria-selected", "false");
      item.addEventListener("mousedown", (event) => { event.preventDefault(); close(); take(thing); });
      return item;
    }));
    list.hidden = things.length === 0;
    field.setAttribute("aria-expanded", String(things.length > 0));
    chosen = -1;
  }

  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(open, 120); });
  field.addEventListener("focus", open);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    if (list.hidden) return;
    if (items().length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      enter();
    }
  });

  // Whoever types fast means what is typed, not what an earlier letter brought.
  async function enter() {
    if (answered !== field.value) {
      clearTimeout(waiting);
      await open();
    }
    const thing = things[Math.max(chosen, 0)];
    if (thing === undefined || answered !== field.value) return;
    close();
    take(thing);
  }
}
