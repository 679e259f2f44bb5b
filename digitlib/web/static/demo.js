// The demo: drawing pad and photo on one side, the answer on the other. It runs in a page and in a notebook; what
// differs between the two is its `host`:
//   ask(bytes, skip, tell, what)    the answer to a picture (absent: the network in the browser answers alone)
//   why(bytes, skip, digit, what)   the reasons of that answer
//   network(what)            the bytes of the network of digits or letters, or null
//   others()                 the bytes of networks whose answers stand beside
//   kinds                    whether there is a switch between digits, letters and both
//   onKind(what)             is told what is looked for
//   name                     of the network, where the demo itself is to show it
//   inside                   address of a page that shows the layers
//   samples(), sample(i)     addresses of small pictures to try, and one of them in full
//   keep(bytes, label)       takes a corrected picture      (absent: it is saved on the visitor's device)
//   onPush(callback)         tells of pictures and answers that come from Python
import { makeAnswer } from "./answer.js";
import { takeDrops } from "./drops.js";
import { make } from "./elements.js";
import { drawFrames } from "./frames.js";
import { makeKinds } from "./kinds.js";
import { liveAnswer } from "./live.js";
import { readNetwork } from "./network.js";
import { makePad } from "./pad.js";
import { preparePhoto } from "./photo.js";
import { makeCamera } from "./camera.js";
import { makeChallenge } from "./challenge.js";
import { makeSamples } from "./samples.js";
import { makeTable } from "./table.js";
import { makeTools } from "./tools.js";
import { keyFor, say } from "./words.js";

const SOON = 400; // milliseconds after which "reading" is shown: most answers are there before
const DIGITS = [..."0123456789"];
// An answer without any digit.
const said = (mood, headline, key) => ({ mood, headline, said: [key, {}], skip: [], digits: [], classes: DIGITS });

export function mountDemo(root, host) {
  const tabs = {};
  let active = "draw";
  // What each tab shows: the picture as bytes, as it is seen, and its answer. Changing tabs loses nothing.
  const shelves = { draw: {}, photo: {}, camera: {} };
  let what = "digits"; // what is looked for
  const networks = {}; // those of digits and letters, once they are there
  const others = []; // the same of those whose answers stand beside
  let live = null; // the answer of the network in the browser, while somebody draws
  let asked = 0; // number of the newest picture: an older one's answer is not shown any more
  let step = Promise.resolve(); // photos are prepared one after the other

  const view = makeAnswer({
    onSkip: (skip) => read(active, shelves[active].bytes, shelves[active].shown, skip),
    askWhy: host.why && ((digit) => host.why(shelves[active].bytes, view.shown().skip, digit, what)),
    onChosen: (place) => showFrames(place),
  });
  const pad = makePad({ onDraw: drawLive, onRest: restDrawing });
  const stage = make("div", { class: "digitlib-stage" });
  const input = make("input", { type: "file", accept: "image/*", multiple: "", onchange: takeChosen });
  const picker = make("label", { class: "digitlib-button digitlib-primary digitlib-picker" }, input, say("choose"));
  const panelOf = (name, ...parts) =>
    make("div", { class: "digitlib-panel", role: "tabpanel", "aria-label": say(name), hidden: name !== "draw" }, ...parts);
  const panels = { draw: panelOf("draw", pad.element) };
  if (host.ask) {
    const hint = make("span", { class: "digitlib-hint digitlib-drop", text: say("drop") });
    panels.photo = panelOf("photo", stage, make("div", { class: "digitlib-tools" }, picker, hint));
  }
  // Browsers give a camera to this computer itself, and over https: elsewhere there is no such tab.
  const camera = host.ask && navigator.mediaDevices && makeCamera({
    ask: question,
    show(answer, bytes) {
      shelves.camera = { answer, bytes };
      if (active === "camera") show(answer);
    },
    fail: (key) => show(said("problem", "!", key)),
    waits: () => view.why.open && !view.why.hidden, // the next picture would take the reasons away
  });
  if (camera) panels.camera = panelOf("camera", ...camera.elements);

  function tab(name) {
    const onkeydown = (event) => {
      const names = Object.keys(tabs);
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      go(names.at((names.indexOf(name) + (event.key === "ArrowRight" ? 1 : -1)) % names.length));
      tabs[active].focus();
    };
    const properties = { role: "tab", class: "digitlib-tab", text: say(name), onclick: () => go(name), onkeydown };
    tabs[name] = make("button", properties);
    return tabs[name];
  }

  function go(name) {
    active = name;
    for (const each of Object.keys(tabs)) {
      tabs[each].setAttribute("aria-selected", each === name);
      tabs[each].tabIndex = each === name ? 0 : -1;
      panels[each].hidden = each !== name;
    }
    if (name === "camera") view.why.open = false;
    else camera?.stop();
    asked += 1;
    show(shelves[name].answer ?? welcome());
  }

  const welcome = () => said("welcome", "?", keyFor("welcome", what));

  // Every input ends here, with one new answer.
  function show(answer) {
    const chosen = view.show(answer);
    showFrames(chosen);
    tools.begin(active !== "camera");
    challenge.judge(answer);
  }

  // Ask, and give an answer whatever happens.
  async function question(bytes, skip = [], tell = () => {}) {
    try {
      return typeof bytes === "string" ? said("problem", "!", bytes) : await host.ask(bytes, skip, tell, what);
    } catch (error) {
      return said("problem", "!", error.key ?? "lost");
    }
  }

  async function read(name, bytes, shown, skip = []) {
    const number = (asked += 1);
    const waiting = setTimeout(() => number === asked && show(said("reading", "…", "reading")), SOON);
    shelves[name] = { bytes, shown };
    const answer = await question(bytes, skip, (key) => number === asked && view.say(say(key)));
    clearTimeout(waiting);
    shelves[name].answer = answer;
    if (number === asked) show(answer);
  }

  // -- drawing --------------------------------------------------------------------------------------------

  function drawLive(pixels) {
    if (active !== "draw") return; // the example goes on where nobody looks
    asked += 1; // an answer that is still on its way belongs to an older drawing
    if (!networks[what] || pad.strokes() === 0) return;
    const answer = liveAnswer(networks[what], pixels, host.off?.());
    answer.beside = others.map((other) => liveAnswer(other, pixels));
    if (pad.empty()) answer.mood = "welcome";
    view.show(answer, false);
    const invitation = what === "digits" ? "example" : keyFor("welcome", what);
    view.say(say(pad.empty() ? invitation : "drawing"));
    host.onLive?.(answer);
    live = answer;
  }

  async function restDrawing() {
    const count = pad.strokes();
    if (count === 0) {
      shelves.draw = {};
      return show(welcome());
    }
    if (!host.ask) {
      shelves.draw.answer = live;
      return live && show(live);
    }
    const number = (asked += 1);
    const blob = await pad.picture();
    const bytes = await blob.arrayBuffer();
    if (number === asked && pad.strokes() === count && !pad.drawing()) read("draw", bytes, null);
  }

  // -- digits, letters or both ----------------------------------------------------------------------------

  async function fetchNetwork(kind) {
    const bytes = await Promise.resolve(host.network?.(kind)).catch(() => null);
    if (!bytes) return;
    const network = readNetwork(bytes);
    networks[network.what] = network;
    if (!host.kinds) lookFor(network.what);
  }

  async function fetchOthers() {
    const found = await Promise.resolve(host.others?.()).catch(() => null);
    others.push(...(found ?? []).map(readNetwork));
  }

  function lookFor(kind) {
    what = kind;
    challenge.element.hidden = what !== "digits";
    host.onKind?.(what);
  }

  async function choose(kind) {
    lookFor(kind);
    if (what === "letters" && !networks.letters) await fetchNetwork(what);
    const { bytes, shown } = shelves[active];
    if (active === "draw" && !pad.empty()) return redraw();
    if (bytes && active === "photo") return read(active, bytes, shown);
    if (!bytes) show(welcome());
  }

  // Answer the drawing once more: the network has changed, or what is looked for.
  function redraw() {
    if (pad.strokes() === 0) return;
    drawLive(pad.pixels());
    if (!pad.empty()) restDrawing();
  }

  // -- photos ---------------------------------------------------------------------------------------------

  function showFrames(chosen) {
    stage.replaceChildren();
    if (active === "camera") return drawFrames(camera.frames, shelves.camera.answer?.digits ?? [], chosen);
    if (active !== "photo") return;
    const { shown, answer } = shelves.photo;
    if (!shown) return stage.append(make("p", { class: "digitlib-hint", text: say(keyFor("welcome", what)) }));
    const found = answer?.digits ?? [];
    const text = found.map((digit) => digit.label).join(" ");
    shown.setAttribute("role", "img");
    shown.setAttribute("aria-label", found.length ? say("your_picture_read", { text }) : say("your_picture"));
    const picture = make("div", { class: "digitlib-picture" }, shown);
    drawFrames(picture, found, chosen);
    stage.append(picture);
  }

  function take(files) {
    if (files.length === 0) return;
    go("photo");
    shelves.photo = {};
    table.close();
    const number = asked;
    if (files.length > 1) {
      show(said("reading", "…", "reading"));
      return table.read(files, (bytes, shown, answer) => {
        shelves.photo = { bytes, shown, answer };
        if (number === asked) show(answer);
      });
    }
    const waiting = setTimeout(() => number === asked && show(said("reading", "…", "reading")), SOON);
    step = step.then(async () => {
      const { bytes, shown } = await preparePhoto(files[0]);
      clearTimeout(waiting);
      if (number === asked) await read("photo", bytes, shown);
    });
  }

  function takeChosen() {
    take([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  }

  async function takeSample(place) {
    take([await host.sample(place).catch(() => new Blob([]))]);
    view.element.scrollIntoView({ block: "nearest" });
  }

  // -- all together ---------------------------------------------------------------------------------------

  const challenge = makeChallenge();
  const inside = make("a", { class: "digitlib-button", href: host.inside, text: say("inside") });
  const table = makeTable(question);
  const picture = () => (active === "draw" ? pad.canvas : shelves.photo.shown); // a camera's is gone already
  const tools = makeTools({ view, keep: host.keep, picture });
  root.classList.add("digitlib-demo");
  if (host.name) root.append(make("p", { class: "digitlib-whose", text: say("whose", { name: host.name }) }));
  root.append(
    make(
      "div",
      { class: "digitlib-columns" },
      make(
        "section",
        { class: "digitlib-input", "aria-label": say("your_picture") },
        make("div", { class: "digitlib-head" },
          make("div", { class: "digitlib-tabs", role: "tablist" }, ...Object.keys(panels).map(tab)),
          ...(host.kinds ? [makeKinds(what, choose)] : [])),
        ...Object.values(panels),
      ),
      view.element,
      make("div", { class: "digitlib-below" },
        ...(host.samples ? [makeSamples(host.samples(), takeSample)] : []),
        make("div", { class: "digitlib-tools" }, challenge.element, ...(host.inside ? [inside] : []))),
    ),
    view.why,
    table.element,
  );
  view.actions.append(...tools.elements);
  // In a notebook only the demo itself takes what is dropped; on the page all of it does.
  const target = host.wholePage ? document.documentElement : root;
  const stop = host.ask && takeDrops(target, root, take);
  go("draw");
  host.onPush?.(async ({ bytes, answer }) => {
    const upright = { imageOrientation: "from-image" };
    const bitmap = bytes && (await createImageBitmap(new Blob([bytes]), upright).catch(() => null));
    const shown = bitmap && make("canvas", { width: bitmap.width, height: bitmap.height });
    shown?.getContext("2d").drawImage(bitmap, 0, 0);
    go("photo");
    shelves.photo = { bytes, shown, answer };
    show(answer);
  });
  fetchNetwork("digits").then(fetchOthers).then(() => {
    if (networks.digits && what === "digits" && pad.strokes() === 0 && active === "draw") pad.showExample();
  });
  return { pad, redraw, stop };
}
