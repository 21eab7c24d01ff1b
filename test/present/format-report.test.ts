// What a person reads: formatReport() on recordings built here.

import { describe, expect, it } from 'vitest';
import { formatReport } from '../../src/present/text/index.ts';
import { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import {
  COLUMN_NAMES,
  type HeapAccounting,
  type ObjectRecord,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type Recording,
} from '../../src/recording/types.ts';
import { HEAP } from '../recording/heap-part.ts';

const MB = 1024 * 1024;
const SAMPLES = 30;

const V8_STACK = [
  'at paint (file:///home/me/app/src/brush.js:12:7)',
  'at async file:///home/me/app/src/main.js:3:1',
  'at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
].join('\n');
const WEBKIT_STACK = 'paint@https://app.test/src/brush.js:12:7\n@https://app.test/src/main.js:3:1';

type Columns = Partial<Record<keyof Recording['snapshots'], readonly (number | null)[]>>;

function recording(columns: Columns = {}, changes: Partial<Recording> = {}): Recording {
  const constant = (value: number | null) => new Array<number | null>(SAMPLES).fill(value);
  const values: Columns = {
    elapsed: constant(0).map((_, index) => index * 1000),
    timestamp: constant(0).map((_, index) => 1_700_000_000_000 + index * 1000),
    sequence: constant(0).map((_, index) => index + 1),
    heapSize: constant(64 * MB),
    heapUsed: constant(16 * MB),
    buffers: constant(2),
    nodes: constant(0),
    processors: constant(0),
    colors: constant(0),
    bufferBytes: constant(0),
    tileCache: constant(4 * MB),
    tileCacheLimit: constant(512 * MB),
    tileAlloc: constant(8 * MB),
    scratch: constant(0),
    swap: constant(0),
    ...columns,
  };
  const none = { created: 0, destroyed: 0, live: 0, collected: 0 };
  return {
    format: RECORDING_FORMAT,
    version: RECORDING_VERSION,
    profiler: { name: 'gegl-memory-profiler', version: '0.1.0' },
    environment: {
      runtime: 'node',
      userAgent: 'Node.js v20.1.0',
      page: null,
      crossOriginIsolated: null,
      gegl: { gegl: '0.4.62', babl: '0.1.114', glib: '2.84.4' },
    },
    options: {
      sampleInterval: 1000,
      trackObjects: true,
      sampleRate: 1,
      maxSnapshots: 10_000,
      trackAllocations: 'off',
    },
    clock: { startedAt: 1_700_000_000_000, duration: (SAMPLES - 1) * 1000, gaps: [] },
    sources: { heapUsed: 'mallinfo', jsMemory: 'none', gegl: 'gegl-stats' },
    snapshots: Object.fromEntries(
      COLUMN_NAMES.map((name) => [name, values[name] ?? constant(null)]),
    ) as unknown as Recording['snapshots'],
    objects: {
      totals: { buffers: none, nodes: none, processors: none, colors: none },
      stacks: [],
      live: [],
      collected: [],
      unfinished: [],
      exits: [],
    },
    heap: null,
    heapSnapshots: [],
    marks: [],
    instances: [],
    series: null,
    warnings: [],
    ...changes,
  };
}

function withLostColors(stacks: readonly string[]): Partial<Recording> {
  const none = { created: 0, destroyed: 0, live: 0, collected: 0 };
  const collected = stacks.map(
    (_, index): ObjectRecord => ({
      id: index + 1,
      kind: 'colors',
      description: 'color',
      createdAt: index,
      collectedAt: 5000,
      bytes: null,
      stack: index,
    }),
  );
  const count = stacks.length;
  return {
    objects: {
      totals: {
        buffers: none,
        nodes: none,
        processors: none,
        colors: { created: count, destroyed: 0, live: 0, collected: count },
      },
      stacks,
      live: [],
      collected,
      unfinished: [],
      exits: [],
    },
  };
}

function format(data: Recording, options?: Parameters<typeof formatReport>[1]): string {
  return formatReport(MemoryProfiler.fromExport(JSON.stringify(data)).getReport(), options);
}

describe('formatReport', () => {
  it('shows memory, objects and caches with their figures', () => {
    const text = format(recording());
    expect(text).toContain('gegl 0.4.62');
    expect(text).toContain('30 samples in 29.0 s, one every 1.0 s');
    expect(text).toMatch(/heap size +▕█+ +64 MB +64 MB/);
    expect(text).toMatch(/live bytes .* 16 MB +16 MB/);
    expect(text).toMatch(/GEGL tiles .* 8 MB +8 MB/);
    expect(text).toMatch(/tile cache +4 MB/);
    expect(text).toMatch(/its limit +512 MB +\(0\.8 %\)/);
    expect(text).toContain('Leaks: none found');
  });

  it('draws growth as growth, and one scale for all', () => {
    const heapUsed = Array.from({ length: SAMPLES }, (_, index) => (index + 1) * 2 * MB);
    const lines = format(recording({ heapUsed })).split('\n');
    const chart = lines.findIndex((line) => line.includes('live bytes'));
    const bottom = lines[chart + 2]?.split('▕')[1] ?? '';
    const levels = [...bottom].map((block) => ' ▁▂▃▄▅▆▇█'.indexOf(block));
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(levels[0]).toBeLessThan(3);
    expect(levels.at(-1)).toBe(8);
    expect(lines.join('\n')).toContain('full height is 64 MB');
  });

  it('writes what is not known as unknown, never as zero', () => {
    const unknown = new Array<null>(SAMPLES).fill(null);
    const text = format(
      recording(
        {
          heapSize: unknown,
          heapUsed: unknown,
          tileCache: unknown,
          tileCacheLimit: unknown,
          tileAlloc: unknown,
        },
        {
          sources: { heapUsed: 'unknown', jsMemory: 'none', gegl: 'none' },
          options: {
            sampleInterval: 1000,
            trackObjects: false,
            sampleRate: 1,
            maxSnapshots: 10_000,
            trackAllocations: 'off',
          },
        },
      ),
    );
    expect(text).toMatch(/heap size +▕unknown/);
    expect(text).toMatch(/live bytes +▕unknown/);
    expect(text).toMatch(/GEGL tiles +▕unknown/);
    expect(text).toMatch(/JavaScript heap +unknown/);
    expect(text).toContain('unknown: trackObjects was off');
    expect(text).toContain('unknown: no GEGL engine was running at the last sample');
    expect(text).not.toMatch(/\b0 B\b|created/);
  });

  it('says so when nothing was sampled', () => {
    const text = formatReport(new MemoryProfiler().getReport());
    expect(text).toContain('unknown: no sample was taken');
    expect(text).toContain('there are 0');
  });

  it('leaves a gap where no sample was taken', () => {
    const elapsed = Array.from({ length: SAMPLES }, (_, index) =>
      index < 15 ? index * 1000 : 60_000 + index * 1000,
    );
    const row = format(recording({ elapsed }))
      .split('\n')
      .find((line) => line.includes('heap size'));
    expect(row).toMatch(/▕█+ {5,}█+ /);
  });

  it.each([
    ['V8', V8_STACK, 'file:///home/me/app'],
    ['V8, by a path', V8_STACK, '/home/me/app/'],
    ['WebKit and Firefox', WEBKIT_STACK, 'https://app.test'],
  ])('shows where a lost handle was made, relative to the root (%s)', (_, stack, root) => {
    const text = format(recording({}, withLostColors([stack])), { root });
    expect(text).toContain('error collected_handle');
    expect(text).toContain('at paint (src/brush.js:12:7)');
    expect(text).toContain('at src/main.js:3:1');
    expect(text).not.toContain('node:internal');
  });

  it('counts stacks as one that differ in frames of the platform only', () => {
    const other = V8_STACK.replace('process.processTicksAndRejections', 'drain');
    const text = format(recording({}, withLostColors([V8_STACK, other])));
    expect(text).toContain('2 x color');
  });

  it('says that a creation stack is unknown', () => {
    expect(format(recording({}, withLostColors([''])))).toContain('made at an unknown place');
  });

  it.each([60, 80, 120])('keeps to %d columns', (width) => {
    const warnings = [{ code: 'x', message: 'A long warning. '.repeat(20), elapsed: 1500 }];
    const data = recording({}, { ...withLostColors([WEBKIT_STACK]), warnings });
    for (const line of format(data, { width }).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it('colors only when asked, and changes nothing else', () => {
    const data = recording({}, withLostColors([V8_STACK]));
    const plain = format(data);
    const colored = format(data, { color: true });
    expect(plain).not.toContain('\u001b');
    expect(colored).toContain('\u001b[31merror');
    const stripped = colored.split('\u001b').map((part) => part.replace(/^\[\d+m/, ''));
    expect(stripped.join('')).toBe(plain);
  });
});

describe('formatReport of a tracked heap', () => {
  const data = recording({}, { heap: HEAP });

  it('shows what is live, whether it is right, and how it was found', () => {
    const text = format(data);
    expect(text).toMatch(/live +1 MB +3 blocks/);
    expect(text).toMatch(/allocated +2\.91 MB +40 blocks/);
    expect(text.replace(/\s+/g, ' ')).toContain(
      'Tracked as dlmalloc, found by names; mode sampled; the tracker itself takes up to 2.13 MB. ' +
        'All releases match allocations. ' +
        'The allocator agrees, by a walk of its chunks.',
    );
    expect(text).toContain('64 B of what is live were allocated before the first sample');
  });

  it('shows the application’s line first, then what allocated, with the error of the estimate', () => {
    const lines = format(data, { root: 'https://app.test' }).split('\n');
    const at = lines.findIndex((line) => line.includes('1.05 MB +- 205 KB in 1.2 blocks'));
    expect(lines.slice(at + 1, at + 4)).toEqual([
      '    at paint (src/brush.js:12:7)',
      '      by gegl_tile_alloc',
      '      by wasm-function[245]',
    ]);
    expect(lines).toContain('    at an unknown place');
    // What is not live is not where live memory was allocated.
    expect(lines.join('\n')).not.toContain('527 KB');
  });

  it('shows operations and objects', () => {
    const text = format(data);
    expect(text).toMatch(/gegl:gaussian-blur +2 +1\.91 MB +1 MB +1\.43 MB/);
    expect(text).toMatch(/GeglBuffer +1 +4 +3 +300 B +1 MB/);
    expect(text).toMatch(/GeglNode +1 +20 +19$/m);
  });

  it('says that the figures do not add up', () => {
    const accounting: HeapAccounting = {
      unknownFrees: 1,
      duplicateAllocations: 2,
      verified: false,
      verifiedBy: 'mallinfo',
      comparison: {
        trackedBytes: 1000,
        allocatorBytes: 1500,
        untrackedBlocks: 3,
        unallocatedBlocks: 0,
      },
    };
    const text = format(recording({}, { heap: { ...HEAP, accounting } })).replace(/\s+/g, ' ');
    expect(text).toContain('1 release of unknown blocks, 2 allocations at addresses in use');
    expect(text).toContain('By mallinfo the allocator has 500 B more in use than was tracked');
  });

  it('writes what is not known as unknown', () => {
    const heap = { ...HEAP, sites: null, instances: null, holders: null, operations: null };
    const text = format(recording({}, { heap: { ...heap, mode: 'counts' } }));
    expect(text).toContain('unknown: no stacks were taken (mode counts)');
    expect(text.match(/unknown: the functions that \w+ them could not be watched/g)).toHaveLength(
      2,
    );
  });

  it('says nothing where no module was tracked', () => {
    expect(format(recording())).not.toMatch(/^Heap$|operation|Objects inside/m);
  });

  it.each([60, 80])('keeps to %d columns', (width) => {
    for (const line of format(data, { width }).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });
});
