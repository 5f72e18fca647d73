// How answers are made: read from the form, and remembered in this browser.
import { suggestDocuments } from "./chosen.js";

const KEY = "lightrag-chat-settings";
const form = document.getElementById("parameters");
const composer = document.getElementById("ask");
const chosen = suggestDocuments();

const remembered = () => { try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; } };
const remember = () => { try { localStorage.setItem(KEY, JSON.stringify(fields())); } catch { /* only for this page */ } };
const fields = () => ({ ...Object.fromEntries(new FormData(form)), mode: composer.elements.mode.value, other: composer.elements.other.value });

export const modes = () => [...new Set([composer.elements.mode.value, composer.elements.other.value].filter(Boolean))];

// The body of a question; what is left empty is as the server has it.
export function settings() {
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  for (const field of form.querySelectorAll("[type=number]")) {
    if (values[field.name]) values[field.name] = Number(values[field.name]);
  }
  const rerank = form.querySelector("[name=enable_rerank]");
  if (rerank) values.enable_rerank = rerank.checked;
  const { tags = "", file_name: name = "", ...rest } = values;
  const filters = {
    document_ids: chosen.ids(),
    tags: tags.split(",").map((tag) => tag.trim()).filter(Boolean),
    file_name: name,
  };
  const any = filters.document_ids.length || filters.tags.length || filters.file_name;
  return any ? { ...rest, filters } : rest;
}

export function showWhatIsSet() {
  const { filters } = settings();
  const number = filters ? filters.document_ids.length + filters.tags.length + Boolean(filters.file_name) : 0;
  const badge = document.getElementById("filters-set");
  badge.textContent = number || "";
  badge.hidden = !number;
}

for (const [name, value] of Object.entries(remembered())) {
  const field = form.elements[name] || composer.elements[name];
  if (!field) continue;
  if (field.type === "checkbox") field.checked = true;
  else if (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === value)) field.value = value;
}
form.addEventListener("change", () => { remember(); showWhatIsSet(); });
for (const name of ["mode", "other"]) composer.elements[name].addEventListener("change", remember);
document.getElementById("reset").addEventListener("click", () => { form.reset(); chosen.clear(); remember(); showWhatIsSet(); });
form.addEventListener("chosen", showWhatIsSet);
showWhatIsSet();
