// Tables of allocation sites: what is one stays one, what is left out is still counted.

import { describe, expect, it } from 'vitest';
import { listSites } from '../../src/analyze/sites.ts';
import { foldStack } from '../../src/recording/fold.ts';
import {
  type SiteFrame,
  type SiteRow,
  SiteTables,
  sitesOf,
} from '../../src/recording/site-tables.ts';

const SAMPLING = { mean: 1000, captures: 1, time: 1 };

function row(liveBytes: number, more: Partial<SiteRow> = {}): SiteRow {
  return {
    liveBytes,
    liveBytesError: 3,
    liveBlocks: 1.25,
    liveBlocksError: 0.3,
    totalBytes: liveBytes,
    totalBytesError: 3,
    totalBlocks: 1,
    totalBlocksError: 0,
    peakBytes: liveBytes,
    peakBlocks: 1,
    samples: 1,
    liveSamples: 1,
    ...more,
  };
}

function wasm(name: string | null, index: number, offset: number | null = null): SiteFrame {
  return { name, url: null, kind: 'wasm', index, line: null, column: null, offset };
}

function script(name: string | null, kind: SiteFrame['kind'], line = 1): SiteFrame {
  const url = kind === 'platform' ? null : `/${kind}.js`;
  return { name, url, kind, index: null, line, column: 7, offset: null };
}

describe('tables of sites', () => {
  it('keep stacks with equal frames as one row; estimates add up, errors by their squares', () => {
    const tables = new SiteTables();
    const stack = () => [wasm('a', 1, 10), script('paint', 'application')];
    tables.add(stack(), row(100, { liveBytesError: 3 }));
    tables.add(stack(), row(200, { liveBytesError: 4 }));
    tables.add([wasm('a', 1, 11), script('paint', 'application')], row(50));
    const sites = tables.build(SAMPLING);
    expect(sites.figures).toMatchObject({
      liveBytes: [300, 50],
      liveBytesError: [5, 3],
      liveBlocks: [2.5, 1.25],
      samples: [2, 1],
    });
    expect(sites.functions.name).toEqual(['paint', 'a']);
    expect(sites.frames.offset).toEqual([null, 10, 11]);
    expect(sites.stacks).toEqual({ frame: [0, 1, 2], caller: [null, 0, 0] });
  });

  it('are read back as they were written', () => {
    const tables = new SiteTables();
    const stacks = [
      [wasm('a', 1, 10), wasm(null, 2), script('paint', 'application', 3)],
      [wasm('a', 1, 10), script(null, 'glue'), script('f', 'platform')],
      [],
    ];
    stacks.forEach((stack, at) => {
      tables.add(stack, row(30 - at));
    });
    const back = [...sitesOf(tables.build(SAMPLING))];
    expect(back.map(([frames]) => frames)).toEqual(stacks);
    expect(back.map(([, { liveBytes }]) => liveBytes)).toEqual([30, 29, 28]);
  });

  it('leave out the smallest when there are too many, and count them all the same', () => {
    const tables = new SiteTables();
    for (let at = 0; at < 100; at++) tables.add([wasm(`f${at}`, at)], row(at));
    // Little is live, but much was allocated.
    tables.add([wasm('busy', 200)], row(0, { totalBytes: 1e9 }));
    tables.add([], row(7));
    const sites = tables.build(SAMPLING, 5, 20);
    expect(sites.figures.stack).toHaveLength(21);
    expect(sites.figures.stack.at(-1)).toBeNull();
    expect(sites.omitted).toBe(5 + 101 - 20);
    expect(sites.functions.name).toContain('f99');
    expect(sites.functions.name).toContain('busy');
    expect(sites.functions.name).not.toContain('f1');
    const sum = sites.figures.liveBytes.reduce((a, b) => a + b, 0);
    expect(sum).toBe((99 * 100) / 2 + 7);
  });
});

describe('a site for a reader', () => {
  const titleOf = (...frames: SiteFrame[]) => {
    const tables = new SiteTables();
    tables.add(frames, row(1));
    return listSites(tables.build(SAMPLING), 1)[0]?.title;
  };

  it('has the innermost line of the application as its title', () => {
    const inner = [wasm('a', 1), script('Module._a', 'glue'), script('call', 'profiler')];
    expect(
      titleOf(...inner, script('paint', 'application', 3), script('main', 'application')),
    ).toBe('paint (/application.js:3:7)');
  });

  it('has a line of the glue that is not the glue’s own function, where all is one script', () => {
    expect(
      titleOf(
        wasm('a', 1),
        script('x._a', 'glue'),
        script('invoke_ii', 'glue'),
        script('p', 'glue', 4),
      ),
    ).toBe('p (/glue.js:4:7)');
  });

  it('has its innermost function where no application is seen, and is unknown without a stack', () => {
    expect(titleOf(wasm('a', 1), wasm('b', 2))).toBe('a');
    expect(titleOf(wasm(null, 7))).toBe('wasm-function[7]');
    expect(titleOf()).toBe('unknown');
  });
});

describe('folding', () => {
  const names = (...frames: SiteFrame[]) =>
    foldStack(frames, new Set(['g_malloc'])).map(({ name }) => name);

  it('leaves out thunks everywhere, and what passes allocations on at the top only', () => {
    const thunk = wasm('byn$fpcast-emu$a', 3);
    expect(names(wasm('_Znwm', 1), wasm('g_malloc', 2), thunk, wasm('a', 4), thunk)).toEqual(['a']);
    expect(names(wasm('a', 4), wasm('g_malloc', 2))).toEqual(['a', 'g_malloc']);
    expect(names(wasm('operator new(unsigned long)', 1), wasm('std::f', 5))).toEqual(['std::f']);
  });

  it('leaves JavaScript as it is, and never nothing', () => {
    expect(names(script('g_malloc', 'application'))).toEqual(['g_malloc']);
    expect(names(wasm('g_malloc', 2))).toEqual(['g_malloc']);
    expect(names()).toEqual([]);
  });
});
