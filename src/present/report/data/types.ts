// What a report page is given: recordings as columns, with what was found in them. Numbers are bytes unless said
// otherwise, times are milliseconds; in columns NaN, elsewhere null, is "not known".

import type { Change, FindingChange } from '../../../analyze/recording-diff/index.ts';
import type {
  ClockGap,
  HeapTotals,
  ObjectKind,
  ObjectTotals,
  RecordedHeapSnapshot,
  RecordedMark,
  RecordedWarning,
  Severity,
} from '../../../recording/types.ts';
import type { Figures } from './column-codec.ts';

export interface ReportData {
  readonly profilerVersion: string;
  /** One, or two to be compared: the older one first. */
  readonly recordings: readonly ReportedRecording[];
  readonly heapFile: HeapFile | null;
  /** Of two recordings. */
  readonly diff: ReportedDiff | null;
}

/** See `RecordingDiff`. */
export interface ReportedDiff {
  readonly caveats: readonly string[];
  readonly memory: readonly Change[];
  readonly tables: readonly DiffTable[];
  readonly findings: readonly {
    readonly status: FindingChange['status'];
    readonly finding: ReportedFinding;
  }[];
}

/** Greatest change first. */
export interface DiffTable {
  readonly title: string;
  /** Of its figures. */
  readonly unit: Change['unit'];
  readonly names: readonly string[];
  /** `new`, `gone`, `within noise`; '' where there is nothing to say. */
  readonly notes: readonly string[];
  /** Stacks, innermost frame first; null where rows have none. */
  readonly frames: readonly (readonly string[])[] | null;
  readonly before: Figures;
  readonly after: Figures;
  readonly change: Figures;
}

/** Figures that are drawn over time. */
export const TIMELINE_COLUMNS = [
  'heapSize',
  'heapUsed',
  'liveBytes',
  'tileCache',
  'tileAlloc',
  'scratch',
  'usedJSHeapSize',
] as const;
export type TimelineColumn = (typeof TIMELINE_COLUMNS)[number];

export interface ReportedRecording {
  /** The name of its file. */
  readonly title: string;
  /** What was recorded, where and how: a word and its value. */
  readonly about: readonly (readonly [string, string])[];
  readonly startedAt: number;
  readonly duration: number;
  readonly samples: number;
  readonly elapsed: Figures;
  /** A column that is known nowhere is left out, and `heapUsed` where there are `liveBytes`, which are the same. */
  readonly timeline: Partial<Readonly<Record<TimelineColumn, Figures>>>;
  readonly handles: Readonly<Record<ObjectKind, Figures>>;
  readonly handleTotals: Readonly<Record<ObjectKind, ObjectTotals>>;
  readonly gaps: readonly ClockGap[];
  readonly marks: readonly RecordedMark[];
  readonly heapSnapshots: readonly RecordedHeapSnapshot[];
  readonly totals: HeapTotals | null;
  /** The share of live bytes that is charged to something with a name. */
  readonly explained: number | null;
  readonly sites: SiteTable | null;
  readonly types: TypeTable | null;
  readonly operations: OperationTable | null;
  readonly series: SeriesTables | null;
  readonly findings: readonly ReportedFinding[];
  readonly warnings: readonly RecordedWarning[];
}

/** Stacks as a tree: each row is a frame, and the stack that called it (NaN at the bottom), which is a row above. */
export interface StackTable {
  readonly texts: readonly string[];
  /** By place in `texts`; 1: a line of a script. */
  readonly isScript: Figures;
  /** Place in `texts`. */
  readonly frame: Figures;
  readonly caller: Figures;
}

/** Places in the code; see the recording's `sites`. */
export interface SiteTable {
  /** Whether figures are estimates from samples. */
  readonly isEstimated: boolean;
  readonly stacks: StackTable;
  /** The innermost frame of each site, a row of `stacks`; NaN where it is not known. */
  readonly stack: Figures;
  readonly liveBytes: Figures;
  readonly liveBytesError: Figures;
  readonly liveBlocks: Figures;
  readonly totalBytes: Figures;
  readonly totalBlocks: Figures;
  readonly peakBytes: Figures;
}

export interface TypeTable {
  readonly name: readonly string[];
  readonly live: Figures;
  readonly created: Figures;
  readonly freed: Figures;
  readonly ownBytes: Figures;
  readonly chargedBytes: Figures;
}

export interface OperationTable {
  readonly name: readonly string[];
  readonly runs: Figures;
  readonly liveBytes: Figures;
  readonly liveBlocks: Figures;
  readonly totalBytes: Figures;
  readonly peakBytes: Figures;
}

/** Live figures over time; a row of each column belongs to one of `elapsed`. */
export interface SeriesTables {
  readonly elapsed: Figures;
  readonly types: readonly { readonly name: string; readonly live: Figures }[];
  readonly sites: readonly {
    /** A row of the sites' `stacks`. */
    readonly stack: number;
    readonly liveBytes: Figures;
    readonly liveBlocks: Figures;
  }[];
  readonly operations: readonly {
    readonly name: string;
    readonly liveBytes: Figures;
    readonly liveBlocks: Figures;
  }[];
}

/** A finding, and what it rests on: see `Evidence`. */
export interface ReportedFinding {
  readonly type: string;
  readonly severity: Severity;
  readonly message: string;
  readonly bytes: number | null;
  readonly facts: readonly string[];
  readonly path: readonly string[];
  readonly advice: string | null;
  readonly explains: readonly string[];
  readonly places: readonly FindingPlace[];
  /** Null: not known. */
  readonly overTime: FindingOverTime | null;
}

/** See `OverTime`. */
export interface FindingOverTime {
  readonly elapsed: Figures;
  readonly what: string;
  readonly count: Figures | null;
  readonly bytes: Figures | null;
  readonly missing: number;
}

export interface FindingPlace {
  readonly what: string | null;
  /** Innermost first. */
  readonly frames: readonly FindingFrame[];
}

export interface FindingFrame {
  readonly text: string;
  /** Whether a person wrote it, and can change it: a line of a script. */
  readonly isScript: boolean;
  /** Lines of the source around it; null where the source was not given. */
  readonly source: SourceExcerpt | null;
}

export interface SourceExcerpt {
  /** Number of the first line. */
  readonly from: number;
  readonly lines: readonly string[];
  /** The line that is meant. */
  readonly line: number;
}

/** A heap, as the graph of a .heapsnapshot file tells it. Nodes are columns; those that retain least are left out. */
export interface HeapFile {
  readonly title: string;
  readonly nodeCount: number;
  readonly bytes: number;
  /** Names of nodes and edges. */
  readonly names: readonly string[];
  readonly types: {
    /** Place in `names`. */
    readonly name: Figures;
    readonly count: Figures;
    readonly bytes: Figures;
    /** Of nodes that lie in no other one of the same type. */
    readonly retained: Figures;
  };
  /** Most retained bytes first, each type's together with what its paths lead through. */
  readonly nodes: {
    readonly name: Figures;
    readonly id: Figures;
    readonly bytes: Figures;
    readonly retained: Figures;
    /** The node before on a shortest way from the root; NaN: it is a root. */
    readonly parent: Figures;
    /** Name of the edge from there; NaN: it has none. */
    readonly edge: Figures;
  };
}
