// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";

vi.mock("../src/shared/translations.js", () => ({
  translations: { figure: "Figure {n}", sourcesRead: "{n} sources, none cited", more: "{n} more" },
  format: (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]),
}));
const { sourceElements } = await import("../src/chat/sources.js");

const reference = (figures) => ({
  id: "1",
  name: "tea.pdf",
  chunks: [{ url: "/webui/documents/doc-1/?chunk=0#chunk-0", text: "Tea" }],
  figures,
});
const FIGURES = [
  { url: "/webui/documents/doc-1/figures/1", number: 1, caption: "Figure 1: Tea" },
  { url: "/webui/documents/doc-1/figures/2", number: 2, caption: "" },
];
const images = (elements) => elements.flatMap((element) => [...element.querySelectorAll("img")]);

test("sources show the figures beside their chunks", () => {
  const shown = images(sourceElements({ references: [reference(FIGURES)] }));
  expect(shown.map((image) => image.getAttribute("src"))).toEqual(FIGURES.map(({ url }) => url));
  expect(shown.map((image) => image.alt)).toEqual(["Figure 1: Tea", "Figure 2"]);
});

test("stored answers without figures are shown", () => {
  expect(images(sourceElements({ references: [reference(undefined)] }))).toEqual([]);
});

test("the thumbnail of a deleted document is removed", () => {
  const citations = [{ id: "1", url: "/x", quote: "Tea" }];
  const [source] = sourceElements({ references: [reference(FIGURES)], citations });
  source.querySelector("img").dispatchEvent(new Event("error"));
  expect(source.querySelectorAll(".thumbnail").length).toBe(1);
});
