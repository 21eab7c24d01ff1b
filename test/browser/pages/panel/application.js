// An application that keeps a picture, and drops what it is told to.
// @ts-nocheck: what is global here comes from other scripts.

/** Resolves once GEGL runs. */
globalThis.ready = Gegl.init({ license: 'GPL3', wasmUrl: '/native/gegl.wasm' }).then(() => {
  const buffer = Gegl.createBuffer({ width: 300, height: 200 });
  buffer.setPixels(new Float32Array(300 * 200 * 4).fill(0.5));
  globalThis.picture = buffer;
  return true;
});

/** Makes a color that nobody can release any more. */
globalThis.loseColor = function loseColor() {
  Gegl.createColor('red');
};

/** The element, what is in it, and its text. */
globalThis.panel = () => document.querySelector('gegl-memory-panel');
globalThis.inPanel = (selector) => panel().shadowRoot.querySelector(selector);
globalThis.allInPanel = (selector) => [...panel().shadowRoot.querySelectorAll(selector)];
globalThis.textOf = (selector) => inPanel(selector)?.textContent;
globalThis.button = (label) =>
  allInPanel('button').find(({ textContent }) => textContent === label);

/** Opens the panel, and closes it when it could draw, with an event of its own still on the way. */
globalThis.openAndClose = async function openAndClose() {
  const weak = new WeakRef(await memoryProfiler.showPanel());
  await new Promise((resolve) => setTimeout(resolve, 5));
  const section = inPanel('details');
  section.open = !section.open;
  memoryProfiler.hidePanel();
  return weak;
};
