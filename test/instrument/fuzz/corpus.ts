// Small modules to mutate: of each feature, and real ones of others with all code left out but that of their
// allocator.

import { instrumentWasm } from '../../../src/instrument/index.ts';
import { parseModule, SECTION } from '../../../src/instrument/module.ts';
import { ByteWriter, u32 } from '../../../src/instrument/writer.ts';
import { FEATURES } from '../features.ts';
import { FOREIGN } from '../foreign-modules.ts';

/** `unreachable`, without locals. */
const STUB = [3, 0, 0x00, 0x0b];

/** The same module with other functions' bodies, and all data, left out. */
function withoutOtherCode(bytes: Uint8Array, kept: ReadonlySet<number>): Uint8Array {
  const module = parseModule(bytes);
  const output = new ByteWriter().push(bytes.subarray(0, 8));
  for (const { id, start, end } of module.sections) {
    if (id === SECTION.data || id === SECTION.dataCount || id === SECTION.custom) continue;
    if (id !== SECTION.code) {
      output.push(bytes.subarray(start, end));
      continue;
    }
    const code = new ByteWriter().push(u32(module.bodies.length));
    [...module.bodies].forEach(({ entry, end: last }, place) => {
      const isKept = kept.has(place + module.imported.function);
      code.push(isKept ? bytes.subarray(entry, last) : STUB);
    });
    output.push([id, ...u32(code.length)]).append(code);
  }
  return output.bytes;
}

function foreign(name: string): Uint8Array {
  const found = FOREIGN.find((module) => module.name === name);
  if (!found) throw new Error(`no module ${name}`);
  const { bytes, glue } = found;
  const { report } = instrumentWasm(bytes, glue === undefined ? {} : { glue });
  const kept = new Set(report.allocator.functions.map(({ index }) => index));
  return withoutOtherCode(bytes, kept);
}

/** Some hundred bytes each. */
export const featureModules: readonly Uint8Array[] = FEATURES.map(({ bytes }) => bytes);

/** Some ten thousand bytes each. */
export const foreignModules = (): readonly Uint8Array[] =>
  ['webp decoder', 'draco decoder', 'tree-sitter', 'woff2 decompressor', 'harfbuzz'].map(foreign);
