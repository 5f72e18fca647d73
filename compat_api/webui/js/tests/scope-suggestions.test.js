import { beforeAll, expect, test } from "vitest";

let mentionAt;
let withoutMention;

beforeAll(async () => {
  document.body.innerHTML = `
    <form id="ask"><select name="mode"></select><select name="other"></select></form>
    <form id="parameters"><input name="tags"><input name="file_name"></form>
    <input id="filter-document"><datalist id="filter-suggestions"></datalist>
    <p id="filter-documents"></p><button id="reset"></button>
    <b id="filter-count"></b><div id="scope"></div>`;
  ({ mentionAt, withoutMention } = await import("../src/chat/scope-suggestions.js"));
});

test("a mention begins with @ or # after a space or at the beginning", () => {
  expect(mentionAt("What about @rep", 15)).toEqual({
    kind: "@",
    query: "rep",
    start: 11,
    end: 15,
  });
  expect(mentionAt("#tax", 4)).toMatchObject({ kind: "#", query: "tax", start: 0 });
  expect(mentionAt("ada@example.com", 15)).toBeNull();
  expect(mentionAt("What about @rep ", 16)).toBeNull();
});

test("the mention is removed from the question", () => {
  const text = "What about @rep in May?";
  expect(withoutMention(text, mentionAt(text, 15))).toBe("What about in May?");
});
