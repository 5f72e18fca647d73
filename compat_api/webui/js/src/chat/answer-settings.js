// The answer settings: read from the form, and remembered in this browser.
import { parseTags } from "../shared/tag-list.js";
import { setUpDocumentFilter } from "./document-filter.js";

const KEY = "lightrag-chat-settings";
const form = document.getElementById("parameters");
const { mode, other } = document.getElementById("ask").elements;
const documentFilter = setUpDocumentFilter();

// Return one mode, or two to compare.
export const selectedModes = () => [...new Set([mode.value, other.value].filter(Boolean))];

// Return the settings as fields of the request. Empty fields keep the server's values.
export function settings() {
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  for (const { name } of form.querySelectorAll("[type=number]")) {
    if (values[name]) values[name] = Number(values[name]);
  }
  const rerank = form.elements.enable_rerank;
  if (rerank) values.enable_rerank = rerank.checked;
  const { tags = "", file_name: pattern = "", ...parameters } = values;
  const filters = {
    document_ids: documentFilter.ids(),
    tags: parseTags(tags),
    file_name: pattern,
  };
  return countFilters(filters) ? { ...parameters, filters } : parameters;
}

export const countFilters = ({ document_ids: ids, tags, file_name: pattern }) =>
  ids.length + tags.length + Number(Boolean(pattern));

function showFilterCount() {
  const { filters } = settings();
  const badge = document.getElementById("filter-count");
  badge.textContent = filters ? countFilters(filters) : "";
  badge.hidden = !filters;
}

// ---- remembering

function store() {
  const values = {
    ...Object.fromEntries(new FormData(form)),
    mode: mode.value,
    other: other.value,
  };
  try {
    localStorage.setItem(KEY, JSON.stringify(values));
  } catch {
    // Storage is blocked: the settings last until the page is left.
  }
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function restore() {
  for (const [name, value] of Object.entries(stored())) {
    const field = { mode, other }[name] ?? form.elements[name];
    if (field) setValue(field, value);
  }
}

function setValue(field, value) {
  const hasOption = () => [...field.options].some((option) => option.value === value);
  if (field.type === "checkbox") field.checked = true;
  else if (field.tagName !== "SELECT" || hasOption()) field.value = value;
}

restore();
form.addEventListener("change", () => {
  store();
  showFilterCount();
});
for (const field of [mode, other]) field.addEventListener("change", store);
document.getElementById("reset").addEventListener("click", () => {
  form.reset();
  documentFilter.clear();
  store();
  showFilterCount();
});
form.addEventListener("filterchange", showFilterCount);
showFilterCount();
