// Conversations and settings, kept in this browser, those of each workspace apart.
const workspace = document.querySelector('meta[name="workspace"]').content;
const KEY = `lightrag-conversations-${workspace}`;
const SETTINGS = "lightrag-chat-settings";
const MOST = 30;

function read(key, otherwise) {
  try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
}

function write(key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
}

export const all = () => read(KEY, []);
export const fresh = () => ({ id: `${Date.now()}-${Math.random()}`, title: "", turns: [] });
export const latest = () => all()[0] ?? fresh();

// The newest first. What was found is the bulk of it: only the last answer's is kept.
export function keep(talk) {
  const light = { ...talk, turns: talk.turns.map((turn, n) => n < talk.turns.length - 1 ? { ...turn, evidence: "" } : turn) };
  let kept = [light, ...all().filter((one) => one.id !== talk.id)].slice(0, MOST);
  while (!write(KEY, kept) && kept.length > 1) kept = kept.slice(0, -1);
}

export const forget = (id) => write(KEY, all().filter((one) => one.id !== id));
export const settings = () => read(SETTINGS, {});
export const keepSettings = (values) => write(SETTINGS, values);
