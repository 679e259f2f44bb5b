// Drawing pad: black ink on white paper by mouse, finger or pen.
import { button, make, pngOf } from "./elements.js";
import { say } from "./words.js";

const WIDTH = 640; // pixels of the picture; the pad on the screen may be smaller
const HEIGHT = 480;
const REST = 250; // milliseconds without ink after which a drawing is read in full
// The example that draws itself: a 7, written in a second.
const EXAMPLE = [[210, 110], [300, 112], [420, 106], [380, 190], [330, 280], [300, 380]];
const EXAMPLE_TIME = 1_100; // milliseconds

function drawStroke(context, { points, width }) {
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length; i++) {
    const [fromX, fromY] = points[i - 1];
    const [toX, toY] = points[i];
    context.quadraticCurveTo(fromX, fromY, (fromX + toX) / 2, (fromY + toY) / 2);
  }
  context.lineTo(...points.at(-1)); // a single point becomes a dot: round caps
  context.stroke();
}

// `onDraw` is called with the pixels as often as the screen is drawn anew; `onRest` when the pen has rested.
export function makePad({ onDraw = () => {}, onRest }) {
  const canvas = make("canvas", { width: WIDTH, height: HEIGHT, role: "img", "aria-label": say("pad") });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const width = make("input", { type: "range", min: 8, max: 56, step: 4, value: 28, "aria-label": say("pen_width") });
  let strokes = [];
  let cleared = []; // what `Clear` took away: `Undo` brings it back
  let stroke = null; // the one being drawn
  let pointer = null; // only the finger or pen that began the stroke goes on with it
  let frame; // waits for the screen
  let rest; // waits for the pen
  let example; // draws the example

  function redraw() {
    context.fillStyle = "white";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.strokeStyle = "black";
    context.lineCap = context.lineJoin = "round";
    for (const each of strokes) drawStroke(context, each);
  }

  function changed() {
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      redraw();
      onDraw(context.getImageData(0, 0, WIDTH, HEIGHT));
    });
  }

  function rested() {
    clearTimeout(rest);
    if (stroke === null) rest = setTimeout(onRest, REST);
  }

  function place(event) {
    const bounds = canvas.getBoundingClientRect();
    const scale = WIDTH / bounds.width;
    return [(event.clientX - bounds.left) * scale, (event.clientY - bounds.top) * scale];
  }

  function stopExample() {
    if (example === undefined) return;
    cancelAnimationFrame(example);
    example = undefined;
    strokes = [];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    stopExample();
    clearTimeout(rest);
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    stroke = { points: [place(event)], width: Number(width.value) };
    strokes.push(stroke);
    cleared = [];
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(passed.length > 0 ? passed : [event]).map(place));
    changed();
  });
  for (const type of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(type, (event) => {
      if (event.pointerId !== pointer) return;
      stroke = pointer = null;
      rested();
    });
  }

  function undo() {
    stopExample();
    if (strokes.length) strokes.pop();
    else [strokes, cleared] = [cleared, []];
    changed();
    rested();
  }

  function clear() {
    stopExample();
    if (strokes.length) [strokes, cleared] = [[], strokes];
    changed();
    rested();
  }

  const element = make(
    "div",
    { class: "digitlib-pad" },
    canvas,
    make(
      "div",
      { class: "digitlib-tools" },
      button(say("undo"), undo, { name: "undo" }),
      button(say("clear"), clear, { name: "clear" }),
      make("label", {}, make("span", { text: say("pen") }), width),
    ),
  );
  // Ctrl+Z undoes a stroke wherever nothing is being written.
  element.ownerDocument.addEventListener("keydown", (event) => {
    const asked = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    const here = element.contains(event.target) || event.target === document.body;
    if (!asked || !here || !element.isConnected || element.offsetParent === null) return;
    event.preventDefault();
    undo();
  });
  redraw();

  return {
    element,
    empty: () => strokes.length === 0 || example !== undefined,
    drawing: () => stroke !== null,
    strokes: () => strokes.length,
    picture: () => pngOf(canvas),
    pixels: () => context.getImageData(0, 0, WIDTH, HEIGHT),
    canvas,
    wipe() {
      [strokes, cleared] = [[], []];
      redraw();
    },
    // Let the example be written, stroke by stroke; without motion it is there at once.
    showExample() {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const began = performance.now();
      const step = (now) => {
        const share = still ? 1 : Math.min(1, (now - began) / EXAMPLE_TIME);
        const count = Math.max(1, Math.ceil(share * EXAMPLE.length));
        strokes = [{ points: EXAMPLE.slice(0, count), width: 28 }];
        changed();
        example = share < 1 ? requestAnimationFrame(step) : -1; // there until somebody draws
      };
      example = requestAnimationFrame(step);
    },
  };
}
