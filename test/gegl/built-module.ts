// The built module that the tests run on. `GEGL_OUT=out-asan` or `out-safe-heap` takes that of a
// sanitizer's build (npm run build:gegl -- --variant=...), which has only the module with names.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const folder = process.env.GEGL_OUT ?? 'out';

/** The modules that there are to test. */
export const moduleNames = folder === 'out' ? ['gegl', 'gegl-stripped'] : ['gegl'];

/** Its file. */
export function modulePath(name: string): URL {
  return new URL(`../../native/${folder}/${name}.wasm`, import.meta.url);
}

/** `createGegl` of a built module. */
export function moduleFactory(name = 'gegl'): (overrides?: object) => Promise<unknown> {
  return (overrides) => require(`../../native/${folder}/${name}.js`)(overrides);
}
