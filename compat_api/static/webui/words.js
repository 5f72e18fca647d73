// The page's words, in the reader's language: they stand in the template.
export const words = document.getElementById("words").dataset;
export const fill = (pattern, n) => pattern.replace("{n}", n);
