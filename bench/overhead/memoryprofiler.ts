// GEGL linked with Emscripten's --memoryprofiler (npm run build:gegl -- --variant=memoryprofiler), in Node.
//
// Its glue script hooks every malloc, realloc and free in JavaScript: Maps by address in plain objects, and
// `new Error().stack` for each malloc. It installs the hooks only in a page, together with its display, a table and a
// canvas that are drawn anew every two seconds. Here the hooks are installed and the display is not, so that what is
// measured is the least that it costs.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const START = /^if \(typeof Module [^\n]*emscriptenMemoryProfiler\.initialize\(\);$/gm;
const HOOKS = `{
  const profiler = emscriptenMemoryProfiler;
  Module['onMalloc'] = (pointer, size) => profiler.onMalloc(pointer, size);
  Module['onRealloc'] = (old, pointer, size) => profiler.onRealloc(old, pointer, size);
  Module['onFree'] = (pointer) => profiler.onFree(pointer);
  profiler.onPreloadComplete();
  Module['memoryProfiler'] = profiler;
}`;

/** What is read of its own figures. */
export interface MemoryProfilerFigures {
  readonly totalTimesMallocCalled: number;
  readonly allocationsAtLoc: Readonly<Record<string, unknown>>;
}

/** `createGegl` of the module, with the hooks installed. */
export function memoryProfilerFactory(): (overrides?: object) => Promise<object> {
  const folder = join(process.cwd(), 'native/out-memoryprofiler');
  const glue = readFileSync(join(folder, 'gegl.js'), 'utf8');
  if (glue.match(START)?.length !== 1) {
    throw new Error('The glue script starts its memory profiler in another way than expected.');
  }
  const file = join(folder, 'gegl-in-node.js');
  writeFileSync(
    file,
    glue.replace(START, () => HOOKS),
  );
  return createRequire(import.meta.url)(file);
}

export function figuresOf(module: object): MemoryProfilerFigures {
  const { memoryProfiler } = module as { memoryProfiler?: MemoryProfilerFigures };
  if (!memoryProfiler) throw new Error('The module has no memory profiler.');
  return memoryProfiler;
}
