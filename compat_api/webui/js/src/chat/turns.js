// One turn of a conversation: the question and its answer, or two answers side by side.
import { copyText } from "../shared/copy.js";
import { showNotice } from "../shared/notices.js";
import { format, translations } from "../shared/translations.js";
import { answerAsMarkdown } from "./export.js";
import { setUpFeedback } from "./feedback.js";
import { sourceElements } from "./sources.js";

const clone = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;

// Append the turn and return the elements of its answers, to be passed to drawAnswer().
export function drawTurn(turns, turn, actions) {
  const element = clone("turn");
  element.querySelector(".question").textContent = turn.question;
  element.querySelector(".scope-labels").textContent = (turn.scopeLabels ?? []).join(" · ");
  setUpEditing(element, turn, actions.edit);
  const isComparison = turn.answers.length > 1;
  const answers = turn.answers.map((answer) => {
    const section = clone("answer");
    section.querySelector(".mode-name").textContent = isComparison ? modeName(answer.mode) : "";
    section.querySelector(".again").addEventListener("click", () => actions.askAgain(turn));
    section.querySelector(".copy").addEventListener("click", () => copy(answer));
    setUpFeedback(section, turn.question, answer, actions.changed);
    setUpEvidence(section, answer);
    return section;
  });
  element.querySelector(".answers").append(...answers);
  element.classList.toggle("two", isComparison);
  turns.append(element);
  return answers;
}

// The user edits the question in its place; the new one replaces it and all later turns.
function setUpEditing(element, turn, edit) {
  const editor = element.querySelector(".edit-question");
  const { text } = editor.elements;
  const show = (isEditing) => {
    element.querySelector(".question-line").hidden = isEditing;
    editor.hidden = !isEditing;
  };
  element.querySelector(".edit").addEventListener("click", () => {
    text.value = turn.question;
    show(true);
    text.focus();
  });
  editor.querySelector(".cancel").addEventListener("click", () => show(false));
  editor.addEventListener("submit", (event) => {
    event.preventDefault();
    show(false);
    if (text.value.trim()) edit(turn, text.value.trim());
  });
}

async function copy(answer) {
  await copyText(answerAsMarkdown(answer));
  showNotice(translations.copied);
}

function modeName(mode) {
  const options = [...document.querySelectorAll("[name=mode] option")];
  return options.find(({ value }) => value === mode)?.dataset.short || mode;
}

export function drawAnswer(element, answer) {
  const isFinished = answer.complete || answer.error || answer.facts;
  element.classList.toggle("open", Boolean(answer.step) || !isFinished);
  element.querySelector(".steps").textContent = answer.step || "";
  drawText(element.querySelector(".prose"), answer);
  drawReasoning(element.querySelector(".reasoning"), answer);
  if (element.references !== answer.references || element.citations !== answer.citations) {
    Object.assign(element, { references: answer.references, citations: answer.citations });
    drawReferences(element, answer);
  }
  drawGeneration(element, answer.generation);
  element.querySelector(".facts").textContent = (answer.facts || []).join(" · ");
  for (const thumb of element.querySelectorAll("[data-thumb]")) {
    thumb.hidden = !answer.text || !answer.references;
  }
}

// The server has escaped the HTML of the answer.
async function drawText(prose, { html, error }) {
  prose.innerHTML = html || "";
  if (error) {
    const line = document.createElement("p");
    line.className = "error";
    line.textContent = error;
    prose.append(line);
  }
  if (!prose.querySelector(".math")) return;
  const { typeset } = await import("./formulas.js");
  typeset(prose);
}

// The reasoning is shown folded; it is not part of the answer, its copies and its history.
function drawReasoning(details, { reasoning }) {
  details.hidden = !reasoning;
  details.querySelector("div").textContent = reasoning || "";
}

function drawReferences(element, answer) {
  const { evidence } = answer;
  element.querySelector(".chips").replaceChildren(...sourceElements(answer));
  const details = element.querySelector(".evidence-details");
  details.hidden = !evidence;
  details.lastElementChild.innerHTML = evidence || "";
}

// Append the generation to the timings of the search.
function drawGeneration(element, generation) {
  const timings = element.querySelector(".timings");
  if (!timings || !generation || timings.querySelector(".generation")) return;
  const step = document.createElement("span");
  step.className = "generation";
  const name = document.createElement("b");
  name.textContent = translations.generation;
  step.append(name, ` ${generationTime(generation, translations)}`);
  timings.append(step);
}

export function generationTime({ seconds, prompt_tokens, completion_tokens }, texts) {
  const tokens = format(texts.inputOutputTokens, {
    n: prompt_tokens.toLocaleString(),
    m: completion_tokens.toLocaleString(),
  });
  return `${seconds.toFixed(3)} s · ${tokens}`;
}

// The graph is drawn when the user opens the details.
function setUpEvidence(element, answer) {
  const details = element.querySelector(".evidence-details");
  details.addEventListener("toggle", async () => {
    const frame = details.querySelector(".picture");
    if (!details.open || !frame || frame.childElementCount) return;
    if (!answer.evidence_graph?.nodes.length) return;
    const { drawEvidence } = await import("./evidence-graph.js");
    drawEvidence(frame, answer.evidence_graph, translations.evidenceGraph);
  });
}
