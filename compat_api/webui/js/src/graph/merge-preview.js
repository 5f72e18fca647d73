// A preview of the entity that a merge results in.
import { getHTML } from "../shared/requests.js";

export async function showMergePreview(url, name, into, element) {
  element.replaceChildren();
  if (name === into) return;
  try {
    element.innerHTML = await getHTML(url, { name, into });
  } catch (error) {
    element.textContent = error.message;
  }
}
