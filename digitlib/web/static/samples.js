// Sample menu: the pictures that come with the program, grouped by what they show. Only a name is sent.
function render({ model, el }) {
  el.classList.add("digitlib-samples");
  el.innerHTML = `
    <label class="digitlib-label">Or try a sample<select></select></label>
    <button type="button" class="digitlib-button">Surprise me</button>`;
  const menu = el.querySelector("select");
  menu.add(new Option("None chosen", ""));
  for (const [heading, samples] of model.get("groups")) {
    const group = document.createElement("optgroup");
    group.label = heading;
    group.append(...samples.map(([name, words]) => new Option(words, name)));
    menu.append(group);
  }

  function choose() {
    document.dispatchEvent(new Event("digitlib-sent"));
    model.send({ name: menu.value });
  }

  menu.addEventListener("change", choose);
  el.querySelector("button").addEventListener("click", () => {
    const before = menu.selectedIndex;
    while (menu.selectedIndex === before) menu.selectedIndex = 1 + Math.floor(Math.random() * (menu.length - 1));
    choose();
  });
  const clear = () => (menu.value = "");
  model.on("msg:custom", clear);
  return () => model.off("msg:custom", clear);
}

export default { render };
