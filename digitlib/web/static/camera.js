// "Hold up your digit": the camera's pictures are read one after the other, for as long as it runs.
import { button, make } from "./elements.js";
import { say } from "./words.js";

const CAMERA_WIDTH = 640; // pixels: width of the pictures that are read
const BETWEEN = 300; // milliseconds between an answer and the next picture

// `ask(bytes)` gives an answer, `show(answer, bytes)` shows it, `fail(key)` says why there is none. While `waits()` is
// true, the picture stands still and no other one is read.
export function makeCamera({ ask, show, fail, waits }) {
  const video = make("video", { muted: "", playsinline: "", "aria-label": say("camera") });
  const frames = make("div", { class: "digitlib-picture" }, video);
  const stage = make("div", { class: "digitlib-stage" }, frames);
  const toggle = button(say("camera_start"), () => (stream ? stop() : start()));
  const hint = make("span", { class: "digitlib-hint", role: "status", text: say("camera_hint") });
  let stream = null;
  let newest = 0; // number of the last start or stop: a camera that is granted later is given back

  async function start() {
    const number = (newest += 1);
    const wish = { video: { facingMode: "environment", width: { ideal: CAMERA_WIDTH } } };
    const granted = await navigator.mediaDevices.getUserMedia(wish).catch(() => null);
    if (number !== newest) return end(granted);
    if (!granted) return fail("camera_refused");
    stream = video.srcObject = granted;
    toggle.textContent = say("camera_stop");
    while (number === newest) {
      const text = say(waits() ? "camera_waits" : "camera_hint");
      if (hint.textContent !== text) hint.textContent = text;
      if (waits()) video.pause();
      else await look(number);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    }
  }

  async function look(number) {
    if (video.paused) await video.play().catch(() => {}); // it was stopped before it began
    if (number !== newest) return;
    const canvas = new OffscreenCanvas(CAMERA_WIDTH, Math.round((CAMERA_WIDTH * video.videoHeight) / video.videoWidth));
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg" });
    const bytes = await blob.arrayBuffer();
    const answer = await ask(bytes);
    if (number === newest) show(answer, bytes);
  }

  const end = (camera) => camera?.getTracks().forEach((track) => track.stop());

  function stop() {
    newest += 1;
    end(stream);
    stream = video.srcObject = null;
    toggle.textContent = say("camera_start");
    hint.textContent = say("camera_hint");
  }

  const tools = make("div", { class: "digitlib-tools" }, toggle, hint);
  return { elements: [stage, tools], frames, stop };
}
