// The heap of a tracked module: whether the figures are right, what allocated it, which operations and objects
// hold it.

import { formatBytes, formatNumber } from '../../analyze/figures.ts';
import { type ReportedSite, UNKNOWN_SITE } from '../../analyze/sites.ts';
import type { Report } from '../../profiler/report.ts';
import type { ReportedHeap } from '../../profiler/report-heap.ts';
import { formatDuration, table, wrap } from './layout.ts';
import { type Context, clip, explain, indent, plural, withoutRoot } from './parts.ts';

const SITES = 8;
const FRAMES = 5;
const ROWS = 10;

/** None where no module was tracked, or only a recording's options say that it should be. */
export function heapSections(report: Report, context: Context): string[][] {
  const { heap } = report;
  if (!heap) return [];
  return [
    summary(heap, context),
    sites(report, context),
    operations(report, context),
    instances(report, context),
  ];
}

function summary({ totals, module, mode, ages, ...heap }: ReportedHeap, context: Context) {
  const { paint, width } = context;
  const figure = (name: keyof typeof totals) => [
    name,
    formatBytes(totals[name].bytes),
    totals[name].blocks === null ? '' : plural(totals[name].blocks, 'block'),
  ];
  const found =
    `Tracked as ${module.allocator ?? 'an unknown allocator'}, ` +
    `${module.foundBy === null ? 'instrumented ahead of time' : `found by ${module.foundBy}`}` +
    `${module.confidence === 'likely' ? ' (likely)' : ''}; mode ${mode}` +
    `${heap.trackerBytes === null ? '' : `; the tracker itself takes up to ${formatBytes(heap.trackerBytes)}`}. ${accounting(heap)}`;
  const before = ages[0]?.from === null ? ages[0].bytes : null;
  return [
    paint('bold', 'Heap'),
    ...indent(table([figure('live'), figure('peak'), figure('allocated'), figure('freed')])),
    ...(before === null
      ? []
      : indent(
          wrap(
            `${formatBytes(before)} of what is live were allocated before the first sample`,
            width - 2,
          ),
        )),
    ...(heap.explained === null
      ? []
      : [
          `  ${formatNumber(heap.explained * 100)} % of live bytes belong to something with a name`,
        ]),
    ...explain(found, width, paint),
  ];
}

function accounting({ accounting: figures }: Pick<ReportedHeap, 'accounting'>): string {
  const { unknownFrees, duplicateAllocations, verified, verifiedBy, comparison } = figures;
  const odd = unknownFrees + duplicateAllocations;
  const seen =
    odd === 0
      ? 'All releases match allocations'
      : `${plural(unknownFrees, 'release')} of unknown blocks, ${plural(duplicateAllocations, 'allocation')} at addresses in use`;
  if (verified === null) return `${seen}. The allocator could not be asked whether it agrees.`;
  const by = verifiedBy === 'mallinfo' ? 'mallinfo' : 'a walk of its chunks';
  if (verified) return `${seen}. The allocator agrees, by ${by}.`;
  const difference = (comparison?.allocatorBytes ?? 0) - (comparison?.trackedBytes ?? 0);
  return `${seen}. By ${by} the allocator has ${formatBytes(difference)} more in use than was tracked.`;
}

function sites({ sites: all, heap }: Report, context: Context): string[] {
  const { paint, width } = context;
  const title = paint('bold', 'Where live memory was allocated');
  if (!all) return [title, `  unknown: no stacks were taken (mode ${heap?.mode ?? 'off'})`];
  const sampling = heap?.sampling;
  const shown = all.filter(({ liveBytes }) => liveBytes > 0).slice(0, SITES);
  const isExact = sampling?.mean === 1;
  const how =
    !sampling || isExact
      ? 'Each allocation was asked where it came from.'
      : `${heap?.mode === 'all' ? 'What JavaScript asks the allocator for itself is estimated' : 'Estimated'} ` +
        `from samples, one every ${formatBytes(sampling.mean)} on average; +- is the standard error. ` +
        `${plural(sampling.captures, 'stack')} took ${formatDuration(sampling.time)}.`;
  return [
    title,
    ...explain(how, width, paint),
    ...shown.flatMap((site) => describeSite(site, context)),
    ...(shown.length === 0 ? ['  none that is live'] : []),
  ];
}

function describeSite(site: ReportedSite, { paint, width, root }: Context): string[] {
  const error = site.liveBytesError > 0 ? ` +- ${formatBytes(site.liveBytesError)}` : '';
  const blocks = `${formatNumber(site.liveBlocks)} block${site.liveBlocks === 1 ? '' : 's'}`;
  const short = (text: string) => clip(withoutRoot(text, root), width - 9);
  const figures =
    `${formatBytes(site.liveBytes)}${error} in ${blocks}; ` +
    `peak ${formatBytes(site.peakBytes)}, in all ${formatBytes(site.totalBytes)}`;
  if (site.title === UNKNOWN_SITE)
    return indent([...wrap(figures, width - 2), '  at an unknown place']);
  // The application's line, then how it came from there to the allocation.
  const wasm = site.frames.filter(({ kind }) => kind === 'wasm');
  const rest = wasm.length - FRAMES;
  return indent([
    ...wrap(figures, width - 2),
    paint('cyan', `  at ${short(site.title)}`),
    ...wasm
      .slice(0, FRAMES)
      .filter(({ text }) => text !== site.title)
      .map(({ text }) => paint('dim', `    by ${short(text)}`)),
    ...(rest > 0 ? [paint('dim', `    and ${plural(rest, 'frame')} more`)] : []),
  ]);
}

function operations({ operations: all }: Report, { paint, width }: Context): string[] {
  const title = paint('bold', 'Memory by operation');
  if (!all) return [title, '  unknown: the functions that run them could not be watched'];
  if (all.length === 0) return [title, '  none ran'];
  const rows = all
    .slice(0, ROWS)
    .map(({ name, runs, totalBytes, liveBytes, peakBytes }) => [
      clip(name, width - 44),
      String(runs),
      ...[totalBytes, liveBytes, peakBytes].map(formatBytes),
    ]);
  return [
    title,
    ...indent(table([['', 'runs', 'allocated', 'still live', 'peak'], ...rows])),
    ...more(all.length - ROWS, 'operation'),
    ...explain('Peak: by how much the heap rose while one ran.', width, paint),
  ];
}

function instances({ instances: all }: Report, { paint, width }: Context): string[] {
  const title = paint('bold', 'Objects inside the module');
  if (!all) return [title, '  unknown: the functions that make them could not be watched'];
  const held = ({ ownBytes, chargedBytes }: (typeof all)[number]) =>
    (ownBytes ?? 0) + (chargedBytes ?? 0);
  const known = (value: number | null) => (value === null ? '' : formatBytes(value));
  const rows = all
    .filter(({ live }) => live > 0)
    .toSorted((a, b) => held(b) - held(a))
    .slice(0, ROWS)
    .map(({ type, live, created, freed, ownBytes, chargedBytes }) => [
      clip(type, width - 48),
      ...[live, created, freed].map(String),
      known(ownBytes),
      known(chargedBytes),
    ]);
  if (rows.length === 0) return [title, '  none is live'];
  return [
    title,
    ...indent(table([['', 'live', 'created', 'freed', 'own bytes', 'holds'], ...rows])),
    ...more(all.filter(({ live }) => live > 0).length - ROWS, 'type'),
    ...explain('Holds: memory that is known to be theirs, as the tiles of a buffer.', width, paint),
  ];
}

function more(count: number, noun: string): string[] {
  return count > 0 ? [`  and ${plural(count, noun)} more`] : [];
}
