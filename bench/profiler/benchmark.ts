// What the profiler costs: following an object, a snapshot, a day. Each against no profiler, by turns in one run;
// medians. Prints tables and asserts nothing.

import { cpus } from 'node:os';
import { Gegl } from '../../src/gegl/index.ts';
import { announceEngine, type TrackedEngine } from '../../src/gegl/lifecycle.ts';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { RecordingClock } from '../../src/record/clock.ts';
import { mallinfoBytes } from '../../src/record/module.ts';
import { Recorder } from '../../src/record/recorder.ts';
import { median, printTable } from './table.ts';

const ROUNDS = 41;
const SLOW_TIMER = { sampleInterval: 86_400_000 };
const collectGarbage = (globalThis as { gc?: () => void }).gc ?? (() => {});

await Gegl.init();
console.log(
  `${cpus()[0]?.model}, Node ${process.version}, GEGL ${Gegl.versions.gegl}; medians of ${ROUNDS} rounds by turns`,
);
benchmarkObjects();
benchmarkDay();
benchmarkSnapshots();
Gegl.exit();

/** Creating and destroying an object, with the profiler off, counting, and following. */
function benchmarkObjects(): void {
  const works = [
    { name: 'color', count: 2_000, make: () => Gegl.createColor('red') },
    { name: 'buffer', count: 2_000, make: () => Gegl.createBuffer({ width: 256, height: 256 }) },
  ];
  const rows = works.map(({ name, count, make }) => {
    const modes = [
      { times: [] as number[], start: () => null },
      { times: [] as number[], start: () => startProfiler(false) },
      { times: [] as number[], start: () => startProfiler(true) },
    ];
    for (let round = -5; round < ROUNDS; round += 1) {
      // Who goes first changes, lest one always finds the processor as another left it.
      for (let turn = 0; turn < modes.length; turn += 1) {
        const mode = modes[(turn + round + 5) % modes.length];
        const profiler = mode?.start();
        collectGarbage();
        const time = microseconds(() => {
          for (let index = 0; index < count; index += 1) make().destroy();
        });
        profiler?.stop();
        if (round >= 0) mode?.times.push(time / count);
      }
    }
    const [off = 0, counting = 0, following = 0] = modes.map(({ times }) => median(times));
    return [
      `create and destroy a ${name}`,
      `${off.toFixed(2)}`,
      `${counting.toFixed(2)} (${(counting / off).toFixed(2)})`,
      `${following.toFixed(2)} (${(following / off).toFixed(2)})`,
      `${(following - off).toFixed(2)}`,
    ];
  });
  printTable(
    'Microseconds an object (ratio to no profiler)',
    ['', 'no profiler', 'trackObjects: false', 'trackObjects: true', 'added'],
    rows,
  );
}

function startProfiler(trackObjects: boolean): MemoryProfiler {
  const profiler = new MemoryProfiler();
  profiler.start({ ...SLOW_TIMER, trackObjects });
  return profiler;
}

/** One snapshot with few and with very many live objects; the allocator's own walk apart. */
function benchmarkSnapshots(): void {
  const profiler = startProfiler(true);
  const withoutModule = new MemoryProfiler();
  withoutModule.start({ ...SLOW_TIMER, module: {} });
  const keep: object[] = [];
  const rows = [10, 1_000_000].map((count) => {
    while (keep.length < count) {
      for (let index = 0; index < 10 && keep.length < count; index += 1) {
        keep.push(Gegl.createColor('red'));
      }
    }
    collectGarbage();
    const whole: number[] = [];
    const script: number[] = [];
    const walk: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      whole.push(microseconds(() => profiler.takeSnapshot()));
      script.push(microseconds(() => withoutModule.takeSnapshot()));
      walk.push(microseconds(() => mallinfoBytes(Gegl.module as object)));
    }
    const report = microseconds(() => profiler.getReport());
    return [
      count.toLocaleString('en'),
      (Gegl.module.HEAPU8.length / 2 ** 20).toFixed(0),
      ...[whole, script, walk].map((times) => median(times).toFixed(0)),
      (report / 1_000).toFixed(1),
    ];
  });
  profiler.stop();
  withoutModule.stop();
  printTable(
    'Microseconds a snapshot (milliseconds a report)',
    ['live objects', 'heap, MiB', 'snapshot', 'of it JavaScript', 'of it mallinfo', 'report, ms'],
    rows,
  );
}

/** A day at one sample a second: the recorder's own work, on a clock and an engine that are not real. */
function benchmarkDay(): void {
  const time = { now: 0 };
  const clock = new RecordingClock(
    () => time.now,
    () => Date.UTC(2025, 0, 1) + Math.round(time.now),
  );
  const memory = new DataView(new ArrayBuffer(65_536));
  let second = 0;
  const engine: TrackedEngine = {
    module: {
      HEAPU8: new Uint8Array(memory.buffer),
      stackSave: () => 0,
      stackRestore() {},
      stackAlloc: () => 0,
      _mallinfo: (address: number) => memory.setUint32(address + 28, 123_456_789 + second, true),
      _gegl_wasm_static_bytes: () => 5_262_984,
      _gegl_wasm_stack_bytes: () => 5_242_880,
    },
    versions: Gegl.versions,
    config: { tileCacheSize: 536_870_912 },
    stats: () => ({
      tileCacheTotal: 123_456_789 + second,
      tileAllocTotal: 234_567_890 - second,
      scratchTotal: 1_234_567 + second,
      swapTotal: 0,
    }),
  };
  announceEngine('engine-started', engine);
  const options = {
    ...SLOW_TIMER,
    trackObjects: true,
    sampleRate: 1,
    maxSnapshots: 10_000,
    trackAllocations: null,
    module: null,
  };
  const recorder = new Recorder(options, { onWarning() {}, onCollected() {} }, clock);
  recorder.start(options);
  const cpu = process.cpuUsage();
  for (second = 0; second < 86_400; second += 1) {
    recorder.sample(false, false);
    time.now += 1_000 + Math.random();
  }
  const { user, system } = process.cpuUsage(cpu);
  recorder.stop();
  let text = '';
  const stringify = microseconds(() => {
    text = JSON.stringify(recorder.toRecording());
  });
  announceEngine('engine-exited', engine);
  const milliseconds = (user + system) / 1_000;
  // Asking the real module, which the stand-in leaves out.
  const profiler = startProfiler(true);
  const asked = Array.from({ length: 200 }, () => microseconds(() => profiler.takeSnapshot()));
  profiler.stop();
  printTable(
    'A day at one sample a second',
    ['', ''],
    [
      ["recorder's CPU time", `${milliseconds.toFixed(0)} ms`],
      [
        'with a small real module to ask',
        `${((median(asked) * 86_400) / 1_000).toFixed(0)} ms, ${((median(asked) / 1e6) * 100).toFixed(3)}% of one core`,
      ],
      ['snapshots kept', `${recorder.history.length}`],
      ['exported', `${text.length} bytes, in ${(stringify / 1_000).toFixed(1)} ms`],
    ],
  );
}

function microseconds(action: () => void): number {
  const start = performance.now();
  action();
  return (performance.now() - start) * 1_000;
}
