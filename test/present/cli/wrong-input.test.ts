// What people give a command by mistake: it is told in one message, and no file is lost for it.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import { COMMAND, makeFolder, type } from './command-line.ts';

const file = makeFolder();
const text = JSON.stringify(buildRecording({ heapUsed: [MB, 2 * MB] }));
const recording = file('recording.json', text);
const module = file('module.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
const packed = file('recording.json.gz', gzipSync(text));
const accepted = file('accepted.txt', 'type:buffers -- known\n');
const budget = file('budget.json', '{"heapSize": {"peak": 1}}');
mkdirSync(file('folder'));

describe('wrong input', () => {
  it.each([
    ['a module for a recording', ['summary', module], /module.wasm is no text: .* WebAssembly/],
    ['a packed recording', ['summary', packed], /is no text: it is compressed; .* gunzip/],
    ['a recording for a module', ['instrument', recording, '-o', file('x')], /is no WebAssembly/],
    [
      'a file for a folder',
      ['report', recording, '--sources', budget, '-o', file('x')],
      /no folder/,
    ],
    ['a folder for a file', ['summary', file('folder')], /folder could not be read: EISDIR/],
    ['a name that is empty', ['summary', ''], /"" could not be read: ENOENT/],
    [
      'an output below a file',
      ['convert', recording, '--to', 'csv', '-o', `${recording}/x`],
      /could not be written: ENOTDIR/,
    ],
    [
      'a folder for the output, before it is run',
      ['run', module, '-o', file('folder')],
      /folder$/m,
    ],
  ])('%s', async (_what, args, message) => {
    const { code, out, err } = await type(...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^gegl-memory-profiler: .*\n$/);
  });

  it.each(['', ' ', '1e1', '0x10', 'NaN', '-1', '1.5'])('"%s" is no number', async (number) => {
    const { code, err } = await type('run', 'x.mjs', '--warmup', number);
    expect(code).toBe(2);
    expect(err).toMatch(/It must be a whole number from 0 to 1000/);
  });

  it('tells the terminal nothing that a file says', async () => {
    const { err } = await type('summary', file('evil.json', '\u001b]0;owned\u0007'));
    expect(err).toMatch(/evil.json: This is no JSON: .*\]0;owned/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('an output', () => {
  it.each([
    ['report', [recording, '--suppressions', accepted], accepted],
    ['convert', [recording, '--to', 'trace', '--suppressions', accepted], accepted],
    ['instrument', [module, '--glue', accepted], accepted],
    ['instrument', [module, '--symbols', accepted], accepted],
    ['symbolize', [recording, '--symbols', module], module],
    ['symbolize', [recording, '--wasm-source-map', budget], budget],
    ['run', [module, '--suppressions', accepted], accepted],
  ])('is never written over what else is read: %s', async (command, args, input) => {
    const before = readFileSync(input);
    const { code, err } = await type(command, ...args, '-o', input);
    expect(code).toBe(2);
    expect(err).toMatch(/is the input itself, which is not overwritten/);
    expect(readFileSync(input)).toEqual(before);
  });

  it('keeps its links and its mode when it is replaced', async () => {
    const there = file('there.csv', 'before');
    chmodSync(there, 0o640);
    symlinkSync(there, file('link.csv'));
    const { code } = await type('convert', recording, '--to', 'csv', '-o', file('link.csv'));
    expect(code).toBe(0);
    expect(readFileSync(there, 'utf8')).toMatch(/^elapsed/);
    expect(statSync(there).mode & 0o777).toBe(0o640);
  });

  it('stays as it was where the new one could not be written whole', () => {
    const there = file('full.html', 'before');
    const args = [COMMAND, 'report', recording, '-o', there];
    // Files of this process may have 8 KB, and a report has more.
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 8; trap "" XFSZ; exec "$@"', 'bash', process.execPath, ...args],
      { encoding: 'utf8' },
    );
    expect(stderr).toMatch(/full.html could not be written: EFBIG/);
    expect(status).toBe(1);
    expect(readFileSync(there, 'utf8')).toBe('before');
  });
});

describe('whoever reads the output', () => {
  const piped = (pipeline: string) =>
    spawnSync('bash', ['-c', `${pipeline}; echo "\${PIPESTATUS[0]}"`], {
      encoding: 'utf8',
      env: { ...process.env, NODE: process.execPath, COMMAND, recording, budget },
    });

  it('may leave early: the exit code is the true one', () => {
    const check = '"$NODE" "$COMMAND" check "$recording" --budget "$budget" --all';
    for (const reader of ['head -c 1 > /dev/null', 'true']) {
      const { stdout, stderr } = piped(`${check} | ${reader}`);
      expect([stdout, stderr]).toEqual(['1\n', '']);
    }
    // More than a pipe holds.
    const { stdout } = piped('"$NODE" "$COMMAND" report "$recording" -o - 2> /dev/null | true');
    expect(stdout).toBe('0\n');
  });
});
