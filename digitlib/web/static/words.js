// What the page says, in the reader's language. The texts lie in words/, one file a language; `WORDS` holds them all.
let chosen = WORDS.en;

// Take the first of the browser's languages that there is.
export function speak(languages) {
  const known = languages.map((name) => name.slice(0, 2)).find((name) => name in WORDS) ?? "en";
  chosen = { ...WORDS.en, ...WORDS[known] };
  return known;
}

// A probability in per cent, never 0 % and never 100 %.
export function perCent(probability) {
  const above = probability > 0.99;
  const number = above ? "99" : probability < 0.01 ? "1" : String(Math.round(100 * probability));
  return `${above ? `${chosen.more_than} ` : probability < 0.01 ? `${chosen.less_than} ` : ""}${number}\u00a0%`;
}

function places(list) {
  const names = chosen.ordinals.split(" ");
  if (list.length > 2 || Math.max(...list) >= names.length) return say("of_them", { count: list.length });
  return say("the_places", { list: list.map((place) => names[place]).join(` ${chosen.and} `) });
}

const FORMATS = { percent: perCent, other: perCent, certainty: (key) => chosen[key], places };

// The text of a key, with its values filled in (the same as `say` in digitlib/web/answers.py).
export function say(key, values = {}) {
  const filled = { a: String(values.digit) === "8" ? "an" : "a", ...values };
  return chosen[key].replace(/\{(\w+)\}/g, (_, name) => (FORMATS[name] ?? String)(filled[name]));
}

// The key of the sentence that says the same where letters are looked for, too.
export const keyFor = (key, what) => (what === "digits" || key === "either" ? key : `${key}_text`);

// A sentence for an answer, with what was left out before it, and what was passed over behind it.
export function sentenceOf({ said: [key, values], skip }) {
  const without = skip.length ? say("without", { steps: skip.join(", ") }) : "";
  return `${without}${say(key, values)}${values.signs ? ` ${say("signs")}` : ""}`;
}
