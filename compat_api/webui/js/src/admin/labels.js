// Accessible names for the admin's widgets. Django and select2 do not give their widgets names,
// and the theme's icons are fonts whose names a screen reader would read.
function nameSelects() {
  for (const rendered of document.querySelectorAll(".select2-selection__rendered")) {
    const select = rendered.closest(".select2")?.previousElementSibling;
    const label = select?.labels?.[0]?.textContent.trim() ?? select?.name ?? "";
    rendered.setAttribute("aria-label", label);
    rendered.parentElement.removeAttribute("aria-labelledby");
    rendered.parentElement.setAttribute("aria-label", label);
  }
}

function hideIcons() {
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    const hasText = icon.parentElement.textContent.trim() !== icon.textContent.trim();
    if (hasText) icon.setAttribute("aria-hidden", "true");
  }
}

function nameTooltips() {
  for (const tooltip of document.querySelectorAll("span.help-tooltip[aria-label]")) {
    tooltip.setAttribute("role", "img");
  }
}

// The widgets are created in the load event.
addEventListener("load", () =>
  setTimeout(() => {
    nameSelects();
    hideIcons();
    nameTooltips();
  }),
);
