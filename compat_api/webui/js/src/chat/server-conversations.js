// Conversations of users who log in, stored on the server.
import { getJSON, postJSON } from "../shared/requests.js";
import { translations } from "../shared/translations.js";
import { applyLine, newAnswer } from "./answer-request.js";

const base = () => document.getElementById("turns").dataset.base;
const url = (id, part) => `${base()}${id}/${part}`;

export const address = (id) => `${base()}${id}/`;
export const exportAddress = (id, form) => url(id, `export.${form}`);

// Return the conversations that contain the text, newest first, without their turns.
export async function list(text = "") {
  const { conversations } = await getJSON(`${base()}conversations`, text ? { q: text } : {});
  return conversations.map((summary) => ({ ...summary, own: true, onServer: true, turns: [] }));
}

export async function load(id) {
  return parse(await getJSON(url(id, "contents")), translations);
}

export const change = (id, fields) => postJSON(url(id, "change"), fields);
export const stop = (key) => postJSON(`${base()}stop/${key}`, {});

// Convert the server's representation of a conversation.
export function parse({ turns, ...values }, texts) {
  return {
    ...values,
    onServer: true,
    turns: turns.map(({ answers, ...turn }) => ({
      ...turn,
      answers: answers.map((answer) => parseAnswer(answer, texts)),
    })),
  };
}

function parseAnswer({ key, mode, state, verdict, line }, texts) {
  const answer = { ...newAnswer(mode), key, verdict, running: state === "running" };
  applyLine(line, answer, texts);
  if (answer.running) answer.step = texts.generating_response;
  else if (!answer.complete && !answer.error) answer.facts = [texts.stopped];
  return answer;
}
