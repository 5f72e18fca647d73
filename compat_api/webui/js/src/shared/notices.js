// Short messages in a corner of the page.
const ERROR_MS = 9000;
const MESSAGE_MS = 4000;

// Add a notice and remove it after `duration` milliseconds.
export function addNotice(line, duration) {
  document.getElementById("notices").append(line);
  setTimeout(() => line.remove(), duration);
}

export function showNotice(text) {
  addNotice(paragraph(text), MESSAGE_MS);
}

export function showError(error) {
  const line = paragraph(error.message);
  line.className = "bad";
  addNotice(line, ERROR_MS);
}

function paragraph(text) {
  const line = document.createElement("p");
  line.textContent = text;
  return line;
}
