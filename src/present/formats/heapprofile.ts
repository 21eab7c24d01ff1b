// Chrome's `.heapprofile`, a sampling heap profile, for the Memory panel of DevTools. The format is that of
// HeapProfiler.SamplingHeapProfile in the DevTools protocol.

import { functionName } from '../../recording/frame-text.ts';
import { frameAt } from '../../recording/site-tables.ts';
import type { Recording } from '../../recording/types.ts';
import type { Format } from './format.ts';
import { SITE_FIGURES, type SiteFigure, sitesIn, UNKNOWN_STACK } from './site-figures.ts';

interface Node {
  readonly callFrame: CallFrame;
  selfSize: number;
  readonly id: number;
  readonly children: Node[];
}

/** Lines and columns begin at 0; -1: not known. */
interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const ROOT = 1;
const UNKNOWN = 2;
const FIRST = 3;

export const heapprofile: Format<string> = {
  name: 'heapprofile',
  extension: 'heapprofile',
  description: "sampling heap profile for the Memory panel of Chrome's DevTools",
  oneFigure: true,
  write: (recording, { figure = 'live' } = {}) => JSON.stringify(build(recording, figure)),
};

function build(recording: Recording, figure: SiteFigure) {
  const sites = sitesIn(recording);
  const { stacks, figures, frames, functions } = sites;
  const values = figures[SITE_FIGURES[figure].column];
  const head = makeNode(ROOT, named('(root)'));
  const unknown = makeNode(UNKNOWN, named(UNKNOWN_STACK));
  // The table of stacks is a tree already.
  const nodes = stacks.frame.map((frame, stack) => {
    const called = frameAt(sites, frame);
    const source = functions.source[frames.function[frame] ?? 0] ?? null;
    // Of a module V8 gives line 0, and the byte offset as the column.
    const isOffset = called.line === null && called.offset !== null;
    return makeNode(FIRST + stack, {
      functionName: functionName(called),
      scriptId: source === null ? '0' : String(source + 1),
      url: called.url ?? '',
      lineNumber: isOffset ? 0 : (called.line ?? 0) - 1,
      columnNumber: isOffset ? (called.offset ?? 0) : (called.column ?? 0) - 1,
    });
  });
  const samples = figures.stack.flatMap((stack, site) => {
    const size = values[site] ?? 0;
    if (size === 0) return [];
    const node = (stack === null ? null : nodes[stack]) ?? unknown;
    node.selfSize += size;
    return [{ size, nodeId: node.id, ordinal: site + 1 }];
  });
  // Callers stand above those whom they call, so from below each node is whole when its caller takes it.
  for (const [stack, node] of [...nodes.entries()].reverse()) {
    if (node.selfSize === 0 && node.children.length === 0) continue;
    const caller = stacks.caller[stack] ?? null;
    ((caller === null ? null : nodes[caller]) ?? head).children.push(node);
  }
  if (unknown.selfSize > 0) head.children.push(unknown);
  return { head, samples, startTime: 0, endTime: recording.clock.duration / 1000 };
}

function makeNode(id: number, callFrame: CallFrame): Node {
  return { callFrame, selfSize: 0, id, children: [] };
}

function named(functionName: string): CallFrame {
  return { functionName, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
}
