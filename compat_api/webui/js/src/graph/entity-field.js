// A text field that suggests the names of entities.
import { setUpCombobox } from "../shared/combobox.js";
import { getJSON } from "../shared/requests.js";

export function setUpEntityField(field, list, url, select) {
  setUpCombobox(field, list, async (q) => (await getJSON(url, { q })).names, select);
}
