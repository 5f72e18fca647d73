// Requests for answers. The server streams each answer as lines of JSON.
import { readJSONLines } from "../shared/json-lines.js";
import { post, RequestError } from "../shared/requests.js";
import { format, translations } from "../shared/translations.js";

export const newAnswer = (mode) => ({ key: randomUUID(), mode, text: "" });

// Browsers provide crypto.randomUUID only on pages that are served over HTTPS.
export function randomUUID() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64; // version 4
  bytes[8] = (bytes[8] & 63) | 128; // variant 1
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// Ask the question in `body` and update `answer`. Call `changed()` after each update.
export async function requestAnswer(url, body, answer, signal, changed) {
  answer.step = translations.searching;
  changed();
  try {
    const response = await post(url, { ...body, mode: answer.mode }, signal);
    for await (const line of readJSONLines(response)) {
      applyLine(line, answer, translations);
      changed();
    }
    if (!answer.complete && !answer.error) answer.error = translations.disconnected;
  } catch (error) {
    if (error.name === "AbortError") answer.facts = [translations.stopped];
    else answer.error = error instanceof RequestError ? error.message : translations.disconnected;
  }
  answer.step = "";
  changed();
}

// A line holds a step, the references, the HTML so far, an error, or the finished answer.
export function applyLine(line, answer, texts) {
  if (line.step) answer.step = stepLabel(line.step, texts);
  if (line.references) {
    const { references, evidence, evidence_graph, chunk_ids } = line;
    Object.assign(answer, { references, evidence, evidence_graph, chunk_ids });
  }
  if (line.reasoning) Object.assign(answer, { reasoning: line.reasoning, step: texts.thinking });
  if (line.html) Object.assign(answer, { html: line.html, step: "" });
  if (line.error) answer.error = line.error;
  if (line.done) finish(line.done, answer, texts);
}

function stepLabel(step, texts) {
  if (texts[step]) return texts[step];
  return step.startsWith("retrieving") ? texts.searching : step.replaceAll("_", " ");
}

function finish({ html, text, cited_chunks, citations, ...done }, answer, texts) {
  const { generation_seconds: seconds, prompt_tokens, completion_tokens } = done;
  Object.assign(answer, {
    html,
    text,
    cited_chunks,
    citations,
    facts: facts(text, done, texts),
    complete: true,
    generation: done.llm_generated ? { seconds, prompt_tokens, completion_tokens } : null,
  });
}

function facts(text, done, texts) {
  const list = [format(texts.seconds, { n: done.seconds })];
  const tokens = done.prompt_tokens + done.completion_tokens;
  if (done.llm_generated) list.push(format(texts.tokens, { n: tokens.toLocaleString() }));
  else if (text) list.push(texts.quoted);
  if (done.llm_generated && Number.isFinite(done.cost)) list.push(money(done.cost, done.currency));
  if (done.truncated) list.push(texts.truncated);
  return list;
}

// The browser formats the amount for the language of the page.
const money = (amount, currency) =>
  amount.toLocaleString(document.documentElement.lang || undefined, {
    style: "currency",
    currency,
    maximumSignificantDigits: 2,
  });
