// What may be the cause of other findings: objects that are lost or accumulate, over time and by the places that made
// them.

import type {
  Finding,
  ObjectKind,
  ObjectRecord,
  Recording,
  SnapshotColumns,
} from '../../recording/types.ts';
import { OBJECT_KINDS } from '../../recording/types.ts';
import type { HandleKnowledge, Knowledge } from '../knowledge.ts';
import { applicationLine, placeIn } from '../stacks.ts';

/** Findings of objects of one kind of handle. */
export interface ObjectCause {
  readonly finding: Finding;
  readonly kind: ObjectKind;
  readonly knowledge: HandleKnowledge | null;
  /** How many such objects exist at these times, in milliseconds, with a handle or without. */
  readonly existing: (times: readonly number[]) => number[];
  /** The same of those that the finding names, by the place that made them, and of all. */
  readonly groups: readonly ((times: readonly number[]) => number[])[];
  /** Of the pixels of one object, on average; null where they have none, or it is not known. */
  readonly bytesEach: number | null;
  /** Innermost lines of the application. */
  readonly lines: readonly string[];
  /** Whether sites have the same lines; not where objects' stacks are told in lines of sources (source maps). */
  readonly haveLines: boolean;
}

/** Those of most objects first. */
export function objectCauses(
  findings: readonly Finding[],
  recording: Recording,
  { handles }: Knowledge,
): ObjectCause[] {
  const causes = findings.flatMap((finding) => {
    const kind = OBJECT_KINDS.find((one) => one === finding.details.kind);
    const isLost = finding.type === 'collected_handle';
    if (!kind || !(isLost || finding.type === 'object_accumulation')) return [];
    const { snapshots, objects: all } = recording;
    const lost = all.collected.filter((object) => object.kind === kind);
    const undescribed = Math.max(0, all.totals[kind].collected - lost.length);
    // Handles that are live may be lost ones that the garbage collector has still to find.
    const others = isLost ? undescribed + (snapshots[kind].at(-1) ?? 0) : Infinity;
    const objects = isLost ? lost : all.live.filter((object) => object.kind === kind);
    const existing = existingOf(snapshots, kind, lost, undescribed);
    const lines = linesOf(objects, recording);
    const sizes = objects.flatMap(({ bytes }) => bytes ?? []);
    const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
    return [
      {
        finding,
        kind,
        knowledge: handles?.[kind] ?? null,
        existing,
        groups: [...groupsOf(objects, others), existing],
        bytesEach: sizes.length > 0 ? total / sizes.length : null,
        lines,
        haveLines: isAmongSites(lines, recording),
      },
    ];
  });
  return causes.sort((a, b) => objectsOf(b) - objectsOf(a));
}

/** Those lost, or by how many more there are. */
function objectsOf({ finding: { details } }: ObjectCause): number {
  return Number(details.count ?? details.growth);
}

/** Handles that are live, and objects that have lost theirs, of which so many are not described. */
function existingOf(
  snapshots: SnapshotColumns,
  kind: ObjectKind,
  lost: readonly ObjectRecord[],
  undescribed: number,
) {
  const noticed = lost.flatMap(({ collectedAt }) => collectedAt ?? []);
  return (times: readonly number[]) => {
    let row = 0;
    const gone = countsAt(noticed, times, undescribed);
    return times.map((time, at) => {
      while ((snapshots.elapsed[row + 1] ?? Infinity) <= time) row++;
      return (snapshots[kind][row] ?? 0) + (gone[at] ?? 0);
    });
  };
}

/** One place may be called in many ways, so all together are one, too. */
function groupsOf(objects: readonly ObjectRecord[], others: number): ObjectCause['groups'] {
  const byStack = new Map<number | null, number[]>();
  for (const { stack, createdAt } of objects) {
    byStack.set(stack, [...(byStack.get(stack) ?? []), createdAt ?? 0]);
  }
  const all = objects.map(({ createdAt }) => createdAt ?? 0);
  return [...byStack.values(), all].map((created) => (times) => countsAt(created, times, others));
}

/**
 * How many events there were up to each time. After the last one it goes on at the same rate, for as many `others` as
 * there may be: the garbage collector is late, and of very many lost handles only the first are described.
 */
function countsAt(events: readonly number[], times: readonly number[], others: number): number[] {
  const sorted = [...events].sort((a, b) => a - b);
  const [first = 0] = sorted;
  const last = sorted.at(-1) ?? 0;
  const rate = last > first ? (sorted.length - 1) / (last - first) : 0;
  let count = 0;
  return times.map((time) => {
    while ((sorted[count] ?? Infinity) <= time) count++;
    return count + (time > last ? Math.min(others, Math.floor((time - last) * rate)) : 0);
  });
}

function linesOf(objects: readonly ObjectRecord[], { objects: { stacks } }: Recording): string[] {
  const lines = objects.flatMap(({ stack }) => {
    const text = stacks[stack ?? -1];
    return text ? [applicationLine(text.split('\n'))] : [];
  });
  return [...new Set(lines)];
}

function isAmongSites(lines: readonly string[], { series }: Recording): boolean {
  const places = new Set(lines.map(placeIn));
  const all = series?.sites ?? [];
  return all.some(({ stack }) => places.has(placeIn(applicationLine(stack))));
}

/** The line of the application that a finding names; null where it names none. */
export function lineOf({ details: { stack } }: Finding): string | null {
  return typeof stack === 'string' ? applicationLine(stack.split('\n')) : null;
}

/** Whether both name the same place in the code. */
export function isSamePlace(finding: Finding, other: Finding): boolean {
  const line = lineOf(finding);
  return line !== null && placeIn(line) === placeIn(lineOf(other) ?? '');
}
