// Files and folders that the user drops on the page.

// Return the file, or all files in the folder and its subfolders, with their paths.
export async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    file.relativePath = entry.fullPath.replace(/^\//, "");
    return [file];
  }
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    // A reader returns a part of the entries at each call, and an empty list at the end.
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return files;
    for (const child of entries) files.push(...(await filesOf(child)));
  }
}

async function readTransfer(transfer, add) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) {
    add([...transfer.files]);
    return;
  }
  for (const entry of entries) add(await filesOf(entry));
}

// Call `add(files)` for files that are dropped anywhere on the page.
export function acceptDroppedFiles(add) {
  let depth = 0; // each element that the pointer enters sends an event
  const hasFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");
  const showTarget = () => document.body.classList.toggle("dragging", depth > 0);
  const onFiles = (name, handle) =>
    addEventListener(name, (event) => hasFiles(event) && handle(event));

  onFiles("dragenter", () => {
    depth += 1;
    showTarget();
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    showTarget();
  });
  onFiles("dragover", (event) => event.preventDefault());
  onFiles("drop", (event) => {
    event.preventDefault();
    depth = 0;
    showTarget();
    readTransfer(event.dataTransfer, add);
  });
}
