// Small pictures to try. Their buttons do not tell what they show: that is for the network to find out.
import { make } from "./elements.js";
import { say } from "./words.js";

// `addresses` is a promise of where the small pictures are; `take(place)` is told which one is chosen.
export function makeSamples(addresses, take) {
  const element = make("div", { class: "digitlib-samples", role: "group", "aria-label": say("samples") });
  addresses.then((found) =>
    element.append(
      ...found.map((src, i) => {
        const picture = make("img", { src, alt: "", width: 80, height: 60 });
        const name = say("sample", { number: i + 1 });
        return make("button", { class: "digitlib-sample", "aria-label": name, onclick: () => take(i) }, picture);
      }),
    ),
  );
  return element;
}
