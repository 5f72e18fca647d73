// Formulas in answers, typeset by KaTeX. Its fonts and style sheet are part of the build.
import katex from "katex";

const sheet = new URL("./katex.css", import.meta.url);
if (!document.querySelector(`link[href="${sheet}"]`)) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = sheet;
  document.head.append(link);
}

export function typeset(prose) {
  for (const formula of prose.querySelectorAll(".math")) {
    katex.render(formula.textContent, formula, {
      displayMode: formula.tagName === "DIV",
      throwOnError: false,
      maxExpand: 200,
      maxSize: 20,
    });
    formula.classList.remove("math");
  }
}
