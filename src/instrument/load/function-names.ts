// Names of functions of a compiled module: its engine keeps the name section, so that we need not.

import { parseModule, type WasmModule } from '../module.ts';
import { NAME_SECTION, readFunctionNames } from '../names.ts';
import { ByteWriter, name, u32 } from '../writer.ts';

export function functionNamesOf(module: WebAssembly.Module): ReadonlyMap<number, string> {
  const [section] = WebAssembly.Module.customSections(module, NAME_SECTION);
  if (!section) return new Map();
  const title = name(NAME_SECTION);
  const alone = new ByteWriter()
    .push([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, ...u32(title.length + section.byteLength)])
    .push(title)
    .push(new Uint8Array(section)).bytes;
  const empty = parseModule(alone);
  // How many functions there are, only the whole module tells.
  const whole: WasmModule = { ...empty, counts: { ...empty.counts, function: 2 ** 32 } };
  return readFunctionNames(whole).all();
}
