// Thumbnails of figures, and the dialog that shows a figure in its full size.
import "./dialogs.js";

// Return a link with the thumbnail of a figure; `label` describes it.
export function thumbnail(url, label) {
  const image = document.createElement("img");
  Object.assign(image, { src: url, alt: label, title: label, loading: "lazy" });
  const link = document.createElement("a");
  Object.assign(link, { className: "thumbnail", href: url });
  link.dataset.figure = "";
  link.append(image);
  // The document may have been deleted since the answer was stored.
  image.addEventListener("error", () => link.remove());
  return link;
}

// Show figures below `root` in the dialog. Clicks with a modifier open the image.
export function setUpFigures(root) {
  const dialog = document.getElementById("figure-dialog");
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-figure]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const { alt } = link.querySelector("img");
    Object.assign(dialog.querySelector("img"), { src: link.href, alt });
    dialog.querySelector("figcaption").textContent = alt;
    dialog.showModal();
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close(); // the backdrop
  });
}
