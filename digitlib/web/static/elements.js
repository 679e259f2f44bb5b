// Build the page's elements: make("button", { class: "x", text: "Undo", onclick }, child, child ...).
const FOCUSABLE = ["button", "input", "select", "summary", "canvas"];

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  // JupyterLab takes keys that are pressed in a notebook for its own ("d d" deletes a cell), but not on these.
  if (FOCUSABLE.includes(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  if (tag === "button") element.type = "button";
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name === "hidden") element.hidden = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const button = (text, onclick, properties = {}) =>
  make("button", { class: "digitlib-button", text, onclick, ...properties });

// Draw values from 0 to 1, row by row, as grey pixels; light ink on black.
export function drawGrey(canvas, values, columns) {
  canvas.width = columns;
  canvas.height = values.length / columns;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, i) => picture.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
  context.putImageData(picture, 0, 0);
}

// Give the visitor a file. Nothing leaves the device.
export function download(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // milliseconds: by then it has been saved
}

export const pngOf = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
