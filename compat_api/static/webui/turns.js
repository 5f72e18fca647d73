// One exchange on the page: the question, and an answer, or two beside each other.
import { notice } from "./page.js";
import { letJudge } from "./thumbs.js";
import { fill, words } from "./words.js";

const { build } = document.getElementById("turns").dataset;
const clone = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;
// Built from npm; where that was not done, formulas stay as they were written.
const built = (name) => (build ? import(`${build}${name}.js`).catch(() => ({})) : Promise.resolve({}));

// Returns the elements of the answers, to be drawn into as they come.
export function drawTurn(turns, turn, { again, changed }) {
  const element = clone("turn");
  element.querySelector(".question").textContent = turn.question;
  const places = turn.answers.map((answer) => {
    const place = clone("answer");
    place.querySelector(".mode-name").textContent = turn.answers.length > 1 ? modeName(answer.mode) : "";
    place.querySelector(".again").addEventListener("click", () => again(turn.question));
    place.querySelector(".copy").addEventListener("click", async () => {
      await navigator.clipboard.writeText(answer.text);
      notice(words.copied);
    });
    letJudge(place, turn.question, answer, changed);
    letOpenEvidence(place, answer);
    return place;
  });
  element.querySelector(".answers").append(...places);
  element.classList.toggle("two", places.length > 1);
  turns.append(element);
  return places;
}

function modeName(mode) {
  const option = [...document.querySelectorAll("[name=mode] option")].find((one) => one.value === mode);
  return option?.dataset.short || mode;
}

export function drawAnswer(place, answer) {
  place.classList.toggle("open", Boolean(answer.step) || !(answer.complete || answer.error || answer.facts));
  place.querySelector(".steps").textContent = answer.step || "";
  const prose = place.querySelector(".prose");
  prose.innerHTML = answer.html || "";
  if (prose.querySelector(".math")) built("formulas").then(({ typeset }) => typeset?.(prose));
  if (answer.error) {
    const line = document.createElement("p");
    line.className = "error";
    line.textContent = answer.error;
    prose.append(line);
  }
  if (place.sources !== answer.references) {
    place.sources = answer.references;
    place.querySelector(".chips").replaceChildren(...(answer.references || []).map(chip));
    const found = place.querySelector(".found");
    found.hidden = !answer.evidence;
    found.lastElementChild.innerHTML = answer.evidence || "";
  }
  drawWriting(place, answer.writing);
  place.querySelector(".time").textContent = (answer.facts || []).join(" · ");
  for (const thumb of place.querySelectorAll("[data-thumb]")) thumb.hidden = !answer.text || !answer.references;
}

function drawWriting(place, writing) {
  const timings = place.querySelector(".timings");
  if (!timings || !writing || timings.querySelector(".writing")) return;
  const step = document.createElement("span");
  step.className = "writing";
  const name = document.createElement("b");
  name.textContent = words.writing;
  step.append(name, ` ${writing.seconds.toFixed(3)} s · ${fill(words.tokensOf, writing.sent.toLocaleString()).replace("{m}", writing.said.toLocaleString())}`);
  timings.append(step);
}

// The picture is drawn when somebody looks.
function letOpenEvidence(place, answer) {
  const found = place.querySelector(".found");
  found.addEventListener("toggle", async () => {
    const frame = found.querySelector(".picture");
    if (!found.open || !frame || frame.childElementCount || !answer.picture?.nodes.length) return;
    const { drawEvidence } = await built("evidence");
    drawEvidence?.(frame, answer.picture, words.picture);
  });
}

// Opens the best of the document's passages; the others are listed beside it.
function chip(reference) {
  const [best, ...others] = reference.passages;
  const place = document.createElement("div");
  const link = document.createElement("a");
  const number = document.createElement("b");
  number.textContent = reference.id;
  link.className = "source";
  link.append(number, reference.name);
  if (best) Object.assign(link, { href: best.url, title: best.text });
  place.append(link);
  if (!others.length) return place;
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = fill(words.more, others.length);
  details.append(summary, ...others.map(passageLink));
  place.append(details);
  return place;
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
