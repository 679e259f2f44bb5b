// Drawing pad: black ink on white paper by mouse, finger or pen. The drawing is sent as a PNG after each stroke.
const WIDTH = 640; // pixels of the picture that is sent; the pad on the screen may be smaller
const HEIGHT = 480;

function drawStroke(context, { points, width }) {
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length; i++) {
    const [fromX, fromY] = points[i - 1];
    const [toX, toY] = points[i];
    context.quadraticCurveTo(fromX, fromY, (fromX + toX) / 2, (fromY + toY) / 2);
  }
  context.lineTo(...points[points.length - 1]); // a single point becomes a dot: round caps
  context.stroke();
}

function render({ model, el }) {
  el.classList.add("digitlib-pad");
  el.innerHTML = `
    <p class="digitlib-label">Draw a digit, or several</p>
    <canvas width="${WIDTH}" height="${HEIGHT}" role="img"
      aria-label="Drawing pad for mouse, finger or pen. With the keyboard, use a photo or a sample picture."></canvas>
    <div class="digitlib-tools">
      <button type="button" class="digitlib-button" name="undo" disabled>Undo</button>
      <button type="button" class="digitlib-button" name="clear" disabled>Clear</button>
      <label>Pen <input type="range" min="8" max="56" step="4" value="28" aria-label="Width of the pen"></label>
    </div>`;
  const canvas = el.querySelector("canvas");
  const context = canvas.getContext("2d");
  const [undo, clear] = el.querySelectorAll("button");
  const penWidth = el.querySelector("input");
  const strokes = [];
  let stroke = null; // the one being drawn

  function redraw() {
    context.fillStyle = "white";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.strokeStyle = "black";
    context.lineCap = context.lineJoin = "round";
    for (const each of strokes) drawStroke(context, each);
    undo.disabled = clear.disabled = strokes.length === 0;
  }

  async function send() {
    redraw();
    document.dispatchEvent(new Event("digitlib-sent"));
    if (strokes.length === 0) return model.send({});
    const count = strokes.length;
    const picture = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const bytes = await picture.arrayBuffer();
    if (strokes.length !== count) return; // one more stroke meanwhile: that one is sent
    model.send({}, undefined, [bytes]);
  }

  function place(event) {
    const bounds = canvas.getBoundingClientRect();
    const scale = WIDTH / bounds.width;
    return [(event.clientX - bounds.left) * scale, (event.clientY - bounds.top) * scale];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    stroke = { points: [place(event)], width: Number(penWidth.value) };
    strokes.push(stroke);
    redraw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (stroke === null || !event.isPrimary) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(passed.length > 0 ? passed : [event]).map(place));
    redraw();
  });
  for (const type of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(type, (event) => {
      if (stroke === null || !event.isPrimary) return;
      stroke = null;
      send();
    });
  }
  undo.addEventListener("click", () => {
    strokes.pop();
    send();
  });
  clear.addEventListener("click", () => {
    strokes.length = 0;
    send();
  });

  const wipe = () => {
    strokes.length = 0;
    redraw();
  };
  model.on("msg:custom", wipe);
  redraw();
  return () => model.off("msg:custom", wipe);
}

export default { render };
