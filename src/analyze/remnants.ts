// Objects of GEGL that outlived what they were made for, in the graph of a heap: nodes in no graph, and the buffers
// and colors that only such nodes keep.

import type { Remnant } from '../recording/evidence-types.ts';
import { type HeapGraph, NONE } from './heap-graph/graph-types.ts';
import { edgeName } from './heap-graph/names.ts';
import { retainerPath } from './heap-graph/retainers.ts';
import type { HeapImage } from './heap-graph/types.ts';

/** Null where the heap has no node, or nothing is known of the words in one. */
export function findRemnants(image: HeapImage, graph: HeapGraph): Remnant[] | null {
  const nodes = blocksOf(image, graph, /^GeglNode$/);
  if (nodes.length === 0 || !image.wordNames.includes('parent')) return null;
  const handles = heldByHandles(image, graph);
  /** Places of dead nodes, with the type of their operation. */
  const dead = new Map<number, string>();
  for (const node of nodes) {
    if (handles.has(node)) continue;
    const pointers = namedEdges(image, graph, node);
    const operation = pointers.get('operation');
    const details = pointers.get('private');
    // A graph has no operation of its own, and need not be in another.
    if (operation === undefined || details === undefined) continue;
    if (!namedEdges(image, graph, details).has('parent')) {
      dead.set(node, labelOf(image, operation) ?? 'GeglOperation');
    }
  }
  const kept = (types: RegExp, kind: Remnant['kind']) =>
    blocksOf(image, graph, types).flatMap((block) => {
      const holder = holderOf(graph, block, dead);
      return holder === null || handles.has(block)
        ? []
        : [{ kind, block, operation: dead.get(holder) ?? null }];
    });
  return group(image, graph, [
    ...[...dead].map(([block, operation]) => ({
      kind: 'node-without-graph' as const,
      block,
      operation,
    })),
    ...kept(/^Gegl(Buffer|Cache)$/, 'buffer-of-dead-operation'),
    ...kept(/^GeglColor$/, 'color-in-property'),
  ]);
}

function labelOf({ labels, blocks }: HeapImage, block: number): string | null {
  return labels[(blocks.labels[block] ?? 0) - 1] ?? null;
}

function blocksOf(image: HeapImage, graph: HeapGraph, type: RegExp): number[] {
  const isOfType = image.labels.map((label) => type.test(label));
  const found: number[] = [];
  image.blocks.labels.forEach((label, block) => {
    if (isOfType[label - 1] && graph.reachable[block]) found.push(block);
  });
  return found;
}

function heldByHandles({ pointers }: HeapImage, graph: HeapGraph): Set<number> {
  const { offsets, targets } = graph.edges;
  const held = new Set<number>();
  pointers.forEach(({ kind }, at) => {
    if (kind !== 'handle') return;
    const source = graph.blockCount + graph.rootCount + at;
    for (let edge = offsets[source] ?? 0; edge < (offsets[source + 1] ?? 0); edge++) {
      held.add(targets[edge] ?? NONE);
    }
  });
  return held;
}

/** Targets by the name of the pointer. */
function namedEdges(image: HeapImage, graph: HeapGraph, source: number): Map<string, number> {
  const { offsets, targets } = graph.edges;
  const found = new Map<string, number>();
  for (let edge = offsets[source] ?? 0; edge < (offsets[source + 1] ?? 0); edge++) {
    found.set(edgeName(graph, image, source, edge), targets[edge] ?? NONE);
  }
  return found;
}

/** The dead node through which all ways to the block lead; null where there is none. */
function holderOf(
  { dominators, blockCount }: HeapGraph,
  block: number,
  dead: ReadonlyMap<number, string>,
): number | null {
  for (let at = dominators[block] ?? NONE; at < blockCount; at = dominators[at] ?? NONE) {
    if (dead.has(at)) return at;
  }
  return null;
}

interface Found {
  readonly kind: Remnant['kind'];
  readonly block: number;
  readonly operation: string | null;
}

/** Those of one kind, site and operation are one. */
function group(image: HeapImage, graph: HeapGraph, found: readonly Found[]): Remnant[] {
  const groups = new Map<string, Found[]>();
  for (const one of found) {
    const key = `${one.kind} ${image.blocks.sites[one.block]} ${one.operation}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    return [
      {
        kind: first.kind,
        count: members.length,
        bytes: members.reduce((sum, { block }) => sum + (graph.retained[block] ?? 0), 0),
        stack: image.sites[(image.blocks.sites[first.block] ?? 0) - 1]?.stack ?? null,
        path: retainerPath(graph, image, first.block).map(({ name, edge }) =>
          edge === '' ? name : `${edge}: ${name}`,
        ),
        operation: first.operation,
      },
    ];
  });
}
