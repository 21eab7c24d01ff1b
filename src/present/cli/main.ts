#!/usr/bin/env node
// npx gegl-memory-profiler

import { outputOf } from './output.ts';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), outputOf(process.stdout, process.stderr));
