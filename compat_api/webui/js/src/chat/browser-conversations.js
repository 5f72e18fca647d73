// Conversations of users who do not log in, stored in the browser. Conversations of different
// users and workspaces are separate.
import { randomUUID } from "./answer-request.js";

const STORE = "conversations";

const database = new Promise((resolve, reject) => {
  const request = indexedDB.open("lightrag-chat", 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, { keyPath: "id" });
    store.createIndex("place", ["place", "updated"]);
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
database.catch(() => {}); // storage is blocked: conversations last until the page is left

// The user and workspace whose conversations these are; stored in the field `place`.
function owner() {
  const { user } = document.getElementById("turns").dataset;
  const workspace = document.querySelector('meta[name="workspace"]').content;
  return `${user}\n${workspace}`;
}

async function run(mode, operation) {
  const store = (await database).transaction(STORE, mode).objectStore(STORE);
  const request = operation(store);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const create = () => ({ id: randomUUID(), place: owner(), title: "", turns: [] });

// Return all conversations, newest first.
export async function list() {
  const range = IDBKeyRange.bound([owner()], [owner(), Infinity]);
  const rows = await run("readonly", (store) => store.index("place").getAll(range)).catch(() => []);
  return rows.reverse().map(upgrade);
}

export const save = (conversation) =>
  run("readwrite", (store) => store.put({ ...conversation, updated: Date.now() })).catch(() => {});

export const remove = (id) => run("readwrite", (store) => store.delete(id)).catch(() => {});

// Version 0.1.0 used other names for some fields.
export function upgrade(conversation) {
  for (const { answers } of conversation.turns) answers.forEach(upgradeAnswer);
  return conversation;
}

function upgradeAnswer(answer) {
  answer.cited_chunks ??= answer.cited;
  answer.chunk_ids ??= answer.read;
  answer.evidence_graph ??= upgradeGraph(answer.picture);
  answer.generation ??= upgradeGeneration(answer.writing);
  for (const reference of answer.references ?? []) upgradeReference(reference);
  for (const name of ["cited", "read", "picture", "writing"]) delete answer[name];
}

function upgradeGraph(picture) {
  if (!picture) return undefined;
  const kind = (node) => (node.kind === "passage" ? "chunk" : node.kind);
  return { ...picture, nodes: picture.nodes.map((node) => ({ ...node, kind: kind(node) })) };
}

const upgradeGeneration = (writing) =>
  writing && {
    seconds: writing.seconds,
    prompt_tokens: writing.sent,
    completion_tokens: writing.said,
  };

function upgradeReference(reference) {
  reference.document_id ??= reference.document;
  reference.chunks ??= (reference.passages ?? []).map(({ place, ...chunk }) => ({
    ...chunk,
    number: place,
  }));
  delete reference.document;
  delete reference.passages;
}
