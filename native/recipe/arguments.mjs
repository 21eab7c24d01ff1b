// The command line of the build.

import { RecipeError } from './errors.mjs';

export const help = `Builds GEGL and its libraries from source for WebAssembly.

  npm run build:gegl [-- options]

  --variant=default         gegl and gegl-stripped, into native/out (this is the default)
  --variant=safe-heap       gegl with Emscripten's SAFE_HEAP checks, into native/out-safe-heap
  --variant=asan            gegl with AddressSanitizer, into native/out-asan
  --variant=memoryprofiler  gegl with Emscripten's memory profiler, into native/out-memoryprofiler
  --variant=leaks           gegl with functions that leak, into native/out-leaks
  --help                    this text

Everything lands in a cache, \${XDG_CACHE_HOME:-~/.cache}/gegl-memory-profiler, by a hash of what it
is built from: a second run finds it there, and an interrupted one is resumed by the same command.
See native/README.md.
`;

const variants = ['default', 'safe-heap', 'asan', 'memoryprofiler', 'leaks'];

/**
 * @param {readonly string[]} args
 * @returns {{ help: boolean, variant: string }}
 */
export function parseArguments(args) {
  let variant = 'default';
  for (const arg of args) {
    if (arg === '--help' || arg === '-h') return { help: true, variant };
    const value = /^--variant=(.*)$/.exec(arg)?.[1];
    if (value === undefined || !variants.includes(value)) {
      throw new RecipeError(`Unknown option ${arg}. Try --help.`);
    }
    variant = value;
  }
  return { help: false, variant };
}
