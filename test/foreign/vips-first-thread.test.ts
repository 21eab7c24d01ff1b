// libvips where the program calls instrument(), which in Node follows its first thread only: then it must be said why
// the figures do not add up.

import { afterAll, expect, it } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import { requireFresh } from './packages.ts';

interface Image {
  gaussblur(sigma: number): Image;
  writeToBuffer(suffix: string): Uint8Array;
  delete(): void;
}
interface Vips {
  readonly Image: {
    newFromMemory(
      pixels: Uint8Array,
      width: number,
      height: number,
      bands: number,
      format: string,
    ): Image;
  };
  concurrency(threads: number): void;
  shutdown(): void;
}

const WIDTH = 400;
const HEIGHT = 300;

const profiler = new MemoryProfiler();
const tracking = profiler.instrument({ trackAllocations: 'counts' });
const warnings: string[] = [];
profiler.addEventListener('warning', ({ detail }) => {
  if (detail.code === 'heap-accounting') warnings.push(detail.message);
});
afterAll(() => tracking.stop());

it('says that a thread may not be followed', async () => {
  const vips = await requireFresh<() => Promise<Vips>>('wasm-vips')();
  vips.concurrency(4);
  profiler.start({ sampleInterval: 60_000, trackAllocations: 'counts' });
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3).map((_, at) => (at * 7919) & 255);
  await expect
    .poll(
      () => {
        const image = vips.Image.newFromMemory(pixels, WIDTH, HEIGHT, 3, 'uchar');
        const blurred = image.gaussblur(2);
        blurred.writeToBuffer('.png');
        for (const made of [blurred, image]) made.delete();
        profiler.takeSnapshot();
        return warnings.length;
      },
      { timeout: 20_000 },
    )
    .toBe(1);
  expect(warnings[0]).toContain('--import gegl-memory-profiler/register');
  profiler.stop();
  vips.shutdown();
}, 30_000);
