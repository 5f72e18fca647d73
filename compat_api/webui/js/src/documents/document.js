// The page of one document.
import { confirmDelete } from "../shared/dialogs.js";
import { setUpFigures } from "../shared/figures.js";
import { showError } from "../shared/notices.js";
import { highlightQuote } from "../shared/quote-highlight.js";
import { check, getFragment, headers, post } from "../shared/requests.js";
import { showSpeed } from "./processing-speed.js";
import { editTags } from "./tags.js";

const POLL_MS = 1000;
const page = document.getElementById("document");
const main = page.parentElement;

// ---- actions

async function act(action) {
  const body = { action, ids: [page.dataset.id] };
  if (action !== "delete") {
    await post(page.dataset.act, body);
    location.reload();
    return;
  }
  const options = await confirmDelete([page.dataset.name]);
  if (!options) return;
  await post(page.dataset.delete, { ...body, ...options });
  location.assign(page.dataset.list);
}

page.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-action]");
  if (button) act(button.dataset.action).catch(showError);
});

main.addEventListener("click", async ({ target }) => {
  const button = target.closest("#edit-tags");
  if (!button) return;
  const { id, name } = page.dataset;
  const tags = button.dataset.tags.split(",").filter(Boolean);
  if (await editTags([{ id, name, tags }])) await refresh();
});

// ---- a new version

const versionField = document.getElementById("version");

async function uploadVersion(file) {
  const body = new FormData();
  body.append("file", file);
  const request = { method: "POST", headers: headers(), body };
  const response = await check(await fetch(page.dataset.version, request));
  location.assign((await response.json()).url);
}

document.getElementById("new-version")?.addEventListener("click", () => versionField.click());
versionField?.addEventListener("change", () => {
  const [file] = versionField.files;
  uploadVersion(file).catch(showError);
  versionField.value = "";
});

// ---- highlighting the text that a relation was extracted from

function highlight({ target }, isOn) {
  const row = target.closest?.("[data-relation]");
  if (!row) return;
  const selector = `[data-relations~="${row.dataset.relation}"]`;
  for (const part of row.closest(".chunk").querySelectorAll(selector)) {
    part.classList.toggle("highlighted", isOn);
  }
}

for (const name of ["mouseover", "focusin"]) {
  main.addEventListener(name, (event) => highlight(event, true));
}
for (const name of ["mouseout", "focusout"]) {
  main.addEventListener(name, (event) => highlight(event, false));
}

// ---- the quotation that a citation refers to

const parameters = new URLSearchParams(location.search);
const citedText = document.querySelector(".chunk.cited .chunk-text");
if (citedText && parameters.get("quote")) {
  highlightQuote(citedText, parameters.get("quote"))?.scrollIntoView({ block: "center" });
}

// ---- figures

setUpFigures(main);

// ---- progress

const isUnfinished = () => document.getElementById("head").dataset.unfinished === "1";

async function refresh() {
  document.getElementById("head").outerHTML = await getFragment(
    `${location.pathname}${location.search}`,
  );
  showSpeed(document.getElementById("progress"));
}

async function poll() {
  if (!document.hidden) {
    await refresh().catch(() => {});
    if (!isUnfinished()) {
      location.reload();
      return;
    }
  }
  setTimeout(poll, POLL_MS);
}

if (isUnfinished()) setTimeout(poll, POLL_MS);
