// The built package, by every way of loading it that Node has. The pages do theirs in test/browser.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

/** Starts GEGL, renders one pixel of red, and tells it. */
const SESSION = `
  async function session(Gegl, options) {
    await Gegl.init(options);
    const graph = Gegl.createGraph();
    const color = graph.createNode('gegl:color', { value: 'red' });
    const pixel = [...color.blit({ width: 1, height: 1 }, { format: "R'G'B' u8" })];
    graph.destroy();
    Gegl.exit();
    return pixel.join();
  }
`;

/** What a program prints, run in a Node of its own, in the project's folder. */
function run(program: string, ...flags: string[]): string {
  return execFileSync(process.execPath, [...flags, '--eval', SESSION + program], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  }).trim();
}

describe('the package in Node', () => {
  it('is an ES module', () => {
    const program = `
      import { Gegl } from 'gegl-memory-profiler/gegl';
      console.log(await session(Gegl));
    `;
    expect(run(program, '--input-type=module')).toBe('255,0,0');
  });

  it('is CommonJS', () => {
    const program = `
      const { Gegl } = require('gegl-memory-profiler/gegl');
      session(Gegl).then(console.log);
    `;
    expect(run(program, '--input-type=commonjs')).toBe('255,0,0');
  });

  it('is a classic script that can be required', () => {
    const program = `
      const { Gegl } = require('./js/gegl-wrapper.js');
      session(Gegl).then(console.log);
    `;
    expect(run(program, '--input-type=commonjs')).toBe('255,0,0');
  });

  it('takes the other module, and a wasm file from another place', () => {
    const program = `
      const { Gegl } = require('gegl-memory-profiler/gegl');
      const module = require('gegl-memory-profiler/module/gegl-stripped.js');
      const wasmUrl = require.resolve('gegl-memory-profiler/module/gegl-stripped.wasm');
      session(Gegl, { module, wasmUrl }).then(console.log);
    `;
    expect(run(program, '--input-type=commonjs')).toBe('255,0,0');
  });

  it('shares one registry of objects between its ES module and CommonJS copies', () => {
    const program = `
      import { createRequire } from 'node:module';
      import { Gegl } from 'gegl-memory-profiler/gegl';
      const { liveObjects } = createRequire(process.cwd() + '/x')('gegl-memory-profiler/gegl');
      await Gegl.init();
      Gegl.createBuffer({ width: 1, height: 1 });
      console.log(liveObjects().size);
    `;
    expect(run(program, '--input-type=module')).toBe('1');
  });

  it('runs in a worker thread, beside the main thread', async () => {
    const worker = new Worker(
      `${SESSION}
      const { parentPort } = require('node:worker_threads');
      const { Gegl } = require(${JSON.stringify(require.resolve('gegl-memory-profiler/gegl'))});
      session(Gegl).then((pixel) => parentPort.postMessage(pixel));`,
      { eval: true },
    );
    const pixel = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(pixel).toBe('255,0,0');
  });

  it('lets a program end by itself', () => {
    const program = `
      const { Gegl } = require('gegl-memory-profiler/gegl');
      Gegl.init().then(() => console.log('started'));
    `;
    expect(run(program, '--input-type=commonjs')).toBe('started');
  });
});
