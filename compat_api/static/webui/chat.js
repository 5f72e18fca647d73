import { Refusal, notice, send } from "./page.js";
import * as store from "./conversations.js";

const words = document.getElementById("words").dataset;
const turns = document.getElementById("turns");
const welcome = document.getElementById("welcome");
const form = document.getElementById("ask");
const question = document.getElementById("question");
const parameters = document.getElementById("parameters");
const stop = document.getElementById("stop");
const fill = (pattern, n) => pattern.replace("{n}", n);
let talk = store.latest();
let running = null;

// ---- one exchange on the page

function draw(turn) {
  const element = document.getElementById("turn").content.cloneNode(true).firstElementChild;
  element.querySelector(".question").textContent = turn.question;
  element.querySelector(".again").addEventListener("click", () => ask(turn.question));
  element.querySelector(".copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(turn.text);
    notice(words.copied);
  });
  turns.append(element);
  return element;
}

function drawAnswer(element, turn) {
  const prose = element.querySelector(".prose");
  prose.innerHTML = turn.html || "";
  if (turn.error) {
    const line = document.createElement("p");
    line.className = "error";
    line.textContent = turn.error;
    prose.append(line);
  }
  element.querySelector(".chips").replaceChildren(...(turn.references || []).map(chip));
  const found = element.querySelector(".found");
  found.hidden = !turn.evidence;
  found.lastElementChild.innerHTML = turn.evidence || "";
  element.querySelector(".time").textContent = (turn.facts || []).join(" · ");
}

function chip(reference) {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  const number = document.createElement("b");
  number.textContent = reference.id;
  summary.append(number, reference.name);
  details.append(summary, ...reference.passages.map(passageLink));
  return details;
}

function passageLink(passage) {
  const link = document.createElement("a");
  link.href = passage.url;
  const place = [fill(words.passage, passage.place)];
  if (passage.pages) place.push(fill(words.page, passage.pages));
  if (passage.heading) place.push(passage.heading);
  const text = document.createElement("small");
  text.textContent = passage.text;
  link.append(place.join(" · "), text);
  return link;
}

// ---- asking

function settings() {
  const values = Object.fromEntries([...new FormData(parameters)].filter(([, value]) => value !== ""));
  for (const field of parameters.querySelectorAll("[type=number]")) {
    if (values[field.name]) values[field.name] = Number(values[field.name]);
  }
  const rerank = parameters.querySelector("[name=enable_rerank]");
  if (rerank) values.enable_rerank = rerank.checked;
  return { ...values, mode: form.elements.mode.value };
}

function history() {
  return talk.turns.filter((turn) => turn.text && !turn.error).slice(-60)
    .flatMap((turn) => [{ role: "user", content: turn.question }, { role: "assistant", content: turn.text.slice(0, 30000) }]);
}

async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) yield JSON.parse(part);
  }
  if (rest) yield JSON.parse(rest);
}

function stepName(step) {
  return words[step] || (step.startsWith("search") ? words.searching : step.replaceAll("_", " "));
}

function receive(line, turn, element) {
  const steps = element.querySelector(".steps");
  if (line.step) steps.textContent = stepName(line.step);
  if (line.references) Object.assign(turn, { references: line.references, evidence: line.evidence });
  if (line.html) { turn.html = line.html; steps.textContent = ""; }
  if (line.error) turn.error = line.error;
  if (line.done) {
    const { html, text, seconds, llm_generated: written, truncated } = line.done;
    turn.facts = [fill(words.seconds, seconds)];
    if (!written && text) turn.facts.push(words.quoted);
    if (truncated) turn.facts.push(words.truncated);
    Object.assign(turn, { html, text, complete: true });
  }
  const low = turns.scrollHeight - turns.scrollTop - turns.clientHeight < 140;
  drawAnswer(element, turn);
  if (low) turns.scrollTop = turns.scrollHeight;
}

async function ask(text) {
  if (running) return;
  const own = talk;
  const turn = { question: text, text: "" };
  const body = { ...settings(), query: text, conversation_history: history() };
  welcome.hidden = true;
  const element = draw(turn);
  element.classList.add("open");
  turns.scrollTop = turns.scrollHeight;
  running = new AbortController();
  stop.hidden = false;
  document.getElementById("send").hidden = true;
  own.turns.push(turn);
  own.title ||= text.slice(0, 80);
  try {
    const response = await send(turns.dataset.url, body, running.signal);
    for await (const line of lines(response)) receive(line, turn, element);
    if (!turn.complete && !turn.error) turn.error = words.broken;
  } catch (error) {
    if (error.name === "AbortError") turn.facts = [words.stopped];
    else turn.error = error instanceof Refusal ? error.message : words.broken;
  }
  running = null;
  stop.hidden = true;
  document.getElementById("send").hidden = false;
  element.classList.remove("open");
  element.querySelector(".steps").textContent = "";
  drawAnswer(element, turn);
  store.keep(own);
  drawPast();
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
stop.addEventListener("click", () => running?.abort());

// ---- conversations

function open(one) {
  running?.abort();
  talk = one;
  for (const old of turns.querySelectorAll(".turn")) old.remove();
  welcome.hidden = talk.turns.length > 0;
  for (const turn of talk.turns) drawAnswer(draw(turn), turn);
  turns.scrollTop = turns.scrollHeight;
  drawPast();
}

function drawPast() {
  document.getElementById("past").replaceChildren(...store.all().map((one) => {
    const item = document.createElement("li");
    item.className = one.id === talk.id ? "now" : "";
    const name = document.createElement("button");
    name.type = "button";
    name.textContent = one.title;
    name.addEventListener("click", () => open(one));
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "icon";
    remove.textContent = "×";
    remove.setAttribute("aria-label", words.delete);
    remove.addEventListener("click", () => {
      store.forget(one.id);
      if (one.id === talk.id) open(store.fresh());
      else drawPast();
    });
    item.append(name, remove);
    return item;
  }));
}
document.getElementById("new").addEventListener("click", () => { open(store.fresh()); question.focus(); });

// ---- settings are remembered

function remember() {
  const values = { ...Object.fromEntries(new FormData(parameters)), mode: form.elements.mode.value };
  store.keepSettings(values);
}
for (const [name, value] of Object.entries(store.settings())) {
  const field = parameters.elements[name] || form.elements[name];
  if (!field) continue;
  if (field.type === "checkbox") field.checked = true;
  else if (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === value)) field.value = value;
}
parameters.addEventListener("change", remember);
form.elements.mode.addEventListener("change", remember);
document.getElementById("reset").addEventListener("click", () => { parameters.reset(); remember(); });

open(talk);
