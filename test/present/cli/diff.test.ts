// Two recordings compared on the command line.

import { describe, expect, it } from 'vitest';
import type { Recording } from '../../../src/recording/types.ts';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { makeFolder, type } from './command-line.ts';

const file = makeFolder();

function recording(bytes: number, lost: number): Recording {
  const { sites, instances } = HEAP;
  if (!sites || !instances) throw new Error('the heap part has both');
  return buildRecording({
    heapUsed: [bytes, bytes],
    totals: { buffers: { created: 2, collected: lost } },
    stacks: ['at paint (https://a.test/brush.js:12:7)'],
    collected: Array.from({ length: lost }, (_, id) => ({ id, kind: 'buffers', stack: 0 })),
    heap: {
      ...HEAP,
      totals: { ...HEAP.totals, live: { bytes, blocks: 3 } },
      sites: { ...sites, figures: { ...sites.figures, liveBytes: [bytes, 0, 64] } },
    },
  });
}

const write = (name: string, contents: Recording) => file(name, JSON.stringify(contents));
const before = write('before.json', recording(4 * MB, 0));
const after = write('after.json', recording(9 * MB, 2));

describe('diff', () => {
  it('tells what changed, and leaves out what did not', async () => {
    const { code, out } = await type('diff', before, after);
    expect(code).toBe(0);
    expect(out).toMatch(/ {2}live bytes, at the end +4 MB +9 MB +\+5 MB\n/);
    expect(out).not.toMatch(/heap size, at the end/);
    expect(out).toMatch(/ {2}buffers, collected without release +0 +2 +\+2 {2}new\n/);
    expect(out).toMatch(/Objects inside the module\n {2}the same\n/);
    // A change of 5 MB with an error of 210 KB * sqrt(2), at the application's line.
    expect(out).toMatch(/\+5 MB \+- 290 KB \(4 MB to 9 MB\)\n {4}at .*brush\.js:12:7/);
    expect(out).toMatch(/Leaks: 1 new\n(.*\n)*.*error collected_handle\n(.*\n)*.*at paint/);
  });

  it('tells an equal recording to be the same', async () => {
    const { out } = await type('diff', after, after);
    expect(out).toMatch(/Memory\n {2}the same\n\nObjects\n {2}the same\n/);
    expect(out).toMatch(/Where live memory was allocated\n {2}the same\n/);
    expect(out).toMatch(/Leaks: 1 as before\n$/);
  });

  it('prints all for machines, without what is accepted', async () => {
    const { out } = await type('diff', before, after, '--json');
    expect(JSON.parse(out)).toMatchObject({
      memory: expect.arrayContaining([expect.objectContaining({ change: 5 * MB })]),
      sites: expect.arrayContaining([expect.objectContaining({ isNoise: false })]),
      findings: [{ status: 'new', before: null }],
    });
    const accepted = file('accepted.txt', 'finding:collected_handle -- known\n');
    const { out: rest } = await type('diff', before, after, '--json', '--suppressions', accepted);
    expect(JSON.parse(rest).findings).toEqual([]);
  });

  it('names the file that is broken', async () => {
    const broken = file('broken.json', '{}');
    expect(await type('diff', before, broken)).toMatchObject({ code: 1, out: '' });
    expect((await type('diff', before, broken)).err).toMatch(/broken.json: This is no recording/);
  });
});
