// What can be done with an answer: save it as a picture, or say that it is wrong. Nothing here leaves the device.
import { button, download, make, pngOf } from "./elements.js";
import { say, sentenceOf } from "./words.js";
import { zipOf } from "./zip.js";

const CARD = 1200; // pixels: width of a saved answer
const MARGIN = 60; // pixels around everything on it

// Write a text into a width, line by line; give where the next line would be.
function write(context, text, left, top, width, height) {
  let line = "";
  for (const word of text.split(" ")) {
    if (line && context.measureText(`${line} ${word}`).width > width) {
      context.fillText(line, left, top);
      [line, top] = ["", top + height];
    }
    line = line ? `${line} ${word}` : word;
  }
  context.fillText(line, left, top);
  return top + height;
}

// The picture, the digit and the sentence on one card.
function cardOf(picture, answer) {
  const canvas = make("canvas", { width: CARD, height: CARD / 2 });
  const context = canvas.getContext("2d");
  const [half, high] = [CARD / 2 - 1.5 * MARGIN, CARD / 2 - 2 * MARGIN];
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, CARD, CARD / 2);
  const scale = Math.min(half / picture.width, high / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, MARGIN + (half - width) / 2, MARGIN + (high - height) / 2, width, height);
  context.strokeStyle = "#8a8577";
  context.strokeRect(MARGIN + (half - width) / 2, MARGIN + (high - height) / 2, width, height);
  const left = CARD / 2 + MARGIN / 2;
  const rows = answer.headline.split("\n");
  const size = Math.min(230, (1.5 * half) / Math.max(...rows.map((row) => row.length)), 260 / rows.length);
  context.fillStyle = answer.mood === "sure" ? "#1f4ec2" : "#8a5200";
  context.font = `700 ${size}px system-ui, sans-serif`;
  rows.forEach((row, i) => context.fillText(row, left, MARGIN + size * (i + 0.8)));
  context.fillStyle = "#1b2330";
  context.font = "30px system-ui, sans-serif";
  write(context, sentenceOf(answer), left, MARGIN + 1.1 * size * rows.length + 50, half, 40);
  return pngOf(canvas);
}

// `picture()` gives the canvas that was read.
export function makeTools({ picture, view, keep }) {
  const status = make("p", { class: "digitlib-hint", role: "status" });
  const choices = make("div", { class: "digitlib-digits", role: "group", "aria-label": say("wrong_is"), hidden: true });
  const wrong = button(say("wrong"), ask, { "aria-expanded": "false" });

  function ask() {
    choices.hidden = !choices.hidden;
    if (!choices.hidden) offer(view.shown().what ?? "digits");
    wrong.setAttribute("aria-expanded", !choices.hidden);
    status.textContent = choices.hidden ? "" : say("wrong_is");
  }

  async function correct(label) {
    ask();
    const bytes = new Uint8Array(await (await pngOf(picture())).arrayBuffer());
    if (keep) {
      await keep(bytes.buffer, label);
      status.textContent = say("wrong_kept");
      return;
    }
    const name = `digit_${label || "none"}_${Date.now().toString(36)}.png`;
    const table = new TextEncoder().encode(`file,label\n${name},${label}\n`);
    download(zipOf([[name, bytes], ["labels.csv", table]]), name.replace(/png$/, "zip"));
    status.textContent = say("wrong_saved");
  }

  const LABELS = { digits: "0123456789", letters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" };
  LABELS.both = LABELS.digits + LABELS.letters;

  // What it may have been, by what was looked for.
  function offer(what) {
    choices.replaceChildren(
      ...[...LABELS[what]].map((label) => button(label, () => correct(label))),
      button(say("wrong_none"), () => correct("")),
    );
  }

  const save = button(say("save"), async () => download(await cardOf(picture(), view.shown()), "digitlib.png"));
  return {
    elements: [save, wrong, choices, status],
    // A new answer: what was said about the one before is over.
    begin(usable) {
      save.hidden = wrong.hidden = !usable;
      choices.hidden = true;
      wrong.setAttribute("aria-expanded", "false");
      status.textContent = "";
    },
  };
}
