// Several photos at once: a table of their answers, which can be saved as CSV.
import { button, download, make } from "./elements.js";
import { preparePhoto } from "./photo.js";
import { perCent, say, sentenceOf } from "./words.js";

const SMALL = 64; // pixels: height of the pictures in the table

// A cell that spreadsheets take for text, not for a formula.
function csvCell(text) {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function makeTable(ask) {
  const body = make("tbody");
  const head = make("tr", {}, ...["your_picture", "table_file", "table_answer", "table_confidence"].map((key) =>
    make("th", { scope: "col", text: say(key) })));
  let rows = []; // file, answer, confidence
  let newest = 0; // number of the last lot of photos: an older one stops

  function save() {
    const lines = [["file", "answer", "certain", "confidence"], ...rows].map((row) => row.map(csvCell).join(","));
    download(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }), "digits.csv");
  }

  const element = make(
    "section",
    { class: "digitlib-table", "aria-label": say("table"), hidden: true },
    make("table", {}, make("caption", { text: say("table") }), make("thead", {}, head), body),
    button(say("csv"), save),
  );

  return {
    element,
    close() {
      newest += 1;
      element.hidden = true;
    },
    // Read one photo after the other; `onAnswer` is told each.
    async read(files, onAnswer) {
      const number = (newest += 1);
      [rows, element.hidden] = [[], false];
      body.replaceChildren();
      for (const file of files) {
        const { bytes, shown } = await preparePhoto(file);
        const answer = await ask(bytes);
        if (number !== newest) return;
        const confidence = answer.digits.reduce((least, digit) => Math.min(least, digit.confidence), 1);
        const text = answer.mood === "problem" ? sentenceOf(answer) : answer.headline.replaceAll("\n", " ");
        rows.push([file.name, answer.digits.map((digit) => digit.label).join(""), String(answer.mood === "sure"), confidence.toFixed(4)]);
        const small = make("canvas", { width: 1, height: SMALL, role: "img", "aria-label": file.name });
        if (shown) {
          small.width = Math.max(1, Math.round((SMALL * shown.width) / shown.height));
          small.getContext("2d").drawImage(shown, 0, 0, small.width, SMALL);
        }
        const cells = [file.name, text, answer.digits.length ? perCent(confidence) : ""].map((each) => make("td", { text: each }));
        body.append(make("tr", { "data-mood": answer.mood }, make("td", {}, small), ...cells));
        onAnswer(bytes, shown, answer);
      }
    },
  };
}
