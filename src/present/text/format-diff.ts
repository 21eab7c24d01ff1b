// Two recordings compared, as text: what changed, the greatest first; what is the same is left out.

import { formatBytes } from '../../analyze/figures.ts';
import type { Change, RecordingDiff, SiteChange } from '../../analyze/recording-diff/index.ts';
import { findingLines } from './format-findings.ts';
import { table, wrap } from './layout.ts';
import {
  type Context,
  clip,
  contextOf,
  explain,
  type FormatOptions,
  indent,
  plural,
  sitePath,
  textOf,
} from './parts.ts';

const ROWS = 10;
const SITES = 8;
const FRAMES = 5;

/** @param names of the recordings, as files. */
export function formatDiff(
  diff: RecordingDiff,
  names: { readonly before: string; readonly after: string },
  options: FormatOptions = {},
): string {
  const context = contextOf(options);
  const { paint, width } = context;
  const sections = [
    [
      paint('bold', 'Recordings compared'),
      ...indent([`before  ${names.before}`, `after   ${names.after}`]),
      ...diff.caveats.flatMap((caveat) =>
        indent(wrap(caveat, width - 2).map((line) => paint('yellow', line))),
      ),
    ],
    changes('Memory', diff.memory, diff.memory.length, context),
    changes('Objects', diff.objects, ROWS, context),
    changes('Objects inside the module', diff.types, ROWS, context),
    changes('Live memory by operation', diff.operations, ROWS, context),
    sites(diff.sites, context),
    findings(diff, context),
  ];
  return textOf(sections);
}

function changes(
  title: string,
  all: readonly Change[] | null,
  limit: number,
  { paint, width }: Context,
): string[] {
  const heading = paint('bold', title);
  if (!all) return [heading, '  unknown: not recorded on both sides'];
  const known = all.filter(({ before, after }) => before !== null || after !== null);
  if (all.length > 0 && known.length === 0) return [heading, '  unknown on both sides'];
  const shown = known.filter(({ status }) => status !== 'same');
  if (shown.length === 0) return [heading, '  the same'];
  const rows = shown.slice(0, limit).map((change) => {
    const { name, unit, before, after, status } = change;
    const figure = (value: number | null) => (value === null ? 'unknown' : format(unit, value));
    return [
      clip(name, width - 40),
      figure(before),
      figure(after),
      difference(change),
      mark(status),
    ];
  });
  const rest = shown.length - limit;
  return [
    heading,
    ...indent(table([['', 'before', 'after', 'change', ''], ...rows])),
    ...(rest > 0 ? [`  and ${plural(rest, 'change')} more`] : []),
  ];
}

function sites(all: readonly SiteChange[] | null, context: Context): string[] {
  const { paint, width } = context;
  const heading = paint('bold', 'Where live memory was allocated');
  if (!all) return [heading, '  unknown: no stacks were taken on both sides'];
  const changed = all.filter(({ status }) => status !== 'same');
  const told = changed.filter(({ isNoise }) => !isNoise);
  const noise = changed.length - told.length;
  const rest = told.length - SITES;
  return [
    heading,
    ...told.slice(0, SITES).flatMap((site) => describeSite(site, context)),
    ...(changed.length === 0 ? ['  the same'] : []),
    ...(noise === changed.length && noise > 0 ? ['  no change that is told from noise'] : []),
    ...(rest > 0 ? [`  and ${plural(rest, 'site')} more`] : []),
    ...(noise > 0
      ? explain(
          `${plural(noise, 'site')} changed by at most two standard errors, which may be an accident of sampling.`,
          width,
          paint,
        )
      : []),
  ];
}

function describeSite(site: SiteChange, context: Context): string[] {
  const { before, after, error, status, frames, name, isMoved } = site;
  const figures =
    `${difference(site)}${error > 0 ? ` +- ${formatBytes(error)}` : ''}` +
    ` (${format('bytes', before ?? 0)} to ${format('bytes', after ?? 0)}${mark(status) === '' ? '' : `, ${status}`}` +
    `${isMoved ? ', its lines have moved' : ''})`;
  return indent([figures, ...sitePath({ title: name, frames }, FRAMES, context)]);
}

function findings({ findings: all }: RecordingDiff, context: Context): string[] {
  const { paint } = context;
  if (all.length === 0) return [paint('bold', 'Leaks: none found on either side')];
  const count = (status: string) => all.filter((one) => one.status === status).length;
  const worse = all.flatMap(({ status, after }) =>
    after && (status === 'new' || status === 'grown') ? [after] : [],
  );
  const counts = (['new', 'grown', 'same', 'shrunk', 'gone'] as const).flatMap((status) =>
    count(status) > 0 ? [`${count(status)} ${status === 'same' ? 'as before' : status}`] : [],
  );
  return [
    paint('bold', `Leaks: ${counts.join(', ')}`),
    ...(worse.length > 0 ? ['  New, or losing more:', ...findingLines(worse, context)] : []),
    ...all.flatMap(({ status, before }) =>
      status === 'gone' && before ? indent(wrap(`gone: ${before.message}`, context.width - 2)) : [],
    ),
  ];
}

/** What a sign alone does not tell. */
function mark(status: Change['status']): string {
  return status === 'new' || status === 'gone' ? status : '';
}

function difference({ unit, change }: Change): string {
  if (change === null) return 'unknown';
  return `${change > 0 ? '+' : ''}${format(unit, change)}`;
}

function format(unit: Change['unit'], value: number): string {
  return unit === 'bytes' ? formatBytes(value) : String(value);
}
