// The bytes that a leak would show in: what the allocator has handed out, less what GEGL keeps on
// purpose and within limits.

import { byName } from '../recording/by-name.ts';
import type { Recording, SnapshotColumns } from '../recording/types.ts';
import { boundedSites } from './static-places.ts';
import { fitLine, type Series, type Trend } from './trend.ts';

export interface LiveBytes extends Series {
  /** The columns that the figures were made from. */
  readonly columns: readonly (keyof SnapshotColumns)[];
  /** Memory of tiles, which is subtracted, in bytes. */
  readonly tiles: readonly number[];
  /** Bytes of tiles that come and go with a byte of `bufferBytes`; 0 where that can't be told. */
  readonly tilesPerBufferByte: number;
}

/**
 * `heapUsed` less scratch memory, what fills places of static data, and the memory of tiles, plus the pixels of live
 * buffers.
 *
 * Tiles lie in the tile allocator, which pools them, or (large ones) outside of it but in the tile
 * cache; so the greater of both figures is the memory of tiles. It holds caches, which fill up
 * and are no leak, and pixels of the application's buffers, which may be one. What belongs to buffers is
 * told by how tile memory follows `bufferBytes`: its regression on them over the second half (the
 * first has the warm-up) is about 1 for buffers that are written whole, more for small ones, since tiles are
 * whole, and 0 for buffers that are never written. Where buffers stay as they are, growing tiles are a cache. What exceeds the cache's own limit is not cache in any case.
 *
 * Rows where a figure is missing that other rows have are left out, since a figure that comes and goes
 * would make steps. Null when no row is left.
 */
export function liveBytes(recording: Recording): LiveBytes | null {
  const { snapshots, sources } = recording;
  if (sources.heapUsed === 'unknown') return null;
  const columns = (['heapUsed', 'tileAlloc', 'tileCache', 'scratch'] as const).filter((name) =>
    snapshots[name].some((value) => value !== null),
  );
  const rows = snapshots.sequence
    .map((_, i) => i)
    .filter((i) => columns.every((name) => (snapshots[name][i] ?? null) !== null));
  if (columns[0] !== 'heapUsed' || rows.length === 0) return null;

  const tiles = rows.map((i) => Math.max(snapshots.tileAlloc[i] ?? 0, snapshots.tileCache[i] ?? 0));
  const pixels = rows.map((i) => snapshots.bufferBytes[i] ?? 0);
  const add = fitLine();
  let line = { xx: 0, xy: 0 };
  for (let i = rows.length >> 1; i < rows.length; i++) line = add(pixels[i] ?? 0, tiles[i] ?? 0);
  const tilesPerBufferByte = Math.max(0, line.xy / line.xx || 0);
  const bounded = boundedBytes(recording);
  return {
    ...byName(['sequence', 'elapsed'], (name) => rows.map((i) => snapshots[name][i] ?? 0)),
    values: rows.map((row, i) => {
      const tileBytes = tiles[i] ?? 0;
      const beyondLimit = tileBytes - (snapshots.tileCacheLimit[row] ?? Infinity);
      return (
        (snapshots.heapUsed[row] ?? 0) -
        (snapshots.scratch[row] ?? 0) -
        bounded(snapshots.sequence[row] ?? 0) -
        tileBytes +
        Math.max(0, beyondLimit, tilesPerBufferByte * (pixels[i] ?? 0))
      );
    }),
    columns,
    tiles,
    tilesPerBufferByte,
  };
}

/** Bytes of sites that fill places of static data, as they were last known when the sample with that number was taken. Asked by rising numbers. */
function boundedBytes(recording: Recording): (sequence: number) => number {
  const sites = [...boundedSites(recording)];
  const known = recording.series?.sequence ?? [];
  let row = 0;
  return (sequence) => {
    while ((known[row + 1] ?? Infinity) <= sequence) row++;
    return sites.reduce((sum, { liveBytes }) => sum + (liveBytes[row] ?? 0), 0);
  };
}

/**
 * Of a tile's bytes, what GEGL keeps beside them for each tile, at most: its GeglTile (88 bytes on wasm32), an item of the
 * tile cache (28) and a place in that's hash table (up to 24). A tile of one byte a pixel has 16 KiB.
 */
const TILE_BOOKKEEPING = 0.01;

/** Whether so much growth since then may be what comes with each new tile, as where a large canvas is painted for the first time. */
export function isTileBookkeeping(
  { sequence, tiles }: LiveBytes,
  { growth, since }: Pick<Trend, 'growth' | 'since'>,
): boolean {
  const first = tiles[sequence.findIndex((count) => count >= since)] ?? 0;
  return growth <= ((tiles.at(-1) ?? 0) - first) * TILE_BOOKKEEPING;
}
