// Copying to the clipboard, also on pages that are served over plain HTTP.
export async function copyText(text) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyFromField(text);
}

// Browsers provide navigator.clipboard only on pages that are served over HTTPS.
function copyFromField(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  // In an open dialog only elements of the dialog can have the focus.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
