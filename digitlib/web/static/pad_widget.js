// The drawing pad alone, in a notebook: the drawing is sent as a PNG when the pen rests.
import { makePad } from "./pad.js";

function render({ model, el }) {
  const pad = makePad({ onRest: send });

  async function send() {
    document.dispatchEvent(new Event("digitlib-sent"));
    if (pad.strokes() === 0) return model.send({});
    const bytes = await (await pad.picture()).arrayBuffer();
    if (!pad.drawing()) model.send({}, undefined, [bytes]); // one more stroke meanwhile: that one is sent
  }

  el.classList.add("digitlib-demo");
  el.append(pad.element);
  model.on("msg:custom", pad.wipe);
  return () => model.off("msg:custom", pad.wipe);
}

export default { render };
