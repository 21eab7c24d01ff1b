// A whole report as text: memory over time, objects, GEGL's own figures, leaks and where they were
// made. What the report doesn't know is written as "unknown".

import { formatBytes } from '../../analyze/figures.ts';
import { figureOf } from '../../analyze/memory-figures.ts';
import { MIN_SAMPLES } from '../../analyze/trend.ts';
import type { Report, ReportedObject, Snapshot } from '../../profiler/report.ts';
import { OBJECT_KINDS } from '../../recording/types.ts';
import { drawArea, toColumns } from './chart.ts';
import { findingLines } from './format-findings.ts';
import { heapSections } from './format-heap.ts';
import { formatDuration, table, wrap } from './layout.ts';
import {
  bytes,
  type Context,
  contextOf,
  explain,
  type FormatOptions,
  indent,
  plural,
  textOf,
} from './parts.ts';
import { type Frame, parseStack } from './stack.ts';

const CHART_ROWS = 3;
const LISTED_OBJECTS = 5;

export function formatReport(report: Report, options: FormatOptions = {}): string {
  const context = contextOf(options);
  const sections = [
    header(report, context),
    memory(report, context),
    objects(report, context),
    ...heapSections(report, context),
    gegl(report, context),
    warnings(report, context),
    leaks(report, context),
    suppressions(report, context),
  ];
  return textOf(sections);
}

function header({ recording, summary }: Report, { paint, width }: Context): string[] {
  const { environment, profiler, options } = recording;
  const { gegl: versions } = environment;
  const engine = versions
    ? ['gegl', 'babl', 'glib'].map((name) => `${name} ${versions[name] ?? 'unknown'}`).join(', ')
    : 'no GEGL engine seen';
  const where = environment.userAgent ?? `unknown ${environment.runtime}`;
  return [
    paint('bold', 'Memory report'),
    ...indent(wrap(`${where}; ${engine}; ${profiler.name} ${profiler.version}`, width - 2)),
    `  ${plural(summary.totalSamples, 'sample')} in ${formatDuration(summary.duration)}, ` +
      `one every ${formatDuration(options.sampleInterval)}`,
  ];
}

interface Series {
  readonly name: string;
  readonly pick: (snapshot: Snapshot) => number | null;
}

const SERIES: readonly Series[] = [
  { name: 'heap size', pick: ({ wasmMemory }) => wasmMemory.heapSize },
  { name: 'live bytes', pick: ({ wasmMemory }) => wasmMemory.heapUsed },
  { name: 'GEGL tiles', pick: ({ gegl: figures }) => tileBytes(figures) },
];

/** Tiles lie in the tile allocator, large ones beside it but in the cache: the greater counts. */
function tileBytes(figures: Snapshot['gegl']): number | null {
  if (!figures || figures.tileAlloc === null) return null;
  return Math.max(figures.tileAlloc, figures.tileCache ?? 0);
}

function memory({ history, current }: Report, { width, paint }: Context): string[] {
  const lines = [paint('bold', 'Memory over time')];
  if (!current) return [...lines, '  unknown: no sample was taken'];
  const labelWidth = 2 + Math.max(...SERIES.map(({ name }) => name.length)) + 1;
  const chartWidth = Math.min(width - labelWidth - 22, Math.max(history.length, 20));
  const all = SERIES.map(({ name, pick }) => {
    const points = history.map((snapshot) => ({
      elapsed: snapshot.elapsed,
      value: pick(snapshot),
    }));
    const values = points.map(({ value }) => value);
    return { name, points, peak: figureOf(values, 'peak'), last: figureOf(values, 'end') };
  });
  const top = Math.max(0, ...all.map(({ peak }) => peak ?? 0));
  const right = (now: string, peak: string) => ` ${now.padStart(9)}  ${peak.padStart(9)}`;
  lines.push(' '.repeat(labelWidth + 1 + chartWidth) + paint('dim', right('now', 'peak')));
  for (const { name, points, peak, last } of all) {
    const label = `  ${name}`.padEnd(labelWidth);
    if (peak === null) {
      lines.push(`${label}▕${'unknown'.padEnd(chartWidth)}`);
      continue;
    }
    drawArea(toColumns(points, chartWidth), top, CHART_ROWS).forEach((row, index) => {
      const start = index === 0 ? label : ' '.repeat(labelWidth);
      const end = index === 0 ? right(bytes(last), bytes(peak)) : '';
      lines.push(`${start}▕${paint('cyan', end === '' ? row.trimEnd() : row)}${end}`);
    });
  }
  const from = formatDuration(history[0]?.elapsed ?? 0);
  const to = formatDuration(current.elapsed);
  const axis = to.padStart(Math.max(chartWidth - from.length, to.length + 1));
  lines.push(paint('dim', `${' '.repeat(labelWidth + 1)}${from}${axis}`));
  if (top > 0)
    lines.push(
      ...explain(
        `One scale: full height is ${bytes(top)}. Where it is blank, no sample was taken.`,
        width,
        paint,
      ),
    );
  const { wasmMemory, jsMemory } = current;
  lines.push(
    ...explain(
      'Heap size is what the tab pays for; it never shrinks. Live bytes are what the allocator has ' +
        `handed out${wasmMemory.heapUsedSource === 'unknown' ? '' : ` (by ${wasmMemory.heapUsedSource})`}; ` +
        'GEGL tiles, a part of it, hold the pixels of buffers and caches.',
      width,
      paint,
    ),
    ...indent(
      table([
        ['static data', bytes(wasmMemory.staticBytes)],
        ['stack', bytes(wasmMemory.stackBytes)],
        [
          'JavaScript heap',
          bytes(jsMemory.usedJSHeapSize),
          jsMemory.usedJSHeapSize === null ? '' : `(by ${jsMemory.jsMemorySource})`,
        ],
      ]),
    ),
  );
  return lines;
}

function objects(report: Report, context: Context): string[] {
  const { paint } = context;
  const { totals, oldest } = report.objects;
  const title = paint('bold', 'Objects');
  if (!report.recording.options.trackObjects) return [title, '  unknown: trackObjects was off'];
  const rows = OBJECT_KINDS.map((kind) => {
    const { created, destroyed, live, collected } = totals[kind];
    return [kind, created, destroyed, live, collected].map(String);
  });
  const lines = [
    title,
    ...indent(table([['', 'created', 'destroyed', 'live', 'collected'], ...rows])),
    ...explain(
      'Collected: the JavaScript handle was garbage-collected, the object never destroyed. ' +
        'Nothing can release it any more.',
      context.width,
      paint,
    ),
  ];
  if (oldest.length > 0) {
    const now = report.current?.elapsed ?? 0;
    const shown = oldest.slice(0, LISTED_OBJECTS);
    lines.push('', `  The oldest ${shown.length} of those alive:`);
    for (const object of shown) lines.push(...describeObject(object, now, context));
  }
  return lines;
}

function describeObject(object: ReportedObject, now: number, context: Context): string[] {
  const age =
    object.createdAt === null
      ? 'made before the start'
      : `${formatDuration(Math.max(0, now - object.createdAt))} old`;
  const [frame] = object.stack === null ? [] : parseStack(object.stack, context.root);
  const size = object.bytes === null ? '' : `, ${formatBytes(object.bytes)}`;
  const place = frame ? [context.paint('dim', `      at ${describeFrame(frame)}`)] : [];
  return [`    ${object.description}${size}, ${age}`, ...place];
}

function describeFrame({ name, place }: Frame): string {
  return name === '' ? place : `${name} (${place})`;
}

function gegl({ current }: Report, { paint }: Context): string[] {
  const title = paint('bold', "GEGL's caches");
  if (!current) return [];
  const figures = current.gegl;
  if (!figures) return [title, '  unknown: no GEGL engine was running at the last sample'];
  const { tileCache, tileCacheLimit, tileAlloc, scratch, swap } = figures;
  const share =
    tileCache !== null && tileCacheLimit
      ? ` (${((100 * tileCache) / tileCacheLimit).toFixed(1)} %)`
      : '';
  return [
    title,
    ...indent(
      table([
        ['tile cache', bytes(tileCache)],
        ['  its limit', bytes(tileCacheLimit), share.trim()],
        ['tile allocator', bytes(tileAlloc)],
        ['scratch memory', bytes(scratch)],
        ['swap', bytes(swap)],
      ]),
    ),
  ];
}

function warnings({ warnings: told }: Report, { paint, width }: Context): string[] {
  if (told.length === 0) return [];
  return [
    paint('bold', 'Warnings of the profiler'),
    ...told.flatMap(({ message, elapsed }) =>
      indent(wrap(`after ${formatDuration(elapsed)}: ${message}`, width - 2)),
    ),
  ];
}

function leaks({ leaks: found, summary }: Report, context: Context): string[] {
  const { paint, width } = context;
  if (found.length > 0) {
    return [
      paint('bold', `Leaks: ${plural(found.length, 'finding')}`),
      ...findingLines(found, context),
    ];
  }
  const { totalSamples } = summary;
  return [
    paint('bold', 'Leaks: none found'),
    ...(totalSamples < MIN_SAMPLES
      ? explain(
          `Growth can be told from ${MIN_SAMPLES} samples on; there are ${totalSamples}.`,
          width,
          paint,
        )
      : []),
  ];
}

function suppressions(
  { suppressions: { used, unused } }: Report,
  { width, paint }: Context,
): string[] {
  if (used.length + unused.length === 0) return [];
  const count = used.reduce((sum, one) => sum + one.count, 0);
  return [
    paint('bold', `Suppressed: ${plural(count, 'finding')}`),
    ...indent([
      ...used.flatMap(({ what, pattern, reason, count: times }) =>
        wrap(`${times} x ${what}:${pattern} (${reason})`, width - 2),
      ),
      ...unused.flatMap(({ what, pattern }) =>
        wrap(`unused: ${what}:${pattern}; remove it, or correct the pattern`, width - 2),
      ),
    ]),
  ];
}
