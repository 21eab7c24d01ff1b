// Keeps what the page had before any other script ran.
// @ts-nocheck: a page's script.
const holders = { Worker: globalThis };
for (const name of Object.getOwnPropertyNames(WebAssembly)) holders[name] = WebAssembly;
globalThis.before = Object.fromEntries(
  Object.entries(holders).map(([name, holder]) => [name, holder[name]]),
);

/** @returns names of the functions and classes that have been replaced since. */
globalThis.replaced = () =>
  Object.entries(before).flatMap(([name, value]) =>
    typeof value === 'function' && value !== holders[name][name] ? [name] : [],
  );
