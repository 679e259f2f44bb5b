// A ZIP file of a few files, stored as they are (PKWARE's APPNOTE, version 6.3).
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});
const checksum = (bytes) => ~bytes.reduce((sum, byte) => TABLE[(sum ^ byte) & 255] ^ (sum >>> 8), -1) >>> 0;
const DAY = (1 << 5) | 1; // every file is of 1 January 1980: when it was made is nobody's business

// Numbers, each with its bytes, the lowest first.
function littleEndian(...pairs) {
  return Uint8Array.from(pairs.flatMap(([value, size]) => Array.from({ length: size }, (_, i) => (value >>> (8 * i)) & 255)));
}

// `files` is a list of [name, bytes].
export function zipOf(files) {
  const [parts, directory] = [[], []];
  let place = 0;
  for (const [name, bytes] of files) {
    const title = new TextEncoder().encode(name);
    const facts = littleEndian([20, 2], [0x800, 2], [0, 2], [0, 2], [DAY, 2], [checksum(bytes), 4],
      [bytes.length, 4], [bytes.length, 4], [title.length, 2], [0, 2]);
    directory.push(littleEndian([0x02014b50, 4], [20, 2]), facts, littleEndian([0, 2], [0, 2], [0, 2], [0, 4], [place, 4]), title);
    parts.push(littleEndian([0x04034b50, 4]), facts, title, bytes);
    place += 4 + facts.length + title.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = littleEndian([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [place, 4], [0, 2]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
