// The list of documents: refreshed while documents are processed, with actions on a selection.
import { confirmDelete } from "../shared/dialogs.js";
import { showError, showNotice } from "../shared/notices.js";
import { getFragment, post, postJSON } from "../shared/requests.js";
import { showSpeed } from "./processing-speed.js";
import { Selection } from "./selection.js";
import { editTags } from "./tags.js";
import { setUpUploads } from "./uploads.js";

const BUSY_MS = 1000;
const IDLE_MS = 4000;
const TYPING_MS = 200;
const list = document.getElementById("list");
const selection = new Selection(list);
let shownHTML = "";

// ---- refreshing

async function refresh() {
  const html = await getFragment(location.href);
  if (html !== shownHTML) {
    const focusedId = document.activeElement?.id;
    list.innerHTML = html;
    shownHTML = html;
    selection.draw();
    if (focusedId) list.querySelector(`#${CSS.escape(focusedId)}`)?.focus();
  }
  showSpeed(document.getElementById("progress"));
}

const refreshQuietly = () => refresh().catch(() => {});
const isBusy = () => Number(document.getElementById("progress")?.dataset.unfinished) > 0;

async function poll() {
  if (!document.hidden) await refreshQuietly();
  setTimeout(poll, isBusy() ? BUSY_MS : IDLE_MS);
}

document.addEventListener("visibilitychange", () => document.hidden || refreshQuietly());
setTimeout(poll, BUSY_MS);
setUpUploads(refreshQuietly);

// ---- actions

async function act({ action, everything }) {
  const body = {
    action,
    ids: everything === undefined ? selection.ids : [],
    everything: everything !== undefined,
  };
  let url = list.dataset.act;
  if (action === "delete") {
    const options = await confirmDelete(selection.names);
    if (!options) return;
    Object.assign(body, options);
    url = list.dataset.delete;
  }
  showNotice((await postJSON(url, body)).message);
  selection.clear();
  await refresh();
  selection.draw();
}

list.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-action]");
  if (button) act(button.dataset).catch(showError);
});

list.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-tag]");
  if (!button) return;
  if (await editTags(selection.rowOf(button) ?? selection.documents)) {
    selection.clear();
    await refresh();
  }
});

// ---- searching

const search = document.getElementById("search");
let typing;

function applySearch() {
  const values = new URLSearchParams(new FormData(search));
  const sort = new URLSearchParams(location.search).get("sort");
  if (sort) values.set("sort", sort);
  history.replaceState(null, "", `?${values}`);
  refresh().catch(showError);
}

search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(applySearch, TYPING_MS);
});
search.addEventListener("change", applySearch);
search.addEventListener("submit", (event) => {
  event.preventDefault();
  applySearch();
});

// ---- server status: the chat page links to it

if (location.hash === "#setup") document.getElementById("setup").open = true;

// ---- adding a text

const textForm = document.getElementById("text-form");
textForm?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const errorLine = textForm.querySelector(".error");
  try {
    await post(textForm.dataset.url, Object.fromEntries(new FormData(textForm)));
    textForm.reset();
    errorLine.hidden = true;
    textForm.closest("dialog").close();
    await refresh();
  } catch (error) {
    errorLine.textContent = error.message;
    errorLine.hidden = false;
  }
});
