// A custom section by which a worker tells which module it was sent: the page and its workers have
// different objects for one module, and nothing else is the same in both.

import { ByteWriter, name, u32 } from '../writer.ts';

const SECTION = 'memprof:threads';

/** The module with the section at its end. */
export function withThreadId(bytes: Uint8Array, id: string): Uint8Array {
  const contents = [...name(SECTION), ...new TextEncoder().encode(id)];
  return new ByteWriter()
    .push(bytes)
    .push([0, ...u32(contents.length)])
    .push(contents).bytes;
}

export function threadIdOf(module: WebAssembly.Module): string | null {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  return section ? new TextDecoder().decode(section) : null;
}
