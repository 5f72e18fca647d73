import { expect, test } from "vitest";
import { conversationAsMarkdown } from "../src/chat/export.js";
import { parse } from "../src/chat/server-conversations.js";

const TEXTS = { stopped: "stopped", generating_response: "Generating", seconds: "{n} s" };
const DONE = { html: "<p>Ada</p>", text: "Ada [1]", seconds: 1, llm_generated: false };

const conversation = (state, line) => ({
  id: "c",
  title: "Who?",
  turns: [
    {
      id: "t",
      question: "Who?",
      scope: {},
      answers: [{ key: "k", mode: "mix", state, verdict: "good", line }],
    },
  ],
});
const answerOf = (parsed) => parsed.turns[0].answers[0];

test("a complete answer is shown with its sources and its rating", () => {
  const references = [{ id: "1", name: "a.md", chunks: [] }];
  const parsed = parse(conversation("complete", { references, done: DONE }), TEXTS);
  expect(answerOf(parsed)).toMatchObject({ complete: true, text: "Ada [1]", verdict: "good" });
  expect(conversationAsMarkdown(parsed)).toBe("# Who?\n\n## Who?\n\nAda [1]\n\n[1] a.md  \n");
});

test("a running answer shows its text so far", () => {
  const answer = answerOf(parse(conversation("running", { html: "<p>A" }), TEXTS));
  expect(answer).toMatchObject({ running: true, html: "<p>A", step: "Generating" });
});

test("an answer that was interrupted is marked as stopped", () => {
  const answer = answerOf(parse(conversation("stopped", { html: "<p>A" }), TEXTS));
  expect(answer).toMatchObject({ running: false, facts: ["stopped"] });
});
