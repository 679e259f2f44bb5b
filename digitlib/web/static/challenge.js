// "Fool me": draw one digit so that it is taken for another.
import { button, make } from "./elements.js";
import { say } from "./words.js";

// Pairs that people mix up, too: a challenge should be hard, not impossible.
const PAIRS = ["49", "94", "17", "71", "38", "83", "56", "65", "79", "27", "06", "35"];

export function makeChallenge() {
  const text = make("p", { role: "status" });
  let pair = null; // what is to be drawn, and what it is to be taken for
  let place = Math.floor(Math.random() * PAIRS.length);

  function next() {
    place = (place + 1) % PAIRS.length;
    pair = { from: PAIRS[place][0], to: PAIRS[place][1] };
    text.textContent = say("challenge_ask", pair);
    ask.textContent = say("challenge_next");
  }

  const ask = button(say("challenge"), next);
  return {
    element: make("div", { class: "digitlib-tools digitlib-challenge" }, ask, text),
    // Look whether an answer fell for it.
    judge({ headline, mood }) {
      if (pair && mood === "sure" && headline === pair.to) text.textContent = say("challenge_won", pair);
    },
  };
}
