// Files and folders, dropped or chosen: three at a time, each with its own progress.
import { headers } from "./page.js";
import { say } from "./speed.js";

const words = document.getElementById("words").dataset;
const drop = document.getElementById("drop");
const panel = document.getElementById("sending");
const AT_ONCE = 3;
const SHOWN = 200;
const queue = [];
let running = 0;
let done = 0;
let all = 0;

function title() {
  const what = running || queue.length ? "uploading" : "uploaded";
  const text = words[all === 1 ? `${what}One` : what];
  document.getElementById("sending-title").textContent =
    `${say(text, { n: all })}${done < all ? ` · ${done} / ${all}` : ""}`;
}

function row(name) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  const state = document.createElement("em");
  state.textContent = words.waiting;
  item.append(label, bar, state);
  const shownRows = panel.querySelector("ul");
  shownRows.append(item);
  while (shownRows.children.length > SHOWN) {
    const settled = shownRows.querySelector(".ok") || null;
    if (!settled) break;
    settled.remove();
  }
  return { item, bar, state };
}

function add(files) {
  for (const file of files) {
    if (file.name.startsWith(".")) continue;
    queue.push({ file, row: row(file.name) });
    all += 1;
  }
  if (!all) return;
  panel.hidden = false;
  title();
  while (running < AT_ONCE && queue.length) next();
}

function next() {
  const job = queue.shift();
  if (!job) return;
  running += 1;
  title();
  upload(job).then(() => {
    running -= 1;
    done += 1;
    title();
    dispatchEvent(new Event("documents-changed"));
    next();
  });
}

function upload({ file, replace, row: { item, bar, state } }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name);
    if (replace) body.append("replace", "1");
    request.open("POST", drop.dataset.upload);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      bar.value = event.total ? event.loaded / event.total : 0;
      state.textContent = `${Math.round(bar.value * 100)} %`;
    });
    request.addEventListener("loadend", () => {
      const answer = read(request);
      bar.remove();
      item.className = answer.url ? (answer.duplicate ? "known" : "ok") : "bad";
      state.textContent = answer.url ? (answer.duplicate ? words.known : words.taken) : answer.detail;
      if (answer.duplicate) state.append(replacing(file, item));
      resolve();
    });
    request.send(body);
  });
}

// The file as a new version of the document of its name, which answers until it is read.
function replacing(file, item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small";
  button.textContent = words.replace;
  button.addEventListener("click", () => {
    item.remove();
    queue.push({ file, replace: true, row: row(file.name) });
    all += 1;
    next();
  });
  return button;
}

function read(request) {
  if (!request.status) return { detail: words.failed };
  try { return JSON.parse(request.responseText); } catch { return { detail: `${request.status} ${request.statusText}` }; }
}

// ---- a folder is read to its last leaf

async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...await filesIn(one));
  }
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return add(transfer.files);
  for (const entry of entries) add(await filesIn(entry));
}

if (drop) {
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => { if (hasFiles(event)) { depth += 1; document.body.classList.add("dragging"); } });
  addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) document.body.classList.remove("dragging"); });
  addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    document.body.classList.remove("dragging");
    dropped(event.dataTransfer);
  });
  for (const [button, input] of [["choose-files", "files"], ["choose-folder", "folder"]]) {
    const field = document.getElementById(input);
    document.getElementById(button).addEventListener("click", () => field.click());
    field.addEventListener("change", () => { add([...field.files]); field.value = ""; });
  }
  drop.addEventListener("click", () => document.getElementById("files").click());
  document.getElementById("sending-close").addEventListener("click", () => {
    panel.hidden = true;
    if (!running) { panel.querySelector("ul").replaceChildren(); all = 0; done = 0; }
  });
  addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
}
