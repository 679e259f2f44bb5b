// The teacher's view for the projector: the address as a QR code, how many are here, and the newest answers.
import { drawGrey, make } from "./elements.js";
import { say, speak } from "./words.js";

const EVERY = 1_500; // milliseconds between two questions
const find = (name) => document.querySelector(name);
let newest = 0; // number of the last answer that is shown
let known = ""; // the address whose code is shown

const decoded = (text) => Array.from(atob(text), (letter) => letter.charCodeAt(0) / 255);

function card({ headline, mood, images }) {
  const pictures = images.map((image) => {
    const canvas = make("canvas", { class: "digitlib-seen", role: "img", "aria-label": say("seen_alt") });
    drawGrey(canvas, decoded(image), 28);
    return canvas;
  });
  return make("li", { "data-mood": mood }, make("div", {}, ...pictures), make("b", { text: headline }));
}

function show({ address, code, here, count, answers }) {
  if (address !== known) {
    known = address;
    // Always black on white: cameras read no other code as surely.
    drawGrey(find(".digitlib-code"), code.flat().map((module) => 1 - module), code[0].length);
    find(".digitlib-code").setAttribute("aria-label", say("class_code", { address }));
    find(".digitlib-address").textContent = address;
  }
  find(".digitlib-here").textContent = say("class_here", { here });
  find("h2").textContent = say("class_answers", { count });
  const stream = find(".digitlib-stream");
  for (const answer of answers.filter(({ number }) => number > newest)) stream.prepend(card(answer));
  newest = count;
  while (stream.children.length > answers.length) stream.lastChild.remove();
}

async function ask() {
  const reply = await fetch(`${location.pathname}/answers`).catch(() => null);
  if (reply?.ok) show(await reply.json());
  setTimeout(ask, EVERY);
}

document.documentElement.lang = speak(navigator.languages);
document.title = find("h1").textContent = say("title");
ask();
