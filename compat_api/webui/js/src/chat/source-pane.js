// The pane beside the answer that shows the chunk of a citation with the quotation marked.
import { setUpFigures } from "../shared/figures.js";
import { showError } from "../shared/notices.js";
import { highlightQuote } from "../shared/quote-highlight.js";
import { getHTML } from "../shared/requests.js";

const pane = document.getElementById("source-pane");
let opener = null; // the link that opened the pane gets the focus back

// Return what a link to a chunk shows; null for other links.
export function chunkOf(href) {
  const url = new URL(href, location.origin);
  const chunk = url.searchParams.get("chunk");
  if (!/\/documents\/[^/]+\/$/.test(url.pathname) || chunk === null) return null;
  const quote = url.searchParams.get("quote") ?? "";
  const query = quote && `?${new URLSearchParams({ quote })}`;
  return { fragment: `${url.pathname}chunks/${chunk}${query}`, quote };
}

async function open(link) {
  const { fragment, quote } = chunkOf(link.href);
  const html = await getHTML(fragment);
  const body = pane.querySelector(".pane-body");
  body.innerHTML = html; // escaped by the server
  pane.querySelector(".pane-title").textContent = body.firstElementChild.dataset.name;
  pane.querySelector(".pane-link").href = link.href;
  pane.hidden = false;
  document.body.classList.add("has-pane");
  opener?.removeAttribute("aria-current");
  opener = link;
  link.setAttribute("aria-current", "true");
  const mark = quote && highlightQuote(body.querySelector(".chunk-text"), quote);
  if (mark) mark.scrollIntoView({ block: "center" });
  else body.scrollTop = 0;
  pane.querySelector(".pane-close").focus({ preventScroll: true });
}

function close() {
  pane.hidden = true;
  document.body.classList.remove("has-pane");
  opener?.removeAttribute("aria-current");
  opener?.focus({ preventScroll: true });
  opener = null;
}

// Open citations and sources below `root` in the pane. Clicks with a modifier open the page.
export function setUpSourcePane(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (!link || !isPlain || !chunkOf(link.href)) return;
    event.preventDefault();
    open(link).catch(showError);
  });
  setUpFigures(document.getElementById("main"));
  pane.querySelector(".pane-close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    const isFree = !document.querySelector("dialog[open]");
    if (event.key === "Escape" && !pane.hidden && isFree) close();
  });
}
