// Feedback: the user rates an answer with thumbs up or down.
import { openDialog } from "../shared/dialogs.js";
import { showError, showNotice } from "../shared/notices.js";
import { postJSON } from "../shared/requests.js";
import { translations } from "../shared/translations.js";

export const feedbackBody = (question, answer) => ({
  key: answer.key,
  question,
  mode: answer.mode,
  answer: answer.text,
  references: answer.references.map(({ id, name, document_id }) => ({
    reference_id: id,
    file_path: name,
    document_id,
  })),
  cited_chunks: answer.cited_chunks ?? [],
  context_chunks: answer.chunk_ids ?? [],
});

async function sendFeedback(question, answer, verdict, comment = "") {
  const { feedback } = document.getElementById("turns").dataset;
  const body = { ...feedbackBody(question, answer), verdict, comment };
  answer.verdict = (await postJSON(feedback, body)).verdict;
}

// Let the user rate an answer. `changed()` is called after each rating.
export function setUpFeedback(element, question, answer, changed) {
  const thumbs = [...element.querySelectorAll("[data-thumb]")];

  function draw() {
    for (const thumb of thumbs) {
      thumb.setAttribute("aria-pressed", String(answer.verdict === thumb.dataset.thumb));
    }
  }

  // A second click on the same thumb withdraws the rating.
  async function rate(verdict) {
    await sendFeedback(question, answer, answer.verdict === verdict ? "" : verdict);
    draw();
    changed();
    if (answer.verdict === "bad") await askForComment(question, answer);
    else if (answer.verdict) showNotice(translations.thanks);
  }

  for (const thumb of thumbs) {
    thumb.addEventListener("click", () => rate(thumb.dataset.thumb).catch(showError));
  }
  draw();
}

async function askForComment(question, answer) {
  const dialog = document.getElementById("feedback-dialog");
  const form = dialog.querySelector("form");
  form.reset();
  if ((await openDialog(dialog)) !== "send") return;
  const comment = form.elements.comment.value.trim();
  if (!comment) return;
  await sendFeedback(question, answer, "bad", comment);
  showNotice(translations.thanks);
}
