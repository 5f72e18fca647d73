import { askToDelete, check, fragment, headers, notice, send } from "./page.js";
import { watchSpeed } from "./speed.js";
import { editTags } from "./tags.js";

const page = document.getElementById("document");

page.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-action]");
  if (!button) return;
  const body = { action: button.dataset.action, ids: [page.dataset.id] };
  let url = page.dataset.act;
  if (body.action === "delete") {
    const wish = await askToDelete([page.dataset.name]);
    if (!wish) return;
    Object.assign(body, wish);
    url = page.dataset.delete;
  }
  try {
    await send(url, body);
    if (body.action === "delete") location.assign(page.dataset.list);
    else location.reload();
  } catch (error) { notice(error.message, true); }
});

// ---- tags, and a new version

page.parentElement.addEventListener("click", async (event) => {
  const button = event.target.closest("#edit-tags");
  if (!button) return;
  const tags = button.dataset.tags.split(",").filter(Boolean);
  if (await editTags([{ id: page.dataset.id, name: page.dataset.name, tags }])) await refresh();
});

const version = document.getElementById("version");
document.getElementById("new-version")?.addEventListener("click", () => version.click());
version?.addEventListener("change", async () => {
  const body = new FormData();
  body.append("file", version.files[0]);
  version.value = "";
  try {
    const answer = await check(await fetch(page.dataset.version, { method: "POST", headers: headers(), body }));
    location.assign((await answer.json()).url);
  } catch (error) { notice(error.message, true); }
});

// ---- a relation shows where in the text it stands

function light(event, on) {
  const row = event.target.closest?.("[data-relation]");
  if (!row) return;
  for (const part of row.closest(".passage").querySelectorAll(`[data-relations~="${row.dataset.relation}"]`)) part.classList.toggle("lit", on);
}
for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) page.parentElement.addEventListener(name, (event) => light(event, on));

// ---- how far it has come

async function refresh() {
  const html = await fragment(`${location.pathname}${location.search}`);
  document.getElementById("head").outerHTML = html;
  watchSpeed(document.getElementById("work"));
}
const unfinished = () => document.getElementById("head").dataset.unfinished === "1";
async function watch() {
  if (!document.hidden) {
    await refresh().catch(() => {});
    if (!unfinished()) { location.reload(); return; }
  }
  setTimeout(watch, 1000);
}
if (unfinished()) setTimeout(watch, 1000);
