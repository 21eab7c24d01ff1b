// `-` as an input is stdin: processes of the built command, since a test has no stdin to give.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import { ALLOCATING } from '../../instrument/load/modules.ts';
import { HEAP } from '../../recording/heap-part.ts';
import { COMMAND, makeFolder, type } from './command-line.ts';

const file = makeFolder();
const recording = JSON.stringify({ ...buildRecording({ heapUsed: [MB, 2 * MB] }), heap: HEAP });
const input = file('recording.json', recording);
const module = file('in.wasm', ALLOCATING);
const budget = file('budget.json', '{ "liveBytes": { "peak": "1 GB" } }');

/** @param text what comes by stdin. */
function piped(text: string | Uint8Array, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    input: text,
  });
  const encoding = args.includes('-o') ? 'latin1' : 'utf8';
  return { code: status, out: stdout.toString(encoding), err: stderr.toString() };
}

it.each([
  ['summary', recording, ['summary', '-'], input],
  ['check', recording, ['check', '-', '--budget', budget], input],
  ['instrument', readFileSync(module), ['instrument', '-', '-o', '-'], module],
])('%s reads stdin as it reads a file', async (_, text, [command = '', ...args], path) => {
  const { code, out } = await type(command, path, ...args.slice(1));
  expect(code).toBe(0);
  expect(out).not.toBe('');
  expect(piped(text, command, ...args)).toMatchObject({ code, out });
});

it('says stdin where a file has its name', () => {
  expect(piped('{', 'summary', '-')).toMatchObject({
    code: 1,
    err: expect.stringContaining('stdin: This is no JSON'),
  });
  expect(piped(recording, 'diff', '-', input).out).toContain('stdin');
});

it('refuses to read it twice', () => {
  expect(piped(recording, 'diff', '-', '-')).toEqual({
    code: 2,
    out: '',
    err: expect.stringContaining('only one input can be read from'),
  });
});

it('runs no script from it', () => {
  expect(piped("console.log('it ran')", 'run', '-')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('- could not be read'),
  });
});
