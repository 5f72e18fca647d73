// The page's texts in the user's language. They are data attributes of a template element, which
// the server translates with the catalogues in lightrag_site/locale.
export const translations = document.getElementById("translations")?.dataset ?? {};

// Replace each {name} in the pattern by the value of that name.
export const format = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Use the second pattern for exactly one.
export const formatCount = (other, one, count) => format(count === 1 ? one : other, { n: count });
