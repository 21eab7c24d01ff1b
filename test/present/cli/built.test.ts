// The command and the library as they are installed: by name, from the built package.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { instrumentWasm } from '../../../src/instrument/index.ts';
import { allProbes } from '../../../src/record/heap/instrument-options.ts';
import { assemble } from '../../instrument/assemble.ts';
import { makeFolder } from './command-line.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const { bin } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8'));
const file = makeFolder();
const wasm = assemble(`(module
  (func $malloc (export "malloc") (param i32) (result i32) (i32.const 64))
  (func $free (export "free") (param i32)))`);
const input = file('in.wasm', wasm);

function node(...args: string[]) {
  return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: repository });
}

describe('the built command', () => {
  const command = `${repository}${bin['gegl-memory-profiler']}`;

  it('writes what the sources write', () => {
    const output = file('out.wasm');
    const { status, stdout, stderr } = node(command, 'instrument', input, '-o', output, '--json');
    expect(status).toBe(0);
    expect(stderr).toMatch(/found by its exports/);
    const made = instrumentWasm(wasm, { probes: allProbes(), contexts: false });
    expect(JSON.parse(stdout).outputBytes).toBe(made.bytes.length);
    expect(readFileSync(output)).toEqual(Buffer.from(made.bytes));
  });

  it('ends with the exit code of what went wrong', () => {
    const failed = node(command, 'instrument', file('text', 'no module'), '-o', file('x.wasm'));
    expect([failed.status, failed.stdout]).toEqual([1, '']);
    expect(failed.stderr).toMatch(/^gegl-memory-profiler: .*At byte 0/);
    expect(node(command, 'instrument').status).toBe(2);
  });

  it('tells that its output has no room', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [command, '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect(stderr).toMatch(/^gegl-memory-profiler: The output could not be written: ENOSPC.*\n$/);
    expect(status).toBe(1);
  });

  it('knows its version', () => {
    const { version } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8'));
    expect(node(command, '--version').stdout.trim()).toBe(version);
  });
});

describe('gegl-memory-profiler/instrument', () => {
  const program = `
    const bytes = instrumentWasm(new Uint8Array(readFileSync(${JSON.stringify(input)}))).bytes;
    process.stdout.write(Buffer.from(bytes).toString('base64'));`;
  it.each([
    [
      'imported',
      'module',
      "import { instrumentWasm } from 'gegl-memory-profiler/instrument'; import { readFileSync } from 'node:fs';",
    ],
    [
      'required',
      'commonjs',
      "const { instrumentWasm } = require('gegl-memory-profiler/instrument'); const { readFileSync } = require('node:fs');",
    ],
  ])('gives the same bytes when it is %s', (_how, type, imports) => {
    const { stdout, stderr } = node(`--input-type=${type}`, '--eval', imports + program);
    expect(stderr).toBe('');
    expect(stdout).toBe(Buffer.from(instrumentWasm(wasm).bytes).toString('base64'));
  });
});
