import { askToDelete, fragment, notice, send } from "./page.js";

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

const unfinished = () => document.getElementById("head").dataset.unfinished === "1";
async function watch() {
  if (!document.hidden) {
    document.getElementById("head").outerHTML = await fragment(location.pathname).catch(() => document.getElementById("head").outerHTML);
    if (!unfinished()) { location.reload(); return; }
  }
  setTimeout(watch, 1000);
}
if (unfinished()) setTimeout(watch, 1000);
