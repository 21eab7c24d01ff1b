// heaptrack on the machine's native GEGL: its own ratio, of a native program with and without it.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileNative, NativeBlur } from '../gegl/native.ts';
import { EDGE, FORMAT, STD_DEV, STEPS } from './workloads.ts';

const WARM_UPS = 3;

export interface NativeTimes {
  readonly work: 'blur' | 'edits';
  /** Milliseconds. */
  readonly bare: number[];
  readonly heaptrack: number[];
}

export async function measureHeaptrack(rounds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-overhead-'));
  try {
    const program = compileNative(folder);
    const wrapper = join(folder, 'under-heaptrack');
    // What heaptrack itself prints must not come between the program's answers.
    writeFileSync(
      wrapper,
      `#!/bin/sh
exec heaptrack --output '${folder}/trace' '${program}' | grep --line-buffered -E '^(ready|ok|error)'
`,
    );
    chmodSync(wrapper, 0o755);
    const bare = await NativeBlur.start(program);
    const watched = await NativeBlur.start(wrapper);
    const results: NativeTimes[] = [];
    for (const side of [bare, watched]) await side.makeSource(EDGE, EDGE, FORMAT);
    for (const work of ['blur', 'edits'] as const) {
      const times: NativeTimes = { work, bare: [], heaptrack: [] };
      const run = (side: NativeBlur) => (work === 'blur' ? side.blur(STD_DEV) : side.edits(STEPS));
      for (let round = -WARM_UPS; round < rounds; round += 1) {
        for (const side of round % 2 ? [bare, watched] : [watched, bare]) {
          await run(side);
          const time = await run(side);
          if (round >= 0) (side === bare ? times.bare : times.heaptrack).push(time);
        }
      }
      results.push(times);
    }
    const { version } = bare;
    for (const side of [bare, watched]) await side.stop();
    return { results, version, calls: callsIn(folder) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls of allocation functions that heaptrack has seen in all. */
function callsIn(folder: string): string {
  const trace = readdirSync(folder).find((name) => name.startsWith('trace'));
  if (!trace) throw new Error('heaptrack has left no trace.');
  const text = execFileSync('heaptrack_print', ['-p0', '-a0', '-T0', '-l0', join(folder, trace)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const calls = /calls to allocation functions: (\d+)/.exec(text)?.[1] ?? '0';
  if (calls === '0') throw new Error('heaptrack has seen no allocation.');
  return calls;
}
