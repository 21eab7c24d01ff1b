// The example that `npm start` runs: what it leaks is found, with the place, and nothing else is.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import { OBJECT_KINDS } from '../../src/recording/types.ts';

const ROUNDS = 6;
const repository = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photo-editor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function profile(...parameters: string[]) {
  const file = join(folder, 'recording.json');
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      '--expose-gc',
      'examples/photo-editor/profile.mjs',
      ...['--rounds', String(ROUNDS), '--export', file],
      ...parameters,
    ],
    { cwd: repository },
  );
  const report = MemoryProfiler.fromExport(await readFile(file, 'utf8')).getReport();
  return { stdout, stderr, report };
}

describe('the photo editor, profiled', () => {
  it('leaks one object of each kind a round, and all are found where they were made', async () => {
    const { stdout, stderr, report } = await profile();
    expect(stderr).toBe('');
    const { totals } = report.objects;
    expect(totals.buffers).toMatchObject({ live: 0, collected: ROUNDS });
    // A graph and its two nodes.
    expect(totals.nodes).toMatchObject({ live: 0, collected: 3 * ROUNDS });
    expect(totals.processors).toMatchObject({ live: 0, collected: ROUNDS });
    expect(totals.colors).toMatchObject({ live: 0, collected: ROUNDS });
    const certain = report.leaks.filter(({ severity }) => severity === 'error');
    expect(certain.map(({ type, details }) => [type, details.kind])).toEqual(
      OBJECT_KINDS.map((kind) => ['collected_handle', kind]),
    );
    for (const made of [
      '#keepUndoStep',
      'PhotoEditor.renderPreview',
      'PhotoEditor.sharpenInSteps',
      'PhotoEditor.paintBrushStroke',
    ]) {
      expect(stdout).toContain(`at ${made} (examples/photo-editor/editor.mjs:`);
    }
    expect(stdout).toContain('npm run demo');
  });

  it('leaks nothing without the planted leaks, and nothing is reported', async () => {
    const { stdout, report } = await profile('--no-leaks');
    for (const kind of OBJECT_KINDS) {
      const { created, destroyed, live, collected } = report.objects.totals[kind];
      expect(created).toBeGreaterThan(0);
      expect({ destroyed, live, collected }).toEqual({ destroyed: created, live: 0, collected: 0 });
    }
    expect(report.leaks).toEqual([]);
    expect(stdout).toContain('Leaks: none found');
  });
});
