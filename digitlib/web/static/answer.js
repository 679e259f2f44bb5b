// Answer view: the sentence stands in one lasting live region, so that screen readers speak each new answer.
// Everything arrives as messages, not as widget state: a picture can never be saved into the notebook.
const PATIENCE = 3_000; // milliseconds without a word from Python before we ask, and again before the visitor is told
const PAUSE = 250; // milliseconds after an answer before its explanation is asked for: drawing goes first

const LOST = `I cannot reach the program any more. Is this device still in the same network? I keep trying; if
  nothing happens, load the page again.`;
const SILENT = `The program behind this page does not answer. It may have ended, as it does when the page is not used
  for a while. Load the page again, or run the notebook's cell again; your picture was not saved.`;

function render({ model, el }) {
  el.classList.add("digitlib-answer");
  el.innerHTML = `
    <section class="digitlib-result" aria-label="Answer">
      <div class="digitlib-trouble" role="alert" hidden>
        <p></p><button type="button" class="digitlib-button">Load the page again</button>
      </div>
      <div class="digitlib-headline">
        <div class="digitlib-digit" aria-hidden="true"></div>
        <p class="digitlib-sentence" role="status"></p>
      </div>
      <div class="digitlib-details"></div>
    </section>
    <section class="digitlib-why" aria-labelledby="digitlib-why" hidden>
      <h2 id="digitlib-why">Why this answer?</h2>
      <h3>The way from the picture to what the network saw</h3>
      <p class="digitlib-lead">Switch a step off, and see what becomes of the answer.</p>
      <div class="digitlib-steps"></div>
      <div class="digitlib-looked"></div>
    </section>`;
  const find = (name) => el.querySelector(`.digitlib-${name}`);
  const trouble = find("trouble");
  let newest = 0; // number of the answer that is shown
  let watch; // runs while Python owes a word
  let asking; // runs between an answer and the question why

  function say(text) {
    trouble.hidden = text === "";
    if (trouble.firstElementChild.textContent !== text) trouble.firstElementChild.textContent = text;
  }

  async function explainSilence() {
    // Anything that the server says, even "not allowed", shows that it is there. It must not start a program.
    const wait = AbortSignal.timeout(PATIENCE);
    const reply = await fetch(location.href, { method: "OPTIONS", signal: wait }).catch(() => null);
    if (watch === undefined) return; // a word came while we asked
    say(reply === null ? LOST : SILENT);
    watch = setTimeout(expectWord, PATIENCE);
  }

  function ask(content) {
    try {
      model.send(content);
    } catch {
      say(SILENT); // the page knows already that the program is dead
    }
  }

  function expectWord() {
    clearTimeout(watch);
    watch = setTimeout(() => {
      ask({ request: "state" });
      watch = setTimeout(explainSilence, PATIENCE);
    }, PATIENCE);
  }

  function replace(part, html) {
    // Keep the keyboard where it is, on the button that takes the place of the one it was on.
    const { step, digit } = part.contains(document.activeElement) ? document.activeElement.dataset : {};
    part.innerHTML = html;
    if (step !== undefined) part.querySelector(`[data-step="${step}"]`)?.focus();
    if (digit !== undefined) part.querySelector(`[data-digit="${digit}"]`)?.focus();
  }

  function show(message) {
    clearTimeout(watch);
    watch = undefined;
    say("");
    if (message.explanation !== undefined) {
      if (message.number === newest) find("looked").innerHTML = message.explanation;
      return;
    }
    newest = message.number;
    el.dataset.mood = message.mood;
    const longest = Math.max(...message.headline.split("\n").map((row) => row.length));
    el.dataset.size = longest < 2 ? "one" : longest < 5 ? "few" : longest < 8 ? "some" : "many";
    find("digit").textContent = message.headline;
    // The same words are not said again, for instance when the page only asked whether the program is there.
    if (find("sentence").textContent !== message.sentence) find("sentence").textContent = message.sentence;
    replace(find("details"), message.details);
    replace(find("steps"), message.steps);
    find("why").hidden = message.steps === "";
    find("lead").hidden = find("steps").querySelector("[role=switch]") === null;
    clearTimeout(asking);
    asking = setTimeout(() => ask({ request: "explanation", number: newest }), PAUSE);
  }

  function press(event) {
    const { step, digit } = event.target.closest("button")?.dataset ?? {};
    if (step === undefined && digit === undefined) return;
    if (step !== undefined) ask({ request: "switch", step });
    if (digit !== undefined) ask({ request: "digit", index: Number(digit) });
    expectWord();
  }

  function comeBack() {
    if (document.hidden) return;
    ask({ request: "state" });
    expectWord();
  }

  el.addEventListener("click", press);
  trouble.querySelector("button").addEventListener("click", () => location.reload());
  document.addEventListener("visibilitychange", comeBack);
  document.addEventListener("digitlib-sent", expectWord);
  model.on("msg:custom", show);
  comeBack(); // a new view asks for the present answer
  return () => {
    clearTimeout(watch);
    clearTimeout(asking);
    document.removeEventListener("visibilitychange", comeBack);
    document.removeEventListener("digitlib-sent", expectWord);
    model.off("msg:custom", show);
  };
}

export default { render };
