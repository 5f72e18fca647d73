// Buttons that each remove one filter.

// Return a chip for each entry of a map from ids to names.
export function filterChips(filters, title, remove) {
  return [...filters].map(([id, name]) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.textContent = `${name} ×`;
    chip.title = title;
    chip.addEventListener("click", () => remove(id));
    return chip;
  });
}
