// What becomes of unreachable blocks, in heaps made by hand.

import { describe, expect, it } from 'vitest';
import { buildHeapGraph } from '../../src/analyze/heap-graph/index.ts';
import { UnreachableHistory } from '../../src/profiler/unreachable-history.ts';
import { runAtOnce } from '../../src/slices.ts';
import { buildImage } from '../analyze/heap-graph/build-image.ts';

/** Blocks of one place, by the numbers of their allocations, each at an address of its own; -1: none there. */
function heap(...sequences: readonly number[]) {
  const image = buildImage({
    blocks: sequences.flatMap((sequence, place) =>
      sequence < 0 ? [] : [{ address: 64 * (place + 1), size: 32, sequence, stack: ['keep'] }],
    ),
  });
  return { image, graph: runAtOnce(buildHeapGraph(image)) };
}

const figures = (groups: ReturnType<UnreachableHistory['add']>) =>
  groups.map(({ blocks, freed, overdue }) => ({ blocks, freed, overdue }));

describe('what becomes of unreachable blocks', () => {
  it('is nothing, of those that stay', () => {
    const history = new UnreachableHistory();
    history.add(heap(), true);
    history.add(heap(1, 2), false);
    const groups = history.add(heap(1, 2, 3), false);
    expect(figures(groups)).toEqual([{ blocks: 3, freed: 0, overdue: 0 }]);
  });

  it('is told of a ring: what is freed was known, and what stays is younger', () => {
    const history = new UnreachableHistory();
    history.add(heap(), true);
    history.add(heap(1, 2, 3), false);
    expect(figures(history.add(heap(4, 5, 3), false))).toEqual([
      { blocks: 3, freed: 2, overdue: 0 },
    ]);
    // A place that had none for a while is remembered.
    expect(history.add(heap(), false)).toEqual([]);
    expect(figures(history.add(heap(7), false))).toEqual([{ blocks: 1, freed: 5, overdue: 0 }]);
  });

  it('tells those that stayed longer than what was freed', () => {
    const history = new UnreachableHistory();
    history.add(heap(), true);
    history.add(heap(1, 2, 3), false);
    expect(figures(history.add(heap(1, 2, -1, 4), false))).toEqual([
      { blocks: 3, freed: 1, overdue: 2 },
    ]);
  });

  it('counts what the baseline had, without telling of it', () => {
    const history = new UnreachableHistory();
    history.add(heap(1, 2), true);
    expect(figures(history.add(heap(1, -1, 3), false))).toEqual([
      { blocks: 1, freed: 1, overdue: 0 },
    ]);
  });

  it('goes by the number of the allocation, which goes round', () => {
    const history = new UnreachableHistory();
    history.add(heap(), true);
    history.add(heap(2 ** 32 - 2, 1), false);
    expect(figures(history.add(heap(2 ** 32 - 2, 5), false))).toEqual([
      { blocks: 2, freed: 1, overdue: 1 },
    ]);
  });
});
