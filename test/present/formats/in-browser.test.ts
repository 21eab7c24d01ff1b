// Formats, opened by the tools that they are for, as far as these run in a browser: speedscope, DevTools of Chromium, and
// the viewer of chrome://tracing, which Debian's Go brings along.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLeaks as detect } from '../../../src/analyze/leaks/index.ts';
import { geglKnowledge } from '../../../src/gegl/knowledge.ts';
import { chromeTrace } from '../../../src/present/formats/chrome-trace.ts';
import { folded } from '../../../src/present/formats/folded.ts';
import type { Format } from '../../../src/present/formats/format.ts';
import { heapprofile } from '../../../src/present/formats/heapprofile.ts';
import { pprof } from '../../../src/present/formats/pprof.ts';
import { speedscope } from '../../../src/present/formats/speedscope.ts';
import { frameText, functionName } from '../../../src/recording/frame-text.ts';
import type { Recording } from '../../../src/recording/types.ts';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import {
  type BrowserEngine,
  type BrowserPage,
  launchEngine,
} from '../../browser/harness/engines.ts';
import { findProgram } from '../../browser/harness/installed.ts';
import { startServer, type TestServer } from '../../browser/harness/server.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { recordTrackedSession, sumByPath } from './tracked-session.ts';

const GO = execFileSync(findProgram('go', 'golang-go'), ['env', 'GOROOT'], { encoding: 'utf8' });
const DEVTOOLS = 'devtools://devtools/bundled/';

let engine: BrowserEngine;
let server: TestServer;
let recording: Recording;

beforeAll(async () => {
  recording = await recordTrackedSession();
  server = await startServer({
    mounts: {
      '/speedscope/': fileURLToPath(
        new URL('../../../node_modules/speedscope/dist/release', import.meta.url),
      ),
      '/viewer/': `${GO.trim()}/src/cmd/trace/static`,
    },
    files: {
      '/trace.html':
        '<!doctype html><script src="viewer/webcomponents.min.js"></script><link rel="import" href="viewer/trace_viewer_full.html">',
    },
  });
  engine = await launchEngine('chromium');
});

afterAll(async () => {
  await engine?.close();
  await server?.close();
});

/** What speedscope exports of a file that it has imported. */
interface Speedscope {
  readonly shared: {
    readonly frames: readonly { readonly name: string; readonly line?: number }[];
  };
  readonly profiles: readonly {
    readonly name: string;
    readonly unit: string;
    readonly endValue: number;
    readonly events: readonly {
      readonly type: 'O' | 'C';
      readonly frame: number;
      readonly at: number;
    }[];
  }[];
}

/** In its page: imports a file, and gives what it would save of that. */
async function importAndExport(name: string, base64: string): Promise<string> {
  document.title = '';
  const { speedscope } = window as unknown as {
    speedscope: { loadFileFromBase64(name: string, base64: string): void };
  };
  speedscope.loadFileFromBase64(name, base64);
  while (document.title === '') await new Promise((resolve) => setTimeout(resolve, 20));
  const saved = new Promise<Blob>((resolve) => {
    URL.createObjectURL = (blob: Blob) => {
      resolve(blob);
      return '#';
    };
  });
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 's', ctrlKey: true }));
  return (await saved).text();
}

/** By path, the outermost frame first: what lies in its last frame itself. */
function selfByPath({ shared, profiles }: Speedscope, place = 0): Map<string, number> {
  const sums = new Map<string, number>();
  const open: string[] = [];
  let last = 0;
  for (const { type, frame, at } of profiles[place]?.events ?? []) {
    const path = open.join(';');
    if (at > last) sums.set(path, (sums.get(path) ?? 0) + at - last);
    last = at;
    if (type === 'O') open.push(shared.frames[frame]?.name ?? '');
    else open.pop();
  }
  return sums;
}

describe('speedscope shows the bytes of each stack', () => {
  let page: BrowserPage;

  // With this parameter it lets a script hand it files; the one named here need not be there.
  beforeAll(async () => {
    page = await engine.open(server.url('/speedscope/index.html#localProfilePath=none.js'));
    await page.waitFor('window.speedscope');
  });

  async function openInSpeedscope(format: Format): Promise<Speedscope> {
    const base64 = Buffer.from(format.write(recording)).toString('base64');
    const call = `(${importAndExport.toString()})('profile.${format.extension}', '${base64}')`;
    return JSON.parse(await page.evaluate<string>(call));
  }

  it('of its own format, by four figures', async () => {
    const read = await openInSpeedscope(speedscope);
    expect(read.profiles.map(({ name, unit }) => [name, unit])).toEqual([
      ['Live bytes (estimated)', 'bytes'],
      ['Total bytes (estimated)', 'bytes'],
      ['Peak bytes (estimated)', 'bytes'],
      ['Live blocks (estimated)', 'none'],
    ]);
    const columns = ['liveBytes', 'totalBytes', 'peakBytes', 'liveBlocks'] as const;
    for (const [place, column] of columns.entries()) {
      const expected = sumByPath(recording, column, functionName);
      const found = selfByPath(read, place);
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [path, value] of found) expect(value).toBeCloseTo(expected.get(path) ?? -1, 3);
    }
  });

  it('of pprof', async () => {
    const read = await openInSpeedscope(pprof);
    expect(read.profiles.map(({ unit }) => unit)).toEqual(['bytes']);
    expect(selfByPath(read)).toEqual(sumByPath(recording, 'liveBytes', functionName));
  });

  it('of a .heapprofile', async () => {
    const expected = sumByPath(recording, 'liveBytes', functionName);
    expect(selfByPath(await openInSpeedscope(heapprofile))).toEqual(
      new Map([...expected].map(([path, value]) => [`(root);${path}`, value])),
    );
  });

  it('of folded stacks', async () => {
    expect(selfByPath(await openInSpeedscope(folded))).toEqual(
      sumByPath(recording, 'liveBytes', frameText),
    );
  });
});

interface HeapProfileNode {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
  readonly self: number;
  readonly total: number;
  readonly children: readonly HeapProfileNode[];
}

type HeapProfileRow = [path: string, place: string, self: number, total: number];

/** What is used of DevTools' own module. */
interface DevTools {
  readonly HeapProfileView: {
    readonly SamplingHeapProfileModel: new (profile: object) => { readonly root: HeapProfileNode };
  };
}

/** In a page of DevTools: the tree that its Memory panel shows. */
function readHeapProfile({ HeapProfileView }: DevTools, profile: object): HeapProfileRow[] {
  const rows: HeapProfileRow[] = [];
  const visit = (node: HeapProfileNode, above: string): void => {
    const path = `${above}${node.functionName}`;
    const place = `${node.url}:${node.lineNumber}:${node.columnNumber}`;
    rows.push([path, place, node.self, node.total]);
    for (const child of node.children) visit(child, `${path};`);
  };
  visit(new HeapProfileView.SamplingHeapProfileModel(profile).root, '');
  return rows;
}

describe("DevTools' Memory panel", () => {
  let page: BrowserPage;

  beforeAll(async () => {
    page = await engine.open(
      `${DEVTOOLS}entrypoints/heap_snapshot_worker/heap_snapshot_worker-entrypoint.js`,
    );
  });

  const inDevTools = (text: string | Uint8Array) =>
    page.evaluate<HeapProfileRow[]>(
      `import('${DEVTOOLS}panels/profiler/profiler.js').then((module) => (${readHeapProfile.toString()})(module, ${text}))`,
    );

  it('shows the bytes of each function of a .heapprofile, and where it is', async () => {
    const rows = await inDevTools(
      heapprofile.write({ ...recording, heap: HEAP }, { figure: 'total' }),
    );
    expect(rows).toEqual([
      ['(root)', ':-1:-1', 0, 2_640_064],
      ['(root);(anonymous)', 'node:internal/timers:0:0', 0, 2_640_000],
      ['(root);(anonymous);paint', 'https://app.test/src/brush.js:11:6', 0, 2_640_000],
      ['(root);(anonymous);paint;invoke', 'https://app.test/editor.js:9:4', 0, 2_640_000],
      [
        '(root);(anonymous);paint;invoke;gegl_tile_alloc',
        'https://app.test/editor.wasm:0:70368',
        540_000,
        540_000,
      ],
      [
        '(root);(anonymous);paint;invoke;wasm-function[245]',
        'https://app.test/editor.wasm:-1:-1',
        0,
        2_100_000,
      ],
      [
        '(root);(anonymous);paint;invoke;wasm-function[245];gegl_tile_alloc',
        'https://app.test/editor.wasm:0:70368',
        2_100_000,
        2_100_000,
      ],
      ['(root);(unknown)', ':-1:-1', 64, 64],
    ]);
  });

  it('shows that of a real session', async () => {
    const rows = await inDevTools(heapprofile.write(recording));
    const live = sumByPath(recording, 'liveBytes', functionName);
    const total = [...live.values()].reduce((sum, bytes) => sum + bytes, 0);
    expect(rows[0]?.[3]).toBe(total);
    expect(rows.some(([path]) => path.endsWith('gegl_tile_alloc'))).toBe(true);
    for (const [path, bytes] of live) {
      const self = rows.filter(([at]) => at === `(root);${path}`).map(([, , size]) => size);
      expect(self.reduce((sum, size) => sum + size, 0)).toBe(bytes);
    }
  });
});

interface TraceViewer {
  readonly Model: new () => TraceModel;
  readonly importer: {
    readonly Import: new (model: TraceModel) => { importTraces(traces: string[]): void };
  };
}

interface TraceModel {
  readonly importWarnings: readonly { readonly message: string }[];
  readonly processes: Readonly<Record<string, TraceProcess>>;
}

interface TraceProcess {
  readonly name: string;
  readonly counters: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly series: readonly {
          readonly name: string;
          readonly samples: readonly { readonly timestamp: number; readonly value: number }[];
        }[];
      }
    >
  >;
  readonly instantEvents: readonly {
    readonly title: string;
    readonly start: number;
    readonly args: object;
  }[];
  readonly threads: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly sliceGroup: {
          readonly slices: readonly {
            readonly title: string;
            readonly start: number;
            readonly duration: number;
          }[];
        };
      }
    >
  >;
}

interface ReadTrace {
  readonly warnings: readonly string[];
  readonly name: string;
  /** By track and series: times in milliseconds, and values. */
  readonly counters: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly moments: readonly (readonly [title: string, start: number, args: object])[];
  readonly slices: readonly (readonly [
    thread: string,
    title: string,
    start: number,
    duration: number,
  ])[];
}

/** In the viewer's page: its model of a trace. */
function readTrace({ Model, importer }: TraceViewer, text: string): ReadTrace {
  const model = new Model();
  new importer.Import(model).importTraces([text]);
  const [process] = Object.values(model.processes);
  return {
    warnings: model.importWarnings.map(({ message }) => message),
    name: process?.name ?? '',
    counters: Object.fromEntries(
      Object.values(process?.counters ?? {}).flatMap(({ name, series }) =>
        series.map((one) => [
          `${name}: ${one.name}`,
          one.samples.map(({ timestamp, value }) => [timestamp, value] as const),
        ]),
      ),
    ),
    moments: (process?.instantEvents ?? []).map(({ title, start, args }) => [title, start, args]),
    slices: Object.values(process?.threads ?? {}).flatMap(({ name, sliceGroup }) =>
      sliceGroup.slices.map(
        ({ title, start, duration }) => [name, title, start, duration] as const,
      ),
    ),
  };
}

it('the viewer of chrome://tracing shows figures, marks, findings and gaps over time', async () => {
  const page = await engine.open(server.url('/trace.html'));
  await page.waitFor("typeof tr === 'object' && tr.Model && tr.importer?.Import");
  const findLeaks = (of: Recording) => detect(of, geglKnowledge);
  const read = async (of: Recording) =>
    page.evaluate<ReadTrace>(
      `(${readTrace.toString()})(tr, ${JSON.stringify(String(chromeTrace.write(of, { findLeaks })))})`,
    );
  const made = buildRecording({
    heapUsed: [MB, null, 3 * MB],
    buffers: [1, 2, 3],
    gaps: [{ from: 1000, to: 2000, reason: 'hidden' }],
    totals: { buffers: { created: 4, live: 3, collected: 1 } },
    collected: [{ collectedAt: 1500 }],
  });
  const small = await read({
    ...made,
    marks: [{ elapsed: 1000, name: 'picture opened' }],
    warnings: [{ elapsed: 1500.25, code: 'source-failed', message: 'It did.' }],
  });
  expect(small.warnings).toEqual([]);
  expect(small.name).toBe('gegl-memory-profiler: page');
  expect(small.counters['heap used: bytes']).toEqual([
    [0, MB],
    [2000, 3 * MB],
  ]);
  expect(small.counters['objects: buffers']).toEqual([
    [0, 1],
    [1000, 2],
    [2000, 3],
  ]);
  expect(Object.keys(small.counters)).not.toContain('live bytes: bytes');
  expect(small.moments).toEqual([
    ['mark: picture opened', 1000, {}],
    ['warning: source-failed', 1500.25, { message: 'It did.' }],
    ['error: collected_handle', 2000, { message: expect.any(String), details: expect.any(Object) }],
  ]);
  expect(small.slices).toEqual([['gaps', 'gap: hidden', 1000, 1000]]);

  const real = await read(recording);
  expect(real.warnings).toEqual([]);
  expect(real.counters['live bytes: bytes']?.map(([, value]) => value)).toEqual(
    recording.snapshots.liveBytes,
  );
  expect(real.counters['GEGL tile cache: bytes']?.at(-1)?.[1]).toBeGreaterThan(0);
  expect(real.moments.map(([title]) => title)).toEqual(
    expect.arrayContaining(['mark: painted', 'heap snapshot']),
  );
  await page.close();
});
