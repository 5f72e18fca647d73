// A notice of a merge or rename, with a button that undoes it.
import { addNotice } from "../shared/notices.js";

const DURATION_MS = 15000;

// `undo` is the alias that the merge or rename created.
export function showUndoNotice({ texts, panel, reportError }, { message, undo }) {
  const line = document.createElement("p");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = texts.undo;
  button.addEventListener("click", () => {
    line.remove();
    reportError(panel.unmerge(undo));
  });
  line.append(`${message} `, button);
  addNotice(line, DURATION_MS);
}
