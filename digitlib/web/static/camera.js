// "Hold up your digit": the camera's pictures are read one after the other, for as long as it runs.
import { button, make } from "./elements.js";
import { say } from "./words.js";

const CAMERA_WIDTH = 640; // pixels: width of the pictures that are read
const BETWEEN = 300; // milliseconds between an answer and the next picture

// `ask(bytes)` gives an answer, `show(answer, bytes)` shows it, `fail(key)` says why there is none.
export function makeCamera({ ask, show, fail }) {
  const video = make("video", { muted: "", playsinline: "", "aria-label": say("camera") });
  const frames = make("div", { class: "digitlib-picture" }, video);
  const stage = make("div", { class: "digitlib-stage" }, frames);
  const toggle = button(say("camera_start"), () => (stream ? stop() : start()));
  let stream = null;

  async function start() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: CAMERA_WIDTH } } });
    } catch {
      return fail("camera_refused");
    }
    toggle.textContent = say("camera_stop");
    video.srcObject = stream;
    await video.play();
    while (stream) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    }
  }

  async function look() {
    const canvas = new OffscreenCanvas(CAMERA_WIDTH, Math.round((CAMERA_WIDTH * video.videoHeight) / video.videoWidth));
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg" });
    const bytes = await blob.arrayBuffer();
    const answer = await ask(bytes);
    if (stream) show(answer, bytes);
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    toggle.textContent = say("camera_start");
  }

  const tools = make("div", { class: "digitlib-tools" }, toggle, make("span", { class: "digitlib-hint", text: say("camera_hint") }));
  return { elements: [stage, tools], frames, stop };
}
