// gegl-memory-profiler convert: a recording as a file of another tool. The formats stand in present/formats.

import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Format, FormatError } from '../../formats/format.ts';
import { FORMATS } from '../../formats/index.ts';
import { SITE_FIGURES, type SiteFigure } from '../../formats/site-figures.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { inputName, onFile, refuseSameFile, STDOUT, writeOutput } from '../files.ts';
import type { Output } from '../output.ts';
import { leakFinder, readRecording, readSuppressions } from '../recordings.ts';

interface Options {
  readonly to: Format;
  readonly output?: string;
  readonly figure?: SiteFigure;
  readonly suppressions?: string;
}

export function addConvert(program: Command, output: Output): void {
  const byFigure = FORMATS.filter(({ oneFigure }) => oneFigure).map(({ name }) => name);
  const withFindings = FORMATS.filter(({ hasFindings }) => hasFindings).map(({ name }) => name);
  program
    .command('convert')
    .summary('write a recording as a file for another tool')
    .description(
      'Writes a recording in a format that other tools open: profilers of native programs, trace viewers, spreadsheets.',
    )
    .argument('<recording.json>', 'the recording')
    .addOption(new Option('--to <format>', 'see below').argParser(findFormat).makeOptionMandatory())
    .option(
      '-o, --output <file>',
      'where to write it; - for stdout. Left out: stdout, or where that is a terminal, a file named after the recording',
    )
    .addOption(
      new Option(
        '--figure <figure>',
        `what a site weighs, where a file can have but one figure (${byFigure.join(', ')}): "live" when left out`,
      ).choices(Object.keys(SITE_FIGURES)),
    )
    .option(
      '--suppressions <file>',
      `findings that are known and accepted, where a file has findings (${withFindings.join(', ')})`,
    )
    .addHelpText(
      'after',
      `
Formats:
${FORMATS.map(({ name, extension, description }) => `  ${name.padEnd(12)} .${extension.padEnd(16)} ${description}`).join('\n')}

A .heapsnapshot is made of the live heap, not of a recording: (await memoryProfiler.takeHeapSnapshot()).toHeapSnapshot().

Examples:
  $ gegl-memory-profiler convert recording.json --to pprof -o heap.pb.gz && go tool pprof -http=: heap.pb.gz
  $ gegl-memory-profiler convert recording.json --to folded --figure total | flamegraph.pl > total.svg
  $ gegl-memory-profiler convert recording.json --to csv > figures.csv

Exit codes: 0 written; 1 a file can't be read or written, is broken, or does not hold what the format is made of; 2 the
command line is wrong.`,
    )
    .action((path: string, options: Options) => convert(path, options, output));
}

function findFormat(name: string): Format {
  const format = FORMATS.find((candidate) => candidate.name === name);
  if (format) return format;
  throw new InvalidArgumentError(
    name.replace(/^\./, '') === 'heapsnapshot'
      ? 'It is made of the live heap, not of a recording: write what (await memoryProfiler.takeHeapSnapshot()).toHeapSnapshot() returns.'
      : `Formats are ${FORMATS.map((candidate) => candidate.name).join(', ')}.`,
  );
}

function convert(path: string, options: Options, output: Output) {
  const { to: format, figure, suppressions, output: given } = options;
  if (figure && !format.oneFigure) {
    throw new CommandError(
      `--figure is of no use here: ${format.name} has all figures.`,
      EXIT.usage,
    );
  }
  if (suppressions !== undefined && !format.hasFindings) {
    throw new CommandError(
      `--suppressions is of no use here: ${format.name} has no findings.`,
      EXIT.usage,
    );
  }
  const file = given ?? (output.isTerminal ? defaultName(path, format) : STDOUT);
  refuseSameFile([path, suppressions], file);
  const findLeaks = leakFinder(readSuppressions(suppressions));
  const recording = readRecording(path);
  const written = onFile(path, FormatError, () =>
    format.write(recording, { ...(figure && { figure }), findLeaks }),
  );
  writeOutput(file, written, output);
  // A pipe has its own words.
  if (file === STDOUT) return;
  const bytes = Buffer.byteLength(written);
  output.err(`${file}: ${bytes.toLocaleString('en-US')} bytes; ${format.description}\n`);
}

/** In the present folder. */
function defaultName(path: string, { extension }: Format): string {
  return `${basename(inputName(path)).replace(/\.json$/i, '')}.${extension}`;
}
