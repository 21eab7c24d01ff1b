import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/present/formats/index.ts';
import { parseRecording } from '../../../src/recording/parse.ts';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import { findProgram } from '../../browser/harness/installed.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { makeFolder, type, typeAtTerminal } from './command-line.ts';

const file = makeFolder();
const text = JSON.stringify({ ...buildRecording({ heapUsed: [MB, 2 * MB] }), heap: HEAP });
const input = file('recording.json', text);
const recording = parseRecording(text);
const folder = process.cwd();
afterEach(() => process.chdir(folder));

describe('convert writes', () => {
  it.each(FORMATS)('$name', async (format) => {
    const output = file(`out.${format.extension}`);
    const { code, out, err } = await type('convert', input, '--to', format.name, '-o', output);
    expect([code, out]).toEqual([0, '']);
    expect(readFileSync(output)).toEqual(Buffer.from(format.write(recording)));
    expect(err).toContain(format.description);
  });

  it('what pprof reads', async () => {
    const output = file('heap.pb.gz');
    expect((await type('convert', input, '--to', 'pprof', '-o', output)).code).toBe(0);
    const go = findProgram('go', 'golang-go');
    const top = execFileSync(go, ['tool', 'pprof', '-top', '-unit=B', output], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(top).toMatch(/^ +1100000B .* gegl_tile_alloc$/m);
  });

  it('to a pipe, bytes as they are', async () => {
    const [pprof, csv] = ['pprof', 'csv'].map((name) => FORMATS.find((one) => one.name === name));
    const piped = await type('convert', input, '--to', 'pprof');
    expect(Buffer.from(piped.out, 'latin1')).toEqual(pprof?.write(recording));
    expect(piped.err).toBe('');
    const asked = await typeAtTerminal('convert', input, '--to', 'csv', '-o', '-');
    expect(asked.out).toBe(Buffer.from(csv?.write(recording) ?? []).toString());
  });

  it('at a terminal, a file in the present folder that is named after the recording', async () => {
    process.chdir(dirname(input));
    const { out, err } = await typeAtTerminal('convert', input, '--to', 'speedscope');
    expect([out, err]).toEqual(['', expect.stringMatching(/^recording\.speedscope\.json: /)]);
    expect(JSON.parse(readFileSync(file('recording.speedscope.json'), 'utf8'))).toMatchObject({
      profiles: [{ name: 'Live bytes (estimated)' }, {}, {}, {}],
    });
  });

  it('the figure that is asked for', async () => {
    const { out } = await type('convert', input, '--to', 'folded', '--figure', 'total');
    expect(out).toMatch(/;gegl_tile_alloc 2100000\n/);
  });

  it('findings, where the format shows them', async () => {
    const lossy = buildRecording({
      heapUsed: [1, 2],
      totals: { buffers: { created: 4, live: 3, collected: 1 } },
      collected: [{ collectedAt: 500 }],
    });
    const args = ['convert', file('l.json', JSON.stringify(lossy)), '--to', 'trace'];
    const { out } = await type(...args);
    expect(out).toContain('"name":"error: collected_handle"');
    const accepted = file('accepted.txt', 'type:buffers -- the undo stack\n');
    const without = await type(...args, '--suppressions', accepted);
    expect([without.code, without.err]).toEqual([0, '']);
    expect(JSON.parse(without.out).traceEvents.length).toBeGreaterThan(0);
    expect(without.out).not.toContain('collected_handle');
  });
});

describe('convert refuses', () => {
  const failure = async (...args: string[]) => {
    const { code, out, err } = await type('convert', ...args);
    expect(out).toBe('');
    return [code, err] as const;
  };

  it('a .heapsnapshot, and says what to do', async () => {
    const [code, err] = await failure(input, '--to', 'heapsnapshot');
    expect(code).toBe(2);
    expect(err).toMatch(/live heap, not of a recording: .*takeHeapSnapshot\(\)\)\.toHeapSnapshot/);
  });

  it('formats that it does not know, or none', async () => {
    const [code, err] = await failure(input, '--to', 'svg');
    expect([code, err]).toEqual([2, expect.stringMatching(/Formats are pprof, speedscope, /)]);
    expect((await failure(input))[0]).toBe(2);
  });

  it('a figure where the format has all', async () => {
    const [code, err] = await failure(input, '--to', 'pprof', '--figure', 'peak');
    expect([code, err]).toEqual([2, expect.stringMatching(/pprof has all figures/)]);
    expect((await failure(input, '--to', 'folded', '--figure', 'most'))[0]).toBe(2);
  });

  it('accepted findings where the format has none', async () => {
    const accepted = file('fine.txt', 'type:buffers -- the undo stack\n');
    const [code, err] = await failure(input, '--to', 'csv', '--suppressions', accepted);
    expect([code, err]).toEqual([2, expect.stringMatching(/csv has no findings/)]);
  });

  it('a recording that does not hold what it takes, by its name', async () => {
    const path = file('untracked.json', JSON.stringify(buildRecording({ heapUsed: [1] })));
    const [code, err] = await failure(path, '--to', 'pprof', '-o', file('none.pb.gz'));
    expect([code, err]).toEqual([1, expect.stringContaining(`${path}: The recording has no`)]);
    expect(existsSync(file('none.pb.gz'))).toBe(false);
  });

  it('a broken recording, by its name and place', async () => {
    const path = file('broken.json', text.replace('"duration":', '"durations":'));
    const [code, err] = await failure(path, '--to', 'csv');
    expect([code, err]).toEqual([1, expect.stringMatching(/broken\.json: .*clock/)]);
  });

  it('to write where no folder is', async () => {
    const [code, err] = await failure(input, '--to', 'csv', '-o', file('missing/out.csv'));
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/missing\/out\.csv could not be written/),
    ]);
  });

  it('to write over the recording', async () => {
    linkSync(input, file('link.json'));
    const [code, err] = await failure(input, '--to', 'csv', '-o', file('link.json'));
    expect([code, err]).toEqual([2, expect.stringMatching(/is the input itself/)]);
    expect(readFileSync(input, 'utf8')).toBe(text);
  });
});

it('convert --help names every format', async () => {
  const { code, out } = await type('convert', '--help');
  expect(code).toBe(0);
  for (const { name, description } of FORMATS) {
    expect(out).toMatch(new RegExp(`^  ${name} .*${description.slice(0, 20)}`, 'm'));
  }
});
