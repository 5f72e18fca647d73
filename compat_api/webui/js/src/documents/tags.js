// The dialog for the tags of one or more documents. It shows the tags that all of them have:
// a tag that the user adds is added to all documents, a tag that the user removes is removed from all.
import { abbreviate, openDialog } from "../shared/dialogs.js";
import { showError, showNotice } from "../shared/notices.js";
import { postJSON } from "../shared/requests.js";
import { parseTags } from "../shared/tag-list.js";

const dialog = document.getElementById("tags-dialog");
const field = dialog?.querySelector("[name=tags]");

export function commonTags([first = [], ...others]) {
  return first.filter((tag) => others.every((list) => list.includes(tag)));
}

export const tagChanges = (before, after) => ({
  add: after.filter((tag) => !before.includes(tag)),
  remove: before.filter((tag) => !after.includes(tag)),
});

// Edit the tags of `documents`, [{ id, name, tags }]. Return true if any changed.
export async function editTags(documents) {
  const before = commonTags(documents.map(({ tags }) => tags));
  field.value = before.join(", ");
  dialog.querySelector(".subject").textContent = abbreviate(documents.map(({ name }) => name));
  if ((await openDialog(dialog)) !== "save") return false;
  const changes = tagChanges(before, parseTags(field.value));
  if (!changes.add.length && !changes.remove.length) return false;
  try {
    const ids = documents.map(({ id }) => id);
    showNotice((await postJSON(dialog.dataset.url, { ids, ...changes })).message);
    return true;
  } catch (error) {
    showError(error);
    return false;
  }
}

for (const button of dialog?.querySelectorAll("[data-existing]") ?? []) {
  button.addEventListener("click", () => {
    field.value = parseTags(`${field.value},${button.dataset.existing}`).join(", ");
    field.focus();
  });
}
