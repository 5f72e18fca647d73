// What two entities would become, shown before they are merged.
import { check, headers } from "../compat_api/static/webui/page.js";

export async function foresee(url, name, into, place) {
  place.replaceChildren();
  if (name === into) return;
  try {
    const asked = await fetch(`${url}?${new URLSearchParams({ name, into })}`, { headers: headers() });
    place.innerHTML = await (await check(asked)).text();
  } catch (error) {
    place.textContent = error.message;
  }
}
