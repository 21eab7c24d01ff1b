// Samples, marks and leaks as tracks of the performance panel: a trace of Chromium, read by its own DevTools.

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from './harness/server.ts';
import { useEngine } from './harness/use-engine.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const DEVTOOLS = 'devtools://devtools/bundled/';

const engine = useEngine('chromium');
let server: TestServer;

beforeAll(async () => {
  server = await startServer({
    mounts: {
      '/profiler': fileURLToPath(new URL('pages/profiler', import.meta.url)),
      '/native': `${repository}native/out`,
      '/js': `${repository}js`,
    },
  });
});

afterAll(() => server?.close());

interface Entry {
  readonly name: string;
  readonly dur: number;
  readonly devtoolsObj: {
    readonly color: string;
    readonly tooltipText: string;
    readonly properties: readonly (readonly [string, string])[];
  };
}

interface Track {
  readonly name: string;
  readonly isTrackGroup: boolean;
  readonly entriesByTrack: Readonly<Record<string, readonly Entry[]>>;
}

/** What is used of DevTools' own module. */
interface DevTools {
  readonly TraceModel: {
    readonly Model: {
      createWithAllHandlers(): {
        parse(events: object[], config: object): Promise<void>;
        parsedTrace(): { data: { ExtensionTraceData: { extensionTrackData: Track[] } } } | null;
      };
    };
  };
}

/** In a page of DevTools: the tracks that its performance panel shows beside its own. */
async function readTracks({ TraceModel }: DevTools, events: object[]): Promise<Track[]> {
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(events, { metadata: {}, isFreshRecording: false });
  return model.parsedTrace()?.data.ExtensionTraceData.extensionTrackData ?? [];
}

it('samples, marks and leaks are tracks of the performance panel', async () => {
  const page = await engine.open(server.url('/profiler/classic.html'));
  await page.waitFor('globalThis.ready');
  await page.evaluate('ready');
  const events = await page.trace?.(async () => {
    await page.evaluate(
      'void memoryProfiler.start({ sampleInterval: 1e6, performanceMarkers: true })',
    );
    await page.evaluate("void (openPicture(), memoryProfiler.mark('picture opened'), loseColor())");
    for (let lost = 0; lost === 0; ) {
      await page.collectGarbage();
      lost = await page.evaluate('memoryProfiler.getReport().objects.totals.colors.collected');
    }
    await page.evaluate('memoryProfiler.stop()');
  });
  expect(await page.evaluate("performance.getEntriesByType('measure').length")).toBe(0);
  const current = await page.evaluate<{ wasmMemory: { heapUsed: number } }>(
    'memoryProfiler.getReport().current',
  );

  const devTools = await engine.open(
    `${DEVTOOLS}entrypoints/heap_snapshot_worker/heap_snapshot_worker-entrypoint.js`,
  );
  const tracks = await devTools.evaluate<Track[]>(
    `import('${DEVTOOLS}models/trace/trace.js').then((module) => (${readTracks.toString()})(module, ${events}))`,
  );
  expect(tracks.map(({ name, isTrackGroup }) => [name, isTrackGroup])).toEqual([
    ['gegl-memory-profiler', true],
  ]);
  const { Samples: samples = [], 'Marks and leaks': moments = [] } =
    tracks[0]?.entriesByTrack ?? {};
  expect(samples.map(({ name }) => name)).toEqual(
    Array.from({ length: 3 }, () => expect.stringMatching(/^[\d.]+ [KM]B in use$/)),
  );
  expect(samples.every(({ dur }) => dur >= 0)).toBe(true);
  expect(Object.fromEntries(samples.at(-1)?.devtoolsObj.properties ?? [])).toMatchObject({
    heapUsed: String(current.wasmMemory.heapUsed),
    buffers: '1',
  });
  expect(moments.map(({ name, devtoolsObj }) => [name, devtoolsObj.color])).toEqual([
    ['picture opened', 'primary'],
    ['error: collected_handle', 'error'],
  ]);
  expect(Object.fromEntries(moments[1]?.devtoolsObj.properties ?? []).advice).toMatch(/destroy/);
});
