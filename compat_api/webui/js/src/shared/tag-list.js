// Return the tags in a text. The separators are the commas of English and Chinese.
export const parseTags = (text) => [
  ...new Set(
    text
      .split(/[,，、]/)
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];
