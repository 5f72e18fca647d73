import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { create, list, remove, save, upgrade } from "../src/chat/browser-conversations.js";

function openPage(user, workspace) {
  document.head.innerHTML = `<meta name="workspace" content="${workspace}">`;
  document.body.innerHTML = `<div id="turns" data-user="${user}"></div>`;
}

async function saveTitled(title) {
  const conversation = { ...create(), title };
  await save(conversation);
  await new Promise((resolve) => setTimeout(resolve, 2)); // so that the times differ
  return conversation;
}

beforeEach(async () => {
  for (const workspace of ["default", "other"]) {
    openPage("ada", workspace);
    for (const { id } of await list()) await remove(id);
  }
  openPage("ada", "default");
});

test("the newest conversation is first", async () => {
  const first = await saveTitled("first");
  await saveTitled("second");
  expect((await list()).map(({ title }) => title)).toEqual(["second", "first"]);
  await save(first);
  expect((await list()).map(({ title }) => title)).toEqual(["first", "second"]);
});

test("users and workspaces do not share conversations", async () => {
  await saveTitled("private");
  openPage("ada", "other");
  expect(await list()).toEqual([]);
  openPage("bob", "default");
  expect(await list()).toEqual([]);
});

test("a removed conversation is not listed", async () => {
  const { id } = await saveTitled("gone");
  await remove(id);
  expect(await list()).toEqual([]);
});

test("conversations of version 0.1.0 are upgraded", () => {
  const answer = {
    references: [
      { id: "1", name: "a.md", document: "doc-a", passages: [{ url: "/x", place: 2, text: "t" }] },
    ],
    picture: {
      nodes: [
        { id: "e1", kind: "entity" },
        { id: "c", kind: "passage" },
      ],
      edges: [],
    },
    read: ["c"],
    cited: ["c"],
    writing: { seconds: 1, sent: 10, said: 5 },
  };
  const [{ answers }] = upgrade({ turns: [{ answers: [answer] }] }).turns;
  expect(answers[0]).toEqual({
    references: [
      {
        id: "1",
        name: "a.md",
        document_id: "doc-a",
        chunks: [{ url: "/x", number: 2, text: "t" }],
      },
    ],
    evidence_graph: {
      nodes: [
        { id: "e1", kind: "entity" },
        { id: "c", kind: "chunk" },
      ],
      edges: [],
    },
    chunk_ids: ["c"],
    cited_chunks: ["c"],
    generation: { seconds: 1, prompt_tokens: 10, completion_tokens: 5 },
  });
});

test("upgraded conversations do not change again", () => {
  const conversation = {
    turns: [{ answers: [{ references: [{ document_id: "d", chunks: [] }], chunk_ids: [] }] }],
  };
  expect(upgrade(structuredClone(conversation))).toEqual(conversation);
});
