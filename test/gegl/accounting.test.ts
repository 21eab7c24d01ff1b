// What the tracker says of GEGL's heap, block by block, against the allocator's own chunks.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GeglEngine, type GeglMessage } from '../../src/gegl/index.ts';
import {
  type TrackedHeap,
  type Tracking,
  trackedHeaps,
  trackLoads,
} from '../../src/record/heap/track-loads.ts';
import { moduleFactory, moduleNames } from './built-module.ts';
import { assertNoCriticals } from './conformance/case.ts';
import { runSession } from './random-session.ts';

/** Bits of a chunk's head in dlmalloc: in use, and the chunk before it in use. */
const CINUSE = 2;
const PINUSE = 1;
const FLAGS = 7;
/** A chunk's overhead where it is in use: its head. */
const OVERHEAD = 4;

interface Module {
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _mallinfo(result: number): void;
}

/** Addresses and sizes of the chunks in use, from the first chunk that any block lies in to the top. */
function walkChunks({ HEAPU32 }: Module, first: number): Map<number, number> {
  const chunks = new Map<number, number>();
  for (let chunk = first - 8; ; ) {
    const head = HEAPU32[(chunk + 4) >> 2] ?? 0;
    const size = (head & ~FLAGS) >>> 0;
    const next = chunk + size;
    // The top, and the fence behind it, are in no one's use.
    if (size < 16 || next + 4 >= HEAPU32.byteLength) return chunks;
    if (head & CINUSE) chunks.set(chunk + 8, size);
    else if ((HEAPU32[(next + 4) >> 2] ?? 0) & PINUSE) return chunks;
    chunk = next;
  }
}

function blocksOf({ tracker }: TrackedHeap): Map<number, number> {
  const blocks = new Map<number, number>();
  tracker.forEachBlock((address, size) => blocks.set(address, size));
  return blocks;
}

/** `uordblks`, and the block that it was written to. */
function mallinfo(module: Module): { used: number; address: number } {
  const address = module._malloc(40);
  module._mallinfo(address);
  return { used: module.HEAPU32[(address >> 2) + 7] ?? 0, address };
}

async function start(name: string): Promise<{ engine: GeglEngine; messages: GeglMessage[] }> {
  const messages: GeglMessage[] = [];
  const engine = new GeglEngine();
  await engine.init({
    module: moduleFactory(name),
    license: 'GPL3',
    onMessage: (message) => messages.push(message),
  });
  return { engine, messages };
}

describe.each(moduleNames)('the heap of %s', (name) => {
  let tracking: Tracking;
  let checkpoints = 0;
  let greatest = 0;
  const differences: string[] = [];
  let pixels = '';
  let heap: TrackedHeap | undefined;
  let messages: GeglMessage[] = [];

  beforeAll(async () => {
    tracking = trackLoads({ mode: 'counts' });
    const started = await start(name);
    messages = started.messages;
    const { engine } = started;
    heap = trackedHeaps().at(-1);
    if (!heap) throw new Error('the module is not tracked');
    const tracked = heap;
    const module = engine.module as unknown as Module;
    let constant: number | undefined;
    const checkpoint = () => {
      checkpoints += 1;
      const { used, address } = mallinfo(module);
      const blocks = blocksOf(tracked);
      const chunks = walkChunks(module, Math.min(...blocks.keys()));
      module._free(address);
      greatest = Math.max(greatest, blocks.size);
      const say = (what: string) => differences.push(`checkpoint ${checkpoints}: ${what}`);
      for (const block of blocks.keys()) if (!chunks.has(block)) say(`no chunk at ${block}`);
      for (const chunk of chunks.keys()) if (!blocks.has(chunk)) say(`no block at ${chunk}`);
      for (const [block, size] of blocks) {
        if (size + OVERHEAD > (chunks.get(block) ?? Infinity)) say(`${size} bytes at ${block}`);
      }
      const bytes = [...chunks.values()].reduce((sum, size) => sum + size, 0);
      // mallinfo counts the alignment at the beginning of the heap, too: the same bytes always.
      constant ??= used - bytes;
      if (used - bytes !== constant || constant > 64 || constant < 0)
        say(`${used} used, ${bytes} in chunks`);
      const { liveBytes, liveBlocks } = tracked.tracker.counters();
      const sizes = [...blocks.values()].reduce((sum, size) => sum + size, 0);
      // The block for mallinfo is freed by now.
      if (liveBlocks !== blocks.size - 1 || liveBytes !== sizes - 40)
        say('totals are not those of the blocks');
    };
    pixels = runSession(engine, { seed: 42, actions: 600, checkpoint });
    engine.exit();
    checkpoint();
  }, 300_000);
  afterAll(() => tracking?.stop());

  it('has the blocks that the tracker says, at every checkpoint', () => {
    expect(differences.slice(0, 10)).toEqual([]);
    expect(checkpoints).toBeGreaterThan(30);
    expect(greatest).toBeGreaterThan(10_000);
    assertNoCriticals(messages);
  });

  it('saw no free of an unknown block, and no block twice', () => {
    expect(heap?.tracker.counters()).toMatchObject({
      unknownFrees: 0,
      duplicateAllocations: 0,
      misaligned: 0,
    });
    expect(heap?.tracker.failed).toBe(false);
  });

  it('shows the same pixels without it', async () => {
    tracking.stop();
    const { engine } = await start(name);
    expect(trackedHeaps().at(-1)).toBe(heap);
    const plain = runSession(engine, { seed: 42, actions: 600, checkpoint: () => {} });
    engine.exit();
    expect(plain).toBe(pixels);
  });
});
