// Thumbs up and down: what somebody thinks of an answer, kept for evaluation.
import { notice, send } from "./page.js";
import { words } from "./words.js";

const dialog = document.getElementById("why");
const { feedback } = document.getElementById("turns").dataset;

const judged = (question, answer) => ({
  key: answer.key,
  question,
  mode: answer.mode,
  answer: answer.text,
  references: answer.references.map(({ id, name, document: file }) => ({ reference_id: id, file_path: name, document_id: file })),
  cited_chunks: answer.cited ?? [],
  read_chunks: answer.read ?? [],
});

async function give(question, answer, verdict, comment = "") {
  const kept = await send(feedback, { ...judged(question, answer), verdict, comment });
  answer.verdict = (await kept.json()).verdict;
}

// `changed` hears of each verdict.
export function letJudge(element, question, answer, changed) {
  const thumbs = [...element.querySelectorAll("[data-thumb]")];
  const draw = () => thumbs.forEach((one) => one.setAttribute("aria-pressed", String(answer.verdict === one.dataset.thumb)));
  for (const thumb of thumbs) {
    thumb.addEventListener("click", async () => {
      const { thumb: wanted } = thumb.dataset;
      try {
        await give(question, answer, answer.verdict === wanted ? "" : wanted);
        draw();
        changed();
        if (answer.verdict === "bad") askWhy(question, answer);
        else if (answer.verdict) notice(words.thanks);
      } catch (error) { notice(error.message, true); }
    });
  }
  draw();
}

function askWhy(question, answer) {
  const form = dialog.querySelector("form");
  form.reset();
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", async () => {
    const comment = form.elements.comment.value.trim();
    if (dialog.returnValue !== "say" || !comment) return;
    await give(question, answer, "bad", comment).catch((error) => notice(error.message, true));
    notice(words.thanks);
  }, { once: true });
}
