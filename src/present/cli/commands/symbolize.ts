// gegl-memory-profiler symbolize: names, and lines of the sources that were written, into a recording that was made
// without them.

import type { Command } from 'commander';
import { symbolize } from '../../../analyze/symbolize.ts';
import { FORWARDERS } from '../../../record/heap/instrument-options.ts';
import { frameText } from '../../../recording/frame-text.ts';
import { frameAt, functionAt } from '../../../recording/site-tables.ts';
import type { Recording } from '../../../recording/types.ts';
import { loadFiles, loadFromFolder, resolveSourceMaps } from '../../source-maps/index.ts';
import { isSourceMap } from '../../source-maps/resolve.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import {
  inputName,
  isFolder,
  outputName,
  readText,
  refuseSameFile,
  writeOutput,
} from '../files.ts';
import type { Output } from '../output.ts';
import { readRecording } from '../recordings.ts';
import { readSymbolsOf } from '../symbols.ts';

interface Options {
  readonly output: string;
  readonly symbols?: string;
  readonly sourceMaps?: string;
  readonly wasmSourceMap?: string;
}

export function addSymbolize(program: Command, output: Output): void {
  program
    .command('symbolize')
    .summary('put names and source lines into a recording')
    .description(
      'Writes a copy of a recording whose stacks have the names of functions, where the module had none, and the lines ' +
        'of the sources that were written, where scripts were bundled. What was not watched for want of names, such as ' +
        'the types of objects, stays unknown.',
    )
    .argument('<recording.json>', 'the recording')
    .requiredOption('-o, --output <out.json>', 'where to write the copy; - for stdout')
    .option(
      '--symbols <file>',
      'names of functions: a symbol map (--emit-symbol-map), or the twin of the module that was not stripped',
    )
    .option(
      '--source-maps <folder|auto>',
      'source maps of scripts: a folder that holds the scripts and their maps as the site does, or "auto" for scripts ' +
        'below the working directory that lie where they did when they ran',
    )
    .option('--wasm-source-map <file>', 'the source map of the module itself (-gsource-map)')
    .addHelpText(
      'after',
      `
Examples:
  $ gegl-memory-profiler symbolize recording.json --symbols app.js.symbols -o named.json
  $ gegl-memory-profiler symbolize recording.json --symbols unstripped.wasm --source-maps dist -o named.json
  $ gegl-memory-profiler symbolize recording.json --source-maps auto -o named.json

Exit codes: 0 written, as far as names were found; 1 a file can't be read, understood or written, or belongs to another
build; 2 the command line is wrong.`,
    )
    .action((path: string, options: Options) => putNames(path, options, output));
}

async function putNames(path: string, options: Options, output: Output): Promise<void> {
  const { symbols, sourceMaps, wasmSourceMap } = options;
  if (symbols === undefined && sourceMaps === undefined && wasmSourceMap === undefined) {
    throw new CommandError(
      'Nothing to do: give --symbols, --source-maps or --wasm-source-map.',
      EXIT.usage,
    );
  }
  // The folder of --source-maps may well be where the copy goes.
  refuseSameFile([path, symbols, wasmSourceMap], options.output);
  const recording = readRecording(path);
  const named = symbols === undefined ? recording : withNames(path, recording, symbols);
  const resolved =
    sourceMaps === undefined && wasmSourceMap === undefined
      ? named
      : await resolveSourceMaps(named, {
          load: sourceMaps === undefined ? () => null : loaderOf(sourceMaps),
          ...(wasmSourceMap !== undefined && { wasmSourceMap: readSourceMap(wasmSourceMap) }),
        });
  writeOutput(options.output, JSON.stringify(resolved), output);
  const places = placesIn(named);
  const lines = [...placesIn(resolved)].filter((place) => !places.has(place)).length;
  const nameless = functionsOf(recording).nameless.size;
  const found = nameless - functionsOf(named).nameless.size;
  const done = [
    ...(symbols === undefined
      ? []
      : [`${found} of ${nameless} functions without a name were named`]),
    ...(resolved === named ? [] : [`${lines} places are lines of sources now`]),
    ...(lines === 0 && sourceMaps === 'auto'
      ? [
          `"auto" reads files below ${process.cwd()} only: where the scripts lie elsewhere, name their folder`,
        ]
      : []),
  ];
  output.err(`${outputName(options.output)}: ${done.join('; ')}\n`);
}

function withNames(path: string, recording: Recording, symbols: string): Recording {
  const { named, nameless } = functionsOf(recording);
  if (named.size + nameless.size === 0) {
    throw new CommandError(
      `${inputName(path)} has no functions of a module, so that there is nothing to name.`,
    );
  }
  const names = readSymbolsOf(symbols, [...named, ...nameless]);
  return symbolize(recording, names, { forwarders: FORWARDERS });
}

function readSourceMap(path: string): string {
  const text = readText(path);
  if (isSourceMap(text)) return text;
  throw new CommandError(`${inputName(path)} is no source map.`);
}

function loaderOf(sourceMaps: string) {
  if (sourceMaps === 'auto') return loadFiles();
  if (isFolder(sourceMaps)) {
    return loadFromFolder(sourceMaps);
  }
  throw new CommandError(`${sourceMaps} is no folder, so that no source maps can be read from it.`);
}

/** Indices of the module's functions in stacks. */
function functionsOf({ heap }: Recording) {
  const named = new Set<number>();
  const nameless = new Set<number>();
  const sites = heap?.sites;
  if (!sites) return { named, nameless };
  for (const place of sites.functions.name.keys()) {
    const { name, kind, index } = functionAt(sites, place);
    if (kind === 'wasm' && index !== null) (name === null ? nameless : named).add(index);
  }
  return { named, nameless };
}

/** Of all stacks, as text. */
function placesIn({ heap, objects }: Recording): ReadonlySet<string> {
  const sites = heap?.sites;
  return new Set([
    ...objects.stacks.flatMap((stack) => stack.split('\n')),
    ...(sites?.frames.function.map((_, frame) => frameText(frameAt(sites, frame))) ?? []),
  ]);
}
