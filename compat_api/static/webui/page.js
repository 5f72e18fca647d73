// What every page's script needs: questions to the server, notices, dialogs.
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

export const headers = () => ({
  "X-Page-Script": "1",
  "X-CSRFToken": meta("csrf-token"),
  "LIGHTRAG-WORKSPACE": meta("workspace"),
});

export class Refusal extends Error {}

export async function check(response) {
  if (response.ok) return response;
  if (response.status === 401) location.reload();
  const body = await response.json().catch(() => ({}));
  throw new Refusal(body.detail || `${response.status} ${response.statusText}`);
}

export async function send(url, body, signal) {
  return check(await fetch(url, {
    method: "POST",
    headers: { ...headers(), "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  }));
}

export async function get(url) {
  return (await check(await fetch(url, { headers: headers() }))).json();
}

export async function fragment(url) {
  const asked = await fetch(url, { headers: { ...headers(), "X-Page-Fragment": "1" } });
  return (await check(asked)).text();
}

export function notice(text, bad = false) {
  const line = document.createElement("p");
  line.textContent = text;
  if (bad) line.className = "bad";
  document.getElementById("notices").append(line);
  setTimeout(() => line.remove(), bad ? 9000 : 4000);
}

// The dialog's answer: the value of the button that closed it, "" where it was left.
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

export async function askToDelete(names) {
  const dialog = document.getElementById("delete-dialog");
  const shown = names.slice(0, 5).join(", ");
  dialog.querySelector(".what").textContent = names.length > 5 ? `${shown} … (${names.length})` : shown;
  if (await ask(dialog) !== "delete") return null;
  return { delete_file: dialog.querySelector("[name=delete_file]").checked };
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open).showModal();
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});
