// The types of the built package, as programs in TypeScript meet them: by each way of resolving modules, strict, and with
// the package's own types checked.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
// Inside the package, so that it is found by its name.
const folder = mkdtempSync(join(repository, 'dist', 'test-types-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `import { memoryProfiler, type Report } from 'gegl-memory-profiler';
import { type GeglBuffer, Gegl } from 'gegl-memory-profiler/gegl';
import { toPprof } from 'gegl-memory-profiler/formats';
import { instrumentWasm } from 'gegl-memory-profiler/instrument';
import { resolveSourceMaps } from 'gegl-memory-profiler/source-maps';
import { formatReport } from 'gegl-memory-profiler/text';
import { matchers } from 'gegl-memory-profiler/testing';
import 'gegl-memory-profiler/panel';

const report: Report = memoryProfiler.getReport();
const buffer: GeglBuffer = Gegl.createBuffer({ width: 3, height: 3 }, 'RGBA float');
buffer[Symbol.dispose]();
export const all: unknown[] = [formatReport(report), toPprof(memoryProfiler), instrumentWasm, resolveSourceMaps, matchers];
`;

/** What the compiler complains of. */
function check(name: string, text: string, module: string, moduleResolution: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[
        join(repository, 'node_modules/typescript/bin/tsc'),
        '--noEmit',
        '--strict',
        '--ignoreConfig',
      ],
      ...['--module', module, '--moduleResolution', moduleResolution, '--target', 'es2022'],
      // Without what is newer, nor the types of Node.
      ...['--lib', 'es2022,dom', '--types', '', '--skipLibCheck', 'false', file],
    ],
    { encoding: 'utf8', cwd: folder },
  );
  return stdout + stderr;
}

describe('the types of the package', () => {
  it.each([
    ['bundled.ts', 'esnext', 'bundler'],
    ['module.mts', 'node16', 'node16'],
    ['common.cts', 'node16', 'node16'],
    ['next.mts', 'nodenext', 'nodenext'],
    ['next.cts', 'nodenext', 'nodenext'],
  ])('are found and fit: %s, module %s, resolved as by %s', (name, module, resolution) => {
    expect(check(name, PROGRAM, module, resolution)).toBe('');
  });

  it('refuse what is wrong', () => {
    const wrong = `${PROGRAM}const number: number = memoryProfiler.getReport();\n`;
    expect(check('wrong.cts', wrong, 'node16', 'node16')).toMatch(/^\S*wrong\.cts.*TS2322/);
  });
});
