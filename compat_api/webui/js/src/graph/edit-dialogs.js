// Dialogs that create, edit, merge and delete entities and relations.
import { showNotice } from "../shared/notices.js";
import { postJSON } from "../shared/requests.js";
import { setUpEntityField } from "./entity-field.js";
import { showMergePreview } from "./merge-preview.js";
import { showUndoNotice } from "./undo-notice.js";

const NAME_TAKEN = 409;
const element = (id) => document.getElementById(id);
const fieldsOf = (id) => element(id).querySelector("form").elements;

export function setUpEditDialogs(page) {
  const { texts, loader, panel } = page;
  const entity = () => ({ name: panel.subject.name });
  const relation = () => ({ source: panel.subject.source, target: panel.subject.target });
  const on = (id, url, fields, done) => setUpForm(page, id, url, fields, done);
  const opens = (id, fill) => setUpOpening(panel, id, fill);

  async function showReplaced(answer, { name }) {
    if (answer.name !== name) loader.remove(name);
    await showEntity(answer);
  }

  async function showEntity({ name }) {
    await loader.expand(name);
    await panel.showEntity(name);
  }

  async function showNewRelation(_answer, { source, target }) {
    await loader.expand(target);
    await loader.expand(source);
    await panel.showRelation(source, target);
  }

  function closeAfter(remove) {
    remove();
    panel.close();
  }

  opens("edit-entity", (fields, { name, type, description }) => {
    fields.new_name.value = name;
    fields.entity_type.value = type;
    fields.description.value = description;
  });
  opens("merge-entity", (fields) => {
    fields.into.value = "";
    element("merge-preview").replaceChildren();
  });
  opens("delete-entity");
  opens("create-relation", (fields) => {
    for (const field of [fields.target, fields.keywords, fields.description]) field.value = "";
  });
  opens("edit-relation", (fields, { keywords, description, weight }) => {
    fields.keywords.value = keywords;
    fields.description.value = description;
    fields.weight.value = weight;
  });
  opens("delete-relation");

  on("create-entity", texts.create, () => ({}), showEntity);
  on("edit-entity", texts.change, (dialog) => ({ ...entity(), ...mergeOf(dialog) }), showReplaced);
  on("merge-entity", texts.merge, entity, showReplaced);
  on("delete-entity", texts.delete, entity, (_answer, { name }) =>
    closeAfter(() => loader.remove(name)),
  );
  on("create-relation", texts.relate, () => ({ source: panel.subject.name }), showNewRelation);
  on(
    "edit-relation",
    texts.relationChange,
    () => ({ ...relation(), ...weight() }),
    (_, ends) => panel.showRelation(ends.source, ends.target),
  );
  on("delete-relation", texts.relationDelete, relation, (_answer, { source, target }) =>
    closeAfter(() => loader.removeEdge(source, target)),
  );

  const targetField = element("relation-target");
  setUpEntityField(targetField, element("relation-targets"), texts.search, (name) => {
    targetField.value = name;
  });
  setUpEntityField(element("into"), element("merge-targets"), texts.search, (name) => {
    element("into").value = name;
    const preview = element("merge-preview");
    showMergePreview(texts.mergePreview, panel.subject.name, name, preview);
  });
}

const mergeOf = ({ dataset }) => ({ merge: "merge" in dataset });
const weight = () => ({ weight: Number(fieldsOf("edit-relation").weight.value) });

// Open the dialog with a button of the panel. `fill(fields, subject)` sets its fields.
function setUpOpening(panel, id, fill) {
  panel.actions[id] = (subject) => {
    const line = element(id).querySelector(".subject");
    if (line) line.textContent = subject.name || `${subject.source} – ${subject.target}`;
    fill?.(fieldsOf(id), subject);
    element(id).showModal();
  };
}

// Send the fields of the dialog and those that `more(dialog)` returns, then call `done`.
function setUpForm(page, id, url, more, done) {
  const dialog = element(id);
  const errorLine = dialog.querySelector(".error");

  async function submit(values) {
    const answer = await postJSON(url, values);
    dialog.close();
    if (answer.undo) showUndoNotice(page, answer);
    else showNotice(answer.message);
    await done(answer, values);
  }

  // If another entity has the new name, sending the form again merges the two.
  function showError(error, values) {
    const isTaken = isNameTaken(error, values);
    if (isTaken) dialog.dataset.merge = "1";
    errorLine.textContent = isTaken ? page.texts.nameTaken : error.message;
    errorLine.hidden = false;
  }

  dialog.addEventListener("close", () => {
    errorLine.hidden = true;
    delete dialog.dataset.merge;
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const values = { ...Object.fromEntries(new FormData(event.target)), ...more(dialog) };
    submit(values).catch((error) => showError(error, values));
  });
}

// Return true if a rename failed because another entity has the new name.
export const isNameTaken = ({ status }, { name, new_name }) =>
  status === NAME_TAKEN && new_name !== undefined && new_name !== name;
