// Gives those who hear a page the names that widgets of Django and select2 leave out
// (they make themselves when the page is loaded), and keeps the names of icons quiet
// where words stand beside them.
function name() {
  for (const shown of document.querySelectorAll(".select2-selection__rendered")) {
    const select = shown.closest(".select2")?.previousElementSibling;
    const label = select?.labels?.[0]?.textContent.trim() ?? select?.name ?? "";
    shown.setAttribute("aria-label", label);
    shown.parentElement.removeAttribute("aria-labelledby");
    shown.parentElement.setAttribute("aria-label", label);
  }
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    const beside = icon.parentElement.textContent.trim() !== icon.textContent.trim();
    if (beside) icon.setAttribute("aria-hidden", "true");
  }
  for (const hint of document.querySelectorAll("span.help-tooltip[aria-label]")) {
    hint.setAttribute("role", "img");
  }
}

addEventListener("load", () => setTimeout(name));
