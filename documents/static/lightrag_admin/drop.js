// The chosen files under the place they are dropped on; once sent, three at a time, each
// with its bar and its answer. Without this script the form sends them all at once.
(() => {
  const form = document.getElementById("files-form");
  const zone = document.getElementById("drop-zone");
  const list = document.getElementById("drop-list");
  const done = document.getElementById("drop-done");
  const input = zone.querySelector("input[type=file]");
  const button = form.querySelector("button[type=submit]");
  const AT_ONCE = 3;
  let rows = [];

  const size = (bytes) =>
    bytes < 1024 * 1024
      ? `${Math.ceil(bytes / 1024)} KB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

  function row(file) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const state = document.createElement("span");
    name.textContent = file.name;
    state.textContent = size(file.size);
    item.append(name, state);
    return { file, item, name, state };
  }

  function show() {
    rows = Array.from(input.files, row);
    list.replaceChildren(...rows.map(({ item }) => item));
    done.hidden = true;
  }

  function bar({ file, state }) {
    const progress = document.createElement("progress");
    progress.className = "bar";
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", file.name);
    state.replaceChildren(progress);
    return progress;
  }

  function answered({ item, name, state }, { url, state: told, refusal }) {
    item.className = url ? "drop-ok" : "drop-bad";
    state.textContent = told ?? refusal;
    if (!url) return;
    const link = document.createElement("a");
    link.className = "text-link";
    link.href = url;
    link.textContent = name.textContent;
    name.replaceChildren(link);
  }

  function read(request) {
    const failed = { refusal: request.status ? `${request.status} ${request.statusText}` : form.dataset.failed };
    try { return JSON.parse(request.responseText).files?.[0] ?? failed; } catch { return failed; }
  }

  function send(one) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const body = new FormData(form);
      const progress = bar(one);
      body.set(input.name, one.file);
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        progress.value = total ? loaded / total : 0;
      });
      request.addEventListener("loadend", () => {
        answered(one, read(request));
        resolve();
      });
      request.send(body);
    });
  }

  async function line(waiting) {
    while (waiting.length) await send(waiting.shift());
  }

  form.addEventListener("submit", async (event) => {
    if (!rows.length) return;
    event.preventDefault();
    button.disabled = true;
    const waiting = [...rows];
    await Promise.all(Array.from({ length: AT_ONCE }, () => line(waiting)));
    input.value = "";
    rows = [];
    done.hidden = false;
    button.disabled = false;
  });

  // Caught on its way down: the theme looks for a text field beside every file input.
  zone.addEventListener("change", (event) => {
    event.stopPropagation();
    show();
  }, true);
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, () => zone.classList.add("drop-over"));
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("drop-over"));
  }
})();
