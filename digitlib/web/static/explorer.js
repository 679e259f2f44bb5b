// Explorer: the maps of a layer, one of them large, and how one of its pixels was computed.
import { say } from "./words.js";

const nameOf = (layer) => (layer === "picture" ? say("the_picture") : layer.replace(/_active$/, "").replaceAll("_", " "));
const written = (number) => number.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
const optionOf = ({ name, shape: [rows, columns, count] }) => ({ layer: nameOf(name), count, rows, columns });
let views = 0;

function drawMap(canvas, layer, channel, limit) {
  const [rows, columns] = layer.shape;
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(columns, rows);
  const start = channel * rows * columns;
  for (let i = 0; i < rows * columns; i++) {
    const grey = limit > 0 ? (255 * layer.values[start + i]) / limit : 0;
    picture.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(picture, 0, 0);
}

function largest(layer, channel) {
  const size = layer.shape[0] * layer.shape[1];
  let place = 0;
  for (let i = 1; i < size; i++) if (layer.values[channel * size + i] > layer.values[channel * size + place]) place = i;
  return { value: layer.values[channel * size + place], row: Math.floor(place / layer.shape[1]), column: place % layer.shape[1] };
}

// How light a colour is, from 0 to 1, as WCAG 2.2 reckons contrasts (its curve, to a hundredth).
const luminance = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * (colour[i] / 255) ** 2.2, 0);

// Red above zero, blue below, as in the figures of the lesson; `grey` for pixels, which know no sign.
function cell(number, limit, grey) {
  const share = limit > 0 ? Math.min(1, Math.abs(number) / limit) : 0;
  const fade = (end) => end.map((part) => Math.round(255 + share * (part - 255)));
  const colour = grey ? Array(3).fill(Math.round(255 * share)) : fade(number < 0 ? [33, 102, 172] : [178, 24, 43]);
  const light = luminance(colour) > 0.18; // there, black and white ink have the same contrast, 4.6
  return `<td data-ground="rgb(${colour})" data-ink="${light ? "#000" : "#fff"}">${written(number)}</td>`;
}

// A strict page takes no style that stands in HTML, only what a script sets.
function colourCells(element) {
  for (const each of element.querySelectorAll("td")) {
    Object.assign(each.style, { background: each.dataset.ground, color: each.dataset.ink });
  }
}

function numbers(caption, table, grey) {
  const limit = Math.max(...table.flat().map(Math.abs));
  const rows = table.map((row) => `<tr>${row.map((number) => cell(number, limit, grey)).join("")}</tr>`);
  return `<table><caption>${caption}</caption><tbody>${rows.join("")}</tbody></table>`;
}

// JupyterLab takes keys that are pressed in a notebook for its own, but not on these.
function ownKeys(element) {
  for (const each of element.querySelectorAll("button, input, select, canvas")) each.setAttribute("data-lm-suppress-shortcuts", "true");
}

// `model` answers questions about layers and pixels: see layers.js.
export function mountExplorer({ model, el }) {
  const scaleName = `digitlib-scale-${(views += 1)}`;
  el.classList.add("digitlib-layers");
  el.innerHTML = `
    <div class="digitlib-explored" hidden>
      <div class="digitlib-layer-controls">
        <label>${say("layer")} <select></select></label>
        <fieldset><legend>${say("white")}</legend>
          <label><input type="radio" name="${scaleName}" value="layer" checked> ${say("white_layer")}</label>
          <label><input type="radio" name="${scaleName}" value="map"> ${say("white_map")}</label>
        </fieldset>
      </div>
      <div class="digitlib-maps" role="group" aria-label="${say("maps")}"></div>
      <div class="digitlib-closeup">
        <div class="digitlib-magnified">
          <h3></h3>
          <div class="digitlib-marked-map">
            <canvas tabindex="0" role="img"></canvas><span class="digitlib-mark"></span>
          </div>
          <div class="digitlib-place-inputs">
            <label>${say("row")} <input type="number" name="row" min="0"></label>
            <label>${say("column")} <input type="number" name="column" min="0"></label>
          </div>
          <label class="digitlib-kernel" hidden><input type="checkbox"> ${say("kernel_off")}</label>
        </div>
        <div class="digitlib-adding"><p class="digitlib-added" role="status"></p><div></div></div>
      </div>
    </div>`;
  ownKeys(el);
  const find = (selector) => el.querySelector(selector);
  const [select, maps, large, pixel] = ["select", ".digitlib-maps", ".digitlib-marked-map canvas", ".digitlib-mark"].map(find);
  const [row, column] = el.querySelectorAll("input[type=number]");
  const kernel = find(".digitlib-kernel");
  let layers = [];
  const at = { layer: 1, channel: 0, row: 0, column: 0 };
  const layer = () => layers[at.layer];

  function limit(channel) {
    const perMap = el.querySelector("input[type=radio]:checked").value === "map";
    return perMap ? largest(layer(), channel).value : layer().largest;
  }

  function drawTiles() {
    const count = layer().shape[2];
    if (maps.children.length !== count) {
      maps.innerHTML = Array.from({ length: count }, (_, channel) =>
        `<button type="button" data-channel="${channel}"><canvas></canvas><span>${channel}</span></button>`).join("");
      ownKeys(maps);
    }
    [...maps.children].forEach((tile, channel) => {
      drawMap(tile.firstChild, layer(), channel, limit(channel));
      tile.ariaLabel = say("map_tile", { channel, value: written(largest(layer(), channel).value) });
    });
    drawChosen();
  }

  function drawChosen() {
    const [rows, columns] = layer().shape;
    [...maps.children].forEach((tile, channel) => {
      tile.ariaPressed = channel === at.channel;
      tile.tabIndex = channel === at.channel ? 0 : -1;
    });
    find("h3").textContent = say("map_of", { channel: at.channel, layer: nameOf(layer().name) });
    drawMap(large, layer(), at.channel, limit(at.channel));
    large.ariaLabel = say("map_large", { channel: at.channel });
    Object.assign(pixel.style, {
      top: `${(100 * at.row) / rows}%`, left: `${(100 * at.column) / columns}%`,
      height: `${100 / rows}%`, width: `${100 / columns}%`,
    });
    Object.assign(row, { max: rows - 1, value: at.row });
    Object.assign(column, { max: columns - 1, value: at.column });
    const isOff = model.isOff(layer().name, at.channel);
    kernel.hidden = isOff === null;
    kernel.firstChild.checked = isOff;
    model.send({ pixel: [layer().name, at.row, at.column, at.channel] });
  }

  function choose(place) {
    Object.assign(at, place);
    const [rows, columns] = layer().shape;
    at.row = Math.max(0, Math.min(rows - 1, at.row));
    at.column = Math.max(0, Math.min(columns - 1, at.column));
    drawChosen();
  }

  function chooseLayer(index) {
    at.layer = index;
    const count = layer().shape[2];
    const values = Array.from({ length: count }, (_, channel) => largest(layer(), channel).value);
    at.channel = values.indexOf(Math.max(...values));
    Object.assign(at, (({ row, column }) => ({ row, column }))(largest(layer(), at.channel)));
    drawTiles();
  }

  function pixelUnder(event, canvas) {
    const bounds = canvas.getBoundingClientRect();
    return {
      row: Math.floor(((event.clientY - bounds.top) / bounds.height) * canvas.height),
      column: Math.floor(((event.clientX - bounds.left) / bounds.width) * canvas.width),
    };
  }

  kernel.firstChild.addEventListener("change", (event) => {
    model.send({ kernel: [layer().name, at.channel, event.target.checked] });
  });
  select.addEventListener("change", () => chooseLayer(Number(select.value)));
  for (const radio of el.querySelectorAll("input[type=radio]")) radio.addEventListener("change", drawTiles);
  maps.addEventListener("click", (event) => {
    const tile = event.target.closest("button");
    if (!tile) return;
    const channel = Number(tile.dataset.channel);
    const byPointer = event.detail > 0; // a click by keyboard has no place: the strongest pixel
    choose({ channel, ...(byPointer ? pixelUnder(event, tile.firstChild) : largest(layer(), channel)) });
  });
  maps.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const next = maps.children[at.channel + step];
    if (!next) return;
    event.preventDefault();
    choose({ channel: at.channel + step, ...largest(layer(), at.channel + step) });
    next.focus();
  });
  large.addEventListener("pointerdown", (event) => choose(pixelUnder(event, large)));
  large.addEventListener("keydown", (event) => {
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (down === undefined) return;
    event.preventDefault();
    choose({ row: at.row + down, column: at.column + right });
  });
  for (const input of [row, column]) {
    input.addEventListener("change", () => choose({ row: Number(row.value), column: Number(column.value) }));
  }

  function showSum(sum) {
    const source = layers.find((each) => each.name === sum.source);
    const count = sum.size ** 2 * (sum.others + sum.terms.length);
    const total = written(sum.total);
    const added = sum.total < 0 ? "added_below" : "added_above";
    find(".digitlib-added").textContent = say(sum.terms[0].kernel ? added : "added_largest", { count, total });
    const lines = sum.terms.map((term) => {
      const channel = sum.terms[0].kernel ? term.channel : at.channel;
      const from = source.shape[2] > 1 ? say("from_map", { channel, layer: nameOf(source.name) }) : nameOf(source.name);
      const kernel = term.kernel ? `<span>×</span>${numbers(say("kernel"), term.kernel, false)}<span>= ${written(term.sum)}</span>` : "";
      return `<li><div class="digitlib-marked-map"><canvas role="img" aria-label="${say("patch_framed", { from })}" data-channel="${channel}"></canvas>
        <span class="digitlib-mark"></span></div>${numbers(say("patch", { from }), term.patch, true)}${kernel}</li>`;
    });
    const rest = sum.others > 0 ? `<li>${say("maps_rest", { count: sum.others })} <b>${written(sum.rest)}</b></li>` : "";
    const bias = sum.terms[0].kernel ? `<li>${say("bias")} <b>${written(sum.bias)}</b></li>` : "";
    find(".digitlib-adding > div").innerHTML =
      `<ul>${lines.join("")}${rest}${bias}<li>${say("pixel_sum", { total: `<b>${total}</b>`, value: `<b>${written(sum.value)}</b>` })}</li></ul>`;
    colourCells(el);
    const [rows, columns] = source.shape;
    for (const canvas of el.querySelectorAll(".digitlib-adding canvas")) {
      drawMap(canvas, source, Number(canvas.dataset.channel), source.largest);
      Object.assign(canvas.nextElementSibling.style, {
        top: `${(100 * sum.top) / rows}%`, left: `${(100 * sum.left) / columns}%`,
        height: `${(100 * sum.size) / rows}%`, width: `${(100 * sum.size) / columns}%`,
      });
    }
  }

  function receive(message) {
    if (message.sum) showSum(message.sum);
    if (!message.layers) return;
    const first = layers.length === 0;
    layers = message.layers.map((each) => ({ ...each, largest: each.values.reduce((most, value) => Math.max(most, value), 0) }));
    if (!first) return drawTiles(); // the same layer, map and pixel of another digit
    select.innerHTML = layers.map((each, index) =>
      index ? `<option value="${index}">${say("layer_maps", optionOf(each))}</option>` : "").join("");
    find(".digitlib-explored").hidden = false;
    chooseLayer(1);
  }

  model.tell(receive);
}
