// The page of its own: the server answers, and forgets.
import { mountDemo } from "./demo.js";
import { keyFor, say, speak } from "./words.js";

const PATIENCE = 20_000; // milliseconds for one answer, queue included
const TRIES = 8; // as often is a full or lost server asked again
const PAUSE = 1_500; // milliseconds between two tries, where the server names no other

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

// Ask until there is an answer. A full server says when to come again; nothing is lost meanwhile.
async function ask(address, bytes, tell = () => {}) {
  let key = "lost";
  for (let number = 0; number < TRIES; number++) {
    let wait = PAUSE;
    try {
      const reply = await fetch(address, { method: "POST", body: bytes, signal: AbortSignal.timeout(PATIENCE) });
      if (reply.ok) return await reply.json();
      if (reply.status !== 429 && reply.status !== 503) throw Object.assign(new Error(reply.status), { key: "broken" });
      key = "busy";
      wait = 1000 * Number(reply.headers.get("Retry-After") ?? PAUSE / 1000);
    } catch (error) {
      if (error.key) throw error;
      key = "lost";
      if (number > 0) tell("lost");
    }
    await pause(wait * (1 + Math.random() / 2)); // not all at the same moment
  }
  throw Object.assign(new Error("no answer"), { key });
}

const bytesAt = async (address) => (await fetch(address)).arrayBuffer();

function entitle(what) {
  document.title = document.querySelector("h1").textContent = say(keyFor("title", what));
}

const query = (values) => new URLSearchParams(values).toString();

function start() {
  document.documentElement.lang = speak(navigator.languages);
  const main = document.querySelector("main");
  const { name, samples, network, letters, beside } = JSON.parse(document.getElementById("facts").textContent);
  entitle("digits");
  const whose = document.querySelector(".digitlib-whose");
  whose.textContent = say("whose", { name });
  document.querySelector(".digitlib-privacy").textContent = say("privacy");
  mountDemo(main.querySelector("div"), {
    wholePage: true,
    inside: "inside",
    ask: (bytes, skip, tell, what) => ask(`answer?${query({ skip, what })}`, bytes, tell),
    why: (bytes, skip, digit, what) => ask(`why?${query({ skip, digit, what })}`, bytes),
    network: (what) => bytesAt(what === "letters" ? letters : network),
    others: async () => (beside ? [await bytesAt(beside)] : []),
    kinds: letters !== undefined,
    onKind: entitle,
    samples: async () => samples.map((name) => `small/${name}`),
    sample: async (place) => (await fetch(`samples/${samples[place]}`)).blob(),
  });
}

start();
