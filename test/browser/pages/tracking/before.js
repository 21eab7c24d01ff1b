// Keeps what the page had before any other script ran.
// @ts-nocheck: a page's script.
globalThis.before = {
  Worker,
  ...Object.fromEntries(
    Object.getOwnPropertyNames(WebAssembly).map((name) => [name, WebAssembly[name]]),
  ),
};

/** @returns names of what has been replaced since. */
globalThis.replaced = () =>
  Object.keys(before).filter(
    (name) => before[name] !== (name === 'Worker' ? Worker : WebAssembly[name]),
  );
