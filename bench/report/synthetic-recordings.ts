// Recordings made up for measuring the report page: very many samples, or very many places in the code.

import { type SiteFrame, SiteTables } from '../../src/recording/site-tables.ts';
import type { Recording } from '../../src/recording/types.ts';
import { buildRecording } from '../../test/analyze/build-recording.ts';
import { siteRecording } from '../../test/present/report/recordings.ts';
import { randomNumbers } from '../../test/random-numbers.ts';

const MB = 1024 * 1024;

/** A session of edits: a heap that grows in steps, live bytes that rise and fall, a tile cache, noise on all. */
export function manySamples(count: number): Recording {
  const random = randomNumbers(1);
  let heap = 64 * MB;
  const rows = Array.from({ length: count }, (_, row) => {
    const wave = Math.sin(row / 5_000) + Math.sin(row / 311);
    const live = Math.round(30 * MB + 8 * MB * wave + (row / count) * 100 * MB + random() * MB);
    while (live > heap * 0.9) heap += 16 * MB;
    return { live, heap, tiles: Math.round(live * (0.5 + 0.1 * random())) };
  });
  return buildRecording({
    elapsed: rows.map((_, row) => row * 100 + Math.round(random() * 9_000) / 1000),
    heapSize: rows.map((row) => row.heap),
    heapUsed: rows.map((row) => row.live),
    liveBytes: rows.map((row) => row.live),
    tileAlloc: rows.map((row) => row.tiles),
    tileCache: rows.map((row) => Math.round(row.tiles * 0.9)),
    scratch: rows.map(() => Math.round(random() * 64) * 4096),
    buffers: rows.map((_, row) => 3 + (row % 17)),
  });
}

/** Stacks of 12 to 28 frames: those of functions that call one of a few others each, as programs do. */
export function manySites(count: number): Recording {
  const random = randomNumbers(2);
  const below = (limit: number) => Math.floor(random() * limit);
  const sites = new SiteTables();
  const frames = new Map<number, SiteFrame>();
  const frame = (index: number, line: number): SiteFrame => {
    const known = frames.get(index * 8 + line);
    if (known) return known;
    const isScript = index < 4_000;
    const made: SiteFrame = {
      name: `function_${index}`,
      url: isScript ? `src/part-${index % 97}.js` : null,
      kind: isScript ? 'application' : 'wasm',
      index: isScript ? null : index,
      line: isScript ? 10 * index + line : null,
      column: isScript ? 5 : null,
      offset: isScript ? null : index,
    };
    frames.set(index * 8 + line, made);
    return made;
  };
  for (let site = 0; site < count; site++) {
    const depth = 12 + below(17);
    const stack: SiteFrame[] = [];
    let at = 0;
    for (let level = 0; level < depth; level++) {
      stack.push(frame(at, below(4)));
      at = (at * 3 + 1 + below(3)) % (level < depth / 2 ? 4_000 : 12_000);
    }
    const liveBytes = below(100_000);
    sites.add(stack.reverse(), {
      ...{ liveBytes, liveBytesError: 0, liveBlocks: 1 + below(50), liveBlocksError: 0 },
      ...{ totalBytes: liveBytes * 2, totalBytesError: 0, totalBlocks: 99, totalBlocksError: 0 },
      ...{ peakBytes: liveBytes + 10, peakBlocks: 60, samples: 1, liveSamples: 1 },
    });
  }
  const recording = siteRecording();
  const tables = sites.build({ mean: 1, captures: count, time: 1 }, 0, count);
  return { ...recording, heap: recording.heap && { ...recording.heap, sites: tables } };
}
