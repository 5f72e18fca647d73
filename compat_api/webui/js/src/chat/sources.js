// The sources of an answer: a chip for each document, with links to its chunks.
import { format, translations } from "../shared/translations.js";

// The chip leads to the best chunk of the document. The other chunks are listed in it.
export function sourceChip(reference) {
  const [best, ...others] = reference.chunks;
  const chip = document.createElement("div");
  const link = document.createElement("a");
  const number = document.createElement("b");
  number.textContent = reference.id;
  link.className = "source";
  link.append(number, reference.name);
  if (best) Object.assign(link, { href: best.url, title: best.text });
  chip.append(link);
  if (others.length) chip.append(otherChunks(others));
  return chip;
}

function otherChunks(chunks) {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = format(translations.more, { n: chunks.length });
  details.append(summary, ...chunks.map(chunkLink));
  return details;
}

function chunkLink(chunk) {
  const link = document.createElement("a");
  link.href = chunk.url;
  const text = document.createElement("small");
  text.textContent = chunk.text;
  link.append(chunkLabel(chunk, translations), text);
  return link;
}

export function chunkLabel({ number, pages, heading }, texts) {
  const parts = [format(texts.chunk, { n: number })];
  if (pages) parts.push(format(texts.page, { n: pages }));
  if (heading) parts.push(heading);
  return parts.join(" · ");
}
