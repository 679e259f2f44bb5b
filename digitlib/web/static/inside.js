// Inside the network: a pad, the answer, and every layer beside it, while somebody draws. Needs no server.
import { mountDemo } from "./demo.js";
import { mountExplorer } from "./explorer.js";
import { layersOf } from "./layers.js";
import { readNetwork } from "./network.js";
import { say, speak } from "./words.js";

// Show the first of some networks in full, and of the others the answer. Each is given as bytes.
export function lookInside([first, ...others]) {
  document.documentElement.lang = speak(navigator.languages);
  document.querySelector("h2").textContent = say("inside_title");
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
