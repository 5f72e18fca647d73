// Dialogs, and the buttons that open and close them.
const LISTED_NAMES = 5;

// Return the value of the button that closed the dialog, or "" if it was dismissed.
export function openDialog(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

// Return the options of the deletion, or null if it was cancelled.
export async function confirmDelete(names) {
  const dialog = document.getElementById("delete-dialog");
  dialog.querySelector(".subject").textContent = abbreviate(names);
  if ((await openDialog(dialog)) !== "delete") return null;
  return { delete_file: dialog.querySelector("[name=delete_file]").checked };
}

// Return the first names; if there are more, append the number of all names.
export function abbreviate(names) {
  const listed = names.slice(0, LISTED_NAMES).join(", ");
  return names.length > LISTED_NAMES ? `${listed} … (${names.length})` : listed;
}

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open).showModal();
  if (target.closest("[data-close]")) target.closest("dialog").close();
});
