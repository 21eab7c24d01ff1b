// What nodes and edges are called.

import { AMBIGUOUS, type HeapGraph, INTERIOR } from './graph-types.ts';
import { wordsOf } from './source-words.ts';
import type { HeapImage } from './types.ts';

export type NodeKind = 'block' | 'root' | 'handle' | 'global' | 'unreachable' | 'top';

export function nodeKind(graph: HeapGraph, image: HeapImage, node: number): NodeKind {
  if (node < graph.blockCount) return 'block';
  if (node === graph.topNode) return 'top';
  if (node === graph.unreachableNode) return 'unreachable';
  return image.pointers[node - graph.blockCount - graph.rootCount]?.kind ?? 'root';
}

/** What the block is known to be, else the function that allocated it, else its size. */
export function blockName({ blocks, labels, sites }: HeapImage, block: number): string {
  const label = labels[(blocks.labels[block] ?? 0) - 1];
  if (label !== undefined) return label;
  const site = sites[(blocks.sites[block] ?? 0) - 1]?.stack[0];
  return site ?? `block ${blocks.sizes[block] ?? 0} B`;
}

export function nodeName(graph: HeapGraph, image: HeapImage, node: number): string {
  const { blockCount, rootCount } = graph;
  if (node < blockCount) return blockName(image, node);
  const root = image.roots[node - blockCount];
  if (root) return root.name;
  const pointer = image.pointers[node - blockCount - rootCount];
  if (pointer) return pointer.name;
  return node === graph.unreachableNode ? '(unreachable)' : '';
}

/** The address of the word in which the edge starts; null: the source is a pointer, not memory. */
export function edgeAddress(
  graph: HeapGraph,
  image: HeapImage,
  source: number,
  edge: number,
  units?: Uint32Array,
): number | null {
  return wordsOf(graph, image, source, units)?.[edge - (graph.edges.offsets[source] ?? 0)] ?? null;
}

/** The name that is known of the word at the address; null: none is. */
export function wordName({ words, wordNames }: HeapImage, address: number): string | null {
  let from = 0;
  let to = words.addresses.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((words.addresses[middle] ?? 0) < address) from = middle + 1;
    else to = middle;
  }
  if (words.addresses[from] !== address) return null;
  return wordNames[words.names[from] ?? 0] || null;
}

/** The word's known name, else its byte offset in the source with what is doubtful; '' where a pointer is the source. */
export function edgeName(
  graph: HeapGraph,
  image: HeapImage,
  source: number,
  edge: number,
  address = edgeAddress(graph, image, source, edge),
): string {
  if (address === null) return '';
  const known = wordName(image, address);
  if (known !== null) return known;
  const from = image.blocks.addresses[source] ?? image.roots[source - graph.blockCount]?.from ?? 0;
  const offset = `+${address - from}`;
  const flags = graph.edges.flags[edge] ?? 0;
  if ((flags & AMBIGUOUS) === 0) return offset;
  return `${offset} (${(flags & INTERIOR) === 0 ? 'tagged' : 'interior'})`;
}
