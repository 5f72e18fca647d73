import { expect, test } from "vitest";
import { commonTags, tagChanges } from "../src/documents/tags.js";
import { abbreviate } from "../src/shared/dialogs.js";
import { parseTags } from "../src/shared/tag-list.js";

test("tags are separated by English and Chinese commas, without duplicates", () => {
  expect(parseTags(" tax, 2024，tax、 水,")).toEqual(["tax", "2024", "水"]);
});

test("common tags are those of all documents", () => {
  expect(
    commonTags([
      ["a", "b"],
      ["b", "c"],
    ]),
  ).toEqual(["b"]);
  expect(commonTags([])).toEqual([]);
});

test("only differences are sent", () => {
  expect(tagChanges(["a", "b"], ["b", "c"])).toEqual({ add: ["c"], remove: ["a"] });
});

test("of many names, five and the count are shown", () => {
  expect(abbreviate(["a", "b"])).toBe("a, b");
  expect(abbreviate([..."abcdefg"])).toBe("a, b, c, d, e … (7)");
});
