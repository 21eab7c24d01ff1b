// What nobody points to, as structures that are named by their heads, and these grouped by where they come from.

import type { UnreachableGroup as RecordedGroup } from '../../recording/evidence-types.ts';
import { type HeapGraph, NONE } from './graph-types.ts';
import type { HeapImage } from './types.ts';

/** A block that nothing reachable holds, with what hangs on it. */
export interface UnreachableStructure {
  readonly head: number;
  /** Its blocks, the head first. A block that hangs on several heads is counted at one that is nearest. */
  readonly blocks: readonly number[];
  readonly bytes: number;
  /** Bytes that hang on this head alone. */
  readonly retainedBytes: number;
}

export interface UnreachableOptions {
  /** Blocks that are left out, such as those of a baseline. What hangs on them is named by what comes next. */
  readonly isLeftOut?: (block: number) => boolean;
}

/** The structures by rising head. Every unreachable block that is not left out is in one of them. */
export function unreachable(
  graph: HeapGraph,
  image: HeapImage,
  { isLeftOut = () => false }: UnreachableOptions = {},
): UnreachableStructure[] {
  const { blockCount, reachable, retained } = graph;
  const { sizes } = image.blocks;
  const heads = findOwners(graph, isLeftOut);
  const structures = new Map<number, { blocks: number[]; bytes: number }>();
  for (let block = 0; block < blockCount; block++) {
    const head = heads[block] ?? NONE;
    if (reachable[block] || head === NONE) continue;
    let structure = structures.get(head);
    if (!structure) {
      structure = { blocks: [head], bytes: sizes[head] ?? 0 };
      structures.set(head, structure);
    }
    if (block === head) continue;
    structure.blocks.push(block);
    structure.bytes += sizes[block] ?? 0;
  }
  return [...structures]
    .sort(([a], [b]) => a - b)
    .map(([head, structure]) => ({
      head,
      ...structure,
      retainedBytes: retained[head] ?? 0,
    }));
}

/** By block: the topmost block above it that is not left out, with none left out between; NONE: it is left out itself, or reachable. */
function findOwners(graph: HeapGraph, isLeftOut: (block: number) => boolean): Uint32Array {
  const { blockCount, reachable, parents } = graph;
  const owners = new Uint32Array(blockCount).fill(NONE);
  const isDone = new Uint8Array(blockCount);
  const way: number[] = [];
  for (let block = 0; block < blockCount; block++) {
    if (reachable[block]) continue;
    let at = block;
    while (at < blockCount && !isDone[at]) {
      isDone[at] = 1;
      way.push(at);
      at = parents[at] ?? NONE;
    }
    let owner = at < blockCount ? (owners[at] ?? NONE) : NONE;
    for (let next = way.pop(); next !== undefined; next = way.pop()) {
      if (isLeftOut(next)) owner = NONE;
      else if (owner === NONE) owner = next;
      owners[next] = owner;
    }
  }
  return owners;
}

/** Structures whose heads have one site, label and scope: type, stack and numbers of allocations are the heads'. */
export interface UnreachableGroup extends Omit<RecordedGroup, 'freed' | 'overdue'> {
  /** Bytes that hang on these heads alone. */
  readonly retainedBytes: number;
  /** Of the heads. */
  readonly addresses: readonly number[];
}

/** Of what one place has allocated, in any heap snapshot. */
export function groupKey({
  stack,
  type,
  operation,
}: Pick<RecordedGroup, 'stack' | 'type' | 'operation'>): string {
  return JSON.stringify([stack, type, operation]);
}

/** The unreachable structures by site, label and scope of their heads; most bytes first. */
export function groupUnreachable(
  graph: HeapGraph,
  image: HeapImage,
  options: UnreachableOptions = {},
): UnreachableGroup[] {
  const { addresses, sites, labels, scopes, sequences } = image.blocks;
  const groups = new Map<string, UnreachableStructure[]>();
  for (const structure of unreachable(graph, image, options)) {
    const { head } = structure;
    const key = `${sites[head]} ${labels[head]} ${scopes[head]}`;
    const group = groups.get(key);
    if (group) group.push(structure);
    else groups.set(key, [structure]);
  }
  return [...groups.values()]
    .map((structures) => {
      const heads = structures.map(({ head }) => head);
      const first = heads[0] ?? 0;
      const numbers = heads.map((head) => sequences[head] ?? 0);
      return {
        stack: image.sites[(sites[first] ?? 0) - 1]?.stack ?? null,
        type: image.labels[(labels[first] ?? 0) - 1] ?? null,
        operation: image.scopes[(scopes[first] ?? 0) - 1] ?? null,
        blocks: structures.reduce((sum, { blocks }) => sum + blocks.length, 0),
        bytes: structures.reduce((sum, { bytes }) => sum + bytes, 0),
        structures: structures.length,
        retainedBytes: structures.reduce((sum, { retainedBytes }) => sum + retainedBytes, 0),
        firstSequence: numbers.reduce((least, number) => Math.min(least, number)),
        lastSequence: numbers.reduce((most, number) => Math.max(most, number)),
        addresses: heads.map((head) => addresses[head] ?? 0),
      };
    })
    .sort((a, b) => b.bytes - a.bytes);
}
