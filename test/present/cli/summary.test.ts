// What a recording tells on the command line.

import { describe, expect, it } from 'vitest';
import { buildRecording, range } from '../../analyze/build-recording.ts';
import { makeFolder, type, typeAtTerminal } from './command-line.ts';

const file = makeFolder();
const leaking = buildRecording({
  heapUsed: [1, 2, 3].map((count) => count * 1_048_576),
  totals: { buffers: { created: 5, collected: 2 } },
  stacks: ['at paint (file:///app/src/brush.js:12:7)'],
  collected: [1, 2].map((id) => ({ id, kind: 'buffers' as const, stack: 0, bytes: 1_048_576 })),
});
const path = file('recording.json', JSON.stringify(leaking));

describe('summary', () => {
  it('prints the report, and its findings alone', async () => {
    const whole = await type('summary', path);
    expect(whole.code).toBe(0);
    expect(whole.out).toMatch(/^Memory report\n/);
    expect(whole.out).toMatch(/Leaks: 1 finding\n/);
    const leaks = await type('summary', path, '--leaks-only');
    expect(leaks.out).toMatch(/^ {2}1\. error collected_handle\n/);
    expect(leaks.out).toContain('at paint (/app/src/brush.js:12:7)');
    expect(whole.out).toContain(leaks.out);
  });

  it('prints the report for machines', async () => {
    const { out } = await type('summary', path, '--json');
    expect(JSON.parse(out)).toMatchObject({
      summary: { totalCollected: 2 },
      leaks: [{ type: 'collected_handle' }],
    });
    const leaks = await type('summary', path, '--json', '--leaks-only');
    expect(JSON.parse(leaks.out)).toEqual(JSON.parse(out).leaks);
  });

  it('prints a recording of as many samples as can be kept', async () => {
    const long = buildRecording({ heapUsed: range(200_000, (row) => 1_048_576 + row) });
    const { code, out } = await type('summary', file('long.json', JSON.stringify(long)));
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}live bytes .* 1.19 MB +1.19 MB$/m);
  });

  it('tells the terminal nothing that a recording says', async () => {
    const evil = 'paint\u001b]0;owned\u0007\u009b2J';
    const [{ stacks }] = [leaking.objects];
    const hostile = {
      ...leaking,
      objects: { ...leaking.objects, stacks: [stacks[0]?.replace('paint', evil)] },
      warnings: [{ code: 'x', message: evil, elapsed: 0 }],
    };
    const { out } = await typeAtTerminal('summary', file('evil.json', JSON.stringify(hostile)));
    expect(out).toMatch(/paint\]0;owned2J/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('leaves out what is accepted', async () => {
    const accepted = file('accepted.txt', 'type:buffers -- the undo stack\nstack:gone.js -- old\n');
    const { out, err } = await type('summary', path, '--leaks-only', '--suppressions', accepted);
    expect([out, err]).toEqual(['', 'No leaks found.\n']);
    const whole = await type('summary', path, '--suppressions', accepted);
    expect(whole.out).toMatch(/Suppressed: 1 finding\n.*the undo stack.*\n.*unused: stack:gone.js/);
  });

  it.each([
    ['a file that is not there', file('absent.json'), /absent.json could not be read: ENOENT/],
    ['a broken recording', file('broken.json', brokenText()), /broken.json: .*heapUsed\[1\]/],
    ['what is no JSON', file('text.json', '{"format": "geg'), /text.json: This is no JSON: .*15/],
  ])('names the broken place of %s', async (_what, broken, message) => {
    const { code, out, err } = await type('summary', broken);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
  });

  it('names the broken line of accepted findings', async () => {
    const broken = file('broken.txt', '# fine\ntype:buffers\n');
    const { code, err } = await type('summary', path, '--suppressions', broken);
    expect(code).toBe(1);
    expect(err).toMatch(/broken.txt: .*line 2: the reason is missing/);
  });
});

describe('the help', () => {
  it('lists the commands and the exit codes', async () => {
    const { code, out } = await type('--help');
    expect(code).toBe(0);
    expect(out).toMatch(/summary .*\n(.*\n)*.*instrument /);
    expect(out).toMatch(/Exit codes: 0 .*; 1 .*; 2/s);
  });

  it('ends with 2 for a command line that is wrong', async () => {
    for (const args of [[], ['paint'], ['summary'], ['summary', path, '--colour']]) {
      expect(await type(...args)).toMatchObject({ code: 2, out: '' });
    }
  });
});

function brokenText(): string {
  const { snapshots, ...rest } = leaking;
  return JSON.stringify({ ...rest, snapshots: { ...snapshots, heapUsed: [1, 'two', 3] } });
}
