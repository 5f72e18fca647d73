// The title of the open conversation, and its menu: rename, share, export, delete.
import { copyText } from "../shared/copy.js";
import { openDialog } from "../shared/dialogs.js";
import { addNotice, showError, showNotice } from "../shared/notices.js";
import { translations } from "../shared/translations.js";
import * as conversations from "./conversations.js";
import { conversationAsJSON, conversationAsMarkdown } from "./export.js";
import * as server from "./server-conversations.js";

const UNDO_MS = 15000;
const element = (id) => document.getElementById(id);
const head = element("conversation-head");

// Show the title and the entries of the menu that apply to the conversation.
export function drawMenu(conversation) {
  const isEmpty = conversation.turns.length === 0;
  const isOwn = conversation.own !== false;
  head.hidden = isEmpty;
  element("conversation-title").textContent = conversation.title;
  for (const name of ["rename", "delete"]) element(`menu-${name}`).hidden = !isOwn;
  element("menu-share").hidden = !isOwn || !conversation.onServer;
  element("menu-share").textContent = conversation.shared
    ? translations.stopSharing
    : translations.share;
}

// `current()` returns the open conversation. `changed()` is called after a change, and
// `removed()` after the deletion of the open conversation.
export function setUpMenu({ current, changed, removed }) {
  const actions = {
    rename: () => rename(current()).then(changed),
    share: () => share(current()).then(changed),
    markdown: () => exportAs(current(), "md"),
    json: () => exportAs(current(), "json"),
    delete: () => remove(current(), { changed, removed }),
  };
  for (const [name, action] of Object.entries(actions)) {
    element(`menu-${name}`).addEventListener("click", () => {
      element("conversation-menu").open = false;
      Promise.resolve(action()).catch(showError);
    });
  }
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("#conversation-menu")) element("conversation-menu").open = false;
  });
}

async function rename(conversation) {
  const dialog = element("rename-dialog");
  const { title } = dialog.querySelector("form").elements;
  title.value = conversation.title;
  if ((await openDialog(dialog)) !== "rename") return;
  const text = title.value.trim();
  if (text) await conversations.rename(conversation, text);
}

async function share(conversation) {
  await conversations.share(conversation, !conversation.shared);
  if (!conversation.shared) return showNotice(translations.sharingStopped);
  await copyText(new URL(server.address(conversation.id), location).href);
  return showNotice(translations.linkCopied);
}

function exportAs(conversation, form) {
  const link = document.createElement("a");
  link.download = `conversation.${form}`;
  if (conversation.onServer) {
    link.href = server.exportAddress(conversation.id, form);
    link.click();
    return;
  }
  const text = { md: conversationAsMarkdown, json: conversationAsJSON }[form](conversation);
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.click();
  URL.revokeObjectURL(link.href);
}

async function remove(conversation, { changed, removed }) {
  const restore = await conversations.remove(conversation);
  const line = document.createElement("p");
  const undo = document.createElement("button");
  undo.type = "button";
  undo.textContent = translations.undo;
  undo.addEventListener("click", async () => {
    line.remove();
    await restore();
    changed();
  });
  line.append(`${translations.conversationDeleted} `, undo);
  addNotice(line, UNDO_MS);
  removed();
}
