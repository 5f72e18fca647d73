// The conversations of the page: on the server for users who log in, otherwise in the browser.
// Conversations that the browser stored before stay usable after a login.
import { randomUUID } from "./answer-request.js";
import * as browser from "./browser-conversations.js";
import * as server from "./server-conversations.js";

const usesServer = () => Boolean(document.getElementById("turns").dataset.stored);

export function create() {
  if (!usesServer()) return browser.create();
  return { id: randomUUID(), title: "", turns: [], own: true, onServer: true, isNew: true };
}

// Return the conversations whose title or text contains `text`, newest first.
export async function list(text = "") {
  const stored = usesServer() ? await server.list(text) : [];
  return [...stored, ...(await browser.list()).filter((item) => contains(item, text))];
}

export function contains({ title, turns }, text) {
  const texts = turns.flatMap(({ question, answers }) => [question, ...answers.map((a) => a.text)]);
  const lowered = text.toLowerCase();
  return [title, ...texts].some((part) => (part || "").toLowerCase().includes(lowered));
}

// Return the conversation with its turns.
export const open = (item) => (item.onServer && !item.isNew ? server.load(item.id) : item);

// The server stores its conversations itself.
export const save = async (conversation) =>
  conversation.onServer ? undefined : browser.save(conversation);

export async function rename(conversation, title) {
  conversation.title = title;
  if (conversation.onServer) await server.change(conversation.id, { title });
  else await browser.save(conversation);
}

export async function share(conversation, shared) {
  conversation.shared = shared;
  await server.change(conversation.id, { shared });
}

// Delete the conversation and return a function that restores it.
export async function remove(conversation) {
  if (!conversation.onServer) {
    await browser.remove(conversation.id);
    return () => browser.save(conversation);
  }
  await server.change(conversation.id, { deleted: true });
  return () => server.change(conversation.id, { deleted: false });
}
