// The demo in a notebook: questions travel to Python as messages, and pictures never become part of its file.
import { mountDemo } from "./demo.js";

const PATIENCE = 4_000; // milliseconds without a word from Python before the reader is told

function render({ model, el }) {
  const waiting = new Map(); // questions without a reply, by number
  let newest = 0;
  let push = () => {};

  function ask(content, bytes, tell = () => {}) {
    const number = (newest += 1);
    const patience = setTimeout(() => tell("silent"), PATIENCE);
    return new Promise((resolve) => {
      waiting.set(number, (reply) => {
        clearTimeout(patience);
        resolve(reply);
      });
      model.send({ ...content, number }, undefined, bytes ? [bytes] : []);
    });
  }

  function receive({ number, reply, push: answer }, buffers) {
    const bytes = buffers[0] && new Uint8Array(buffers[0].buffer, buffers[0].byteOffset, buffers[0].byteLength).slice().buffer;
    if (answer) push({ bytes, answer });
    waiting.get(number)?.(bytes ?? reply);
    waiting.delete(number);
  }

  model.on("msg:custom", receive);
  const place = document.createElement("div");
  el.append(place);
  const demo = mountDemo(place, {
    name: model.get("name"),
    ask: (bytes, skip, tell, what) => ask({ request: "answer", skip, what }, bytes, tell),
    why: (bytes, skip, digit, what) => ask({ request: "why", skip, digit, what }, bytes),
    network: (what) => ask({ request: "network", what }),
    others: async () => (model.get("kinds") ? [] : [await ask({ request: "network", what: "beside" })]),
    kinds: model.get("kinds"),
    samples: () => ask({ request: "samples" }),
    sample: async (place) => new Blob([await ask({ request: "sample", place })]),
    keep: model.get("keeps") ? (bytes, label) => ask({ request: "keep", label }, bytes) : undefined,
    onPush: (callback) => (push = callback),
  });
  ask({ request: "shown" }); // a new view is told the present answer
  return () => {
    model.off("msg:custom", receive);
    demo.stop();
  };
}

export default { render };
