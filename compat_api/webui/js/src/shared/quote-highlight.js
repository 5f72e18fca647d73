// Marking a quotation in the text of a chunk, which links and other elements may divide.

// Return the parts of `texts` that hold the quotation: {index, start, end}. White space is
// ignored; " … " divides a quotation into parts that are looked for one by one.
export function findQuote(texts, quote) {
  const letters = [];
  texts.forEach((text, index) => {
    for (let start = 0; start < text.length; start += 1) {
      if (!/\s/.test(text[start])) letters.push({ letter: text[start], index, start });
    }
  });
  const all = letters.map(({ letter }) => letter).join("");
  return quote.split("…").flatMap((part) => {
    const letterQuote = part.replace(/\s+/g, "");
    const first = letterQuote ? all.indexOf(letterQuote) : -1;
    return first < 0 ? [] : ranges(letters.slice(first, first + letterQuote.length));
  });
}

function ranges(letters) {
  const result = [];
  for (const { index, start } of letters) {
    const last = result.at(-1);
    if (last?.index === index) last.end = start + 1;
    else result.push({ index, start, end: start + 1 });
  }
  return result;
}

// Put the quotation into elements <mark class="quotation">; return the first one, or null if it is not there.
export function highlightQuote(element, quote) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  const texts = nodes.map(({ data }) => data);
  const marks = [];
  // From the end, because a range must not move the ones before it.
  for (const { index, start, end } of findQuote(texts, quote).reverse()) {
    const range = document.createRange();
    range.setStart(nodes[index], start);
    range.setEnd(nodes[index], end);
    const mark = document.createElement("mark");
    mark.className = "quotation";
    range.surroundContents(mark);
    marks.push(mark);
  }
  return marks.at(-1) ?? null;
}
