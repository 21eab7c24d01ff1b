import { existsSync, linkSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type InstrumentReport, instrumentWasm } from '../../../src/instrument/index.ts';
import '../../../src/record/heap/index.ts';
import { allProbes } from '../../../src/record/heap/instrument-options.ts';
import { heapTracking } from '../../../src/record/heap/tracking.ts';
import type { TrackMode } from '../../../src/tracker/index.ts';
import { assemble } from '../../instrument/assemble.ts';
import { FOREIGN } from '../../instrument/foreign-modules.ts';
import { makeFolder, type } from './command-line.ts';

const file = makeFolder();
const TEXT = `(module (memory 1)
  (func $malloc (export "malloc") (param i32) (result i32) (i32.const 64))
  (func $free (export "free") (param i32))
  (func $work (export "work") (param i32) (result i32) (call $malloc (local.get 0)))
  (func $ask (param i32) (result i32) (call $work (local.get 0))) (export "ask" (func $ask)))`;
/** The same with nothing that tells which function is which. */
const ANONYMOUS = TEXT.replace('"malloc"', '"a"').replace('"free"', '"b"');
const named = assemble(TEXT);
const stripped = assemble(ANONYMOUS, false);

/** What a page or program would load in place of a module. */
async function asLoaded(load: () => Promise<unknown>, mode: TrackMode): Promise<Uint8Array[]> {
  const { instantiate } = WebAssembly;
  const loaded: Uint8Array[] = [];
  Object.assign(WebAssembly, {
    instantiate(source: unknown, imports: WebAssembly.Imports) {
      if (source instanceof Uint8Array) loaded.push(source.slice());
      return Reflect.apply(instantiate, WebAssembly, [source, imports]);
    },
  });
  const tracking = heapTracking()?.instrument({ mode });
  try {
    await load();
  } finally {
    tracking?.stop();
    Object.assign(WebAssembly, { instantiate });
  }
  return loaded;
}

describe('instrument writes the bytes that', () => {
  const input = file('named.wasm', named);

  it('instrumentWasm() makes, and prints its report with --json', async () => {
    const output = file('library.wasm');
    const { code, out } = await type('instrument', input, '-o', output, '--json');
    const made = instrumentWasm(named, { probes: allProbes(), contexts: false });
    expect(code).toBe(0);
    expect(readFileSync(output)).toEqual(Buffer.from(made.bytes));
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(made.report)));
  });

  it.each([
    ['counts', []],
    ['sampled', []],
    ['all', ['--contexts']],
  ] as const)('a program in the mode %s makes as it loads', async (mode, options) => {
    const output = file(`${mode}.wasm`);
    expect((await type('instrument', input, '-o', output, ...options)).code).toBe(0);
    const [loaded] = await asLoaded(() => WebAssembly.instantiate(new Uint8Array(named)), mode);
    expect(readFileSync(output)).toEqual(Buffer.from(loaded ?? []));
  });

  it('a program makes that finds the allocator of a minified module by its script', async () => {
    const draco = FOREIGN.find(({ name }) => name === 'draco decoder');
    const wasm = file('draco.wasm', draco?.bytes);
    const output = file('draco.out.wasm');
    const glue = file('draco.js', draco?.glue);
    const { code, err } = await type('instrument', wasm, '-o', output, '--glue', glue);
    expect(err).toMatch(/found by the glue script, certain/);
    const script = createRequire(import.meta.url)('draco3d/draco_decoder_nodejs.js');
    const [loaded] = await asLoaded(() => script({ wasmBinary: draco?.bytes }), 'sampled');
    expect(code).toBe(0);
    expect(readFileSync(output)).toEqual(Buffer.from(loaded ?? []));
  });
});

describe('instrument', () => {
  it('says to people what it found, apart from what programs read', async () => {
    const { out, err } = await type('instrument', file('a.wasm', named), '-o', file('b.wasm'));
    expect(out).toBe('');
    expect(err).toContain('a.wasm');
    expect(err).toMatch(/allocator: unknown kind, found by its exports, certain/);
    expect(err).toMatch(/^ {2}malloc +function 0 malloc$/m);
    expect(err).toMatch(/^contexts: off$/m);
  });

  it('takes functions of the allocator by name and by index', async () => {
    const input = file('anonymous.wasm', assemble(ANONYMOUS.replaceAll('$free', '$release'), true));
    const { code, out } = await type(
      ...['instrument', input, '-o', file('c.wasm'), '--json'],
      ...['--malloc', '0', '--free', 'release'],
    );
    const report: InstrumentReport = JSON.parse(out);
    expect(code).toBe(0);
    expect(report.allocator.source).toBe('user');
    expect(report.allocator.functions.map(({ role, index }) => [role, index])).toEqual([
      ['malloc', 0],
      ['free', 1],
    ]);
  });

  it.each([
    ['a symbol map', '0:malloc\n1:free\n2:work\n3:ask\n'],
    ['a twin that was not stripped', named],
  ])('takes names from %s', async (what, contents) => {
    const { code, out, err } = await type(
      ...['instrument', file('stripped.wasm', stripped), '-o', file('d.wasm'), '--json'],
      ...['--symbols', file(what, contents)],
      ...['--probe', 'scope:work:pointee', '--probe', 'call:ask'],
    );
    const report: InstrumentReport = JSON.parse(out);
    expect(code).toBe(0);
    expect(report.allocator.source).toBe('names');
    expect(report.probes.slice(-2)).toEqual([
      { probe: { name: 'work', kind: 'scope', key: 'pointee' }, id: expect.any(Number), index: 2 },
      { probe: { name: 'ask', kind: 'call' }, id: expect.any(Number), index: 3 },
    ]);
    expect(err).toMatch(/^probes: work, ask$/m);
  });

  it('takes the colons of C++ for a part of the name', async () => {
    const { code, out, err } = await type(
      ...['instrument', file('a.wasm', named), '-o', file('e.wasm'), '--json'],
      ...['--probe', 'scope:work', '--probe', 'created:gegl::make<int>(a::b const&):value'],
    );
    const report: InstrumentReport = JSON.parse(out);
    expect(code).toBe(0);
    expect(report.probes.at(-1)?.probe).toEqual({
      name: 'gegl::make<int>(a::b const&)',
      kind: 'created',
      key: 'value',
    });
    expect(err).toMatch(
      /^warning: not in this module, and so not watched: gegl::make<int>\(a::b const&\)$/m,
    );
  });
});

describe('instrument ends with 1 and says why', () => {
  it.each<[string, string, string | Uint8Array | undefined, string[], RegExp]>([
    [
      'there is no such file',
      'nowhere.wasm',
      undefined,
      [],
      /nowhere\.wasm could not be read: ENOENT/,
    ],
    ['it is no module', 'text.wasm', 'hello', [], /text\.wasm: At byte 0 .*no WebAssembly/],
    ['it breaks off', 'half.wasm', named.slice(0, 60), [], /half\.wasm: At byte \d+ /],
    [
      'no allocator is found',
      'none.wasm',
      stripped,
      [],
      /No allocator was found: .*--malloc and --free/,
    ],
    [
      'what was named is not there',
      'named.wasm',
      named,
      ['--malloc', 'alloc'],
      /malloc is alloc, which is neither/,
    ],
    [
      'a symbol map is none',
      'stripped.wasm',
      stripped,
      ['--symbols', import.meta.filename],
      /neither a symbol map .* nor/,
    ],
    [
      'a twin breaks off',
      'stripped.wasm',
      stripped,
      ['--symbols', file('half.twin', named.slice(0, 50))],
      /half\.twin: At byte/,
    ],
    [
      'the script is not there',
      'named.wasm',
      named,
      ['--glue', 'nowhere.js'],
      /nowhere\.js could not be read/,
    ],
  ])('where %s', async (_what, name, contents, options, message) => {
    const output = file('never.wasm');
    const { code, out, err } = await type(
      'instrument',
      file(name, contents),
      '-o',
      output,
      ...options,
    );
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(existsSync(output)).toBe(false);
  });

  it('where symbols are those of another build', async () => {
    const other = assemble(TEXT.replace('(memory 1)', '(memory 1) (func $more (export "more"))'));
    for (const contents of [other, '0:malloc\n1:free\n99:work\n']) {
      const { code, err } = await type(
        ...['instrument', file('stripped.wasm', stripped), '-o', file('never.wasm')],
        ...['--symbols', file('symbols', contents)],
      );
      expect(code).toBe(1);
      expect(err).toMatch(/belongs to another build/);
    }
  });

  it('where the output can not be written', async () => {
    const { code, err } = await type(
      ...['instrument', file('named.wasm', named), '-o', file('no/such/folder.wasm')],
    );
    expect(code).toBe(1);
    expect(err).toMatch(/folder\.wasm could not be written: ENOENT/);
  });

  it('where it was instrumented before', async () => {
    const once = file('once.wasm');
    await type('instrument', file('named.wasm', named), '-o', once);
    const { code, err } = await type('instrument', once, '-o', file('twice.wasm'));
    expect(code).toBe(1);
    expect(err).toMatch(/instrumented already/);
  });
});

describe('a command line that is wrong ends with 2', () => {
  const input = file('usage.wasm', named);

  it.each<[string, string[], RegExp]>([
    ['without a command', [], /Usage: gegl-memory-profiler/],
    ['with an unknown command', ['improve'], /unknown command 'improve'/],
    ['without an output', ['instrument', input], /required option '-o, --output/],
    ['without an input', ['instrument', '-o', 'x.wasm'], /missing required argument 'in.wasm'/],
    [
      'with an unknown option',
      ['instrument', input, '-o', 'x.wasm', '--fast'],
      /unknown option '--fast'/,
    ],
    [
      'with a probe of no kind',
      ['instrument', input, '-o', 'x', '--probe', 'work'],
      /reads kind:function/,
    ],
  ])('%s', async (_what, args, message) => {
    const { code, out, err } = await type(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('that would write over the input, also by a link', async () => {
    const link = file('link.wasm');
    linkSync(input, link);
    for (const output of [input, link]) {
      const { code, err } = await type('instrument', input, '-o', output);
      expect(code).toBe(2);
      expect(err).toMatch(/is the input itself/);
    }
    expect(readFileSync(input)).toEqual(Buffer.from(named));
  });
});

describe('the help', () => {
  it('names the commands', async () => {
    const { code, out } = await type('--help');
    expect(code).toBe(0);
    expect(out).toMatch(/instrument .*make the heap of a WebAssembly module\s+observable/);
  });

  it('of instrument explains each option, gives examples and the exit codes', async () => {
    const { code, out } = await type('instrument', '--help');
    expect(code).toBe(0);
    for (const option of [
      '--glue',
      '--symbols',
      '--contexts',
      '--probe',
      '--json',
      '--posix-memalign',
    ]) {
      expect(out).toContain(option);
    }
    expect(out).toMatch(/Examples:\n {2}\$ gegl-memory-profiler instrument/);
    expect(out).toMatch(/Exit codes: 0 .*; 1 .*; 2/s);
  });
});
