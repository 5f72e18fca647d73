import { expect, test } from "vitest";
import { findQuote } from "../src/shared/quote-highlight.js";

test("a quotation is found across elements and line breaks", () => {
  const texts = ["Much rain. Marie ", "Curie", "\ndiscovered  radium. End."];
  expect(findQuote(texts, "Marie Curie discovered radium.")).toEqual([
    { index: 0, start: 11, end: 16 },
    { index: 1, start: 0, end: 5 },
    { index: 2, start: 1, end: 20 },
  ]);
});

test("the parts of a shortened quotation are found one by one", () => {
  expect(findQuote(["One. Two. Three. Four"], "One. … Three. Fo…")).toEqual([
    { index: 0, start: 0, end: 4 },
    { index: 0, start: 10, end: 19 },
  ]);
});

test("a quotation that is not in the text is not marked", () => {
  expect(findQuote(["One."], "Two.")).toEqual([]);
  expect(findQuote([], "")).toEqual([]);
});
