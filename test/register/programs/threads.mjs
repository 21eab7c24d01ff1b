// Blurs with libvips, which does it in threads. With the argument "own", threads get options of their own.
// @ts-nocheck: libvips comes without types for Node.

import { createRequire, syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';
import { figures, tell, warnings } from './figures.mjs';

if (process.argv[2] === 'own') {
  const { Worker } = workerThreads;
  workerThreads.Worker = class extends Worker {
    constructor(file, options) {
      super(file, { ...options, execArgv: ['--no-warnings'] });
    }
  };
  syncBuiltinESMExports();
}
const vips = await createRequire(import.meta.url)('wasm-vips')({ dynamicLibraries: [] });

function blur() {
  const image = vips.Image.black(600, 600).add(100).gaussblur(4);
  const bytes = image.writeToBuffer('.png');
  image.delete();
  return bytes.reduce((sum, byte) => (sum + byte) % 1e9, bytes.length);
}

const sums = [blur(), blur()];
tell({ figures: figures(), warnings: warnings(), sums });
vips.shutdown();
