// An application that works with libvips.
// @ts-nocheck: what is global here comes from other scripts.

globalThis.ready = Vips({
  dynamicLibraries: [],
  locateFile: (file) => new URL(`vips/${file}`, document.baseURI).href,
}).then((vips) => {
  globalThis.vips = vips;
  return true;
});

/** Work for many threads. @returns the bytes of the picture as they were written, in sum. */
globalThis.blur = function blur() {
  const image = vips.Image.black(600, 600).add(100).gaussblur(4);
  const bytes = image.writeToBuffer('.png');
  image.delete();
  return bytes.reduce((sum, byte) => (sum + byte) % 1e9, bytes.length);
};
