import { askToDelete, fragment, notice, send } from "./page.js";
import { watchSpeed } from "./speed.js";
import { editTags } from "./tags.js";
import "./uploads.js";

const list = document.getElementById("list");
const picked = new Map();
let shown = "";

// ---- the list, kept true

async function refresh() {
  const html = await fragment(location.href);
  if (html !== shown) {
    const focused = document.activeElement?.id;
    list.innerHTML = html;
    shown = html;
    drawPicked();
    if (focused && list.querySelector(`#${CSS.escape(focused)}`)) {
      document.getElementById(focused).focus();
    }
  }
  watchSpeed(document.getElementById("work"));
}

const busy = () => Number(document.getElementById("work")?.dataset.unfinished) > 0;
async function watch() {
  if (!document.hidden) await refresh().catch(() => {});
  setTimeout(watch, busy() ? 1000 : 4000);
}
document.addEventListener("visibilitychange", () => document.hidden || refresh().catch(() => {}));
addEventListener("documents-changed", () => refresh().catch(() => {}));
setTimeout(watch, 1000);

// ---- choosing

function drawPicked() {
  for (const box of list.querySelectorAll("tbody input")) {
    box.checked = picked.has(box.value);
    if (box.checked) pick(box);
  }
  const bar = list.querySelector(".selection");
  if (!bar) return;
  bar.hidden = picked.size === 0;
  bar.querySelector(".count").textContent = picked.size;
  const boxes = [...list.querySelectorAll("tbody input")];
  document.getElementById("pick-all").checked = boxes.length > 0 && boxes.every((box) => box.checked);
}

const told = (box) => ({ id: box.value, name: box.dataset.name, tags: box.dataset.tags.split(",").filter(Boolean) });
function pick(box) {
  if (box.checked) picked.set(box.value, told(box));
  else picked.delete(box.value);
}

list.addEventListener("change", (event) => {
  const box = event.target;
  if (box.id === "pick-all") {
    for (const one of list.querySelectorAll("tbody input")) {
      one.checked = box.checked;
      pick(one);
    }
  } else if (box.matches("tbody input")) pick(box);
  drawPicked();
});

// ---- acting

list.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-action]");
  if (!button) return;
  const everything = "everything" in button.dataset;
  const body = { action: button.dataset.action, ids: everything ? [] : [...picked.keys()], everything };
  let url = list.dataset.act;
  if (body.action === "delete") {
    const wish = await askToDelete([...picked.values()].map((one) => one.name));
    if (!wish) return;
    Object.assign(body, wish);
    url = list.dataset.delete;
  }
  try {
    notice((await (await send(url, body)).json()).message);
    picked.clear();
    await refresh();
    drawPicked();
  } catch (error) { notice(error.message, true); }
});

// ---- tags

list.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-tag]");
  if (!button) return;
  const row = button.closest("tr")?.querySelector("input");
  if (await editTags(row ? [told(row)] : [...picked.values()])) {
    picked.clear();
    await refresh();
  }
});

// ---- searching while one types

const search = document.getElementById("search");
let waiting;
function go() {
  const values = new URLSearchParams(new FormData(search));
  const sort = new URLSearchParams(location.search).get("sort");
  if (sort) values.set("sort", sort);
  history.replaceState(null, "", `?${values}`);
  refresh().catch((error) => notice(error.message, true));
}
search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(go, 200); });
search.addEventListener("change", () => go());
search.addEventListener("submit", (event) => { event.preventDefault(); go(); });

// ---- where the chat leads who wants to set up a model

if (location.hash === "#setup") document.getElementById("setup").open = true;

// ---- a text

const textForm = document.getElementById("text-form");
textForm?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = textForm.querySelector(".error");
  try {
    await send(textForm.dataset.url, Object.fromEntries(new FormData(textForm)));
    textForm.reset();
    told.hidden = true;
    textForm.closest("dialog").close();
    await refresh();
  } catch (error) {
    told.textContent = error.message;
    told.hidden = false;
  }
});
