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
const BINARYEN_ROUNDS = 2;

const MODULES = [
  { file: 'native/out/gegl.wasm' },
  { file: 'native/out/gegl-stripped.wasm', glue: 'native/out/gegl-stripped.js' },
  {
    file: 'node_modules/sql.js/dist/sql-wasm.wasm',
    glue: 'node_modules/sql.js/dist/sql-wasm.js',
  },
];

/** MB/s. */
export interface Speed {
  readonly median: number;
  readonly best: number;
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
    const speed = (rounds: number, warmUps: number, action: () => void): Speed => {
      const times = Array.from({ length: warmUps + rounds }, () => milliseconds(action));
      const warm = times.slice(warmUps);
      return {
        median: (megabytes * 1e3) / median(warm),
        best: (megabytes * 1e3) / Math.min(...warm),
      };
    };
    return {
      file,
      megabytes,
      plain: speed(ROUNDS, WARM_UPS, () => instrumentWasm(bytes, options)),
      contexts: speed(ROUNDS, WARM_UPS, () =>
        instrumentWasm(bytes, { ...options, contexts: true }),
      ),
      roundTrip: speed(BINARYEN_ROUNDS, 1, () => passThroughBinaryen(bytes, [])),
      logExecution: speed(BINARYEN_ROUNDS, 0, () => passThroughBinaryen(bytes, ['log-execution'])),
    };
  });
}

function passThroughBinaryen(bytes: Uint8Array, passes: string[]): void {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  if (passes.length > 0) module.runPasses(passes);
  module.emitBinary();
  module.dispose();
}

function milliseconds(action: () => void): number {
  (globalThis as { gc?: () => void }).gc?.();
  const start = performance.now();
  action();
  return performance.now() - start;
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
