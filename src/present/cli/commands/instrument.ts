// gegl-memory-profiler instrument: rewrites a module ahead of time, to the bytes that a page would make of it as it
// loads.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AllocatorRole, Probe } from '../../../instrument/abi.ts';
import {
  AllocatorNotFoundError,
  type InstrumentReport,
  instrumentWasm,
  WasmFormatError,
} from '../../../instrument/index.ts';
import { allProbes, instrumentOptions } from '../../../record/heap/instrument-options.ts';
import { CommandError } from '../exit-codes.ts';
import {
  inputName,
  outputName,
  readInput,
  readText,
  refuseJsonOnStdout,
  refuseSameFile,
  writeOutput,
} from '../files.ts';
import { type Output, printJson } from '../output.ts';
import { readSymbols } from '../symbols.ts';

const ROLES: Readonly<Record<AllocatorRole, string>> = {
  malloc: '(size) -> address',
  free: '(address)',
  calloc: '(count, size) -> address',
  realloc: '(address, size) -> address',
  reallocarray: '(address, count, size) -> address',
  rust_realloc: '(address, old size, alignment, size) -> address',
  memalign: '(alignment, size) -> address',
  posix_memalign: '(where, alignment, size) -> error',
  new: '(size, ...) -> address: operator new, where it does not call malloc',
};
const PROBE_KINDS: readonly Probe['kind'][] = ['scope', 'created', 'freeing', 'call', 'result'];

interface Options {
  readonly output: string;
  readonly json?: true;
  readonly glue?: string;
  readonly symbols?: string;
  readonly contexts?: true;
  readonly probe: readonly Probe[];
}

export function addInstrument(program: Command, output: Output): void {
  const command = program
    .command('instrument')
    .summary('make the heap of a WebAssembly module observable')
    .description(
      'Writes a copy of a WebAssembly module whose allocations a profiler can follow. No rebuild is needed. As long as ' +
        'no profiler is attached, the copy behaves as the module does. A page or program that tracks its modules as ' +
        'they load needs no copy; where one is loaded all the same, it is attached to.',
    )
    .argument('<in.wasm>', 'the module')
    .requiredOption(
      '-o, --output <out.wasm>',
      'where to write the copy, never over the module itself; - for stdout',
    )
    .option('--json', 'print what was done to stdout, as one line of JSON')
    .option(
      '--glue <file.js>',
      'the script that loads the module: says which of its minified exports is malloc',
    )
    .option(
      '--symbols <file>',
      'names for a module without any: a symbol map (--emit-symbol-map), or its twin that was not stripped',
    )
    .option('--contexts', 'let every allocation be told by its callers, as the mode "all" does')
    .addOption(
      new Option(
        '--probe <kind:function[:pointee]>',
        `watch a function, too (${PROBE_KINDS.join(', ')}); may be repeated. GEGL's own are always watched`,
      )
        .argParser(addProbe)
        .default([], 'none'),
    );
  for (const [role, shape] of Object.entries(ROLES)) {
    command.addOption(
      new Option(`--${role.replace('_', '-')} <function>`, shape).helpGroup(
        'Functions of the allocator (each an export, a name or a function index):',
      ),
    );
  }
  command
    .addHelpText(
      'after',
      `
Its allocator is found by its exports, by the glue script, by its names, or by its code, in this order. Where none of
them tells, name malloc and free yourself.

Examples:
  $ gegl-memory-profiler instrument app.wasm -o app.tracked.wasm
  $ gegl-memory-profiler instrument app.wasm -o out.wasm --glue app.js --symbols app.js.symbols
  $ gegl-memory-profiler instrument app.wasm -o out.wasm --malloc my_alloc --free 1234
  $ gegl-memory-profiler instrument app.wasm -o out.wasm --probe scope:render_frame --json | jq .allocator

Exit codes: 0 the copy is written; 1 the module can't be read, understood or written, or has no allocator; 2 the
command line is wrong.`,
    )
    .action((input: string, options: Options & Readonly<Record<string, unknown>>) =>
      instrument(input, options, output),
    );
}

function instrument(
  input: string,
  options: Options & Readonly<Record<string, unknown>>,
  output: Output,
): void {
  refuseJsonOnStdout(options.output, options.json);
  refuseSameFile([input, options.glue, options.symbols], options.output);
  const wasm = readInput(input);
  const glue = options.glue === undefined ? undefined : readText(options.glue);
  const { bytes, report } = inInput(input, () => {
    const symbols = options.symbols === undefined ? undefined : readSymbols(options.symbols, wasm);
    return instrumentWasm(wasm, {
      ...instrumentOptions({
        mode: options.contexts ? 'all' : 'sampled',
        probes: allProbes(options.probe),
        allocator: allocatorOf(options),
        ...(symbols && { symbols }),
      }),
      ...(glue !== undefined && { glue }),
    });
  });
  writeOutput(options.output, bytes, output);
  output.err(summaryOf(input, outputName(options.output), report, options.probe));
  if (options.json) printJson(output, report);
}

/** Errors of the module name its file. */
function inInput<T>(input: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AllocatorNotFoundError) {
      throw new CommandError(
        `${inputName(input)}: No allocator was found: ${error.tried.join('; ')}. Name its functions with --malloc and --free, ` +
          'or give its script with --glue.',
      );
    }
    if (error instanceof WasmFormatError) {
      throw new CommandError(`${inputName(input)}: ${error.message}`);
    }
    throw error;
  }
}

function allocatorOf(
  options: Readonly<Record<string, unknown>>,
): Partial<Record<AllocatorRole, string | number>> {
  const named = Object.keys(ROLES).flatMap((role) => {
    // Commander makes posixMemalign of --posix-memalign.
    const value = options[role.replace(/_(\w)/, (_, letter: string) => letter.toUpperCase())];
    if (typeof value !== 'string') return [];
    return [[role, /^\d+$/.test(value) ? Number(value) : value] as const];
  });
  return Object.fromEntries(named);
}

/** Names of C++ have colons of their own. */
function addProbe(text: string, before: readonly Probe[]): readonly Probe[] {
  const [, kind, name, key] = /^(\w+):(.+?)(?::(pointee|value))?$/.exec(text) ?? [];
  const known = PROBE_KINDS.find((candidate) => candidate === kind);
  if (!known || name === undefined) {
    throw new InvalidArgumentError(
      `It reads kind:function, with a kind of ${PROBE_KINDS.join(', ')}; and :pointee behind it, where what the ` +
        'first parameter points to tells its kinds apart.',
    );
  }
  const probe = { name, kind: known };
  return [...before, key === 'pointee' || key === 'value' ? { ...probe, key } : probe];
}

/** @param asked probes that the command line names. */
function summaryOf(
  input: string,
  output: string,
  report: InstrumentReport,
  asked: readonly Probe[],
): string {
  const { allocator, probes, contexts, hasNames, inputBytes, outputBytes, warnings } = report;
  const found = probes.filter(({ index }) => index !== null);
  const absent = asked.filter(({ name }) => !found.some(({ probe }) => probe.name === name));
  const lines = [
    `${inputName(input)} -> ${output}: ${number(outputBytes)} bytes, ${number(outputBytes - inputBytes)} more`,
    `allocator: ${allocator.allocator ?? 'unknown kind'}, found by ${WAYS[allocator.source]}, ${allocator.confidence}`,
    ...allocator.functions.map(
      ({ role, index, name }) => `  ${role.padEnd(14)} function ${index}${name ? ` ${name}` : ''}`,
    ),
    `probes: ${found.length === 0 ? 'none in this module' : found.map(({ probe }) => probe.name).join(', ')}`,
    ...(absent.length === 0
      ? []
      : [
          `warning: not in this module, and so not watched: ${absent.map(({ name }) => name).join(', ')}`,
        ]),
    `contexts: ${contexts === null ? 'off' : `carried by ${number(contexts)} functions`}`,
    ...(hasNames
      ? []
      : [
          'names: none, so that sites show wasm-function[index]. Link with --profiling-funcs, or give --symbols.',
        ]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

const WAYS: Readonly<Record<InstrumentReport['allocator']['source'], string>> = {
  user: 'what was given',
  export: 'its exports',
  glue: 'the glue script',
  names: 'the names of its functions',
  code: 'what its functions call',
  fingerprint: "dlmalloc's code",
};

function number(value: number): string {
  return value.toLocaleString('en-US');
}
