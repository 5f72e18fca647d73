// The sources of an answer: the cited sentences first, then the other chunks that were read.
import { thumbnail } from "../shared/figures.js";
import { format, translations } from "../shared/translations.js";

const MAX_THUMBNAILS = 12; // of a document

// Return the elements for the sources. While the answer is written, no source is cited yet.
export function sourceElements({ references = [], citations = [] }) {
  const cited = references
    .map((reference) => [reference, citations.filter(({ id }) => id === reference.id)])
    .filter(([, quotes]) => quotes.length);
  const others = references.filter(({ id }) => !citations.some((item) => item.id === id));
  const elements = cited.map(([reference, quotes]) => citedSource(reference, quotes));
  if (others.length) elements.push(readSources(others, cited.length > 0));
  return elements;
}

function citedSource(reference, quotes) {
  const source = document.createElement("div");
  source.className = "cited-source";
  source.append(documentLink(reference));
  for (const { url, quote, pages } of quotes) {
    const link = document.createElement("a");
    link.className = "quote";
    link.href = url;
    link.textContent = pages ? `${quote} (${format(translations.page, { n: pages })})` : quote;
    source.append(link);
  }
  source.append(...thumbnails(reference));
  return source;
}

function readSources(references, hasCited) {
  const details = document.createElement("details");
  details.className = "read-sources";
  details.open = !hasCited;
  const summary = document.createElement("summary");
  const label = hasCited ? translations.readNotCited : translations.sourcesRead;
  summary.textContent = format(label, { n: references.length });
  const chips = document.createElement("div");
  chips.append(...references.map(sourceChip));
  details.append(summary, chips);
  return details;
}

// The chip leads to the best chunk of the document. The other chunks are listed in it.
function sourceChip(reference) {
  const [, ...others] = reference.chunks;
  const chip = document.createElement("div");
  chip.append(documentLink(reference));
  if (others.length) chip.append(otherChunks(others));
  chip.append(...thumbnails(reference));
  return chip;
}

// Return a row of the figures beside the chunks. Stored answers may have none.
function thumbnails({ figures = [] }) {
  if (!figures.length) return [];
  const row = document.createElement("div");
  row.className = "thumbnails";
  const shown = figures.slice(0, MAX_THUMBNAILS);
  row.append(
    ...shown.map(({ url, caption, number }) =>
      thumbnail(url, caption || format(translations.figure, { n: number })),
    ),
  );
  return [row];
}

function documentLink(reference) {
  const [best] = reference.chunks;
  const link = document.createElement("a");
  const number = document.createElement("b");
  number.textContent = reference.id;
  link.className = "source";
  link.append(number, reference.name);
  if (best) Object.assign(link, { href: best.url, title: best.text });
  return link;
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
