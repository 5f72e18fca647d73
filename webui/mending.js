// Entities and relations made, changed, merged and deleted, each in a dialog of its own.
import { notice, send } from "../compat_api/static/webui/page.js";
import { foresee } from "./foreseeing.js";
import { entityField } from "./suggest.js";
import { offer } from "./undoing.js";

const element = (id) => document.getElementById(id);
const fields = (id) => element(id).querySelector("form").elements;

export function letMend(page) {
  const { words, picture, load, panel } = page;
  const ends = ({ one, other }) => `${one} – ${other}`;

  // A dialog that sends its fields and what `more` adds, then does what follows.
  function mends(id, url, more, then) {
    const dialog = element(id);
    const told = dialog.querySelector(".error");
    dialog.addEventListener("close", () => { told.hidden = true; delete dialog.dataset.merge; });
    dialog.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const values = { ...Object.fromEntries(new FormData(event.target)), ...more(dialog) };
      try {
        const answer = await (await send(url, values)).json();
        dialog.close();
        if (answer.undo) offer(page, answer);
        else notice(answer.message);
        await then(answer, values);
      } catch (error) {
        told.textContent = taken(id, values, error) ? words.taken : error.message;
        told.hidden = false;
      }
    });
  }

  // A name that another entity has: pressed once more, the two are merged.
  function taken(id, { name, new_name: wanted }, error) {
    if (id !== "edit" || wanted === name || !/exists/.test(error.message)) return false;
    element(id).dataset.merge = "1";
    return true;
  }

  function opens(id, fill) {
    panel.doings[id] = (about) => {
      const what = element(id).querySelector(".what");
      if (what) what.textContent = about.name || ends(about);
      fill?.(fields(id), about);
      element(id).showModal();
    };
  }

  const about = () => ({ name: panel.about.name });
  const between = () => ({ one: panel.about.one, other: panel.about.other });

  async function replaced(answer, { name }) {
    if (answer.name !== name) load.remove(name);
    await load.expand(answer.name);
    await panel.entity(answer.name);
  }

  opens("edit", (form, { name, type, description }) => {
    form.new_name.value = name;
    form.entity_type.value = type;
    form.description.value = description;
  });
  opens("merge", (form) => { form.into.value = ""; element("foreseen").replaceChildren(); });
  opens("remove");
  opens("relate", (form) => { for (const field of [form.other, form.keywords, form.description]) field.value = ""; });
  opens("edit-relation", (form, { keywords, description, weight }) => {
    form.keywords.value = keywords;
    form.description.value = description;
    form.weight.value = weight;
  });
  opens("remove-relation");

  mends("create", words.create, () => ({}), async ({ name }) => { await load.expand(name); await panel.entity(name); });
  mends("edit", words.change, (dialog) => ({ ...about(), merge: "merge" in dialog.dataset }), replaced);
  mends("merge", words.merge, about, replaced);
  mends("remove", words.delete, about, (_, { name }) => { load.remove(name); panel.shut(); });
  mends("relate", words.relate, () => ({ one: panel.about.name }), async (_, { one, other }) => {
    await load.expand(other);
    await load.expand(one);
    await panel.relation(one, other);
  });
  mends("edit-relation", words.relationChange, () => ({ ...between(), weight: Number(fields("edit-relation").weight.value) }), (_, { one, other }) => panel.relation(one, other));
  mends("remove-relation", words.relationDelete, between, (_, { one, other }) => { load.removeEdge(one, other); panel.shut(); });

  entityField(element("other"), element("others"), words.search, (name) => { element("other").value = name; });
  entityField(element("into"), element("targets"), words.search, (name) => {
    element("into").value = name;
    foresee(words.foresee, panel.about.name, name, element("foreseen"));
  });
}
