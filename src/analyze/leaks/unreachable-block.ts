// `unreachable_block`: blocks that are live although nothing points to them, by heap snapshots. A pointer may be
// kept in a form that no scan sees, so certain is only a site that keeps producing them, and that was never seen to free
// one: what a program frees, it knows. And only where it is known what JavaScript holds.

import type { UnreachableGroup } from '../../recording/evidence-types.ts';
import type { Finding, Recording, Severity } from '../../recording/types.ts';
import { formatBytes } from '../figures.ts';
import { groupKey } from '../heap-graph/index.ts';
import { applicationLine, stackText } from '../stacks.ts';
import { common, HOUR } from './common.ts';

/** Fewer blocks than this can't be told from the remains of a set-up. */
const MIN_PRODUCED = 3;
/** Allocations of a site lie apart by this share of all allocations: then it was not one burst. */
const MIN_SPREAD = 0.1;
/** Numbers of allocations go round. */
const WRAP = 2 ** 32;

export function unreachableBlock(recording: Recording): Finding[] {
  const later = recording.heapSnapshots.filter(({ isBaseline }) => !isBaseline);
  const last = later.at(-1);
  if (!last) return [];
  const mayBeKept = last.knowsHandles === false;
  // To what is kept, the program may add at any time.
  const countOf = ({ blocks, structures }: UnreachableGroup) =>
    mayBeKept ? (structures ?? blocks) : blocks;
  return last.unreachable.map((group) => {
    const count = countOf(group);
    const before = later
      .slice(0, -1)
      .flatMap(({ elapsed, unreachable }) =>
        unreachable
          .filter((other) => groupKey(other) === groupKey(group))
          .map((other) => ({ elapsed, count: countOf(other), bytes: other.bytes })),
      );
    // A heap snapshot that had none of them is the lowest that there is.
    const first =
      before.length < later.length - 1
        ? { elapsed: later[0]?.elapsed ?? 0, count: 0, bytes: 0 }
        : before[0];
    const isMore = !!first && count > first.count && count >= MIN_PRODUCED;
    // A list that JavaScript fills may do that once.
    const [previous, beforeThat] = before.toReversed();
    const isRising =
      !!previous && count > previous.count && previous.count > (beforeThat?.count ?? Infinity);
    const isProven = isMore && (mayBeKept ? isRising : before.length > 0);
    const time = last.elapsed - (first?.elapsed ?? 0);
    const bytesPerHour =
      first && isMore && time > 0 ? ((group.bytes - first.bytes) / time) * HOUR : null;
    return toFinding(group, {
      severity: severityOf(group, isProven, mayBeKept),
      mayBeKept,
      isEverMore: isMore || isSpread(recording, group),
      bytesPerHour,
      seen: before.length + 1,
      seenAt: last.elapsed,
    });
  });
}

/**
 * Where earlier ones have been freed, the program knows these, too, as far as can be told: `info`. But where more of
 * them still are there, although allocated before, some may be forgotten.
 *
 * @param isProven seen to stay, and to become more.
 * @param mayBeKept by JavaScript, for all that is known.
 */
function severityOf(
  { freed, overdue }: UnreachableGroup,
  isProven: boolean,
  mayBeKept: boolean,
): Severity {
  if (freed) return !mayBeKept && (overdue ?? 0) > freed ? 'warning' : 'info';
  if (mayBeKept) return isProven ? 'warning' : 'info';
  return isProven ? 'error' : 'warning';
}

/** Whether its allocations are spread over the session. */
function isSpread({ heap }: Recording, group: UnreachableGroup): boolean {
  const { blocks, firstSequence, lastSequence } = group;
  const all = heap?.totals.allocated.blocks ?? null;
  if (all === null || blocks < MIN_PRODUCED) return false;
  return (lastSequence - firstSequence + WRAP) % WRAP >= all * MIN_SPREAD;
}

interface Evidence {
  readonly severity: Severity;
  readonly mayBeKept: boolean;
  readonly isEverMore: boolean;
  readonly bytesPerHour: number | null;
  /** Heap snapshots that saw some, and the time of the last. */
  readonly seen: number;
  readonly seenAt: number;
}

const KEPT =
  ' Not all that JavaScript keeps of this module is known, so it may keep these: then they are no leak, unless it forgets them.';

/** The `kind` of a group's findings. */
export function kindOf({ type, stack }: Pick<UnreachableGroup, 'type' | 'stack'>): string {
  return `${type} ${stack?.join('\n')}`;
}

function toFinding(
  group: UnreachableGroup,
  { severity, mayBeKept, isEverMore, bytesPerHour, ...seen }: Evidence,
): Finding {
  const { stack, type, operation, blocks, bytes, freed } = group;
  const what = `${blocks === 1 ? '1 block' : `${blocks} blocks`}${type === null ? '' : ` (${type})`}`;
  const where = stack ? ` allocated at ${applicationLine(stack).split('\n')[0]}` : '';
  const by = operation === null ? '' : ` by ${operation}`;
  const keepsProducing = isEverMore && severity !== 'info';
  const course = freed
    ? `; of earlier ones, ${freed} ${freed === 1 ? 'was' : 'were'} freed later`
    : keepsProducing
      ? '; there are ever more'
      : '';
  return {
    type: 'unreachable_block',
    severity,
    message: `${what}, ${formatBytes(bytes)},${where}${by} ${blocks === 1 ? 'is' : 'are'} live and nothing ${mayBeKept ? 'in the heap ' : ''}points to ${blocks === 1 ? 'it' : 'them'}${course}.`,
    details: {
      ...common({
        bytes,
        bytesPerHour,
        stack: stack && stackText(stack),
        path: [],
        advice: adviceFor(!!freed, keepsProducing) + (mayBeKept ? KEPT : ''),
      }),
      kind: kindOf(group),
      count: blocks,
      objectType: type,
      operation,
      keepsProducing,
      ...seen,
    },
  };
}

function adviceFor(isKnown: boolean, keepsProducing: boolean): string {
  if (isKnown) {
    return 'The program keeps these by a pointer in a form that no scan sees, as a number in JavaScript, since it freed earlier ones. Make sure that it frees all of them.';
  }
  return keepsProducing
    ? 'Free the block, or unref the object, before the last pointer to it is given up, at early returns and error paths of the function that allocates it above all.'
    : 'It may be kept by a pointer in a form that no scan sees. Do the same again and take another heap snapshot: if there are more then, it is a leak.';
}
