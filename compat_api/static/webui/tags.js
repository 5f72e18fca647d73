// Tags of one document or of many: what is written in the field is what they have in
// common, so what is added to it is given to all, and what is taken out is taken from all.
import { ask, notice, send } from "./page.js";

const dialog = document.getElementById("tags-dialog");
const field = dialog?.querySelector("[name=tags]");
const parted = (text) => [...new Set(text.split(/[,，、]/).map((tag) => tag.trim()).filter(Boolean))];

function common(lists) {
  const [first = [], ...others] = lists;
  return first.filter((tag) => others.every((list) => list.includes(tag)));
}

// `documents` is [{ id, name, tags }]; true where something was changed.
export async function editTags(documents) {
  const before = common(documents.map((one) => one.tags));
  field.value = before.join(", ");
  dialog.querySelector(".what").textContent = documents.map((one) => one.name).slice(0, 5).join(", ") + (documents.length > 5 ? ` … (${documents.length})` : "");
  if (await ask(dialog) !== "save") return false;
  const after = parted(field.value);
  const body = {
    ids: documents.map((one) => one.id),
    add: after.filter((tag) => !before.includes(tag)),
    remove: before.filter((tag) => !after.includes(tag)),
  };
  if (!body.add.length && !body.remove.length) return false;
  try {
    notice((await (await send(dialog.dataset.url, body)).json()).message);
    return true;
  } catch (error) { notice(error.message, true); return false; }
}

for (const choice of dialog?.querySelectorAll("[data-known]") ?? []) {
  choice.addEventListener("click", () => {
    field.value = [...new Set([...parted(field.value), choice.dataset.known])].join(", ");
    field.focus();
  });
}
