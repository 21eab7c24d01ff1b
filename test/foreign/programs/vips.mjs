// Works on a picture with libvips, which has threads and mimalloc; knows nothing of being tracked, but for what it
// prints at the end. Run with and without register.
// @ts-nocheck: the registry has no types here.

import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import Vips from 'wasm-vips';

const ROUNDS = 3;
const width = 500;
const height = 300;
const pixels = Uint8Array.from(
  { length: 3 * width * height },
  (_, at) => (at * 7919 + (at >> 7)) & 255,
);

const registry = globalThis[Symbol.for('gegl-memory-profiler/heaps@1')];
const heaps = () => [...(registry?.heaps ?? [])].flatMap((heap) => heap.deref() ?? []);
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

const vips = await Vips();
vips.concurrency(4);
// Results of operations would be kept.
vips.Cache.max(0);

function round() {
  const source = vips.Image.newFromMemory(pixels, width, height, 3, vips.BandFormat.uchar);
  const images = [source];
  const keep = (image) => images.push(image) && image;
  const small = keep(keep(source.gaussblur(3)).resize(0.5));
  const sharp = keep(small.sharpen());
  const files = ['.png', '.jpg[Q=80]', '.webp'].map((suffix) => sharp.writeToBuffer(suffix));
  const again = files.map((file) => keep(vips.Image.newFromBuffer(file)));
  const turned = keep(keep(again[0].rot90()).hist_equal?.() ?? again[0].rot90());
  const results = [
    ...files,
    ...again.map((image) => image.writeToMemory()),
    turned.writeToMemory(),
  ];
  for (const image of images) image.delete();
  return results.map(digest);
}

/** Threads have an end of their own: counters once they stay the same. */
async function settledCounters() {
  const read = () => heaps().map(({ tracker }) => tracker.counters());
  let last = read();
  for (let waits = 0; waits < 50; waits++) {
    await setTimeout(100);
    const now = read();
    if (JSON.stringify(now) === JSON.stringify(last)) break;
    last = now;
  }
  return last;
}

const results = [];
const counters = [];
for (let turn = 0; turn < ROUNDS; turn++) {
  results.push(round());
  counters.push(...(await settledCounters()));
}
const told = heaps().map(({ tracker, report }) => {
  const sites = tracker.mode === 'all' ? tracker.sites() : [];
  // Threads are told by a message what to run.
  const ofThreads = sites.filter(({ site }) => tracker.stackOf(site).includes('MessagePort'));
  const bytes = (list) => list.reduce((sum, { total }) => sum + total.bytes, 0);
  return {
    allocator: report.allocator,
    sharedMemory: report.sharedMemory,
    siteBytes: bytes(sites),
    threadBytes: bytes(ofThreads),
  };
});
console.log(JSON.stringify({ results, counters, heaps: told, warnings: registry?.warnings ?? [] }));
vips.shutdown();
