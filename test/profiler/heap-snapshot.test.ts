// Sums by type and by site, over the tree of dominators.

import { expect, it } from 'vitest';
import type { HeapGraph, HeapImage } from '../../src/analyze/heap-graph/index.ts';
import { HeapSnapshot } from '../../src/profiler/heap-snapshot.ts';

/** A list of so many links; each holds the next, and a picture. */
function listOf(links: number): HeapSnapshot {
  const blockCount = 2 * links;
  const column = (value: (block: number) => number) =>
    Array.from({ length: blockCount }, (_, at) => value(at));
  const isLink = (block: number) => block < links;
  const image = {
    labels: ['link', 'picture'],
    sites: [],
    blocks: {
      labels: Uint32Array.from(column((block) => (isLink(block) ? 1 : 2))),
      sites: new Uint32Array(blockCount),
      sizes: Float64Array.from(column((block) => (isLink(block) ? 1 : 100))),
    },
  } as unknown as HeapImage;
  const graph = {
    blockCount,
    // The first hangs on a root, which is no block.
    dominators: Uint32Array.from(
      column((block) => (block === 0 ? blockCount : isLink(block) ? block - 1 : block - links)),
    ),
    retained: Float64Array.from(column((block) => (isLink(block) ? 101 * (links - block) : 100))),
  } as unknown as HeapGraph;
  return new HeapSnapshot({
    image,
    graph,
    isBaseline: false,
    groups: [],
    pauseMs: 0,
    knowsStack: true,
    knowsHandles: true,
  });
}

it('counts what another of the same type retains with that one', () => {
  expect(listOf(3).types()).toEqual([
    { type: 'link', count: 3, selfBytes: 3, retainedBytes: 303 },
    { type: 'picture', count: 3, selfBytes: 300, retainedBytes: 300 },
  ]);
});

it('takes no longer for a long list than for many short ones', () => {
  const links = 100_000;
  const snapshot = listOf(links);
  const start = process.cpuUsage().user;
  const [list, pictures] = snapshot.types();
  // Milliseconds of work; link by link from each picture up to the root, it took ten seconds.
  expect((process.cpuUsage().user - start) / 1000).toBeLessThan(2000);
  expect(list).toMatchObject({ count: links, retainedBytes: 101 * links });
  expect(pictures).toMatchObject({ count: links, retainedBytes: 100 * links });
});
