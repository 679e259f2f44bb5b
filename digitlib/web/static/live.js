// The answer while a drawing grows: the network in the browser, as often as the screen is drawn anew.
import { outputs } from "./network.js";
import { prepareDrawing } from "./prepare.js";
import { keyFor } from "./words.js";

const NOTHING = 0.4; // below this confidence there is no digit (answers.py has these numbers, too)
const RUNNER_UP = 0.1; // a second digit is named from this probability on

function certainty(confidence) {
  return confidence > 0.99 ? "almost_certain" : confidence > 0.9 ? "quite_sure" : "fairly_sure";
}

// Headline, mood and sentence for one digit.
function inWords({ label, confidence, certain, probabilities }, classes) {
  const values = { digit: label, percent: confidence };
  if (certain) return [label, "sure", ["sure", { ...values, certainty: certainty(confidence) }]];
  if (confidence < NOTHING) return ["?", "unsure", ["unknown", {}]];
  const second = classes
    .map((name, i) => [name, probabilities[i]])
    .filter(([name]) => name !== label)
    .reduce((best, next) => (next[1] > best[1] ? next : best));
  if (second[1] < RUNNER_UP) return [`${label}?`, "unsure", ["unsure", values]];
  return [`${label} / ${second[0]}`, "unsure", ["either", { ...values, second: second[0], other: second[1] }]];
}

// An answer of the same form as Python's, from the pixels of the pad. `off` holds kernels that are switched off.
export function liveAnswer(network, pixels, off) {
  const digits = prepareDrawing(pixels).map((part) => {
    const maps = outputs(network, part.image, off);
    const probabilities = [...maps.at(-1).values];
    const confidence = Math.max(...probabilities);
    const label = network.classes[probabilities.indexOf(confidence)];
    const certain = confidence >= network.threshold;
    return { label, confidence, certain, probabilities, image: part.image, maps };
  });
  const { name, classes, what } = network;
  const answer = { name, digits, skip: [], classes, what };
  if (digits.length === 0) {
    return { ...answer, headline: "?", mood: "problem", said: [keyFor("no_digit", what), {}] };
  }
  if (digits.length === 1) {
    const [headline, mood, [key, values]] = inWords(digits[0], classes);
    return { ...answer, headline, mood, said: [keyFor(key, what), values] };
  }
  const text = digits.map((digit) => digit.label).join("");
  const doubtful = digits.flatMap((digit, place) => (digit.certain ? [] : [place]));
  const values = { count: digits.length, shown: text, places: doubtful };
  const key = what === "letters" ? "many_live_text" : doubtful.length ? "number_doubtful" : "number_live";
  const said = [key, values];
  return { ...answer, headline: text, mood: doubtful.length ? "unsure" : "sure", said };
}
