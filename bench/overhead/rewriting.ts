// How fast modules are rewritten, against binaryen's npm build; and what has to be loaded for it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import binaryen from 'binaryen';
import { build } from 'esbuild';
import { geglProbes } from '../../src/gegl/probes.ts';
import { instrumentWasm } from '../../src/instrument/index.ts';
import { median } from '../profiler/table.ts';

const ROUNDS = 15;
const WARM_UPS = 5;
/** It takes seconds. */
const BINARYEN_EVERY = 8;

const MODULES = [
  { file: 'native/out/gegl.wasm' },
  { file: 'native/out/gegl-stripped.wasm', glue: 'native/out/gegl-stripped.js' },
  {
    file: 'node_modules/sql.js/dist/sql-wasm.wasm',
    glue: 'node_modules/sql.js/dist/sql-wasm.js',
  },
];

/** MB/s, of wall time; and of the process's CPU time, as other work on the machine tells less there. */
export interface Speed {
  readonly median: number;
  readonly best: number;
  readonly cpuMedian: number;
}

export interface RewritingSpeed {
  readonly file: string;
  readonly megabytes: number;
  readonly plain: Speed;
  readonly contexts: Speed;
  readonly roundTrip: Speed;
  readonly logExecution: Speed;
}

export function measureRewriting(): RewritingSpeed[] {
  return MODULES.map(({ file, glue }) => {
    const bytes = readFileSync(join(process.cwd(), file));
    const options = {
      probes: geglProbes.probes,
      ...(glue && { glue: readFileSync(join(process.cwd(), glue), 'utf8') }),
    };
    const megabytes = bytes.length / 1e6;
    const plain = new Way(() => instrumentWasm(bytes, options));
    const contexts = new Way(() => instrumentWasm(bytes, { ...options, contexts: true }));
    const roundTrip = new Way(() => passThroughBinaryen(bytes, []));
    const logExecution = new Way(() => passThroughBinaryen(bytes, ['log-execution']));
    for (let round = 0; round < WARM_UPS; round++)
      for (const way of [plain, contexts]) way.run(false);
    roundTrip.run(false);
    // By turns: what disturbs the machine disturbs them all.
    for (let round = 0; round < ROUNDS; round++) {
      for (const way of [plain, contexts]) way.run(true);
      if (round % BINARYEN_EVERY === 0) for (const way of [roundTrip, logExecution]) way.run(true);
    }
    return {
      file,
      megabytes,
      plain: plain.speed(megabytes),
      contexts: contexts.speed(megabytes),
      roundTrip: roundTrip.speed(megabytes),
      logExecution: logExecution.speed(megabytes),
    };
  });
}

/** One of the ways, and how long it took, in milliseconds. */
class Way {
  readonly #action: () => void;
  readonly #wall: number[] = [];
  readonly #cpu: number[] = [];

  constructor(action: () => void) {
    this.#action = action;
  }

  run(counts: boolean): void {
    (globalThis as { gc?: () => void }).gc?.();
    const cpu = process.cpuUsage();
    const start = performance.now();
    this.#action();
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    if (!counts) return;
    this.#wall.push(wall);
    this.#cpu.push((user + system) / 1e3);
  }

  speed(megabytes: number): Speed {
    return {
      median: (megabytes * 1e3) / median(this.#wall),
      best: (megabytes * 1e3) / Math.min(...this.#wall),
      cpuMedian: (megabytes * 1e3) / median(this.#cpu),
    };
  }
}

function passThroughBinaryen(bytes: Uint8Array, passes: string[]): void {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  if (passes.length > 0) module.runPasses(passes);
  module.emitBinary();
  module.dispose();
}

export interface Size {
  readonly what: string;
  readonly raw: number;
  readonly gzip: number;
}

/** Minified, as in a page. */
export async function measureSizes(): Promise<Size[]> {
  const rewriter = "export { instrumentWasm } from './src/instrument/index.ts';";
  const tracker = "export { Tracker } from './src/tracker/index.ts';";
  const bundles = [
    { what: 'rewriter', contents: rewriter },
    { what: 'tracker', contents: tracker },
    { what: 'rewriter and tracker', contents: rewriter + tracker },
  ];
  const sizes: Size[] = [];
  for (const { what, contents } of bundles) {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    const code = outputFiles[0]?.contents ?? new Uint8Array();
    sizes.push({ what, raw: code.length, gzip: gzipSync(code, { level: 9 }).length });
  }
  return sizes;
}
