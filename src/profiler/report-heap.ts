// The heap's part of the report: what a recording keeps in columns, as rows.

import { listSites, type ReportedSite } from '../analyze/sites.ts';
import { byName } from '../recording/by-name.ts';
import type {
  HeapAccounting,
  HeapTotals,
  RecordedHeap,
  RowOf,
  Sampling,
  TrackedModule,
  TrackMode,
} from '../recording/heap-types.ts';

type Rows<Name extends keyof RecordedHeap> = readonly RowOf<NonNullable<RecordedHeap[Name]>>[];

export interface ReportedHeap {
  readonly module: TrackedModule;
  readonly mode: TrackMode;
  readonly accounting: HeapAccounting;
  /** Since the module loaded. */
  readonly totals: HeapTotals;
  readonly sizeClasses: Rows<'sizeClasses'>;
  readonly ages: Rows<'ages'>;
  /** Null where no stacks were taken. */
  readonly sampling: Sampling | null;
  /** The share of live bytes that is charged to something with a name; null where no heap snapshot was taken. */
  readonly explained: number | null;
  /** Size of the memory in which the blocks are kept, beside the module's own; null where that was not written down. */
  readonly trackerBytes: number | null;
}

/** Null is "not known", as for a module without names. */
export interface HeapReport {
  /** Null where no module was tracked. */
  readonly heap: ReportedHeap | null;
  /** Where live memory was allocated, most bytes first; the first 100. */
  readonly sites: readonly ReportedSite[] | null;
  /** Live objects inside the module by type, such as GObjects; most first. */
  readonly instances: Rows<'instances'> | null;
  /** Single instances with the bytes that belong to them, as buffers with their tiles; most bytes first. */
  readonly holders:
    | readonly (Omit<RowOf<NonNullable<RecordedHeap['holders']>>, 'instance'> & {
        readonly type: string;
      })[]
    | null;
  /** Memory by GEGL operation; what allocated most first. */
  readonly operations: Rows<'operations'> | null;
}

const LISTED_SITES = 100;

export function reportHeap(heap: RecordedHeap | null): HeapReport {
  if (!heap) return { heap: null, sites: null, instances: null, holders: null, operations: null };
  const { module, mode, accounting, totals, sizeClasses, ages, sites, instances, holders } = heap;
  return {
    heap: {
      module,
      mode,
      accounting,
      totals,
      sizeClasses: rowsOf(sizeClasses),
      ages: rowsOf(ages),
      sampling: sites?.sampling ?? null,
      explained: heap.explained,
      trackerBytes: heap.trackerBytes,
    },
    sites: sites && listSites(sites, LISTED_SITES),
    instances: instances && rowsOf(instances),
    holders:
      holders &&
      rowsOf(holders).map(({ instance, ...row }) => ({
        type: instances?.type[instance] ?? '',
        ...row,
      })),
    operations: heap.operations && rowsOf(heap.operations),
  };
}

function rowsOf<Columns extends { readonly [Name in keyof Columns]: readonly unknown[] }>(
  columns: Columns,
): RowOf<Columns>[] {
  const names = Object.keys(columns) as (keyof Columns & string)[];
  const [first] = names;
  if (first === undefined) return [];
  return columns[first].map(
    (_, row) => byName(names, (name) => columns[name][row]) as RowOf<Columns>,
  );
}
