// The frames around what was read in a picture.
import { make } from "./elements.js";

// `picture` is the element that the frames lie on, `chosen` the place of the one that is explained.
export function drawFrames(picture, found, chosen) {
  for (const old of picture.querySelectorAll(".digitlib-frame")) old.remove();
  found.forEach((digit, i) => {
    const frame = make("span", { class: "digitlib-frame", "aria-hidden": "true" });
    frame.classList.toggle("digitlib-doubtful", !digit.certain);
    if (found.length > 1) frame.append(make("b", { text: `${digit.label}${digit.certain ? "" : "?"}` }));
    frame.classList.toggle("digitlib-chosen", found.length > 1 && i === chosen);
    ["top", "left", "height", "width"].forEach((side, k) => frame.style.setProperty(side, `${100 * digit.box[k]}%`));
    picture.append(frame);
  });
}
