// A network to take home: one file that draws, answers, and shows every layer, without a server.
import { mountDemo } from "./demo.js";
import { make } from "./elements.js";
import { mountExplorer } from "./explorer.js";
import { layersOf } from "./layers.js";
import { liveAnswer } from "./live.js";
import { readNetwork } from "./network.js";
import { perCent } from "./words.js";

const bytesOf = (element) => Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0)).buffer;

function start() {
  const [network, ...others] = [...document.querySelectorAll(".digitlib-weights")].map((each) => readNetwork(bytesOf(each)));
  const compared = document.getElementById("others");
  let demo;
  const model = layersOf(network, () => demo.redraw());
  demo = mountDemo(document.getElementById("demo"), {
    network: () => bytesOf(document.querySelector(".digitlib-weights")),
    off: model.off,
    onLive(answer) {
      if (answer.digits.length) model.show(answer.digits[0].maps);
      compared.replaceChildren(
        ...others.map((other) => {
          const { headline, digits } = liveAnswer(other, demo.pad.pixels());
          const sure = digits.length === 1 ? `, ${perCent(digits[0].confidence)}` : "";
          return make("p", {}, `${other.name}: `, make("b", { text: headline }), sure);
        }),
      );
    },
  });
  mountExplorer({ model, el: document.getElementById("explorer") });
}

start();
