// Pictures that are dropped or pasted.

// `target` takes drops and `root` shows that it would; `take(files)` gets what comes. Gives the function that ends it.
export function takeDrops(target, root, take) {
  function drag(event) {
    event.preventDefault();
    root.classList.toggle("digitlib-dragging", event.type === "dragover");
    if (event.type === "drop") take([...event.dataTransfer.files]);
  }

  function paste(event) {
    if (event.target.closest?.("textarea, [contenteditable='true'], .cm-editor, input[type=text]")) return;
    const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  }

  for (const type of ["dragover", "dragleave", "drop"]) target.addEventListener(type, drag);
  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}
