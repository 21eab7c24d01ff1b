// Two recordings side by side: what is new, gone, grown and shrunk from the first to the second. Bytes are bytes; null is
// "unknown", and a change of what is unknown on either side is, too.

import { type Finding, OBJECT_KINDS, type Recording } from '../../recording/types.ts';
import { formatNumber } from '../figures.ts';
import { figureOf, heapSizeOf, liveBytesOf, trackedHeap } from '../memory-figures.ts';
import { byAmount, type Change, changeOf } from './change.ts';
import { diffFindings, type FindingChange } from './findings.ts';
import { diffSites, type SiteChange } from './sites.ts';

export type { Change, ChangeStatus } from './change.ts';
export type { FindingChange } from './findings.ts';
export type { SiteChange } from './sites.ts';

/** Lists of changes have the greatest first, by amount; those that are the same are in them, too. */
export interface RecordingDiff {
  /** What a reader must know before comparing, a sentence each; empty where nothing stands against it. */
  readonly caveats: readonly string[];
  /** Heap size, live bytes and blocks, peaks, the JavaScript heap, GEGL's tile cache; in this order. */
  readonly memory: readonly Change[];
  /** Live handles by kind at the end, and those lost; null where one side did not follow objects. */
  readonly objects: readonly Change[] | null;
  /** Live instances by type, at the end; null where one side does not know them. */
  readonly types: readonly Change[] | null;
  /** Live bytes by operation, at the end. */
  readonly operations: readonly Change[] | null;
  /** Live bytes by allocation site, at the end. */
  readonly sites: readonly SiteChange[] | null;
  readonly findings: readonly FindingChange[];
}

/** Runs of such different length are not told apart from leaks. */
const COMPARABLE_DURATIONS = 1.5;

/** @param findLeaks what leaks in a recording, as far as it is to be compared. */
export function diffRecordings(
  before: Recording,
  after: Recording,
  findLeaks: (recording: Recording) => readonly Finding[],
): RecordingDiff {
  const heaps = { before: trackedHeap(before), after: trackedHeap(after) };
  const tables = (pick: (heap: NonNullable<Recording['heap']>) => Figures | null) => {
    const one = heaps.before && pick(heaps.before);
    const other = heaps.after && pick(heaps.after);
    return one && other ? diffFigures(one, other) : null;
  };
  const tracksObjects = before.options.trackObjects && after.options.trackObjects;
  return {
    caveats: caveatsOf(before, after),
    memory: diffMemory(before, after),
    objects: tracksObjects ? diffFigures(objectsOf(before), objectsOf(after)) : null,
    types: tables(
      ({ instances }) => instances && figuresOf('count', instances.type, instances.live),
    ),
    operations: tables(
      ({ operations }) => operations && figuresOf('bytes', operations.name, operations.liveBytes),
    ),
    sites: diffSites(heaps.before, heaps.after),
    findings: diffFindings(findLeaks(before), findLeaks(after)),
  };
}

interface Figures {
  readonly unit: Change['unit'];
  readonly byName: ReadonlyMap<string, number>;
}

function figuresOf(
  unit: Change['unit'],
  names: readonly string[],
  values: readonly number[],
): Figures {
  const byName = new Map<string, number>();
  names.forEach((name, row) => {
    byName.set(name, (byName.get(name) ?? 0) + (values[row] ?? 0));
  });
  return { unit, byName };
}

/** What one side does not list is 0 there. */
function diffFigures(before: Figures, after: Figures): Change[] {
  const names = new Set([...before.byName.keys(), ...after.byName.keys()]);
  return [...names]
    .map((name) =>
      changeOf(name, before.unit, before.byName.get(name) ?? 0, after.byName.get(name) ?? 0),
    )
    .sort(byAmount);
}

function objectsOf({ objects: { totals } }: Recording): Figures {
  return figuresOf(
    'count',
    OBJECT_KINDS.flatMap((kind) => [kind, `${kind}, collected without release`]),
    OBJECT_KINDS.flatMap((kind) => [totals[kind].live, totals[kind].collected]),
  );
}

/** One figure of memory. Where both sides are tracked their exact figures count, else what was sampled. */
interface MemoryFigure {
  readonly name: string;
  readonly unit: Change['unit'];
  readonly of: (recording: Recording, areTracked: boolean) => number | null;
}

const MEMORY: readonly MemoryFigure[] = [
  { name: 'heap size, at the end', unit: 'bytes', of: (it) => heapSizeOf(it, 'end') },
  {
    name: 'live bytes, at the end',
    unit: 'bytes',
    of: (it, areTracked) => liveBytesOf(it, 'end', !areTracked),
  },
  {
    name: 'live bytes, peak',
    unit: 'bytes',
    of: (it, areTracked) => liveBytesOf(it, 'peak', !areTracked),
  },
  {
    name: 'live blocks, at the end',
    unit: 'count',
    of: (it) => trackedHeap(it)?.totals.live.blocks ?? null,
  },
  {
    name: 'allocated, in all',
    unit: 'bytes',
    of: (it) => trackedHeap(it)?.totals.allocated.bytes ?? null,
  },
  {
    name: 'JavaScript heap, at the end',
    unit: 'bytes',
    of: (it) => figureOf(it.snapshots.usedJSHeapSize, 'end'),
  },
  {
    name: 'GEGL tile cache, peak',
    unit: 'bytes',
    of: (it) => figureOf(it.snapshots.tileCache, 'peak'),
  },
];

function diffMemory(before: Recording, after: Recording): Change[] {
  const areTracked = trackedHeap(before) !== null && trackedHeap(after) !== null;
  return MEMORY.map(({ name, unit, of }) =>
    changeOf(name, unit, of(before, areTracked), of(after, areTracked)),
  );
}

function caveatsOf(before: Recording, after: Recording): string[] {
  const caveats: string[] = [];
  const [one, other] = [before, after].map(({ clock }) => clock.duration / 1000);
  if (one !== undefined && other !== undefined) {
    const [short, long] = one < other ? [one, other] : [other, one];
    if (long > short * COMPARABLE_DURATIONS) {
      caveats.push(
        `They ran for ${formatNumber(one)} s and ${formatNumber(other)} s: what grows with time differs for that alone.`,
      );
    }
  }
  const [heap, later] = [trackedHeap(before), trackedHeap(after)];
  if (heap && later) {
    if (heap.mode !== later.mode) {
      caveats.push(
        `Allocations were followed as ${heap.mode} and as ${later.mode}: the one is estimated where the other may be exact.`,
      );
    }
    const omitted = [before, after].map(({ heap }) => heap?.sites?.omitted ?? 0);
    if (omitted.some((count) => count > 0)) {
      caveats.push(
        `${omitted.join(' and ')} sites were left out of the recordings: a site on one side only may be among them.`,
      );
    }
  } else if (before.sources.heapUsed !== after.sources.heapUsed) {
    caveats.push(
      `Live bytes are by ${before.sources.heapUsed} and by ${after.sources.heapUsed}, which count differently.`,
    );
  }
  const versions = [before, after].map(({ environment }) => environment.gegl?.gegl ?? null);
  if (versions[0] !== versions[1]) {
    caveats.push(`GEGL is ${versions.map((version) => version ?? 'unknown').join(' and ')}.`);
  }
  return caveats;
}
