// Conversations, kept in this browser: what one asks is one's own, and a document that
// is deleted on the server leaves no copies of its words there. Each person's and each
// workspace's are apart.
const { user } = document.getElementById("turns").dataset;
const workspace = document.querySelector('meta[name="workspace"]').content;
const PLACE = `${user}\n${workspace}`;
const STORE = "conversations";

const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("lightrag-chat", 1);
  asked.onupgradeneeded = () => {
    const made = asked.result.createObjectStore(STORE, { keyPath: "id" });
    made.createIndex("place", ["place", "updated"]);
  };
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});
opened.catch(() => {}); // where a browser keeps nothing, nothing is kept

async function run(mode, act) {
  const database = await opened;
  const asked = act(database.transaction(STORE, mode).objectStore(STORE));
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

export const fresh = () => ({ id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, place: PLACE, title: "", turns: [] });

// The newest first.
export async function all() {
  const range = IDBKeyRange.bound([PLACE], [PLACE, Infinity]);
  const found = await run("readonly", (store) => store.index("place").getAll(range)).catch(() => []);
  return found.reverse();
}

export const keep = (talk) => run("readwrite", (store) => store.put({ ...talk, updated: Date.now() })).catch(() => {});
export const forget = (id) => run("readwrite", (store) => store.delete(id)).catch(() => {});
