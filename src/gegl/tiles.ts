// Which bytes of tiles belong to which GeglBuffer. A tile lives in the storage of a buffer, or, once that has let
// go of it, in the backend that keeps it; tiles that were copied share their data until one is written.

import type { BlockTable } from '../record/heap/contents.ts';
import type { HeapMemory } from '../record/heap/memory.ts';
import type { Charge, Instance } from '../record/heap/probe-binding.ts';

/** `struct _GeglTile` of GEGL 0.4 on wasm32. */
export const TILE = { bytes: 88, data: 4, size: 8, storage: 12, clones: 52, ownClones: 56 };
/** Counters of copies stand before data that GEGL has allocated itself. */
const COUNTERS_BEFORE_DATA = 8;
const MAX_TILE_BYTES = 2 ** 30;
/** From a backend to its tiles: table, keys, entry, tile. */
const BACKEND_DEPTH = 4;

interface Tile {
  readonly data: number;
  readonly size: number;
  readonly storage: number;
}

/** Null where there is no storage to be seen: then nothing is known of tiles. */
export function chargeTiles(
  memory: HeapMemory,
  contents: BlockTable,
  instances: readonly Instance[],
): Charge[] | null {
  const of = (type: RegExp) => instances.filter((instance) => type.test(instance.type));
  const storages = new Set(of(/^GeglTileStorage$/).map(({ address }) => address));
  if (storages.size === 0) return null;
  const backends = of(/^GeglTileBackend/);
  const owners = ownersOf(memory, contents, of(/^Gegl(Buffer|Cache)$/), [
    ...storages,
    ...backends.map(({ address }) => address),
  ]);
  const tiles = findTiles(memory, contents, storages);
  /** Tiles by who holds them. */
  const held = new Map<number, Tile[]>();
  const hold = (holder: number, tile: Tile) => {
    const others = held.get(holder);
    if (others) others.push(tile);
    else held.set(holder, [tile]);
  };
  for (const tile of tiles.values()) if (tile.storage !== 0) hold(tile.storage, tile);
  if ([...tiles.values()].some(({ storage }) => storage === 0)) {
    const inside = new Set(instances.map(({ address }) => contents.find(address)));
    for (const { address } of backends) {
      for (const tile of tilesBelow(memory, contents, contents.find(address), tiles, inside)) {
        if (tile.storage === 0) hold(address, tile);
      }
    }
  }
  return charge(owners, held);
}

function findTiles(
  memory: HeapMemory,
  { addresses, sizes }: BlockTable,
  storages: ReadonlySet<number>,
): Map<number, Tile> {
  const tiles = new Map<number, Tile>();
  for (let place = 0; place < addresses.length; place++) {
    const address = addresses[place] ?? 0;
    const tile = isTile(memory, address, sizes[place] ?? 0, storages);
    if (tile) tiles.set(address, tile);
  }
  return tiles;
}

/** What a block says of itself as a tile; null where it is none. */
export function isTile(
  memory: HeapMemory,
  address: number,
  size: number,
  storages: ReadonlySet<number>,
): Tile | null {
  if (size !== TILE.bytes) return null;
  const word = (offset: number) => memory.word(address + offset) ?? 0;
  const tile = { data: word(TILE.data), size: word(TILE.size), storage: word(TILE.storage) };
  const clones = word(TILE.clones);
  const fits =
    (tile.storage === 0 || storages.has(tile.storage)) &&
    tile.data !== 0 &&
    tile.size > 0 &&
    tile.size < MAX_TILE_BYTES &&
    // Of a copy, those of the tile that it was copied from.
    (clones === tile.data - COUNTERS_BEFORE_DATA || tile.storage !== 0) &&
    clones !== 0;
  return fits ? tile : null;
}

/** Which buffer a storage or backend is of: the first that points to it, since parts of a buffer share its own. */
function ownersOf(
  memory: HeapMemory,
  contents: BlockTable,
  buffers: readonly Instance[],
  holders: readonly number[],
): Map<number, Instance> {
  const wanted = new Set(holders);
  const owners = new Map<number, Instance>();
  const placed = buffers
    .map((buffer) => ({ buffer, place: contents.find(buffer.address) }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => (contents.sequences[a.place] ?? 0) - (contents.sequences[b.place] ?? 0));
  for (const { buffer, place } of placed) {
    for (const word of wordsOf(memory, contents, place)) {
      if (wanted.has(word) && !owners.has(word)) owners.set(word, buffer);
    }
  }
  return owners;
}

/** Tiles that a backend reaches without passing through another object. */
function* tilesBelow(
  memory: HeapMemory,
  contents: BlockTable,
  backend: number,
  tiles: ReadonlyMap<number, Tile>,
  instances: ReadonlySet<number>,
): Generator<Tile> {
  const seen = new Set([backend]);
  let level = [backend];
  for (let depth = 0; depth < BACKEND_DEPTH; depth++) {
    const next: number[] = [];
    for (const from of level) {
      for (const word of wordsOf(memory, contents, from)) {
        const place = contents.find(word);
        if (contents.addresses[place] !== word || seen.has(place) || instances.has(place)) continue;
        seen.add(place);
        const tile = tiles.get(word);
        if (tile) yield tile;
        else next.push(place);
      }
    }
    level = next;
  }
}

function* wordsOf(
  memory: HeapMemory,
  { addresses, sizes }: BlockTable,
  place: number,
): Generator<number> {
  const start = addresses[place] ?? 0;
  const end = start + (sizes[place] ?? 0);
  for (let at = start; at + 4 <= end; at += 4) yield memory.word(at) ?? 0;
}

/** Data that several buffers share is charged to each in equal parts. */
function charge(
  owners: ReadonlyMap<number, Instance>,
  held: ReadonlyMap<number, readonly Tile[]>,
): Charge[] {
  const sharers = new Map<number, Set<Instance | null>>();
  for (const [holder, tiles] of held) {
    const owner = owners.get(holder) ?? null;
    for (const { data } of tiles) sharers.set(data, (sharers.get(data) ?? new Set()).add(owner));
  }
  const charges = new Map<Instance, { bytes: number; blocks: number; seen: Set<number> }>();
  for (const [holder, tiles] of held) {
    const instance = owners.get(holder);
    if (!instance) continue;
    const charged = charges.get(instance) ?? { bytes: 0, blocks: 0, seen: new Set() };
    charges.set(instance, charged);
    for (const { data, size } of tiles) {
      if (charged.seen.has(data)) continue;
      charged.seen.add(data);
      charged.bytes += size / (sharers.get(data)?.size ?? 1);
      charged.blocks += 1;
    }
  }
  return [...charges].map(([instance, { bytes, blocks }]) => ({
    instance,
    bytes: Math.round(bytes),
    blocks,
  }));
}
