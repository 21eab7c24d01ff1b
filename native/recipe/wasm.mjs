// Reads of a wasm file what the recipe promises of it: its exports and whether it has names.

/**
 * @param {Buffer} bytes
 * @returns {{ exports: string[], hasNames: boolean }}
 */
export function describeWasm(bytes) {
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  return {
    exports: WebAssembly.Module.exports(module).map((entry) => entry.name),
    hasNames: WebAssembly.Module.customSections(module, 'name').length > 0,
  };
}
