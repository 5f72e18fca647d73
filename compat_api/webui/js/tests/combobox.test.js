import { expect, test } from "vitest";
import { nextIndex, setUpCombobox } from "../src/shared/combobox.js";

const later = () => new Promise((resolve) => setTimeout(resolve));

function combobox(find) {
  document.body.innerHTML = '<input id="field"><ul id="list" hidden></ul>';
  const [field, list] = document.body.children;
  list.id = "list";
  const selected = [];
  setUpCombobox(field, list, find, (name) => selected.push(name));
  field.focus();
  return { field, list, selected };
}

const press = (field, key) => {
  const event = new KeyboardEvent("keydown", { key, cancelable: true });
  field.dispatchEvent(event);
  return event;
};

test.each([
  ["ArrowDown", -1, 0],
  ["ArrowDown", 2, 0],
  ["ArrowUp", -1, 2],
  ["ArrowUp", 0, 2],
  ["ArrowUp", 2, 1],
  ["Enter", 0, null],
])("%s at %d of three leads to %s", (key, active, expected) => {
  expect(nextIndex(key, active, 3)).toBe(expected);
});

test("Enter selects the first suggestion", async () => {
  const { field, list, selected } = combobox(async () => ["Ada", "Babbage"]);
  await later();
  expect(list.children).toHaveLength(2);
  press(field, "Enter");
  await later();
  expect(selected).toEqual(["Ada"]);
  expect(list.hidden).toBe(true);
});

test("an arrow key activates the next suggestion", async () => {
  const { field, list, selected } = combobox(async () => ["Ada", "Babbage"]);
  await later();
  HTMLElement.prototype.scrollIntoView ??= () => {};
  press(field, "ArrowDown");
  press(field, "ArrowDown");
  expect(list.children[1].getAttribute("aria-selected")).toBe("true");
  expect(field.getAttribute("aria-activedescendant")).toBe(list.children[1].id);
  press(field, "Enter");
  await later();
  expect(selected).toEqual(["Babbage"]);
});

test("Enter waits for the suggestions of the current text", async () => {
  const { field, selected } = combobox(async (text) => [`${text} first`]);
  await later();
  field.value = "Bab";
  press(field, "Enter");
  await later();
  expect(selected).toEqual(["Bab first"]);
});

test("Escape closes the list and nothing else", async () => {
  const { field, list } = combobox(async () => ["Ada"]);
  await later();
  expect(press(field, "Escape").defaultPrevented).toBe(true);
  expect(list.hidden).toBe(true);
  expect(press(field, "Escape").defaultPrevented).toBe(false);
});
