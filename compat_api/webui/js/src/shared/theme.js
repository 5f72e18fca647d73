// Light or dark theme: the user's choice, otherwise the system's. A classic script in the
// head of the page, because it must run before the page is painted.
const KEY = "lightrag-theme";
const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function store(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is blocked: the choice lasts until the page is left.
  }
}

function apply() {
  root.dataset.theme = stored() || (systemIsDark.matches ? "dark" : "light");
}

// Canvases must be drawn again, because style sheets do not reach them.
const announce = () => dispatchEvent(new Event("themechange"));

function toggle() {
  const next = root.dataset.theme === "dark" ? "light" : "dark";
  store(next);
  root.dataset.theme = next;
  announce();
}

apply();
systemIsDark.addEventListener("change", () => {
  apply();
  announce();
});
addEventListener("storage", apply);
addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme")?.addEventListener("click", toggle);
  for (const form of document.querySelectorAll("[data-submit-on-change]")) {
    form.addEventListener("change", () => form.submit());
  }
  for (const field of document.querySelectorAll("[data-suggest]")) {
    field.addEventListener("focus", () => field.select());
    field.addEventListener("input", () => suggest(field));
  }
});

// Show the names that contain the text of the field.
async function suggest(field) {
  const query = new URLSearchParams({ q: field.value });
  const response = await fetch(`${field.dataset.suggest}?${query}`);
  if (!response.ok) return;
  const { names } = await response.json();
  field.list.replaceChildren(...names.map((name) => new Option(name)));
}
