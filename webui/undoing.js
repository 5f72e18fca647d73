// A notice of a merge or a renaming, with the way back.
const PATIENCE_MS = 15000;

export function offer({ words, panel, safely }, { message, undo }) {
  const line = document.createElement("p");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.undo;
  button.addEventListener("click", () => { line.remove(); safely(panel.split(undo)); });
  line.append(`${message} `, button);
  document.getElementById("notices").append(line);
  setTimeout(() => line.remove(), PATIENCE_MS);
}
