// The network in the browser: one function for each kind of layer, as in digitlib/reading/layers.py.
// A map is { shape: [rows, columns, channels], values: Float32Array }, its channels last.

// Half-precision numbers take half the bytes, and answer as the network does to about a thousandth.
function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return bits & 0x8000 ? -size : size;
}

// What digitlib/web/network_file.py writes: a line of JSON, then all weights.
export function readNetwork(buffer) {
  const bytes = new Uint8Array(buffer);
  const end = bytes.indexOf(10);
  const network = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  const weights = new DataView(buffer, end + 1);
  let place = 0;
  for (const layer of network.layers) {
    for (const [name, shape] of Object.entries(layer.arrays)) {
      const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
      for (let i = 0; i < values.length; i++, place += 2) values[i] = half(weights.getUint16(place, true));
      layer[name] = { shape, values };
    }
  }
  return network;
}

// How many zeros padding "same" puts before a side.
export function margin(size, window, stride) {
  return Math.max((Math.ceil(size / stride) - 1) * stride + window - size, 0) >> 1;
}

function convolve({ shape: [rows, columns, channels], values }, { kernel, bias, padding = "valid", strides = [1, 1] }) {
  const [height, width, , count] = kernel.shape;
  const same = padding === "same";
  const top = same ? margin(rows, height, strides[0]) : 0;
  const left = same ? margin(columns, width, strides[1]) : 0;
  const outRows = same ? Math.ceil(rows / strides[0]) : Math.floor((rows - height) / strides[0]) + 1;
  const outColumns = same ? Math.ceil(columns / strides[1]) : Math.floor((columns - width) / strides[1]) + 1;
  const out = new Float32Array(outRows * outColumns * count);
  for (let row = 0; row < outRows; row++) {
    for (let column = 0; column < outColumns; column++) {
      const start = (row * outColumns + column) * count;
      if (bias) out.set(bias.values, start);
      for (let i = 0; i < height; i++) {
        const y = row * strides[0] + i - top;
        if (y < 0 || y >= rows) continue;
        for (let j = 0; j < width; j++) {
          const x = column * strides[1] + j - left;
          if (x < 0 || x >= columns) continue;
          for (let channel = 0; channel < channels; channel++) {
            const value = values[(y * columns + x) * channels + channel];
            if (value === 0) continue; // most of a map is zero after ReLU
            const weights = ((i * width + j) * channels + channel) * count;
            for (let k = 0; k < count; k++) out[start + k] += value * kernel.values[weights + k];
          }
        }
      }
    }
  }
  return { shape: [outRows, outColumns, count], values: out };
}

// `join` takes two values of a window to one: their maximum, or their sum.
function pool({ shape: [rows, columns, channels], values }, [height, width], join) {
  const shape = [Math.floor(rows / height), Math.floor(columns / width), channels];
  const out = new Float32Array(shape[0] * shape[1] * channels);
  for (let i = 0; i < out.length; i++) {
    const channel = i % channels;
    const column = Math.floor(i / channels) % shape[1];
    const row = Math.floor(i / (channels * shape[1]));
    const at = (y, x) => values[((row * height + y) * columns + column * width + x) * channels + channel];
    let joined = at(0, 0);
    for (let cell = 1; cell < height * width; cell++) joined = join(joined, at(Math.floor(cell / width), cell % width));
    out[i] = joined;
  }
  return { shape, values: out };
}

function dense({ values }, { kernel, bias }) {
  const count = kernel.shape[1];
  const out = bias ? Float32Array.from(bias.values) : new Float32Array(count);
  for (let i = 0; i < values.length; i++) {
    for (let k = 0; k < count; k++) out[k] += values[i] * kernel.values[i * count + k];
  }
  return { shape: [1, 1, count], values: out };
}

function softmax({ shape, values }) {
  const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const exponentials = values.map((value) => Math.exp(value - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return { shape, values: exponentials.map((value) => value / sum) };
}

const OPERATIONS = {
  Conv2D: convolve,
  MaxPooling2D: (map, { size }) => pool(map, size, Math.max),
  AveragePooling2D: (map, { size }) => {
    const sums = pool(map, size, (a, b) => a + b);
    return { ...sums, values: sums.values.map((value) => value / (size[0] * size[1])) };
  },
  BatchNormalization: ({ shape, values }, { scale, offset }) => ({
    shape,
    values: values.map((value, i) => value * scale.values[i % shape[2]] + offset.values[i % shape[2]]),
  }),
  ReLU: ({ shape, values }) => ({ shape, values: values.map((value) => Math.max(value, 0)) }),
  Flatten: ({ values }) => ({ shape: [1, 1, values.length], values }),
  Dense: dense,
  Softmax: softmax,
};

// Send a 28 × 28 image (784 values from 0 to 1) through all layers; give the output of each, the image first.
// `off` holds kernels that are switched off, as "layer/channel": their maps are empty.
export function outputs(network, image, off = new Set()) {
  const maps = [{ name: "picture", kind: "", shape: [28, 28, 1], values: Float32Array.from(image) }];
  for (const layer of network.layers) {
    const map = OPERATIONS[layer.kind](maps.at(-1), layer);
    for (let channel = 0; off.size && channel < map.shape[2]; channel++) {
      if (!off.has(`${layer.name}/${channel}`)) continue;
      for (let i = channel; i < map.values.length; i += map.shape[2]) map.values[i] = 0;
    }
    maps.push({ name: layer.name, kind: layer.kind, ...map });
  }
  return maps;
}
