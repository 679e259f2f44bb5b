// The switch between digits, letters and both.
import { make } from "./elements.js";
import { say } from "./words.js";

let switches = 0; // on this page, so that two demos do not share one

export function makeKinds(chosen, onChoose) {
  const name = `digitlib-kind-${(switches += 1)}`;
  const option = (kind) => {
    const properties = { type: "radio", name, value: kind, onchange: () => onChoose(kind) };
    if (kind === chosen) properties.checked = "";
    return make("label", {}, make("input", properties), say(`kind_${kind}`));
  };
  const legend = make("legend", { class: "digitlib-spoken", text: say("kinds") });
  return make("fieldset", { class: "digitlib-kinds" }, legend, ...["digits", "letters", "both"].map(option));
}
