// GEGL's own figures and settings, under JavaScript's names.

import { GeglError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/** Every property of `GeglStats`. Bytes, unless it says otherwise. */
export interface GeglStats {
  readonly tileCacheTotal: number;
  readonly tileCacheTotalMax: number;
  readonly tileCacheTotalUncompressed: number;
  /** Look-ups since the start. */
  readonly tileCacheHits: number;
  readonly tileCacheMisses: number;
  readonly swapTotal: number;
  readonly swapTotalUncompressed: number;
  readonly swapFileSize: number;
  readonly swapBusy: boolean;
  readonly swapQueuedTotal: number;
  readonly swapQueueFull: boolean;
  readonly swapQueueStalls: number;
  readonly swapReading: boolean;
  readonly swapReadTotal: number;
  readonly swapWriting: boolean;
  readonly swapWriteTotal: number;
  readonly zoomTotal: number;
  /** What the tile allocator holds, pooled blocks without a tile among it. */
  readonly tileAllocTotal: number;
  readonly scratchTotal: number;
  readonly assignedThreads: number;
  readonly activeThreads: number;
}

/** GEGL's settings; assigning one takes effect at once. */
export interface GeglConfig {
  /** The limit of the tile cache, in bytes. */
  tileCacheSize: number;
  /** Pixels processed at once. */
  chunkSize: number;
  /** 0 (fast) to 1 (good). */
  quality: number;
  /** Of buffers created from now on, in pixels. */
  tileWidth: number;
  tileHeight: number;
  mipmapRendering: boolean;
  /** Bytes. */
  queueSize: number;
  swapCompression: string | null;
  /** `'GPL3'` shows the GPL3+ operations. */
  applicationLicense: string;
  /** Always 1: the module has no threads. */
  readonly threads: number;
  /** Always `'RAM'`. */
  readonly swap: string;
  readonly useOpencl: boolean;
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function readFigures(runtime: Runtime, which: 'stats' | 'config'): Record<string, unknown> {
  const text = runtime.run((module) =>
    runtime.takeString(module._gegl_wasm_figures(which === 'config' ? 1 : 0)),
  );
  const figures: Record<string, unknown> = JSON.parse(text ?? '{}');
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [camelCase(name), value]),
  );
}

export function readStats(runtime: Runtime): GeglStats {
  return readFigures(runtime, 'stats') as unknown as GeglStats;
}

/** These would make a module without threads, files and OpenCL hang or stop. */
const READ_ONLY = new Set(['threads', 'swap', 'useOpencl']);

/** An object with an accessor for each of GeglConfig's properties, found by asking GEGL. */
export function createConfig(runtime: Runtime, onLicense: () => void): GeglConfig {
  const config = {};
  for (const name of Object.keys(readFigures(runtime, 'config'))) {
    Object.defineProperty(config, name, {
      enumerable: true,
      get: () => readFigures(runtime, 'config')[name],
      set: (value: unknown) => {
        setConfig(runtime, name, value);
        if (name === 'applicationLicense') onLicense();
      },
    });
  }
  return Object.preventExtensions(config) as GeglConfig;
}

function setConfig(runtime: Runtime, name: string, value: unknown): void {
  if (READ_ONLY.has(name)) {
    throw new GeglError('INVALID_VALUE', `config.${name} is fixed: the module has no threads.`);
  }
  const current = readFigures(runtime, 'config')[name];
  const takesText = current === null || typeof current === 'string';
  const isRight = takesText
    ? typeof value === 'string'
    : typeof value === typeof current &&
      (typeof value !== 'number' || (Number.isFinite(value) && value >= 0));
  const result = !isRight
    ? -1
    : runtime.run((module) => {
        const property = runtime.string(kebabCase(name));
        return typeof value === 'string'
          ? module._gegl_wasm_config_set_string(property, runtime.string(value))
          : module._gegl_wasm_config_set_number(property, Number(value));
      });
  if (result !== 0) {
    throw new GeglError(
      'INVALID_VALUE',
      `config.${name} cannot be ${JSON.stringify(value) ?? String(value)}.`,
    );
  }
}
