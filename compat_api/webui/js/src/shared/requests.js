// Requests to the server that served this page.
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

export const headers = () => ({
  "X-Page-Script": "1",
  "X-CSRFToken": meta("csrf-token"),
  "LIGHTRAG-WORKSPACE": meta("workspace"),
});

export class RequestError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

// Return the response. Throw a RequestError with the server's message if it is not a success.
export async function check(response) {
  if (response.ok) return response;
  if (response.status === 401) location.reload();
  const body = await response.json().catch(() => ({}));
  const message = body.detail || `${response.status} ${response.statusText}`;
  throw new RequestError(message, response.status);
}

export async function post(url, body, signal) {
  return check(
    await fetch(url, {
      method: "POST",
      headers: { ...headers(), "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    }),
  );
}

export async function postJSON(url, body) {
  return (await post(url, body)).json();
}

export async function getJSON(url, parameters = {}) {
  return (await get(url, parameters)).json();
}

export async function getHTML(url, parameters = {}) {
  return (await get(url, parameters)).text();
}

async function get(url, parameters) {
  const query = new URLSearchParams(parameters).toString();
  return check(await fetch(query ? `${url}?${query}` : url, { headers: headers() }));
}

// Return the part of the current page that changes.
export async function getFragment(url) {
  const response = await fetch(url, { headers: { ...headers(), "X-Page-Fragment": "1" } });
  return (await check(response)).text();
}
