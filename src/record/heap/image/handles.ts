// Native objects that JavaScript holds: the handles of the wrapper, and of bindings made with embind.

import { type LiveEntry, liveObjects, runningEngines } from '../../../gegl/lifecycle.ts';
import { memoryOf } from '../../module.ts';
import type { BlockTable } from '../contents.ts';
import { registry } from '../registry.ts';

export interface HandlePointer {
  readonly kind: 'handle';
  /** Such as 'buffer 64 x 64 RGBA float'. */
  readonly name: string;
  readonly address: number;
}

/** Those that are alive and of the module whose memory this is. */
export function handlePointers(memory: WebAssembly.Memory): HandlePointer[] {
  const found: HandlePointer[] = [];
  for (const entry of liveObjects().values()) {
    const handle = entry.handle.deref();
    const address = handle && isIn(memory, entry) ? addressOf(handle) : null;
    if (address !== null) {
      found.push({ kind: 'handle', name: entry.description, address });
    }
  }
  return found;
}

/** What bindings of others hold: every number of a live handle that is an address in a live block. */
export function* bindingPointers(
  blocks: Pick<BlockTable, 'find'>,
): Generator<void, HandlePointer[]> {
  const found = new Map<number, HandlePointer>();
  for (const { addresses, name } of registry().handles ?? []) {
    for (const address of addresses) {
      if (blocks.find(address) < 0 || found.has(address)) continue;
      found.set(address, { kind: 'handle', name: name(), address });
    }
    yield;
  }
  return [...found.values()];
}

/** Whether a wrapper or binding tells what JavaScript holds of the module whose memory this is. */
export function knowsHandles(memory: WebAssembly.Memory): boolean {
  return (
    [...runningEngines()].some((engine) => bufferOf(engine) === memory.buffer) ||
    handlePointers(memory).length > 0
  );
}

/** Whose module is not known may be of this one. */
function isIn(memory: WebAssembly.Memory, { owner }: LiveEntry): boolean {
  const bytes = bufferOf(owner?.deref());
  return bytes ? bytes === memory.buffer : true;
}

/** Null where the owner has no module, or one that has stopped. */
function bufferOf(owner: unknown): ArrayBufferLike | null {
  const module = property(owner, 'module');
  return typeof module === 'object' && module ? memoryOf(module) : null;
}

function addressOf(handle: object): number | null {
  const address = property(handle, 'address') ?? property(property(handle, '$$'), 'ptr');
  return typeof address === 'number' && address !== 0 ? address >>> 0 : null;
}

/** Some are getters that throw, as of an object that was destroyed. */
function property(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  try {
    return Reflect.get(holder, name);
  } catch {
    return undefined;
  }
}
