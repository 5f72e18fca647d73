import { beforeEach, expect, test } from "vitest";
import { applyLine, newAnswer, randomUUID } from "../src/chat/answer-request.js";
import { feedbackBody } from "../src/chat/feedback.js";
import { messages } from "../src/chat/messages.js";
import { chunkLabel } from "../src/chat/sources.js";
import { generationTime } from "../src/chat/turns.js";

const TEXTS = {
  searching: "Searching",
  seconds: "{n} s",
  tokens: "{n} tokens",
  quoted: "quoted",
  truncated: "truncated",
  inputOutputTokens: "{n} in / {m} out",
  chunk: "chunk {n}",
  page: "p. {n}",
};
const DONE = {
  html: "<p>She wrote notes.</p>",
  text: "She wrote notes.",
  cited_chunks: ["doc-a-chunk-000"],
  seconds: 1.5,
  generation_seconds: 1.25,
  prompt_tokens: 1000,
  completion_tokens: 34,
  llm_generated: true,
  truncated: false,
};
let answer;

beforeEach(() => {
  answer = newAnswer("mix");
});

test("steps without a translation are shown as they are", () => {
  applyLine({ step: "retrieving_chunks" }, answer, TEXTS);
  expect(answer.step).toBe("Searching");
  applyLine({ step: "some_step" }, answer, TEXTS);
  expect(answer.step).toBe("some step");
});

test("partial HTML ends the step", () => {
  applyLine({ step: "searching" }, answer, TEXTS);
  applyLine({ html: "<p>She" }, answer, TEXTS);
  expect(answer).toMatchObject({ html: "<p>She", step: "" });
});

test("the last line completes the answer", () => {
  applyLine({ done: DONE }, answer, TEXTS);
  expect(answer.complete).toBe(true);
  expect(answer.facts).toEqual(["1.5 s", "1,034 tokens"]);
  expect(generationTime(answer.generation, TEXTS)).toBe("1.250 s · 1,000 in / 34 out");
});

test("the cost is shown if prices are configured", () => {
  document.documentElement.lang = "en";
  applyLine({ done: { ...DONE, cost: 0.00123, currency: "USD" } }, answer, TEXTS);
  expect(answer.facts).toEqual(["1.5 s", "1,034 tokens", "$0.0012"]);
});

test("an answer without a model is marked as quoted", () => {
  applyLine({ done: { ...DONE, llm_generated: false, truncated: true } }, answer, TEXTS);
  expect(answer.facts).toEqual(["1.5 s", "quoted", "truncated"]);
  expect(answer.generation).toBeNull();
});

test("an error is kept", () => {
  applyLine({ error: "The provider is down." }, answer, TEXTS);
  expect(answer.error).toBe("The provider is down.");
});

test("UUIDs have version 4 with and without HTTPS", () => {
  expect(randomUUID()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test("the history holds the answer that the user liked", () => {
  const turns = [
    { question: "A?", answers: [{ text: "a1" }, { text: "a2", verdict: "good" }] },
    { question: "B?", answers: [{ text: "", error: "failed" }] },
    { question: "C?", answers: [{ text: "c" }] },
  ];
  expect(messages(turns)).toEqual([
    { role: "user", content: "A?" },
    { role: "assistant", content: "a2" },
    { role: "user", content: "C?" },
    { role: "assistant", content: "c" },
  ]);
});

test("feedback names the chunks that the model received and cited", () => {
  Object.assign(answer, {
    text: "She wrote notes.",
    references: [{ id: "1", name: "a.md", document_id: "doc-a", chunks: [] }],
    cited_chunks: ["doc-a-chunk-000"],
    chunk_ids: ["doc-a-chunk-000", "doc-a-chunk-001"],
  });
  expect(feedbackBody("Who?", answer)).toMatchObject({
    question: "Who?",
    mode: "mix",
    references: [{ reference_id: "1", file_path: "a.md", document_id: "doc-a" }],
    cited_chunks: ["doc-a-chunk-000"],
    context_chunks: ["doc-a-chunk-000", "doc-a-chunk-001"],
  });
});

test("a chunk is labeled with its number, pages and heading", () => {
  expect(chunkLabel({ number: 3, pages: "4–5", heading: "History" }, TEXTS)).toBe(
    "chunk 3 · p. 4–5 · History",
  );
  expect(chunkLabel({ number: 3, pages: "", heading: "" }, TEXTS)).toBe("chunk 3");
});
