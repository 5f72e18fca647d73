// One question to one mode: what comes is put into `answer`, and told to `changed`.
import { Refusal, send } from "./page.js";
import { lines } from "./lines.js";
import { fill, words } from "./words.js";

const stepName = (step) => words[step] || (step.startsWith("retrieving") ? words.searching : step.replaceAll("_", " "));

export const fresh = (mode) => ({ key: crypto.randomUUID?.() ?? uuid(), mode, text: "" });

// Outside of https browsers make no UUIDs.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

export async function answerTo(url, body, answer, signal, changed) {
  answer.step = words.searching;
  changed();
  try {
    const response = await send(url, { ...body, mode: answer.mode }, signal);
    for await (const line of lines(response)) {
      take(line, answer);
      changed();
    }
    if (!answer.complete && !answer.error) answer.error = words.broken;
  } catch (error) {
    if (error.name === "AbortError") answer.facts = [words.stopped];
    else answer.error = error instanceof Refusal ? error.message : words.broken;
  }
  answer.step = "";
  changed();
}

function take(line, answer) {
  if (line.step) answer.step = stepName(line.step);
  if (line.references) {
    const { references, evidence, picture, read } = line;
    Object.assign(answer, { references, evidence, picture, read });
  }
  if (line.html) Object.assign(answer, { html: line.html, step: "" });
  if (line.error) answer.error = line.error;
  if (line.done) finish(line.done, answer);
}

function finish(done, answer) {
  const facts = [fill(words.seconds, done.seconds)];
  if (done.llm_generated) facts.push(fill(words.tokens, (done.sent + done.said).toLocaleString()));
  else if (done.text) facts.push(words.quoted);
  if (done.truncated) facts.push(words.truncated);
  const { html, text, cited, writing, sent, said, llm_generated: written } = done;
  Object.assign(answer, { html, text, cited, facts, complete: true, writing: written ? { seconds: writing, sent, said } : null });
}
