// Answer view: the sentence stands in one lasting live region, so that screen readers speak each new answer.
// Everything arrives as messages, not as widget state: a picture can never be saved into the notebook.
function render({ model, el }) {
  el.classList.add("digitlib-answer");
  el.innerHTML = `
    <section class="digitlib-result" aria-label="Answer">
      <div class="digitlib-headline">
        <div class="digitlib-digit" aria-hidden="true"></div>
        <p class="digitlib-sentence" role="status"></p>
      </div>
      <div class="digitlib-details"></div>
    </section>
    <div class="digitlib-steps"></div>`;
  const find = (name) => el.querySelector(`.digitlib-${name}`);

  function show(message) {
    el.dataset.mood = message.mood;
    find("digit").textContent = message.headline;
    find("sentence").textContent = message.sentence;
    find("details").innerHTML = message.details;
    find("steps").innerHTML = message.steps;
  }

  model.on("msg:custom", show);
  model.send({}); // a new view asks for the present answer
  return () => model.off("msg:custom", show);
}

export default { render };
