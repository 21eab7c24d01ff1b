// A heap made up for measuring: blocks of 16 bytes to 1 KB, 256 bytes on average with malloc's header.
// One block in a hundred is pointed to by none but its like.

import type { HeapImage } from '../../src/analyze/heap-graph/index.ts';

export interface HeapShape {
  readonly blocks: number;
  /** Share of words that are pointers; a quarter when left out. */
  readonly pointers?: number;
  /** Share of pointers that lead anywhere; the others lead to one of the 500 blocks before or behind. */
  readonly far: number;
  readonly pointerBits: 32 | 64;
}

const HEADER = 8;
const STATIC_DATA = { name: 'static data', from: 1024, to: 1024 + 256 * 1024 };
const HANDLES = 1000;

export function makeHeap({
  blocks: count,
  pointers = 0.25,
  far,
  pointerBits,
}: HeapShape): HeapImage {
  const random = seeded(20_261_124);
  const below = (limit: number) => Math.floor(random() * limit);
  const addresses = new Float64Array(count);
  const sizes = new Float64Array(count);
  let end = 512 * 1024;
  for (let block = 0; block < count; block++) {
    const size = Math.round(16 * 2 ** (random() * Math.log2(1056 / 16)));
    addresses[block] = end + HEADER;
    sizes[block] = size;
    end += HEADER + Math.ceil(size / 8) * 8;
  }
  const memory = new Uint8Array(Math.ceil(end / 65_536) * 65_536);
  const units = new Uint32Array(memory.buffer);
  const step = pointerBits / 32;

  const isLost = (block: number) => block % 100 === 99;
  const pointerFrom = (block: number): number => {
    const near = Math.min(count - 1, Math.max(0, block + below(1001) - 500));
    const target = random() < far ? below(count) : near;
    const held = isLost(target) && !isLost(block) ? target - 1 : target;
    const isInterior = random() < 0.05;
    return (addresses[held] ?? 0) + (isInterior ? below(sizes[held] ?? 0) : 0);
  };
  const fill = (from: number, to: number, block: () => number) => {
    for (let unit = Math.ceil(from / 4 / step) * step; unit + step <= to / 4; unit += step) {
      const kind = random();
      if (kind < pointers) units[unit] = pointerFrom(block());
      else if (kind < pointers + 0.35) units[unit] = below(4096);
      else if (kind < pointers + 0.55) units[unit] = below(2 ** 32);
    }
  };
  fill(STATIC_DATA.from, STATIC_DATA.to, () => below(count) - (below(count) % 100));
  for (let block = 0; block < count; block++) {
    const from = addresses[block] ?? 0;
    fill(from, from + (sizes[block] ?? 0), () => block);
  }

  return {
    takenAt: Date.now(),
    pointerBits,
    memory,
    blocks: {
      addresses,
      sizes,
      sites: new Uint32Array(count).map((_, block) => block % 200),
      scopes: new Uint32Array(count),
      sequences: new Uint32Array(count).map((_, block) => block),
      labels: new Uint32Array(count).map((_, block) => block % 4),
      scanned: sizes.slice(),
      offsets: addresses.slice(),
    },
    sites: Array.from({ length: 200 }, (_, site) => ({ stack: [`make_${site}`, 'main'] })),
    scopes: [],
    labels: ['GeglBuffer', 'GeglNode', 'GList'],
    roots: [{ ...STATIC_DATA, offset: STATIC_DATA.from }],
    pointers: Array.from({ length: HANDLES }, (_, handle) => ({
      kind: 'handle' as const,
      name: `GeglBuffer #${handle}`,
      address: addresses[Math.floor((handle * count) / HANDLES / 100) * 100] ?? 0,
    })),
    words: { addresses: new Float64Array(), names: new Uint32Array(), weak: new Uint8Array() },
    wordNames: [],
  };
}

/** Marsaglia's xorshift, so that every run sees the same heap. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
