// A recording against a budget, as continuous integration does it.

import { describe, expect, it } from 'vitest';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { makeFolder, type } from './command-line.ts';

const file = makeFolder();
const recording = file(
  'recording.json',
  JSON.stringify(
    buildRecording({
      heapUsed: [2 * MB],
      heapSize: [32 * MB],
      totals: { buffers: { created: 2, live: 1, collected: 1 } },
      stacks: ['at paint (https://a.test/brush.js:12:7)'],
      collected: [{ id: 1, kind: 'buffers', stack: 0 }],
      heap: HEAP,
    }),
  ),
);
const budget = (name: string, contents: unknown) => file(name, JSON.stringify(contents));
const kept = budget('kept.json', { heapSize: { peak: '32 MB' }, objects: { buffers: 1 } });
const broken = budget('broken.json', {
  heapSize: { peak: '30 MB' },
  objects: { buffers: 1 },
  sites: { 'stack:src/brush.js': '100 KB' },
  leaks: { error: 0 },
});

describe('check', () => {
  it('ends with 0 within the budget', async () => {
    const { code, out } = await type('check', recording, '--budget', kept);
    expect([code, out]).toEqual([0, 'Within the budget: 2 limits kept\n']);
    const all = await type('check', recording, '--budget', kept, '--all');
    expect(all.out).toMatch(/ {2}heapSize.peak +32 MB +32 MB +kept\n/);
  });

  it('ends with 1 and a table of what broke, with the stacks', async () => {
    const { code, out, err } = await type('check', recording, '--budget', broken);
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^Budget broken: 3 of 4 limits\n/);
    expect(out).toMatch(/ {2}heapSize.peak +30 MB +32 MB +over by 2 MB\n/);
    expect(out).toMatch(/ {2}sites.stack:src\/brush.js +100 KB +1.05 MB \+- 205 KB +over by/);
    expect(out).toMatch(/ {2}leaks.error +0 +1 +over by 1\n/);
    expect(out).not.toMatch(/objects/);
    expect(out).toMatch(
      / {2}sites.stack:src\/brush.js\n {4}at paint .*12:7.*\n {6}by gegl_tile_alloc\n/,
    );
    expect(out).toMatch(/error collected_handle\n(.*\n)*.*at paint/);
  });

  it('prints every limit for machines, and ends the same', async () => {
    const { code, out } = await type('check', recording, '--budget', broken, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      isWithin: false,
      rows: [
        { path: 'heapSize.peak', verdict: 'over', isBroken: true },
        { path: 'objects.buffers', verdict: 'within', isBroken: false },
        { path: 'sites.stack:src/brush.js', verdict: 'over' },
        { path: 'leaks.error', actual: 1 },
      ],
      leaks: [{ type: 'collected_handle' }],
    });
  });

  it('does not count what is accepted', async () => {
    const leaks = budget('leaks.json', { leaks: { error: 0 } });
    const accepted = file('accepted.txt', 'type:buffers -- known\n');
    const args = ['check', recording, '--budget', leaks];
    expect((await type(...args)).code).toBe(1);
    expect((await type(...args, '--suppressions', accepted)).code).toBe(0);
  });

  it.each([
    ['no JSON', '{"heapSize": }', /no.json: This is no JSON: .*"heapSize": }/],
    ['a limit that is none', '{"liveBytes": {"end": "much"}}', /no.json: .* at liveBytes.end: /],
    ['a part that is none', '{"heap": {"end": 1}}', /no.json: .* at heap: there is no such budget/],
  ])('names the place in a budget with %s', async (_what, text, message) => {
    const { code, out, err } = await type('check', recording, '--budget', file('no.json', text));
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
  });
});
