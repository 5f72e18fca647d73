// The answer settings: read from the form, and remembered in this browser.
import { filterChips } from "../shared/chips.js";
import { parseTags } from "../shared/tag-list.js";
import { translations } from "../shared/translations.js";
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
    document_ids: [...documentFilter.selected().keys()],
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
  document.getElementById("scope").replaceChildren(...scopeChips());
}

// ---- the scope: the documents, tags and file names that questions are limited to

// Return one chip for each filter, which removes it.
function scopeChips() {
  const { tags, file_name: pattern } = form.elements;
  const names = parseTags(tags.value);
  const title = translations.removeFilter;
  return [
    ...filterChips(documentFilter.selected(), title, documentFilter.remove),
    ...filterChips(new Map(names.map((name) => [name, `#${name}`])), title, (name) =>
      setField(tags, names.filter((tag) => tag !== name).join(", ")),
    ),
    ...filterChips(pattern.value ? [["", pattern.value]] : [], title, () => setField(pattern, "")),
  ];
}

function setField(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

export const addDocument = (document) => documentFilter.add(document);

export function addTag(name) {
  const { tags } = form.elements;
  setField(tags, [...new Set([...parseTags(tags.value), name])].join(", "));
}

// Replace the scope; `names` has the names of its documents.
export function setScope({ document_ids: ids = [], tags = [], file_name: pattern = "" }, names) {
  form.elements.tags.value = tags.join(", ");
  form.elements.file_name.value = pattern;
  documentFilter.replace(ids.map((id) => [id, names[id] ?? id]));
}

// Return the texts of a scope, as they are shown with an answer.
export const scopeLabels = ({ document_ids: ids = [], tags = [], file_name: pattern }, names) => [
  ...ids.map((id) => names[id] ?? id),
  ...tags.map((tag) => `#${tag}`),
  ...(pattern ? [pattern] : []),
];

// Return the names of the selected documents by their ids.
export const documentNames = () => Object.fromEntries(documentFilter.selected());

// ---- storage in the browser

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
  documentFilter.replace([]);
  store();
  showFilterCount();
});
form.addEventListener("filterchange", showFilterCount);
showFilterCount();
