// The theme, before anything is painted: what was chosen, else what the system has.
"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("lightrag-theme"); } catch { return null; }
  };
  const apply = () => { root.dataset.theme = chosen() || (dark.matches ? "dark" : "light"); };
  apply();
  dark.addEventListener("change", () => {
    apply();
    dispatchEvent(new Event("themechange")); // for what is drawn and not styled
  });
  addEventListener("storage", apply);
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme")?.addEventListener("click", () => {
      const next = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("lightrag-theme", next); } catch { /* only for this page */ }
      root.dataset.theme = next;
      dispatchEvent(new Event("themechange"));
    });
    for (const form of document.querySelectorAll("[data-submit-on-change]")) {
      form.addEventListener("change", () => form.submit());
    }
  });
})();
