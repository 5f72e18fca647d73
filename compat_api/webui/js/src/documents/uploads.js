// Uploads of files and folders, each with its own progress bar and result.
import { headers } from "../shared/requests.js";
import { format, formatCount, translations } from "../shared/translations.js";
import { acceptDroppedFiles } from "./dropped-files.js";
import { UploadQueue } from "./upload-queue.js";

const MAX_ROWS = 200;
const drop = document.getElementById("drop");
const panel = document.getElementById("uploads");
const rows = panel?.querySelector("ul");

// Call `changed()` after each upload.
export function setUpUploads(changed) {
  if (!drop) return;
  const results = { ok: 0, duplicate: 0, rejected: 0 };
  const queue = new UploadQueue(upload, { changed: drawTitle, finishedOne: changed });
  const add = (files) => addFiles(queue, files);

  async function upload(job) {
    const response = await send(job);
    const outcome = outcomeOf(response);
    results[outcome] += 1;
    drawOutcome(job, outcome, response);
    if (outcome !== "duplicate") return;
    const replace = () => {
      results.duplicate -= 1;
      job.row.item.remove();
      queue.add({ file: job.file, replace: true, row: addRow(pathOf(job.file)) });
    };
    job.row.state.append(replaceButton(replace));
  }

  function drawTitle() {
    document.getElementById("uploads-title").textContent = uploadsTitle(
      { total: queue.total, finished: queue.finished, ...results },
      translations,
    );
  }

  acceptDroppedFiles(add);
  setUpFileButtons(add);
  document.getElementById("uploads-close").addEventListener("click", () => {
    panel.hidden = true;
    if (queue.isRunning) return;
    rows.replaceChildren();
    queue.reset();
    Object.assign(results, { ok: 0, duplicate: 0, rejected: 0 });
  });
  addEventListener("beforeunload", (event) => {
    if (queue.isRunning) event.preventDefault();
  });
}

// Return the progress while files are uploaded, and afterwards how many of them were
// uploaded, existed already or were rejected.
export function uploadsTitle({ total, finished, ok, duplicate, rejected }, patterns) {
  if (finished < total) {
    const title = formatCount(patterns.uploading, patterns.uploadingOne, total);
    return `${title} · ${finished} / ${total}`;
  }
  const parts = [];
  if (ok) parts.push(formatCount(patterns.uploaded, patterns.uploadedOne, ok));
  if (duplicate) parts.push(format(patterns.duplicates, { n: duplicate }));
  if (rejected) parts.push(format(patterns.rejected, { n: rejected }));
  return parts.join(" · ");
}

export function outcomeOf({ url, duplicate }) {
  if (!url) return "rejected";
  return duplicate ? "duplicate" : "ok";
}

function setUpFileButtons(add) {
  for (const [button, input] of [
    ["choose-files", "files"],
    ["choose-folder", "folder"],
  ]) {
    const field = document.getElementById(input);
    document.getElementById(button).addEventListener("click", () => field.click());
    field.addEventListener("change", () => {
      add([...field.files]);
      field.value = "";
    });
  }
  drop.addEventListener("click", () => document.getElementById("files").click());
}

function addFiles(queue, files) {
  const jobs = files
    .filter(({ name }) => !name.startsWith("."))
    .map((file) => ({ file, row: addRow(pathOf(file)) }));
  if (!jobs.length) return;
  panel.hidden = false;
  queue.add(...jobs);
}

// Return the path of a file in its uploaded folder, or its name.
function pathOf(file) {
  return file.relativePath || file.webkitRelativePath || file.name;
}

function addRow(name) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  const state = document.createElement("em");
  state.textContent = translations.queued;
  item.append(label, bar, state);
  rows.append(item);
  while (rows.children.length > MAX_ROWS && rows.querySelector(".ok")) {
    rows.querySelector(".ok").remove();
  }
  return { item, bar, state };
}

// Return the parsed response, or { detail } if there is none.
function send({ file, replace, row: { bar, state } }) {
  return new Promise((resolve) => {
    // fetch() does not report the progress of an upload.
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name);
    body.append("path", pathOf(file));
    if (replace) body.append("replace", "1");
    request.open("POST", drop.dataset.upload);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = total ? loaded / total : 0;
      state.textContent = `${Math.round(bar.value * 100)} %`;
    });
    request.addEventListener("loadend", () => resolve(parseResponse(request)));
    request.send(body);
  });
}

function parseResponse(request) {
  if (!request.status) return { detail: translations.failed };
  try {
    return JSON.parse(request.responseText);
  } catch {
    return { detail: `${request.status} ${request.statusText}` };
  }
}

function drawOutcome({ row: { item, bar, state } }, outcome, { detail }) {
  bar.remove();
  item.className = outcome;
  state.textContent = { ok: translations.ok, duplicate: translations.duplicate }[outcome] ?? detail;
}

// The file becomes a new version of the document with its name. Answers use the current
// version until the new one is processed.
function replaceButton(replace) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small";
  button.textContent = translations.replace;
  button.addEventListener("click", replace);
  return button;
}
