// A network to take home: one file, which brings its networks along.
import { lookInside } from "./inside.js";
import { say } from "./words.js";

const bytesOf = (element) => Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0)).buffer;

lookInside([...document.querySelectorAll(".digitlib-weights")].map(bytesOf));
document.querySelector(".digitlib-privacy").textContent = say("take_home");
