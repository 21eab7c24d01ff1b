// gegl-memory-profiler report: recordings as a page to look at.

import { readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { PROFILER } from '../../../record/version.ts';
import { packageFile } from '../../driver/package-files.ts';
import { collectRecording } from '../../report/write/collect.ts';
import { collectDiff } from '../../report/write/collect-diff.ts';
import { readHeapFile } from '../../report/write/heap-file.ts';
import { HeapFileError } from '../../report/write/parse-heap-file.ts';
import { type PageParts, renderReport } from '../../report/write/render.ts';
import { type SourceFiles, sourceFiles } from '../../report/write/source-files.ts';
import { fileWithin } from '../../source-maps/file-within.ts';
import { CommandError } from '../exit-codes.ts';
import {
  inputName,
  isFolder,
  onFile,
  outputName,
  readText,
  refuseSameFile,
  writeOutput,
} from '../files.ts';
import type { Output } from '../output.ts';
import { leakFinder, readRecording, readSuppressions } from '../recordings.ts';

interface Options {
  readonly output: string;
  readonly heapSnapshot?: string;
  readonly sources?: string;
  readonly suppressions?: string;
}

export function addReport(program: Command, output: Output): void {
  program
    .command('report')
    .summary('write a recording as a page to look at')
    .description(
      'Writes one HTML file with everything that a recording knows: memory over time, findings, a flame graph of the ' +
        'places that allocate, tables. It loads nothing and sends nothing, and can be mailed or kept as it is.',
    )
    .argument('<recording.json>', 'what exportData() wrote')
    .argument('[later.json]', 'a second recording, to be compared with the first')
    .requiredOption('-o, --output <report.html>', 'where to write the page; - for stdout')
    .option('--heap-snapshot <file>', 'a .heapsnapshot to look through, with retained sizes')
    .option(
      '--sources <folder>',
      'show lines of source beside stacks: only of files in this folder, which paths in the report are relative to',
    )
    .option('--suppressions <file>', 'findings that are known and accepted')
    .addHelpText(
      'after',
      `
Examples:
  $ gegl-memory-profiler report recording.json -o report.html
  $ gegl-memory-profiler report before.json after.json -o report.html
  $ gegl-memory-profiler report recording.json --heap-snapshot heap.heapsnapshot --sources . -o report.html

Exit codes: 0 the page is written; 1 a file can't be read, understood or written; 2 the command line is wrong.`,
    )
    .action((first: string, second: string | undefined, options: Options) =>
      report(second === undefined ? [first] : [first, second], options, output),
    );
}

function report(paths: readonly string[], options: Options, output: Output): void {
  const { heapSnapshot, sources: folder, output: page } = options;
  refuseSameFile([...paths, heapSnapshot, options.suppressions], page);
  const root = folder === undefined ? process.cwd() : realFolder(folder);
  const suppressions = readSuppressions(options.suppressions);
  const recordings = paths.map(readRecording);
  const [before, after] = recordings;
  const common = {
    findLeaks: leakFinder(suppressions),
    root,
    ...(folder !== undefined && { sources: sourcesIn(root) }),
  };
  const html = renderReport(
    {
      profilerVersion: PROFILER.version,
      recordings: recordings.map((recording, at) =>
        collectRecording(recording, { ...common, title: basename(inputName(paths[at] ?? '')) }),
      ),
      heapFile: heapSnapshot === undefined ? null : heapFile(heapSnapshot),
      diff: before && after ? collectDiff(before, after, common) : null,
    },
    pageParts(),
  );
  writeOutput(page, html, output);
  const bytes = Buffer.byteLength(html);
  output.err(`${outputName(page)}: ${bytes.toLocaleString('en-US')} bytes; open it in a browser\n`);
}

function heapFile(path: string) {
  return onFile(path, HeapFileError, () => readHeapFile(readText(path), basename(inputName(path))));
}

function realFolder(folder: string): string {
  if (isFolder(folder)) return realpathSync(folder);
  throw new CommandError(`${folder} is no folder, so that no sources can be read from it.`);
}

function sourcesIn(root: string): SourceFiles {
  return sourceFiles((path) => {
    const file = fileWithin(root, path);
    try {
      return file === null ? null : readText(file);
    } catch {
      // It may not be read.
      return null;
    }
  });
}

function pageParts(): PageParts {
  const part = (name: string) => readFileSync(packageFile(`dist/report/${name}`), 'utf8');
  return { script: part('page.js'), style: part('page.css'), notices: part('THIRD-PARTY.txt') };
}
