// The answer: a large digit, one sentence, what the network saw, a bar for each digit, and why.
import { button, drawGrey, make } from "./elements.js";
import { perCent, say, sentenceOf } from "./words.js";

const MOST_BARS = 10; // of more classes, the likeliest are shown

// Python sends the 28 × 28 values as bytes, in base64.
const decoded = (text) => Float32Array.from(atob(text), (letter) => letter.charCodeAt(0) / 255);
const imageOf = (digit) => (typeof digit.image === "string" ? decoded(digit.image) : digit.image);
const labelOf = (digit) => `${digit.label}${digit.certain ? "" : "?"}`;
// In words, where something lies: "top left".
const placeInWords = ([row, column]) => `${say("rows").split(" ")[row]} ${say("columns").split(" ")[column]}`;

// `onSkip(steps)` reads again without steps, `askWhy(place)` gives the reasons of a digit, `onChosen` is told the place.
export function makeAnswer({ onSkip, askWhy, onChosen = () => {} }) {
  const large = make("div", { class: "digitlib-digit", "aria-hidden": "true" });
  // One lasting place, so that screen readers speak each new answer. While somebody draws, nothing is spoken.
  const sentence = make("p", { class: "digitlib-sentence", role: "status" });
  const seen = make("canvas", { class: "digitlib-seen", role: "img", "aria-label": say("seen_alt"), width: 28, height: 28 });
  seen.removeAttribute("data-lm-suppress-shortcuts");
  const bars = make("ol", { class: "digitlib-bars", "aria-label": say("bars") });
  const digits = make("div", { class: "digitlib-digits", role: "group", "aria-label": say("which") });
  const beside = make("div", { class: "digitlib-beside", role: "group", "aria-label": say("beside"), hidden: true });
  const actions = make("div", { class: "digitlib-actions" });
  const reasons = make("div", { class: "digitlib-reasons" });
  const why = make("details", { class: "digitlib-why", hidden: true }, make("summary", { text: say("why") }), reasons);
  const evidence = make(
    "div",
    { class: "digitlib-evidence" },
    make("figure", {}, seen, make("figcaption", { text: say("seen") })),
    bars,
  );
  const element = make(
    "section",
    { class: "digitlib-answer", "aria-label": say("answer") },
    make("div", { class: "digitlib-headline" }, large, sentence),
    digits,
    evidence,
    beside,
    actions,
  );
  let shown; // the answer on the page
  let chosen = 0; // the digit of a number whose bars are shown
  let asked = 0; // number of the question why, so that no older reply takes the place of a newer one

  function drawBars(digit, classes) {
    if (bars.children.length === 0) {
      bars.replaceChildren(
        ...Array.from({ length: MOST_BARS }, () =>
          make("li", {}, make("span", { class: "digitlib-share", "aria-hidden": "true" }),
            make("span", { class: "digitlib-bar", "aria-hidden": "true" }),
            make("span", { class: "digitlib-name", "aria-hidden": "true" }),
            make("span", { class: "digitlib-spoken" }))),
      );
    }
    const order = classes.map((_, i) => i);
    if (digit && classes.length > MOST_BARS) order.sort((a, b) => digit.probabilities[b] - digit.probabilities[a]);
    order.slice(0, MOST_BARS).forEach((place, i) => {
      const name = classes[place];
      const share = digit ? digit.probabilities[place] : 0;
      const item = bars.children[i];
      item.querySelector(".digitlib-name").textContent = name;
      item.style.setProperty("--share", share);
      item.classList.toggle("digitlib-best", digit?.label === name);
      item.firstChild.textContent = !digit ? "" : share > 0.99 ? ">99" : share < 0.01 ? "<1" : Math.round(100 * share);
      item.lastChild.textContent = digit ? `${name}: ${perCent(share)}` : name;
    });
    bars.classList.toggle("digitlib-doubtful", digit !== undefined && !digit.certain);
    drawGrey(seen, digit ? imageOf(digit) : new Float32Array(28 * 28), 28);
  }

  function choose(place) {
    chosen = place;
    [...digits.children].forEach((each, i) => each.setAttribute("aria-pressed", i === place));
    drawBars(shown.digits[place], shown.classes);
    onChosen(place);
    explain();
  }

  function drawHeadline({ mood, headline }) {
    element.dataset.mood = mood;
    const longest = Math.max(...headline.split("\n").map((row) => row.length));
    element.dataset.size = longest < 2 ? "one" : longest < 6 ? "few" : longest < 9 ? "some" : "many";
    large.textContent = headline;
  }

  // What other networks say to the same.
  function drawBeside(others = []) {
    beside.hidden = others.length === 0;
    beside.replaceChildren(
      ...others.map(({ name, headline, digits: found }) => {
        const sure = found.length === 1 ? `, ${perCent(found[0].confidence)}` : "";
        return make("p", {}, `${name}: `, make("b", { text: headline }), sure);
      }),
    );
  }

  function switchOf(step) {
    const box = make("input", {
      type: "checkbox",
      role: "switch",
      name: step.name,
      "aria-label": say("step", { name: step.name }),
      onchange: () => {
        const off = [...reasons.querySelectorAll("[role=switch]")].filter((each) => !each.checked);
        onSkip(off.map((each) => each.name));
      },
    });
    box.checked = !step.off;
    return box;
  }

  function stepItem(step, canSwitch) {
    const alt = say("step_alt", { name: step.name, ...step });
    const picture = step.image
      ? make("img", { src: step.image, alt })
      : make("span", { class: "digitlib-no-picture", "aria-hidden": "true" });
    const note = step.off ? say("switched_off") : (step.note ?? say("no_ink_left"));
    const heading = make("h3", { text: step.name });
    const head = make("div", { class: "digitlib-step" }, heading, ...(canSwitch ? [switchOf(step)] : []));
    return make("li", {}, picture, head, make("p", { text: note, ...(step.note ? { lang: "en" } : {}) }));
  }

  function drawReasons({ steps, looked, similar }) {
    const canSwitch = shown.digits.length < 2;
    const focused = reasons.contains(document.activeElement) ? document.activeElement.name : undefined;
    const parts = [make("h2", { text: say("way") })];
    // The answer without a step is said here, too, where the switches are: the large one may be out of sight.
    const lead = shown.skip.length ? sentenceOf(shown) : say("switch_lead");
    if (canSwitch) parts.push(make("p", { class: "digitlib-lead", text: lead }));
    parts.push(make("ol", { class: "digitlib-steps" }, ...steps.map((step) => stepItem(step, canSwitch))));
    const two = make("div", { class: "digitlib-looked" });
    if (looked) {
      const place = placeInWords(looked.place);
      two.append(make("section", {}, make("h2", { text: say("looked") }),
        make("img", { src: looked.image, alt: say("looked_alt", { place }) }),
        make("p", { text: say("looked_text", { digit: looked.label, place }) })));
    }
    if (similar?.length) {
      const counts = new Map();
      for (const { label } of similar) counts.set(label, (counts.get(label) ?? 0) + 1);
      const list = [...counts].sort((a, b) => b[1] - a[1]).map(([label, count]) => say("similar_each", { label, count }));
      two.append(make("section", {}, make("h2", { text: say("similar") }),
        make("ul", {}, ...similar.map(({ label, image }) =>
          make("li", {}, make("img", { src: image, alt: say("similar_alt", { label }) }), make("span", { text: label })))),
        make("p", { text: say("similar_text", { count: similar.length, list: list.join(", ") }) })));
    }
    reasons.replaceChildren(...parts, two);
    // Keep the keyboard where it is, on the switch that takes the place of the one it was on.
    if (focused) reasons.querySelector(`[name="${focused}"]`)?.focus();
  }

  async function explain() {
    const number = (asked += 1);
    if (!askWhy || !why.open || why.hidden) return;
    const found = await askWhy(chosen).catch(() => null);
    if (found && number === asked) drawReasons(found);
  }
  why.addEventListener("toggle", explain);

  return {
    element,
    actions,
    why,
    // The one way by which anything new comes to be said: an answer, a problem, "reading".
    show(answer, isFinal = true) {
      shown = answer;
      const { digits: found, classes } = answer;
      drawHeadline(answer);
      drawBeside(answer.beside);
      const text = sentenceOf(answer);
      if (isFinal && sentence.textContent !== text) sentence.textContent = text;
      // The digit with the lowest confidence is explained first.
      chosen = found.reduce((least, digit, i) => (digit.confidence < found[least].confidence ? i : least), 0);
      const several = found.length > 1;
      digits.replaceChildren(
        ...(several ? found : []).map((digit, i) => {
          const name = say("digit_place", { number: i + 1, label: digit.label });
          return button(labelOf(digit), () => choose(i), {
            "aria-pressed": i === chosen,
            "aria-label": digit.certain ? name : `${name}, ${say("not_sure")}`,
          });
        }),
      );
      // Where nothing is said to be a digit, none is explained.
      const refused = answer.mood === "problem" || answer.said[0].startsWith("unknown");
      element.classList.toggle("digitlib-refused", refused);
      drawBars(refused ? undefined : found[chosen], classes);
      const explained = isFinal && Boolean(askWhy) && ((found.length > 0 && !refused) || answer.skip.length > 0);
      if (isFinal) why.hidden = !explained;
      actions.hidden = !isFinal || found.length === 0 || refused;
      if (isFinal) explain();
      return chosen;
    },
    shown: () => shown,
    chosen: () => chosen,
    say(text) {
      if (sentence.textContent !== text) sentence.textContent = text;
    },
  };
}
