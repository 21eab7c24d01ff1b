// The profile as pprof itself, of Debian's Go, reads it.

import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { pprof } from '../../../src/present/formats/pprof.ts';
import { functionName } from '../../../src/recording/frame-text.ts';
import { sitesOf } from '../../../src/recording/site-tables.ts';
import type { Recording } from '../../../src/recording/types.ts';
import { buildRecording } from '../../analyze/build-recording.ts';
import { findProgram } from '../../browser/harness/installed.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { makeFolder } from '../cli/command-line.ts';
import { recordTrackedSession } from './tracked-session.ts';

const file = makeFolder();
const go = findProgram('go', 'golang-go');
let recording: Recording;

beforeAll(async () => {
  recording = await recordTrackedSession();
});

function read(recording: Recording, ...options: string[]): string {
  const path = file('profile.pb.gz', pprof.write(recording));
  return execFileSync(go, ['tool', 'pprof', ...options, path], { encoding: 'utf8', stdio: 'pipe' });
}

describe('go tool pprof', () => {
  it('reads all that is in the profile', () => {
    const made = buildRecording({ elapsed: [0, 1500] });
    expect(read({ ...made, heap: HEAP }, '-raw')).toBe(
      `Comment: gegl-memory-profiler 0.1.0: https://app.test/editor.wasm
Comment: Estimated from samples, one every 512 KB on average. Counts of blocks are rounded.
PeriodType: space bytes
Period: 524288
Time: 2023-11-14 22:13:21.5 +0000 UTC
Duration: 1.5s
Samples:
alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes[dflt]
          2    2100000          1    1100000: 1 2 3 4 5 
          9     540000          0          0: 1 3 4 5 
          1         64          1         64: 6 
Locations
     1: 0x112e0 M=1 gegl_tile_alloc https://app.test/editor.wasm:0 s=0
     2: 0x0 M=1 wasm-function[245] https://app.test/editor.wasm:0 s=0
     3: 0x0 invoke https://app.test/editor.js:10 s=0
     4: 0x0 paint https://app.test/src/brush.js:12 s=0
     5: 0x0 (anonymous) node:internal/timers:1 s=0
     6: 0x0 (unknown) :0 s=0
Mappings
1: 0x0/0x112e1/0x0 app.test/editor.wasm  [FN][FL][LN][IN]
`,
    );
  });

  it.each([
    ['inuse_space', 'liveBytes'],
    ['inuse_objects', 'liveBlocks'],
    ['alloc_space', 'totalBytes'],
    ['alloc_objects', 'totalBlocks'],
  ] as const)('sums up %s of a real session by the function that allocated', (type, column) => {
    const options = ['-top', '-nodefraction=0', '-unit=B', `-sample_index=${type}`];
    const rows = [...read(recording, ...options).matchAll(/^ *(\d+)B? .*% +(.+)$/gm)];
    const found = new Map(rows.map(([, value, name = '']) => [name, Number(value)]));
    const expected = new Map<string, number>();
    for (const [[first], row] of recording.heap?.sites ? sitesOf(recording.heap.sites) : []) {
      const name = first ? functionName(first) : '(unknown)';
      expected.set(name, (expected.get(name) ?? 0) + Math.round(row[column]));
    }
    expect(expected.get('gegl_tile_alloc')).toBeGreaterThan(0);
    for (const [name, value] of expected)
      expect([name, found.get(name) ?? 0]).toEqual([name, value]);
  });
});
