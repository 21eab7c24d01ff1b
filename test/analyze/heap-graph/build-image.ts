// Heap images made by hand, from blocks and the words in them.

import type { HeapImage } from '../../../src/analyze/heap-graph/index.ts';

export interface BlockInit {
  readonly address: number;
  readonly size: number;
  readonly sequence?: number;
  readonly label?: string;
  readonly stack?: readonly string[];
  readonly scope?: string;
  readonly opaque?: boolean;
}

export interface ImageInit {
  readonly pointerBits?: 32 | 64;
  readonly memoryBytes?: number;
  readonly blocks: readonly BlockInit[];
  /** Address of a word, and what it holds. */
  readonly writes?: readonly (readonly [address: number, value: number])[];
  readonly roots?: readonly Omit<HeapImage['roots'][number], 'offset'>[];
  readonly pointers?: HeapImage['pointers'];
  readonly words?: readonly { address: number; name?: string; weak?: boolean }[];
}

/** Places + 1 of names in a table that grows. */
function table<Entry>(keyOf: (entry: Entry) => string) {
  const entries: Entry[] = [];
  const places = new Map<string, number>();
  const place = (entry: Entry | undefined): number => {
    if (entry === undefined) return 0;
    const key = keyOf(entry);
    const known = places.get(key) ?? entries.push(entry);
    places.set(key, known);
    return known;
  };
  return { entries, place };
}

export function buildImage({
  pointerBits = 32,
  memoryBytes = 65_536,
  blocks,
  writes = [],
  roots = [],
  pointers = [],
  words = [],
}: ImageInit): HeapImage {
  const memory = new Uint8Array(memoryBytes);
  const view = new DataView(memory.buffer);
  for (const [address, value] of writes) {
    if (pointerBits === 32) view.setUint32(address, value, true);
    else view.setBigUint64(address, BigInt(value), true);
  }
  const labels = table<string>((label) => label);
  const scopes = table<string>((scope) => scope);
  const sites = table<readonly string[]>((stack) => stack.join('\n'));
  const names = table<string>((name) => name);
  names.place('');
  const sorted = [...words].sort((a, b) => a.address - b.address);
  return {
    takenAt: 0,
    pointerBits,
    memory,
    blocks: {
      addresses: new Float64Array(blocks.map(({ address }) => address)),
      sizes: new Float64Array(blocks.map(({ size }) => size)),
      sites: new Uint32Array(blocks.map(({ stack }) => sites.place(stack))),
      scopes: new Uint32Array(blocks.map(({ scope }) => scopes.place(scope))),
      sequences: new Uint32Array(blocks.map(({ sequence }, block) => sequence ?? block)),
      labels: new Uint32Array(blocks.map(({ label }) => labels.place(label))),
      scanned: new Float64Array(blocks.map(({ size, opaque }) => (opaque ? 0 : size))),
      offsets: new Float64Array(blocks.map(({ address }) => address)),
    },
    sites: sites.entries.map((stack) => ({ stack })),
    scopes: scopes.entries,
    labels: labels.entries,
    roots: roots.map((root) => ({ ...root, offset: root.from })),
    pointers,
    words: {
      addresses: new Float64Array(sorted.map(({ address }) => address)),
      names: new Uint32Array(sorted.map(({ name = '' }) => names.place(name) - 1)),
      weak: new Uint8Array(sorted.map(({ weak }) => (weak ? 1 : 0))),
    },
    wordNames: names.entries,
  };
}

/** The same, with no more in its memory than what is scanned: roots first, then blocks, the last ones first. */
export function packed(image: HeapImage): HeapImage {
  const parts: number[][] = [];
  let length = 0;
  const add = (from: number, bytes: number, old: number) => {
    const part = Array.from(image.memory.subarray(old, old + Math.max(0, bytes)));
    const padding = Math.ceil(length / 8) * 8 + (from % 8) - length;
    parts.push(Array(padding).fill(0xff), part);
    length += padding + part.length;
    return { offset: length - part.length, scanned: part.length };
  };
  const roots = image.roots.map(({ name, from, to, offset: old }) => {
    const { offset, scanned } = add(from, to - from, old);
    return { name, from, to: from + scanned, offset };
  });
  const { blocks } = image;
  const offsets = new Float64Array(blocks.addresses.length);
  const lengths = new Float64Array(offsets.length);
  for (let block = offsets.length - 1; block >= 0; block--) {
    const from = blocks.addresses[block] ?? 0;
    const { offset, scanned } = add(from, blocks.scanned[block] ?? 0, blocks.offsets[block] ?? 0);
    offsets[block] = offset;
    lengths[block] = scanned;
  }
  const memory = Uint8Array.from(parts.flat());
  return { ...image, memory, blocks: { ...blocks, offsets, scanned: lengths }, roots };
}

/** Blocks of 64 bytes that are linked as said, from static data in the first 256 bytes. */
export function linked(init: {
  readonly count: number;
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly roots: readonly number[];
  readonly labels?: readonly (string | undefined)[];
}): HeapImage {
  const address = (block: number) => 1024 + block * 64;
  const used = new Map<number, number>();
  const next = (block: number) => {
    const place = used.get(block) ?? 0;
    used.set(block, place + 1);
    return place;
  };
  return buildImage({
    memoryBytes: address(init.count),
    blocks: Array.from({ length: init.count }, (_, block) => {
      const label = init.labels?.[block];
      return { address: address(block), size: 64, ...(label !== undefined && { label }) };
    }),
    writes: [
      ...init.edges.map(([from, to]) => [address(from) + 4 * next(from), address(to)] as const),
      ...init.roots.map((block, place) => [4 * place, address(block)] as const),
    ],
    roots: [{ name: 'static data', from: 0, to: 256 }],
  });
}
