// GEGL in wasm against native GEGL with one thread: starting it, and a Gaussian blur of two sizes, by turns in one
// run. Prints a table and asserts nothing but that both sides made the same pixels.
//
// The blur works on `RaGaBaA float`. From and to that format both sides do the same work in every run. From and to
// `RGBA float` babl converts, by a path that it picks by timing in each new instance, so these times are taken
// over several instances, and their spread is printed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { Gegl, type GeglBuffer } from '../../src/gegl/index.ts';
import { compileNative, NativeBlur } from './native.ts';
import { median, minimum, printTable, type Row } from './table.ts';

const STD_DEV = 8;
const BLURS = [
  { edge: 1000, format: 'RaGaBaA float', instances: 2, rounds: 15, warmUps: 4 },
  { edge: 1000, format: 'RGBA float', instances: 7, rounds: 5, warmUps: 2 },
  { edge: 4000, format: 'RaGaBaA float', instances: 1, rounds: 5, warmUps: 1 },
  { edge: 4000, format: 'RGBA float', instances: 3, rounds: 2, warmUps: 1 },
];
const GOAL = '<= 1.30';
const INIT_ROUNDS = 9;

const folder = mkdtempSync(join(tmpdir(), 'bench-gegl-'));
try {
  const program = compileNative(folder);
  const rows = [await benchmarkInit(program)];
  for (const work of BLURS) rows.push(await benchmarkBlur(work, program));
  printTable(rows);
} finally {
  rmSync(folder, { recursive: true });
}

/** Loading and starting the module anew, against gegl_init in a new native process. */
async function benchmarkInit(program: string): Promise<Row> {
  const row: Row = { work: 'load and init', wasm: [], native: [], goal: '' };
  for (let round = -1; round < INIT_ROUNDS; round += 1) {
    const start = performance.now();
    await startGegl();
    const wasm = performance.now() - start;
    const native = await NativeBlur.start(program);
    if (round < 0) printFacts(native);
    else {
      row.wasm.push(wasm);
      row.native.push(native.initMs);
    }
    Gegl.exit();
    await native.stop();
  }
  return row;
}

async function startGegl(): Promise<void> {
  await Gegl.init({ license: 'GPL3' });
}

async function benchmarkBlur(
  { edge, format, instances, rounds, warmUps }: (typeof BLURS)[number],
  program: string,
): Promise<Row> {
  const work = `blur ${edge} x ${edge} ${format}`;
  const row: Row = { work, wasm: [], native: [], goal: GOAL };
  const notes: string[] = [];
  const spread: Record<'wasm' | 'native', number[]> = { wasm: [], native: [] };
  for (let instance = 0; instance < instances; instance += 1) {
    const native = await NativeBlur.start(program);
    await startGegl();
    await native.makeSource(edge, edge, format);
    const source = makeSource(edge, format);
    const times = { wasm: [] as number[], native: [] as number[] };
    for (let round = -warmUps; round < rounds; round += 1) {
      // Who goes first changes, lest one side always finds the processor as the other left it.
      const sides = round % 2 ? (['wasm', 'native'] as const) : (['native', 'wasm'] as const);
      for (const side of sides) {
        const time = side === 'native' ? await native.blur(STD_DEV) : blur(source);
        if (round >= 0) times[side].push(time);
      }
    }
    if (instance === 0) {
      const difference = await comparePixels(source, native);
      if (!(difference <= 1e-5))
        throw new Error(
          `${work}: the pixels differ by ${difference}, so the times can't be compared.`,
        );
      const heap = (Gegl.module.HEAPU8.length / 2 ** 20).toFixed(0);
      notes.push(`the same pixels (largest difference ${difference})`, `wasm heap ${heap} MiB`);
    }
    source.destroy();
    Gegl.exit();
    await native.stop();
    for (const side of ['wasm', 'native'] as const) {
      row[side].push(...times[side]);
      spread[side].push(median(times[side]));
    }
  }
  if (instances > 1)
    for (const side of ['wasm', 'native'] as const)
      notes.push(
        `${side} medians of ${instances} instances ${minimum(spread[side]).toFixed(0)} to ${Math.max(...spread[side]).toFixed(0)} ms`,
      );
  console.log(`${work}: ${notes.join('; ')}`);
  return row;
}

/** Graph and target are new each time, so that nothing is cached from the last; they are not timed. */
function blur(source: GeglBuffer, use?: (target: GeglBuffer) => void): number {
  const graph = Gegl.createGraph();
  const target = Gegl.createBuffer(source.getExtent(), source.getFormat().name);
  const node = graph.createNode('gegl:gaussian-blur', {
    'std-dev-x': STD_DEV,
    'std-dev-y': STD_DEV,
  });
  graph.createNode('gegl:buffer-source', { buffer: source }).connectTo(node);
  const start = performance.now();
  node.blitToBuffer(target);
  const end = performance.now();
  graph.destroy();
  use?.(target);
  target.destroy();
  return end - start;
}

/** The same picture as make_source() of native-blur.c. */
function makeSource(edge: number, format: string): GeglBuffer {
  const buffer = Gegl.createBuffer({ width: edge, height: edge }, format);
  const row = new Float32Array(edge * 4);
  for (let y = 0; y < edge; y += 1) {
    for (let x = 0; x < edge; x += 1)
      for (let c = 0; c < 4; c += 1) row[x * 4 + c] = ((x * 31 + y * 17 + c * 57) & 255) / 256;
    buffer.setPixels(row, { rect: { x: 0, y, width: edge, height: 1 } });
  }
  return buffer;
}

/** The largest difference of a component of both sides' results. */
async function comparePixels(source: GeglBuffer, native: NativeBlur): Promise<number> {
  const file = join(folder, 'pixels');
  await native.save(file);
  const bytes = readFileSync(file);
  rmSync(file);
  const reference = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let worst = 0;
  blur(source, (target) => {
    const { width, height } = target.getExtent();
    if (reference.length !== width * height * 4) throw new Error('Not the same size.');
    const row = new Float32Array(width * 4);
    for (let y = 0; y < height; y += 1) {
      target.getPixels({ rect: { x: 0, y, width, height: 1 }, into: row });
      for (let i = 0; i < row.length; i += 1) {
        const difference = Math.abs((row[i] ?? 0) - (reference[y * row.length + i] ?? 0));
        if (!(difference <= worst)) worst = difference;
      }
    }
  });
  return worst;
}

function printFacts(native: NativeBlur): void {
  const processors = cpus();
  const flags = processorFlags();
  const isV3 = flags.has('avx2') && flags.has('fma');
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  console.log(
    `${processors[0]?.model}, ${processors.length} cores, ${mebibytes(totalmem())}, Node ${process.version}`,
  );
  console.log(
    `wasm: GEGL ${Gegl.versions.gegl}, babl ${Gegl.versions.babl}, tile cache ${mebibytes(Gegl.config.tileCacheSize)}`,
  );
  console.log(
    `native: GEGL ${native.version}, one thread, tile cache ${mebibytes(native.tileCacheBytes)}, ` +
      `its modules ${isV3 ? 'in the variant for x86-64-v3 (AVX2, FMA)' : 'for this processor'}`,
  );
}

/** By them GEGL picks its native modules. */
function processorFlags(): Set<string> {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    return new Set(flags.trim().split(' '));
  } catch {
    return new Set();
  }
}
