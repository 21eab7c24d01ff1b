// What a developer of GEGL would look for: buffers alive at the exit, nodes without a graph, processors never
// finished, buffers that only a dead operation's cache holds, colors left in properties.

import type { Remnant } from '../../recording/evidence-types.ts';
import type { Detector, Finding, ObjectRecord, Recording } from '../../recording/types.ts';
import { formatBytes } from '../figures.ts';
import { stackText } from '../stacks.ts';
import { common } from './common.ts';
import { groupByStack, knownBytes } from './evidence.ts';

/** A processor that a page works on in steps is at rest for moments, not for minutes. */
const IDLE = 60_000;

/** `buffer_alive_at_exit` */
export function bufferAliveAtExit(recording: Recording): Finding[] {
  return recording.objects.exits.flatMap(({ elapsed, counts, objects }) => {
    const count = counts.buffers;
    if (count === 0) return [];
    const buffers = objects.filter(({ kind }) => kind === 'buffers');
    const bytes = knownBytes(buffers);
    const sites = groupByStack(recording, buffers);
    return [
      {
        type: 'buffer_alive_at_exit',
        severity: 'warning',
        message: `${count === 1 ? '1 buffer was' : `${count} buffers were`} alive when GEGL exited${bytes === null ? '' : ` (${formatBytes(bytes)} of pixels)`}.`,
        details: {
          ...common({
            bytes,
            stack: sites[0]?.stack ?? null,
            advice:
              'Destroy every GeglBuffer before Gegl.exit(). What lives until then is held by something that should have ended before.',
          }),
          kind: 'buffers',
          count,
          elapsed,
          sites,
        },
      },
    ];
  });
}

/** `unfinished_processor` */
export function unfinishedProcessor(recording: Recording): Finding[] {
  const { live, exits, unfinished } = recording.objects;
  const now = recording.clock.duration;
  const isUnfinished = ({ id, kind }: ObjectRecord) =>
    kind === 'processors' && unfinished.includes(id);
  const idle = live.filter(
    (object) => isUnfinished(object) && now - (object.createdAt ?? 0) >= IDLE,
  );
  const ended = exits.flatMap(({ objects }) => objects.filter(isUnfinished));
  const all = [...idle, ...ended];
  if (all.length === 0) return [];
  const sites = groupByStack(recording, all);
  return [
    {
      type: 'unfinished_processor',
      severity: ended.length > 0 ? 'warning' : 'info',
      message: `${all.length === 1 ? '1 processor was' : `${all.length} processors were`} never finished nor destroyed: each keeps its node, and what it has rendered so far.`,
      details: {
        ...common({
          stack: sites[0]?.stack ?? null,
          advice:
            'Call work() until it returns false, or destroy() the processor where the work is given up, as when the user cancels or the graph changes.',
        }),
        kind: 'processors',
        count: all.length,
        atExit: ended.length,
        sites,
      },
    },
  ];
}

/** `node_without_graph` */
export const nodeWithoutGraph = remnantDetector({
  kind: 'node-without-graph',
  type: 'node_without_graph',
  what: (count) => `${count === 1 ? '1 node is' : `${count} nodes are`} in no graph`,
  advice:
    'Unref what was removed from its graph with gegl_node_remove_child(), or make nodes with gegl_node_new_child(), so that they go with it.',
});

/** `dead_operation_buffer` */
export const deadOperationBuffer = remnantDetector({
  kind: 'buffer-of-dead-operation',
  type: 'dead_operation_buffer',
  what: (count) =>
    `${count === 1 ? '1 buffer is' : `${count} buffers are`} held only by the cache of an operation whose node is in no graph`,
  advice:
    'Release the node: its cache goes with it. Where it must stay, set dont-cache, or invalidate it.',
});

/** `color_in_property` */
export const colorInProperty = remnantDetector({
  kind: 'color-in-property',
  type: 'color_in_property',
  what: (count) =>
    `${count === 1 ? '1 color is' : `${count} colors are`} left in properties of operations whose node is in no graph`,
  advice:
    'Release the node; where it must stay, set the property to another color, or to none: it keeps a reference to the one that it has.',
});

interface RemnantKind {
  readonly kind: Remnant['kind'];
  readonly type: string;
  readonly what: (count: number) => string;
  readonly advice: string;
}

/** By the last heap snapshot that looked for them; those of the baseline are left out. */
function remnantDetector({ kind, type, what, advice }: RemnantKind): Detector {
  return ({ heapSnapshots }) => {
    const looked = heapSnapshots.filter(({ remnants }) => remnants !== null);
    const last = looked.at(-1);
    if (!last?.remnants || last.isBaseline) return [];
    const ofKind = (remnants: readonly Remnant[] | null) =>
      remnants?.filter((remnant) => remnant.kind === kind) ?? [];
    const baseline = looked.findLast(({ isBaseline }) => isBaseline);
    const known = ofKind(baseline?.remnants ?? null);
    const found = ofKind(last.remnants)
      .map((remnant) => {
        const before = known.find((other) => isSame(other, remnant));
        return {
          ...remnant,
          count: remnant.count - (before?.count ?? 0),
          bytes: Math.max(0, remnant.bytes - (before?.bytes ?? 0)),
        };
      })
      .filter(({ count }) => count > 0);
    const count = found.reduce((sum, one) => sum + one.count, 0);
    if (count === 0) return [];
    const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
    const [first] = found.toSorted((a, b) => b.bytes - a.bytes);
    return [
      {
        type,
        severity: 'warning',
        message: `${what(count)} (${formatBytes(bytes)})${first?.operation ? `, such as of ${first.operation}` : ''}.`,
        details: {
          ...common({
            bytes,
            stack: first?.stack ? stackText(first.stack) : null,
            path: first?.path ?? null,
            advice,
          }),
          kind,
          count,
          operation: first?.operation ?? null,
          sites: found.map((one) => ({
            stack: one.stack && stackText(one.stack),
            count: one.count,
            bytes: one.bytes,
            description: one.operation ?? kind,
          })),
        },
      },
    ];
  };
}

function isSame(a: Remnant, b: Remnant): boolean {
  return a.operation === b.operation && a.stack?.join() === b.stack?.join();
}
