// From a drawing to what the network sees, as digitlib/reading does it: threshold, crop, resize, center, normalize.
// Only for drawings: their paper is white and even. Photos are read in Python.
const INK = 102; // grey levels of 255: what is darker is ink (digitlib.reading.binarize)
const SOLID = 100; // the same for the width of strokes
const LEAST_AREA = 3; // pixels: less is dust
const DIGIT_SIDE = 20; // pixels: longest side of a digit in MNIST
const SIDE = 28; // pixels: side of an MNIST image
const DETAIL = 6; // strokes are widened in an image this many times larger
const LEAST_STROKE = 1.9; // pixels of a digit 20 pixels tall: thinner strokes are widened ...
const NEW_STROKE = 2.4; // ... to this

// Halves go to the even neighbour, as Python and OpenCV round.
function round(value) {
  const below = Math.floor(value);
  const rest = value - below;
  return rest === 0.5 ? below + (below % 2) : Math.round(value);
}
const byte = (value) => Math.min(255, Math.max(0, round(value)));

// Ink that is connected, also by corners. Each part: its label, box and area.
function components(light, width, height) {
  const labels = new Int32Array(width * height);
  const found = [];
  const stack = new Int32Array(width * height);
  for (let start = 0; start < labels.length; start++) {
    if (light[start] <= INK || labels[start]) continue;
    const label = found.length + 1;
    const part = { labels: [label], top: height, left: width, bottom: 0, right: 0, area: 0 };
    labels[start] = label;
    stack[0] = start;
    for (let waiting = 1; waiting > 0; ) {
      const place = stack[--waiting];
      const column = place % width;
      const row = (place - column) / width;
      part.area++;
      if (row < part.top) part.top = row;
      if (row >= part.bottom) part.bottom = row + 1;
      if (column < part.left) part.left = column;
      if (column >= part.right) part.right = column + 1;
      for (let y = row > 0 ? row - 1 : 0; y <= row + 1 && y < height; y++) {
        for (let x = column > 0 ? column - 1 : 0; x <= column + 1 && x < width; x++) {
          const next = y * width + x;
          if (light[next] <= INK || labels[next]) continue;
          labels[next] = label;
          stack[waiting++] = next;
        }
      }
    }
    part.atBorder = part.top === 0 || part.left === 0 || part.bottom === height || part.right === width;
    found.push(part);
  }
  return { labels, parts: found.filter((part) => part.area >= LEAST_AREA) };
}

const tall = (part) => part.bottom - part.top;
const wide = (part) => part.right - part.left;
const longest = (part) => Math.max(tall(part), wide(part));

function joined(a, b) {
  return {
    labels: [...a.labels, ...b.labels],
    top: Math.min(a.top, b.top),
    left: Math.min(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.max(a.right, b.right),
    area: a.area + b.area,
    atBorder: a.atBorder || b.atBorder,
  };
}

function prominence(part, width, height) {
  const size = Math.hypot(tall(part), wide(part)) / Math.hypot(width, height);
  const away = Math.hypot((part.top + tall(part) / 2) / height - 0.5, (part.left + wide(part) / 2) / width - 0.5);
  return size * Math.sqrt(part.area) * (1 - 0.6 * away) * (part.atBorder ? 0.3 : 1);
}

function belongs(part, digit) {
  const size = longest(digit);
  if (longest(part) < 0.1 * size || part.area < 0.015 * digit.area) return false;
  const gapRows = Math.max(part.top - digit.bottom, digit.top - part.bottom);
  const gapColumns = Math.max(part.left - digit.right, digit.left - part.right);
  if (Math.max(gapRows, gapColumns) > 0.25 * Math.max(size, longest(part))) return false;
  if (part.atBorder && !digit.atBorder) return false;
  const beside = gapColumns > -0.3 * Math.min(wide(part), wide(digit));
  return !(beside && tall(part) > 0.6 * tall(digit));
}

// The parts that make up one digit, and those left over (main_digit of digitlib.reading.components).
function mainDigit(parts, width, height) {
  let digit = parts.reduce((best, part) =>
    prominence(part, width, height) > prominence(best, width, height) ? part : best);
  let rest = parts.filter((part) => part !== digit);
  for (let next; (next = rest.find((part) => belongs(part, digit))); ) {
    digit = joined(digit, next);
    rest = rest.filter((part) => part !== next);
  }
  return { digit, rest };
}

function crop(light, labels, width, digit) {
  const [rows, columns] = [tall(digit), wide(digit)];
  const own = new Uint8Array((rows + 2) * (columns + 2)); // with a margin: no neighbour lies outside
  const across = columns + 2;
  const values = new Uint8Array(rows * columns);
  const placeOf = (row, column) => (digit.top + row) * width + digit.left + column;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (digit.labels.includes(labels[placeOf(row, column)])) own[(row + 1) * across + column + 1] = 1;
    }
  }
  // Strokes fade towards their edges: the soft rim, one pixel wide, is theirs.
  const near = [0, -1, 1, -across, across, -across - 1, -across + 1, across - 1, across + 1];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [place, middle] = [placeOf(row, column), (row + 1) * across + column + 1];
      if (light[place] === 0 || (labels[place] && !own[middle])) continue;
      if (near.some((step) => own[middle + step])) values[row * columns + column] = light[place];
    }
  }
  return { rows, columns, values };
}

// Mean distance of the ink to the paper, in two passes (Borgefors 1986), and from it the width of the strokes.
function strokeWidth({ rows, columns, values }) {
  const [straight, oblique] = [0.955, 1.3693];
  const across = columns + 2;
  const distance = new Float32Array((rows + 2) * across);
  for (let i = 0; i < values.length; i++) {
    if (values[i] > SOLID) distance[(Math.floor(i / columns) + 1) * across + (i % columns) + 1] = Infinity;
  }
  const steps = [[-1, straight], [-across, straight], [-across - 1, oblique], [-across + 1, oblique]];
  for (const sign of [1, -1]) {
    for (let i = across; i < distance.length - across; i++) {
      const place = sign === 1 ? i : distance.length - 1 - i;
      if (distance[place] === 0) continue;
      for (const [step, length] of steps) {
        distance[place] = Math.min(distance[place], distance[place + sign * step] + length);
      }
    }
  }
  const inked = distance.filter((value) => value > 0);
  return inked.length ? Math.max(1, (4 * inked.reduce((sum, value) => sum + value, 0)) / inked.length - 2.2) : 1;
}

// For each new pixel along one side: the old ones, each with its weight. Shrinking takes the mean of what a pixel
// covers (INTER_AREA of OpenCV), growing a cubic curve through four (INTER_CUBIC).
function weights(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, place) => {
    if (scale >= 1) {
      const [start, end] = [place * scale, Math.min((place + 1) * scale, from)];
      const first = Math.floor(start);
      const count = Math.ceil(end - 1e-9) - first;
      return Array.from({ length: count }, (_, i) => {
        const part = Math.min(end, first + i + 1) - Math.max(start, first + i);
        return [first + i, part / (end - start)];
      });
    }
    const middle = (place + 0.5) * scale - 0.5;
    const first = Math.floor(middle);
    const x = middle - first;
    const A = -0.75;
    const near = (d) => ((A + 2) * d - (A + 3)) * d * d + 1;
    const far = (d) => ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
    const parts = [far(x + 1), near(x), near(1 - x), far(2 - x)];
    return parts.map((part, i) => [Math.min(from - 1, Math.max(0, first + i - 1)), part]);
  });
}

function scaled({ rows, columns, values }, side) {
  const factor = side / Math.max(rows, columns);
  const [newRows, newColumns] = [rows, columns].map((length) => Math.max(1, round(length * factor)));
  const [down, across] = [weights(rows, newRows), weights(columns, newColumns)];
  const level = new Float64Array(rows * newColumns);
  for (let row = 0; row < rows; row++) {
    across.forEach((parts, column) => {
      for (const [from, part] of parts) level[row * newColumns + column] += part * values[row * columns + from];
    });
  }
  const out = new Uint8Array(newRows * newColumns);
  down.forEach((parts, row) => {
    for (let column = 0; column < newColumns; column++) {
      let sum = 0;
      for (const [from, part] of parts) sum += part * level[from * newColumns + column];
      out[row * newColumns + column] = byte(sum);
    }
  });
  return { rows: newRows, columns: newColumns, values: out };
}

// Each pixel becomes the lightest within an ellipse of this side around it; the image grows by half of it all around.
function widened({ rows, columns, values }, side) {
  const reach = side >> 1;
  const [newRows, newColumns] = [rows + 2 * reach, columns + 2 * reach];
  const out = new Uint8Array(newRows * newColumns);
  for (let dy = -reach; dy <= reach; dy++) {
    const half = reach ? round(reach * Math.sqrt((reach * reach - dy * dy) / (reach * reach))) : 0;
    for (let dx = -half; dx <= half; dx++) {
      for (let row = 0; row < rows; row++) {
        const start = (row + reach + dy) * newColumns + reach + dx;
        for (let column = 0; column < columns; column++) {
          const value = values[row * columns + column];
          if (value > out[start + column]) out[start + column] = value;
        }
      }
    }
  }
  return { rows: newRows, columns: newColumns, values: out };
}

// A share of the values lies below this one; interpolated between neighbours.
function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const rank = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  return low + (high - low) * (rank % 1);
}

function resized(image) {
  const side = Math.max(image.rows, image.columns);
  const width = (strokeWidth(image) * DIGIT_SIDE) / side;
  if (side >= DIGIT_SIDE - 2 && side <= DIGIT_SIDE && width >= LEAST_STROKE) return image;
  let large = scaled(image, DETAIL * DIGIT_SIDE);
  if (width < LEAST_STROKE) large = widened(large, round(DETAIL * (NEW_STROKE - Math.max(width, 0.3))) | 1);
  const small = scaled(large, DIGIT_SIDE);
  const inked = small.values.filter((value) => value > 0);
  const gain = 255 / Math.max(inked.length ? percentile(inked, 0.9) : 255, 1);
  return { ...small, values: small.values.map((value) => byte(value * gain)) };
}

// The centre of mass comes to the middle of 28 × 28 pixels.
function centered({ rows, columns, values }) {
  let [mass, down, across] = [0, 0, 0];
  values.forEach((value, i) => {
    mass += value;
    down += value * Math.floor(i / columns);
    across += value * (i % columns);
  });
  const clip = (value, most) => Math.min(most, Math.max(0, value));
  const top = clip(round(SIDE / 2 - down / Math.max(mass, 1e-9)), SIDE - rows);
  const left = clip(round(SIDE / 2 - across / Math.max(mass, 1e-9)), SIDE - columns);
  const out = new Float32Array(SIDE * SIDE);
  values.forEach((value, i) => {
    out[(top + Math.floor(i / columns)) * SIDE + left + (i % columns)] = value / 255;
  });
  return out;
}

// The digits of a drawing, in reading order: each with its 28 × 28 image. `pixels` is an ImageData, dark on white.
export function prepareDrawing({ data, width, height }) {
  const light = new Uint8Array(width * height);
  for (let i = 0; i < light.length; i++) light[i] = 255 - data[4 * i];
  const { labels, parts } = components(light, width, height);
  const digits = [];
  let largest = 0;
  for (let rest = parts; rest.length; ) {
    const found = mainDigit(rest, width, height);
    largest = Math.max(largest, longest(found.digit));
    // What is small beside the first is no further digit.
    if (longest(found.digit) <= 0.5 * largest) break;
    digits.push(found.digit);
    rest = found.rest;
  }
  const above = (a, b) => a.bottom < b.top + 0.3 * tall(b);
  digits.sort((a, b) => (above(a, b) ? -1 : above(b, a) ? 1 : a.left - b.left));
  return digits.map((digit) => ({ ...digit, image: centered(resized(crop(light, labels, width, digit))) }));
}
