// The layers of a network for one image, down to the sum behind a pixel: what the explorer shows.
import { margin } from "./network.js";

const TERMS = 3; // channels of a patch whose numbers are shown; of the others only the sum
const PAUSE_OF_MAPS = 80; // milliseconds between two pictures of the layers, while somebody draws
const POOLING = ["MaxPooling2D", "AveragePooling2D"];

const at = (map, row, column, channel) => {
  const [rows, columns, channels] = map.shape;
  const outside = row < 0 || column < 0 || row >= rows || column >= columns;
  return outside ? 0 : map.values[(row * columns + column) * channels + channel];
};

// A square of a map: the values of one channel, row by row.
function patchOf(map, top, left, height, width, channel) {
  return Array.from({ length: height }, (_, i) =>
    Array.from({ length: width }, (_, j) => at(map, top + i, left + j, channel)));
}

// How one value of a feature map came about (pixel_sum of digitlib/explaining/activations.py, in the same words).
function sumBehind(network, shown, [name, row, column, channel]) {
  const place = network.layers.findIndex((layer) => layer.name === name);
  const map = shown.find((each) => each.name === name);
  const source = shown[shown.indexOf(map) - 1];
  const { kind, size } = network.layers[place];
  const value = at(map, row, column, channel);
  if (POOLING.includes(kind)) {
    const [top, left] = [row * size[0], column * size[1]];
    const patch = patchOf(source, top, left, size[0], size[1], channel);
    const term = { channel: 0, patch, kernel: null, sum: value };
    return { source: source.name, top, left, size: size[0], bias: 0, total: value, value, terms: [term], others: 0, rest: 0 };
  }
  const { kernel, bias, padding, strides = [1, 1] } = network.layers[place - 1];
  const [height, width, channels, count] = kernel.shape;
  const before = (length, window, stride) => (padding === "same" ? margin(length, window, stride) : 0);
  const top = row * strides[0] - before(source.shape[0], height, strides[0]);
  const left = column * strides[1] - before(source.shape[1], width, strides[1]);
  const terms = Array.from({ length: channels }, (_, each) => {
    const patch = patchOf(source, top, left, height, width, each);
    const weights = patch.map((line, i) => line.map((_, j) => kernel.values[((i * width + j) * channels + each) * count + channel]));
    const sum = patch.flat().reduce((total, one, i) => total + one * weights.flat()[i], 0);
    return { channel: each, patch, kernel: weights, sum };
  });
  const constant = bias ? bias.values[channel] : 0;
  const total = terms.reduce((all, term) => all + term.sum, constant);
  terms.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  const rest = terms.slice(TERMS).reduce((all, term) => all + term.sum, 0);
  const others = Math.max(0, terms.length - TERMS);
  const sum = { size: height, bias: constant, total, value, terms: terms.slice(0, TERMS), others, rest };
  return { source: source.name, top, left, ...sum };
}

// Answers what the explorer asks. `redraw` is called when a kernel was switched: the answer is another one then.
export function layersOf(network, redraw) {
  const off = new Set();
  const flat = network.layers.findIndex((layer) => layer.kind === "Flatten");
  // The convolution whose kernel made a map; of a pooling there is none.
  const behind = (name) => {
    const place = network.layers.findIndex((layer) => layer.name === name);
    const { kind, name: kernels } = network.layers[place - 1] ?? {};
    return network.layers[place]?.kind === "ReLU" && kind === "Conv2D" ? kernels : null;
  };
  let tell = () => {};
  let shown = []; // the maps of the newest image
  let waiting;

  function publish() {
    const layers = shown.map(({ name, shape, values }) => {
      const [rows, columns, channels] = shape;
      const turned = new Float32Array(values.length); // channels first
      for (let i = 0; i < values.length; i++) turned[(i % channels) * rows * columns + Math.floor(i / channels)] = values[i];
      return { name, shape, values: turned };
    });
    tell({ layers });
  }

  return {
    off: () => off,
    isOff: (name, channel) => behind(name) && off.has(`${behind(name)}/${channel}`),
    tell(callback) {
      tell = callback;
      if (shown.length) publish();
    },
    send(content) {
      if (content.pixel && shown.length) tell({ sum: sumBehind(network, shown, content.pixel) });
      else if (content.kernel) {
        const [name, channel, isOff] = content.kernel;
        if (isOff) off.add(`${behind(name)}/${channel}`);
        else off.delete(`${behind(name)}/${channel}`);
        redraw();
      }
    },
    show(maps) {
      shown = maps.filter(({ kind }, i) => i === 0 || (i <= flat && (kind === "ReLU" || POOLING.includes(kind))));
      waiting ??= setTimeout(() => {
        waiting = undefined;
        publish();
      }, PAUSE_OF_MAPS);
    },
  };
}
