// What the tracker adds to a malloc/free pair, by mode and by how many blocks are live. Interleaved, medians.

import { Tracker, type TrackMode } from '../../src/tracker/index.ts';
import { median, printTable } from '../profiler/table.ts';
import { Pairs } from './pairs.ts';

const ROUNDS = 9;
const PAIRS = 1_000_000;
const BLOCKS = [2 ** 8, 2 ** 13, 2 ** 17, 2 ** 20];
const WAYS: readonly { what: string; mode: TrackMode | null; shared?: boolean; mean?: number }[] = [
  { what: 'bare pair', mode: null },
  { what: 'off', mode: 'off' },
  { what: 'counts', mode: 'counts' },
  { what: 'counts, shared memory', mode: 'counts', shared: true },
  { what: 'sampled, one per 512 KiB', mode: 'sampled', mean: 512 * 1024 },
  { what: 'sampled, one per 64 KiB', mode: 'sampled', mean: 64 * 1024 },
];

const module = Pairs.compile();
for (const order of ['by turns', 'at random'] as const) {
  const rows = BLOCKS.map((blocks) => [blocks.toLocaleString('en'), ...measure(blocks, order)]);
  printTable(
    `Nanoseconds a pair, blocks freed and allocated ${order}: bare, and what is added`,
    ['live blocks', ...WAYS.map(({ what }) => what)],
    rows,
  );
}

function measure(blocks: number, order: 'by turns' | 'at random'): string[] {
  const times = WAYS.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, way] of WAYS.entries()) times[index]?.push(timeOnce(way, blocks, order));
  }
  const [bare = Number.NaN, ...others] = times.map(median);
  return [
    bare.toFixed(1),
    ...others.map((time) => `${time < bare ? '' : '+'}${(time - bare).toFixed(1)}`),
  ];
}

function timeOnce(
  { mode, shared = false, mean }: (typeof WAYS)[number],
  blocks: number,
  order: 'by turns' | 'at random',
): number {
  const pairs = new Pairs(module, blocks);
  const tracker =
    mode &&
    Tracker.create({
      shared,
      mode,
      budget: 1,
      ...(mean !== undefined && { mean }),
    });
  tracker?.attach(pairs.exports, 32);
  pairs.fill();
  pairs.time(PAIRS / 5, order);
  const time = pairs.time(PAIRS, order);
  if (tracker && mode !== 'off') {
    const { liveBlocks, unknownFrees, duplicateAllocations } = tracker.counters();
    if (liveBlocks !== blocks || unknownFrees !== 0 || duplicateAllocations !== 0) {
      throw new Error('The tracker and the allocator disagree: no time is worth comparing.');
    }
  }
  return time;
}
