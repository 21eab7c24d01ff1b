// Outlives a test process: when that closes our standard input, by ending in whatever way, SIGKILL included,
// the browser processes that it started end too and their folder goes. Usage: node reaper.mjs MARK FOLDER

import { rm } from 'node:fs/promises';
import { endProcesses } from './processes.mjs';

const [mark, folder] = process.argv.slice(2);
if (!mark || !folder) throw new Error('usage: reaper.mjs MARK FOLDER');

// Ctrl-C in a terminal reaches us as well; the work begins when the tests have ended.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {});

process.stdin.resume();
process.stdin.on('end', async () => {
  await endProcesses(mark, 3_000);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});
