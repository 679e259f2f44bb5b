// The explorer in a notebook: the network runs in the browser, and Python is told which image is looked at.
import { drawGrey, make } from "./elements.js";
import { mountExplorer } from "./explorer.js";
import { layersOf } from "./layers.js";
import { outputs, readNetwork } from "./network.js";
import { makePad } from "./pad.js";
import { prepareDrawing } from "./prepare.js";
import { perCent } from "./words.js";

const SIZE = 28 * 28;

function render({ model, el }) {
  const says = make("p", { class: "digitlib-reads", role: "status", text: "One moment: Python sends the network." });
  const menu = make("select");
  const seen = make("canvas", { class: "digitlib-seen", role: "img", "aria-label": "What the network sees" });
  const place = make("div");
  let network, layers, digits;
  let image; // the 28 × 28 values that are looked at

  function show(values) {
    image = values;
    const maps = outputs(network, image, layers.off());
    const chances = maps.at(-1).values;
    const best = chances.indexOf(Math.max(...chances));
    says.textContent = `The network reads ${network.classes[best]} and is ${perCent(chances[best])} sure.`;
    drawGrey(seen, [...image], 28);
    layers.show(maps);
  }

  function tell() {
    if (image) model.send({}, undefined, [new Float32Array(image).buffer]);
  }

  const chosen = () => Float32Array.from(digits.subarray(SIZE * menu.value, SIZE * (Number(menu.value) + 1)), (value) => value / 255);
  function choose() {
    show(chosen());
    tell();
  }

  const pad = makePad({
    onDraw(pixels) {
      if (!network) return;
      const found = prepareDrawing(pixels);
      show(found.length ? found[0].image : chosen());
    },
    onRest: tell,
  });
  menu.addEventListener("change", () => {
    pad.wipe();
    choose();
  });
  el.classList.add("digitlib-demo", "digitlib-explorer");
  el.append(
    make("div", { class: "digitlib-inputs" }, make("label", {}, "A digit to look at ", menu), pad.element),
    make("div", { class: "digitlib-layers" }, says, seen, place),
  );
  model.on("msg:custom", function begin({ names }, [weights, pictures]) {
    model.off("msg:custom", begin);
    const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
    network = readNetwork(bytesOf(weights).buffer);
    digits = bytesOf(pictures);
    menu.append(...names.map((name, i) => new Option(name, i)));
    layers = layersOf(network, () => show(image));
    mountExplorer({ model: layers, el: place });
    choose();
  });
  model.send({});
}

export default { render };
