// Lists the chosen files under the place they are dropped on, and lights it up meanwhile.
(() => {
  const zone = document.getElementById("drop-zone");
  const list = document.getElementById("drop-list");
  const input = zone.querySelector("input[type=file]");
  const size = (bytes) =>
    bytes < 1024 * 1024
      ? `${Math.ceil(bytes / 1024)} KB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

  function show() {
    const rows = Array.from(input.files, (file) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const weight = document.createElement("span");
      name.textContent = file.name;
      weight.textContent = size(file.size);
      row.append(name, weight);
      return row;
    });
    list.replaceChildren(...rows);
  }

  input.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, () => zone.classList.add("drop-over"));
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("drop-over"));
  }
})();
