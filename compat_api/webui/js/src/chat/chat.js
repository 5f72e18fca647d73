// The chat: one question at a time, answered in one mode or in two modes side by side.
import { setUpSourcePane } from "./source-pane.js";
import { translations } from "../shared/translations.js";
import { showError } from "../shared/notices.js";
import { newAnswer, randomUUID, requestAnswer } from "./answer-request.js";
import {
  documentNames,
  scopeLabels,
  selectedModes,
  setScope,
  settings,
} from "./answer-settings.js";
import { drawMenu, setUpMenu } from "./conversation-menu.js";
import * as conversations from "./conversations.js";
import { drawHistory, setUpSearch } from "./history.js";
import { messages } from "./messages.js";
import { setUpScopeSuggestions } from "./scope-suggestions.js";
import * as server from "./server-conversations.js";
import { drawAnswer, drawTurn } from "./turns.js";

const NEAR_END = 140; // pixels
const TITLE_LENGTH = 80;
const POLL_MS = 1000;
const element = (id) => document.getElementById(id);
const turns = element("turns");
const form = element("ask");
const question = element("question");
let conversation = conversations.create();
let running = null; // the controller that aborts the current request, and its conversation

const actions = {
  askAgain: (turn) => ask(turn.question, conversation.turns.indexOf(turn)),
  edit: (turn, text) => ask(text, conversation.turns.indexOf(turn)),
  changed: () => conversations.save(conversation),
};

function setRunning(value) {
  running = value;
  element("stop").hidden = !value;
  element("send").hidden = Boolean(value);
}

// Ask the question. With a position, it replaces the turn there and all later turns.
async function ask(text, position = conversation.turns.length) {
  if (running || conversation.own === false) return;
  const current = conversation; // the user may open another conversation meanwhile
  dropTurns(current, position);
  const { filters, ...parameters } = settings();
  const turn = {
    id: randomUUID(),
    question: text,
    scope: filters ?? {},
    answers: selectedModes().map(newAnswer),
  };
  turn.scopeLabels = scopeLabels(turn.scope, documentNames());
  const body = {
    ...parameters,
    filters,
    query: text,
    conversation_history: messages(current.turns),
  };
  element("welcome").hidden = true;
  current.turns.push(turn);
  current.title ||= text.slice(0, TITLE_LENGTH);
  conversations.save(current);
  const elements = drawTurn(turns, turn, actions);
  turns.scrollTop = turns.scrollHeight;
  setRunning({ controller: new AbortController(), conversation: current });
  drawMenu(conversation);
  showAddress();
  await Promise.all(
    turn.answers.map((answer, n) => {
      const ids = current.onServer ? storedTurn(current, turn, position, answer) : undefined;
      return receive({ ...body, stored_turn: ids }, answer, elements[n]);
    }),
  );
  setRunning(null);
  await conversations.save(current);
  refreshHistory();
}

// The ids under which the server stores the answer.
const storedTurn = ({ id }, turn, position, answer) => ({
  conversation: id,
  turn: turn.id,
  position,
  answer: answer.key,
});

function dropTurns({ turns: current }, position) {
  current.splice(position);
  for (const turn of [...turns.querySelectorAll(".turn")].slice(position)) turn.remove();
}

function receive(body, answer, target) {
  const { signal } = running.controller;
  return requestAnswer(turns.dataset.url, body, answer, signal, () => follow(target, answer));
}

// Draw the answer, and scroll with it if the user reads its end.
function follow(target, answer) {
  const atEnd = turns.scrollHeight - turns.scrollTop - turns.clientHeight < NEAR_END;
  drawAnswer(target, answer);
  if (atEnd) turns.scrollTop = turns.scrollHeight;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text || running) return;
  question.value = "";
  ask(text);
});
setUpScopeSuggestions(question, element("scope-suggestions"));
question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
element("stop").addEventListener("click", stop);

function stop() {
  if (!running) return;
  if (running.conversation.onServer) {
    const { answers } = running.conversation.turns.at(-1);
    for (const { key } of answers) server.stop(key).catch(showError);
  }
  running.controller.abort();
}

// An answer of the browser that was being generated when the user left stays incomplete.
function endInterrupted(answer) {
  answer.step = "";
  if (!answer.complete && !answer.error) answer.facts ??= [translations.stopped];
}

// Open a conversation. The server completes answers of stored conversations meanwhile.
async function open(selected) {
  running?.controller.abort();
  conversation = await conversations.open(selected);
  for (const turn of turns.querySelectorAll(".turn")) turn.remove();
  element("welcome").hidden = conversation.turns.length > 0;
  form.hidden = conversation.own === false;
  const names = conversation.document_names ?? {};
  if (conversation.scope) setScope(conversation.scope, names);
  for (const turn of conversation.turns) showTurn(turn, names);
  turns.scrollTop = turns.scrollHeight;
  showAddress();
  refreshHistory();
}

function showTurn(turn, names) {
  turn.scopeLabels ??= scopeLabels(turn.scope ?? {}, names);
  const elements = drawTurn(turns, turn, actions);
  turn.answers.forEach((answer, n) => {
    if (!conversation.onServer) endInterrupted(answer);
    drawAnswer(elements[n], answer);
  });
  if (turn.answers.some((answer) => answer.running)) poll(conversation, turn, elements);
}

// Show an answer that a request of another page started.
async function poll(shown, turn, elements) {
  while (turn.answers.some((answer) => answer.running)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (conversation !== shown) return;
    const latest = await server.load(shown.id).catch(() => null);
    const answers = latest?.turns.find(({ id }) => id === turn.id)?.answers ?? turn.answers;
    turn.answers.forEach((answer, n) => {
      Object.assign(
        answer,
        answers.find(({ key }) => key === answer.key),
      );
      follow(elements[n], answer);
    });
  }
}

function refreshHistory() {
  drawMenu(conversation);
  drawHistory(conversation, (selected) => open(selected).catch(showError)).catch(showError);
}

// Each stored conversation has an address of its own.
function showAddress() {
  const isStored = conversation.onServer && conversation.turns.length > 0;
  const path = isStored ? server.address(conversation.id) : turns.dataset.base;
  if (location.pathname !== path) history.replaceState(null, "", path);
}

function startNew() {
  setScope({}, {});
  open(conversations.create());
  question.focus();
}

element("new").addEventListener("click", startNew);
for (const suggestion of document.querySelectorAll("[data-question]")) {
  suggestion.addEventListener("click", () => ask(suggestion.dataset.question));
}
setUpMenu({ current: () => conversation, changed: refreshHistory, removed: startNew });
setUpSearch(refreshHistory);

async function start() {
  const { conversation: id } = turns.dataset;
  if (id) {
    await open({ id, onServer: true });
    return;
  }
  const [latest] = await conversations.list();
  await open(latest ?? conversation);
}

start().catch((error) => {
  showError(error);
  open(conversations.create());
});

setUpSourcePane(turns);
