// Photo picker: choose, take, drop or paste a picture. It is turned upright, shrunk and re-encoded here, in the
// browser, so that a large phone photo travels in an instant and leaves its place and date of taking behind.
const LONGEST_SIDE = 1600; // pixels
const NAMING_BYTES = 12; // tell what kind of file it is; a photo's place and date lie further behind

async function prepare(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

function isTextField(element) {
  return element.closest("input, textarea, [contenteditable='true'], .cm-editor") !== null;
}

function render({ model, el }) {
  el.classList.add("digitlib-picker");
  el.innerHTML = `
    <label class="digitlib-button digitlib-primary">
      <input type="file" accept="image/*">Choose or take a photo
    </label>
    <p class="digitlib-hint">or drop a picture here, or paste one</p>
    <p class="digitlib-status" role="status"></p>`;
  const input = el.querySelector("input");
  const status = el.querySelector(".digitlib-status");
  let newest = null;

  async function send(file) {
    newest = file;
    status.textContent = `Preparing ${file.name} …`;
    let picture = file;
    try {
      picture = await prepare(file);
    } catch {
      // The browser cannot open it, so it cannot take the place and date out. Only the beginning is sent: the
      // program says in a sentence what kind of file it is.
      if (/\.tiff?$/i.test(file.name)) {
        status.textContent = `${file.name} is a TIFF, which this browser cannot open. Save it as JPEG first.`;
        return;
      }
      picture = file.slice(0, NAMING_BYTES);
    }
    const bytes = await picture.arrayBuffer();
    if (newest !== file) return;
    status.textContent = file.name;
    document.dispatchEvent(new Event("digitlib-sent"));
    model.send({}, undefined, [bytes]);
  }

  function drag(event) {
    event.preventDefault();
    event.stopPropagation();
    el.classList.toggle("digitlib-dragging", event.type === "dragover");
    if (event.type === "drop" && event.dataTransfer.files.length > 0) send(event.dataTransfer.files[0]);
  }

  function paste(event) {
    const file = Array.from(event.clipboardData.files).find((item) => item.type.startsWith("image/"));
    if (file && !isTextField(event.target)) {
      event.preventDefault();
      send(file);
    }
  }

  input.addEventListener("change", () => {
    if (input.files.length > 0) send(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  for (const type of ["dragover", "dragleave", "drop"]) el.addEventListener(type, drag);
  document.addEventListener("paste", paste);
  const clear = () => (status.textContent = "");
  model.on("msg:custom", clear);
  return () => {
    document.removeEventListener("paste", paste);
    model.off("msg:custom", clear);
  };
}

export default { render };
