// Two recordings compared, as the page shows it.

import {
  type Change,
  diffRecordings,
  type FindingChange,
  type SiteChange,
} from '../../../analyze/recording-diff/index.ts';
import type { Recording } from '../../../recording/types.ts';
import { withoutRoot } from '../../text/parts.ts';
import { toFigures } from '../data/column-codec.ts';
import type { DiffTable, ReportedDiff } from '../data/types.ts';
import type { CollectOptions } from './collect.ts';
import { describeFinding } from './finding.ts';

/** Rows of a table: what comes behind them changed least. */
const ROWS = 5_000;

export function collectDiff(
  before: Recording,
  after: Recording,
  { findLeaks, root = '', sources }: Omit<CollectOptions, 'title'>,
): ReportedDiff {
  const diff = diffRecordings(before, after, findLeaks);
  const tables = [
    sitesOf(diff.sites, root),
    tableOf('Types', 'count', diff.types),
    tableOf('Operations', 'bytes', diff.operations),
    tableOf('Handles', 'count', diff.objects),
  ];
  return {
    caveats: diff.caveats,
    memory: diff.memory,
    tables: tables.filter((table) => table !== null),
    findings: diff.findings.flatMap(({ status, ...sides }) => {
      const finding = sides.after ?? sides.before;
      return finding ? [{ status, finding: describeFinding(finding, { root, sources }) }] : [];
    }),
  };
}

function sitesOf(sites: readonly SiteChange[] | null, root: string): DiffTable | null {
  const table = tableOf('Sites', 'bytes', sites);
  if (!table || !sites) return null;
  const listed = sites.slice(0, ROWS);
  return {
    ...table,
    names: listed.map(({ name }) => withoutRoot(name, root)),
    notes: listed.map((site) =>
      [noteOf(site.status), site.isNoise ? 'within noise' : '', site.isMoved ? 'moved' : '']
        .filter((note) => note !== '')
        .join(', '),
    ),
    frames: listed.map(({ frames }) => frames.map((frame) => withoutRoot(frame, root))),
  };
}

/** Null where one side does not know it. */
function tableOf(
  title: string,
  unit: Change['unit'],
  changes: readonly Change[] | null,
): DiffTable | null {
  if (!changes) return null;
  const listed = changes.slice(0, ROWS);
  const column = (name: 'before' | 'after' | 'change') => toFigures(listed.map((row) => row[name]));
  return {
    title,
    unit,
    names: listed.map(({ name }) => name),
    notes: listed.map(({ status }) => noteOf(status)),
    frames: null,
    before: column('before'),
    after: column('after'),
    change: column('change'),
  };
}

/** What the figures don't say themselves. */
function noteOf(status: Change['status'] | FindingChange['status']): string {
  return status === 'new' || status === 'gone' ? status : '';
}
