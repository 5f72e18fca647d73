// The chat: one question at a time, answered in one mode or in two modes side by side.
import { newAnswer, requestAnswer } from "./answer-request.js";
import { selectedModes, settings } from "./answer-settings.js";
import * as conversations from "./conversations.js";
import { drawHistory } from "./history.js";
import { messages } from "./messages.js";
import { drawAnswer, drawTurn } from "./turns.js";
import { translations } from "../shared/translations.js";

const NEAR_END = 140; // pixels
const TITLE_LENGTH = 80;
const element = (id) => document.getElementById(id);
const turns = element("turns");
const form = element("ask");
const question = element("question");
let conversation = conversations.create();
let running = null; // the controller that aborts the current request

const actions = { askAgain: ask, changed: () => conversations.save(conversation) };

function setRunning(controller) {
  running = controller;
  element("stop").hidden = !controller;
  element("send").hidden = Boolean(controller);
}

async function ask(text) {
  if (running) return;
  const asked = conversation; // the user may open another conversation meanwhile
  const body = {
    ...settings(),
    query: text,
    conversation_history: messages(asked.turns),
  };
  const turn = { question: text, answers: selectedModes().map(newAnswer) };
  element("welcome").hidden = true;
  asked.turns.push(turn);
  asked.title ||= text.slice(0, TITLE_LENGTH);
  conversations.save(asked);
  const elements = drawTurn(turns, turn, actions);
  turns.scrollTop = turns.scrollHeight;
  setRunning(new AbortController());
  await Promise.all(turn.answers.map((answer, n) => receive(body, answer, elements[n])));
  setRunning(null);
  await conversations.save(asked);
  drawHistory(conversation, open);
}

function receive(body, answer, target) {
  return requestAnswer(turns.dataset.url, body, answer, running.signal, () => {
    const follow = turns.scrollHeight - turns.scrollTop - turns.clientHeight < NEAR_END;
    drawAnswer(target, answer);
    if (follow) turns.scrollTop = turns.scrollHeight;
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text || running) return;
  question.value = "";
  ask(text);
});
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
element("stop").addEventListener("click", () => running?.abort());

// An answer that was being written when the user left the page stays incomplete.
function endInterrupted(answer) {
  answer.step = "";
  if (!answer.complete && !answer.error) answer.facts ??= [translations.stopped];
}

function open(selected) {
  running?.abort();
  conversation = selected;
  for (const turn of turns.querySelectorAll(".turn")) turn.remove();
  element("welcome").hidden = conversation.turns.length > 0;
  for (const turn of conversation.turns) {
    turn.answers.forEach(endInterrupted);
    const elements = drawTurn(turns, turn, actions);
    turn.answers.forEach((answer, n) => drawAnswer(elements[n], answer));
  }
  turns.scrollTop = turns.scrollHeight;
  drawHistory(conversation, open);
}

element("new").addEventListener("click", () => {
  open(conversations.create());
  question.focus();
});

conversations.list().then(([latest]) => open(latest ?? conversation));
