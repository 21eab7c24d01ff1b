// What watching a heap costs: each way by turns in one run, on work that is the same in each, as is checked first.
// Then how fast modules are rewritten. Prints tables and asserts nothing about time.
//
//   npm run bench:overhead [-- --quick | --only=gegl|sql|heaptrack|rewriting]

import { cpus } from 'node:os';
import { median, printTable } from '../profiler/table.ts';
import { measureHeaptrack } from './heaptrack.ts';
import { type Measured, measure } from './interleave.ts';
import { measureRewriting, measureSizes, type Speed } from './rewriting.ts';
import { WAYS } from './ways.ts';
import { type ModuleName, WORKS, type Work } from './workloads.ts';

const TITLES: Readonly<Record<Work, string>> = {
  blur: 'GEGL: a Gaussian blur of 1000 x 1000 pixels (few allocations, large ones)',
  edits: 'GEGL: 24 small edits, a graph each (many small allocations)',
  sql: 'sql.js: a database filled, asked and dropped (stripped module)',
};

const isQuick = process.argv.includes('--quick');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice(7);
const instances = isQuick ? 1 : 2;
const rounds = isQuick ? 5 : 15;
const began = performance.now();

console.log(
  `${cpus()[0]?.model}, Node ${process.version}; ${instances} instances of ${rounds} rounds by turns`,
);
for (const module of Object.keys(WORKS) as ModuleName[]) {
  if (isWanted(module)) {
    for (const [work, measured] of await measure(module, instances, rounds)) {
      printWays(TITLES[work], measured);
    }
  }
}
if (isWanted('heaptrack')) await printHeaptrack();
if (isWanted('rewriting')) await printRewriting();
console.log(`\n${((performance.now() - began) / 60_000).toFixed(1)} minutes`);

function isWanted(part: string): boolean {
  return only === undefined || only === part;
}

function printWays(title: string, measured: ReadonlyMap<string, Measured>): void {
  const counts = [...measured.values()].flatMap(({ counted }) => counted?.allocations ?? []);
  const rows = WAYS.flatMap(({ name, goal = '' }) => {
    const found = measured.get(name);
    if (!found) return [];
    const allocations = found.counted?.allocations;
    return [
      [
        name,
        `${median(found.times).toFixed(1)} (${Math.min(...found.times).toFixed(1)})`,
        median(found.ratios).toFixed(3),
        (Math.min(...found.times) / Math.min(...baselineOf(measured))).toFixed(3),
        goal,
        median(found.stacks).toFixed(0),
        median(found.first).toFixed(0),
        allocations === null || allocations === undefined ? 'not counted' : `${allocations}`,
        `${found.times.length}`,
      ],
    ];
  });
  printTable(
    `${title}. The same results and allocations (${Math.min(...counts)} to ${Math.max(...counts)}) in each`,
    [
      '',
      'ms: median (minimum)',
      'ratio',
      'of minima',
      'goal',
      'stacks a run',
      'first run, ms',
      'allocations',
      'runs',
    ],
    rows,
  );
}

function baselineOf(measured: ReadonlyMap<string, Measured>): readonly number[] {
  return [...measured.values()][0]?.times ?? [];
}

async function printHeaptrack(): Promise<void> {
  const { results, version, calls } = await measureHeaptrack(rounds * instances);
  printTable(
    `heaptrack on native GEGL ${version}: the same two works (${calls} allocations seen in all, start included)`,
    ['', 'native, ms: median (minimum)', 'under heaptrack', 'ratio', 'of minima'],
    results.map(({ work, bare, heaptrack }) => [
      work,
      `${median(bare).toFixed(1)} (${Math.min(...bare).toFixed(1)})`,
      `${median(heaptrack).toFixed(1)} (${Math.min(...heaptrack).toFixed(1)})`,
      (median(heaptrack) / median(bare)).toFixed(3),
      (Math.min(...heaptrack) / Math.min(...bare)).toFixed(3),
    ]),
  );
}

async function printRewriting(): Promise<void> {
  const cell = ({ median, best, cpuMedian }: Speed, digits: number) =>
    `${median.toFixed(digits)} (${best.toFixed(digits)}; ${cpuMedian.toFixed(digits)})`;
  const ratio = (one: Speed, other: Speed) =>
    `${(one.median / other.median).toFixed(0)} (${(one.cpuMedian / other.cpuMedian).toFixed(0)})`;
  printTable(
    'Rewriting, MB/s, warm: median (best; median by CPU time). Goals: 100 MB/s, fifty times binaryen',
    [
      'module',
      'MB',
      'instrumentWasm',
      'with contexts',
      'binaryen: read and emit',
      'with its log-execution',
      'ratio to read and emit',
      'of contexts to log-execution',
    ],
    measureRewriting().map(({ file, megabytes, plain, contexts, roundTrip, logExecution }) => [
      file.split('/').at(-1) ?? file,
      megabytes.toFixed(2),
      cell(plain, 0),
      cell(contexts, 0),
      cell(roundTrip, 2),
      cell(logExecution, 2),
      ratio(plain, roundTrip),
      ratio(contexts, logExecution),
    ]),
  );
  printTable(
    'Bytes to load, minified (goal: together at most 12 KB gzip)',
    ['', 'raw', 'gzip'],
    (await measureSizes()).map(({ what, raw, gzip }) => [what, `${raw}`, `${gzip}`]),
  );
}
