// The admin's upload form: lists the selected files and uploads three at a time, each with its
// own progress bar and result. Without this script the form sends all files in one request.
import { UploadQueue } from "../documents/upload-queue.js";

const form = document.getElementById("files-form");
const zone = document.getElementById("drop-zone");
const list = document.getElementById("drop-list");
const done = document.getElementById("drop-done");
const input = zone.querySelector("input[type=file]");
const submit = form.querySelector("button[type=submit]");
let jobs = [];

function formatSize(bytes) {
  const kilobytes = bytes / 1024;
  return kilobytes < 1024 ? `${Math.ceil(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}

function createJob(file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const state = document.createElement("span");
  name.textContent = file.name;
  state.textContent = formatSize(file.size);
  item.append(name, state);
  return { file, item, name, state };
}

function listFiles() {
  jobs = Array.from(input.files, createJob);
  list.replaceChildren(...jobs.map(({ item }) => item));
  done.hidden = true;
}

function showProgressBar({ file, state }) {
  const bar = document.createElement("progress");
  bar.className = "bar";
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  state.replaceChildren(bar);
  return bar;
}

function showResult({ item, name, state }, result) {
  item.className = result.url ? "drop-ok" : "drop-bad";
  state.textContent = result.state ?? result.refusal;
  if (!result.url) return;
  const link = document.createElement("a");
  link.className = "text-link";
  link.href = result.url;
  link.textContent = name.textContent;
  name.replaceChildren(link);
}

function parseResponse(request) {
  const status = `${request.status} ${request.statusText}`;
  const failure = { refusal: request.status ? status : form.dataset.failed };
  try {
    return JSON.parse(request.responseText).files?.[0] ?? failure;
  } catch {
    return failure;
  }
}

function upload(job) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData(form);
    const bar = showProgressBar(job);
    body.set(input.name, job.file);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = total ? loaded / total : 0;
    });
    request.addEventListener("loadend", () => {
      showResult(job, parseResponse(request));
      resolve();
    });
    request.send(body);
  });
}

function finish() {
  input.value = "";
  jobs = [];
  done.hidden = false;
  submit.disabled = false;
}

form.addEventListener("submit", (event) => {
  if (!jobs.length) return;
  event.preventDefault();
  submit.disabled = true;
  const queue = new UploadQueue(upload, {
    finishedOne: () => queue.isActive || finish(),
  });
  queue.add(...jobs);
});

// In the capture phase, because the theme expects a text field beside every file field.
zone.addEventListener(
  "change",
  (event) => {
    event.stopPropagation();
    listFiles();
  },
  true,
);
for (const name of ["dragenter", "dragover"]) {
  zone.addEventListener(name, () => zone.classList.add("drop-over"));
}
for (const name of ["dragleave", "drop"]) {
  zone.addEventListener(name, () => zone.classList.remove("drop-over"));
}
