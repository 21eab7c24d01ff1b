// What came, went and stayed between two heap snapshots.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffHeapSnapshots } from '../../../src/analyze/heap-graph/index.ts';
import { type BlockInit, buildImage } from './build-image.ts';

const diff = (a: readonly BlockInit[], b: readonly BlockInit[]) =>
  diffHeapSnapshots({ image: buildImage({ blocks: a }) }, { image: buildImage({ blocks: b }) });

describe('diffHeapSnapshots', () => {
  it('tells a block from another one at its address', () => {
    const {
      new: added,
      freed,
      surviving,
    } = diff(
      [
        { address: 64, size: 8, sequence: 1 },
        { address: 128, size: 8, sequence: 2 },
      ],
      [
        { address: 64, size: 8, sequence: 1 },
        { address: 128, size: 24, sequence: 3 },
      ],
    );
    expect(added).toEqual({ blocks: 1, bytes: 24 });
    expect(freed).toEqual({ blocks: 1, bytes: 8 });
    expect(surviving).toEqual({ blocks: 1, bytes: 8 });
  });

  it('counts by type and by site, the most growth first, whatever their places in the tables', () => {
    const made = { stack: ['gegl_buffer_new', 'main'] };
    const other = { stack: ['g_strdup'] };
    const { byType, bySite, newBlocks, freedBlocks } = diff(
      [
        { address: 64, size: 8, sequence: 1, label: 'GeglColor', ...other },
        { address: 128, size: 16, sequence: 2, label: 'GeglBuffer', ...made },
      ],
      [
        { address: 128, size: 16, sequence: 2, label: 'GeglBuffer', ...made },
        { address: 256, size: 32, sequence: 3, label: 'GeglBuffer', ...made },
        { address: 512, size: 4, sequence: 4 },
      ],
    );
    const none = { blocks: 0, bytes: 0 };
    const grown = {
      new: { blocks: 1, bytes: 32 },
      freed: none,
      surviving: { blocks: 1, bytes: 16 },
    };
    const unknown = { new: { blocks: 1, bytes: 4 }, freed: none, surviving: none };
    const gone = { new: none, freed: { blocks: 1, bytes: 8 }, surviving: none };
    expect(byType).toEqual([
      { type: 'GeglBuffer', ...grown },
      { type: null, ...unknown },
      { type: 'GeglColor', ...gone },
    ]);
    expect(bySite).toEqual([
      { ...made, ...grown },
      { stack: null, ...unknown },
      { ...other, ...gone },
    ]);
    expect([[...newBlocks], [...freedBlocks]]).toEqual([[1, 2], [0]]);
  });

  it('agrees with sets of address and sequence', () => {
    const blocks = fc
      .uniqueArray(fc.tuple(fc.nat(20), fc.nat(3)), { selector: ([place]) => place })
      .map((list) =>
        list
          .sort(([a], [b]) => a - b)
          .map(([place, sequence]) => ({ address: 64 + 8 * place, size: 8, sequence })),
      );
    fc.assert(
      fc.property(blocks, blocks, (a, b) => {
        const keys = (list: typeof a) =>
          list.map(({ address, sequence }) => `${address} ${sequence}`);
        const [before, after] = [new Set(keys(a)), new Set(keys(b))];
        const result = diff(a, b);
        expect(result.surviving.blocks).toBe([...after].filter((key) => before.has(key)).length);
        expect(result.new.blocks).toBe([...after].filter((key) => !before.has(key)).length);
        expect(result.freed.blocks).toBe([...before].filter((key) => !after.has(key)).length);
      }),
    );
  });
});
