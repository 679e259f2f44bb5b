// A photo, ready to be sent: upright, shrunk and encoded anew here, in the browser. So a large phone photo travels in
// an instant, and leaves the place and date of taking behind.
const LONGEST_SIDE = 1600; // pixels
const QUALITY = 0.92; // of the JPEG
const OPAQUE = 255; // of a pixel that nothing shines through
const NAMING_BYTES = 12; // tell what kind of file it is; a photo's place and date lie further behind
const NO_BROWSERS = /^(....ftyp(hei|hev|mif|msf)|II\*\0|MM\0\*)/s; // first bytes of HEIC, as iPhones store photos, and TIFF

// Gives the bytes to send and a canvas to show. Where nothing can be sent, the key of a sentence stands for the bytes.
export async function preparePhoto(file) {
  try {
    return await opened(file);
  } catch {
    return { bytes: "unreadable", shown: null }; // a folder, or a file that has gone
  }
}

function isTransparent(context, { width, height }) {
  const { data } = context.getImageData(0, 0, width, height);
  return data.some((value, i) => i % 4 === 3 && value < OPAQUE);
}

async function opened(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // The browser cannot open it, so it cannot take place and date out. Only the beginning is sent: the answer says
    // what kind of file it is.
    const bytes = await file.slice(0, NAMING_BYTES).arrayBuffer();
    return { bytes: NO_BROWSERS.test(String.fromCharCode(...new Uint8Array(bytes))) ? "heic" : bytes, shown: null };
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  // What lies behind a picture that can be seen through, dark or light paper, is for Python to find out.
  const type = file.type !== "image/jpeg" && isTransparent(context, canvas) ? "image/png" : "image/jpeg";
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
  return { bytes: await blob.arrayBuffer(), shown: canvas };
}
