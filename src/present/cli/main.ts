#!/usr/bin/env node
// npx gegl-memory-profiler

import { endOnWriteErrors, outputOf } from './output.ts';
import { run } from './run.ts';

const { argv, stderr, stdout } = process;
endOnWriteErrors(stdout, stderr);
process.exitCode = await run(argv.slice(2), outputOf(stdout, stderr));
