// Profiles a session with the photo editor, in which the editor leaks an object of each kind a round,
// and prints the report.
//
//   node --expose-gc examples/photo-editor/profile.mjs [--rounds N] [--no-leaks] [--export FILE]

import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MemoryProfiler } from 'gegl-memory-profiler';
import { Gegl } from 'gegl-memory-profiler/gegl';
import { formatReport } from 'gegl-memory-profiler/text';
import { PhotoEditor } from './editor.mjs';
import { paintLandscape, paintSticker } from './pictures.mjs';
import { createProgress } from './progress.mjs';
import { workOneRound } from './session.mjs';

/** Between two actions, in milliseconds: a very busy user. */
const PAUSE = 15;
/** Slow machines do fewer rounds. */
const TIME_LIMIT = 20_000;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    'no-leaks': { type: 'boolean', default: false },
    export: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a number from 1');

const profiler = new MemoryProfiler();
// Before GEGL's module loads, so that its heap can be looked into.
profiler.instrument();
await Gegl.init();
const files = { picture: paintLandscape(Gegl), sticker: paintSticker(Gegl) };
const editor = new PhotoEditor(Gegl, { leaks: !options['no-leaks'] });
profiler.start({ sampleInterval: 100 });

const progress = createProgress(process.stdout);
const started = performance.now();
for (let round = 1; round <= rounds && performance.now() - started < TIME_LIMIT; round++) {
  if (round % 10 === 1) profiler.mark(`round ${round}`);
  await workOneRound(editor, files, () => sleep(PAUSE));
  // Lost handles show once they are garbage-collected. In real life that is when the engine likes;
  // with --expose-gc it is now, and a turn of the event loop later the profiler is told.
  globalThis.gc?.();
  await sleep(0);
  progress.show(round, rounds, profiler);
}
progress.end();
// The last ones: on a busy machine the profiler is told late.
globalThis.gc?.();
await sleep(200);

profiler.stop();
process.stdout.write(
  formatReport(profiler.getReport(), {
    width: Math.min(process.stdout.columns ?? 100, 110),
    color: process.stdout.isTTY && !process.env.NO_COLOR,
    root: fileURLToPath(new URL('../..', import.meta.url)),
  }),
);
if (!globalThis.gc) {
  console.log('\nRun with node --expose-gc: lost handles are found when they are collected.');
}
if (options.export !== undefined) {
  await writeFile(options.export, profiler.exportData());
  console.log(`\nThe recording is in ${options.export}.`);
}
console.log('\nSee it live in a browser: npm run demo');
