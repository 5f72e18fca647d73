// The chat: one question at a time, asked in one mode or in two at once.
import * as store from "./conversations.js";
import { answerTo, fresh } from "./answering.js";
import { modes, settings } from "./parameters.js";
import { drawPast } from "./past.js";
import { drawAnswer, drawTurn } from "./turns.js";
import { words } from "./words.js";

const turns = document.getElementById("turns");
const form = document.getElementById("ask");
const question = document.getElementById("question");
const element = (id) => document.getElementById(id);
let talk = store.fresh();
let running = null;

const acts = { again: (text) => ask(text), changed: () => store.keep(talk) };

function history() {
  const said = talk.turns.flatMap(({ question: content, answers }) => {
    const best = answers.find((one) => one.verdict === "good" && one.text) ?? answers.find((one) => one.text && !one.error);
    return best ? [{ role: "user", content }, { role: "assistant", content: best.text.slice(0, 30000) }] : [];
  });
  return said.slice(-120);
}

function busy(controller) {
  running = controller;
  element("stop").hidden = !controller;
  element("send").hidden = Boolean(controller);
}

async function ask(text) {
  if (running) return;
  const own = talk;
  const body = { ...settings(), query: text, conversation_history: history() };
  const turn = { question: text, answers: modes().map(fresh) };
  element("welcome").hidden = true;
  own.turns.push(turn);
  own.title ||= text.slice(0, 80);
  store.keep(own);
  const places = drawTurn(turns, turn, acts);
  turns.scrollTop = turns.scrollHeight;
  busy(new AbortController());
  await Promise.all(turn.answers.map((answer, n) => answerTo(turns.dataset.url, body, answer, running.signal, () => {
    const low = turns.scrollHeight - turns.scrollTop - turns.clientHeight < 140;
    drawAnswer(places[n], answer);
    if (low) turns.scrollTop = turns.scrollHeight;
  })));
  busy(null);
  await store.keep(own);
  drawPast(talk, open);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text || running) return;
  question.value = "";
  ask(text);
});
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
element("stop").addEventListener("click", () => running?.abort());

// An answer during which the page was left is not written any more.
function endIfLeft(answer) {
  answer.step = "";
  if (!answer.complete && !answer.error) answer.facts ??= [words.stopped];
}

function open(one) {
  running?.abort();
  talk = one;
  for (const old of turns.querySelectorAll(".turn")) old.remove();
  element("welcome").hidden = talk.turns.length > 0;
  for (const turn of talk.turns) {
    for (const answer of turn.answers) endIfLeft(answer);
    const places = drawTurn(turns, turn, acts);
    turn.answers.forEach((answer, n) => drawAnswer(places[n], answer));
  }
  turns.scrollTop = turns.scrollHeight;
  drawPast(talk, open);
}
element("new").addEventListener("click", () => { open(store.fresh()); question.focus(); });

store.all().then(([latest]) => open(latest ?? talk));
