// Builds gegl-binding.cpp with the emcc that GEGL is built with, which takes some two seconds.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An embind class as JavaScript sees it. */
export interface EmbindClass {
  new (...parameters: number[]): EmbindObject;
  readonly prototype: EmbindObject;
  /** embind's own way to make a subclass. */
  extend(name: string, members: object): EmbindClass;
}

export interface EmbindObject {
  delete(): void;
  isDeleted(): boolean;
  clone(): EmbindObject;
  deleteLater(): EmbindObject;
  size(): number;
}

export interface EmbindModule {
  GeglObject: EmbindClass;
  GeglBuffer: EmbindClass;
  GeglNode: EmbindClass;
  GeglProcessor: EmbindClass;
  GeglColor: EmbindClass;
  readonly HEAPU8: Uint8Array;
}

/** The module's factory. */
export type CreateModule = (overrides?: object) => Promise<EmbindModule>;

/** @param flags of emcc beside those that are needed. */
export function buildEmbindModule(flags: readonly string[] = []): CreateModule {
  const folder = mkdtempSync(join(tmpdir(), 'embind-'));
  try {
    const source = fileURLToPath(new URL('gegl-binding.cpp', import.meta.url));
    const script = join(folder, 'binding.js');
    const settings = [
      '-sMODULARIZE',
      '-sALLOW_MEMORY_GROWTH',
      '-sSINGLE_FILE',
      '-sENVIRONMENT=node',
      '-sNODEJS_CATCH_EXIT=0',
      '-sNODEJS_CATCH_REJECTION=0',
    ];
    const { status, stderr, error } = spawnSync(
      'em++',
      ['-O1', '-lembind', ...settings, ...flags, source, '-o', script],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`em++ failed: ${error?.message ?? stderr}`);
    return createRequire(import.meta.url)(script);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
