// Makes a buffer with GEGL, of the build that is named on the command line.

import { createRequire } from 'node:module';
import { figures, tell, warnings } from './figures.mjs';

const require = createRequire(import.meta.url);
const [, , name = 'gegl'] = process.argv;
const module = await require(`../../../native/out/${name}.js`)();
module._gegl_wasm_init();
const format = module.stackAlloc(16);
module.stringToUTF8('RGBA float', format, 16);
module._gegl_wasm_buffer_new(0, 0, 300, 200, format);
const result = module.stackAlloc(40);
module._mallinfo(result);
const used = new Uint32Array(module.HEAPU8.buffer, result, 10)[7];
tell({ figures: figures(), warnings: warnings(), used });
