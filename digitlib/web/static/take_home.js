// A network to take home: one file that draws, answers, and shows every layer, without a server.
import { mountDemo } from "./demo.js";
import { mountExplorer } from "./explorer.js";
import { layersOf } from "./layers.js";
import { readNetwork } from "./network.js";

const bytesOf = (element) => Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0)).buffer;

function start() {
  const [first, ...others] = [...document.querySelectorAll(".digitlib-weights")].map(bytesOf);
  let demo;
  const model = layersOf(readNetwork(first), () => demo.redraw());
  demo = mountDemo(document.getElementById("demo"), {
    network: () => first,
    others: () => others,
    off: model.off,
    onLive(answer) {
      if (answer.digits.length) model.show(answer.digits[0].maps);
    },
  });
  mountExplorer({ model, el: document.getElementById("explorer") });
}

start();
