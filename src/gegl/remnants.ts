// Objects of GEGL's that outlive what they were made for: nodes that have left their graph and are held by something
// still, with the buffers and colors that only they hold.

import {
  blockName,
  type HeapGraph,
  type HeapImage,
  NONE,
  retainerPath,
  stepText,
} from '../analyze/heap-graph/index.ts';
import { findBlock } from '../record/heap/contents.ts';
import type { Remnant } from '../recording/types.ts';
import { NODE, NODE_PARENT, NODE_PRIVATE } from './layouts.ts';

const KINDS = new Map<string, Remnant['kind']>([
  ['GeglBuffer', 'buffer-of-dead-operation'],
  ['GeglCache', 'buffer-of-dead-operation'],
  ['GeglColor', 'color-in-property'],
]);

/** Null where types are not known. */
export function findRemnants(image: HeapImage, graph: HeapGraph): Remnant[] | null {
  const nodeLabel = image.labels.indexOf('GeglNode') + 1;
  // GEGL has objects as long as it runs, nodes it need not have.
  const knowsTypes = image.labels.some((label) => label.startsWith('Gegl'));
  if (!knowsTypes || image.pointerBits !== 32) return null;
  if (nodeLabel === 0) return [];
  const dead = findDeadNodes(image, graph, nodeLabel);
  const remnants = new Map<string, Remnant & { count: number; bytes: number }>();
  const add = (kind: Remnant['kind'], block: number, operation: string | null) => {
    const stack = image.sites[(image.blocks.sites[block] ?? 0) - 1]?.stack ?? null;
    const bytes = graph.retained[block] ?? 0;
    const key = `${kind} ${operation} ${image.blocks.sites[block]}`;
    const known = remnants.get(key);
    if (known) {
      known.count += 1;
      known.bytes += bytes;
      return;
    }
    const path = retainerPath(graph, image, block).map(stepText);
    remnants.set(key, { kind, count: 1, bytes, stack, path, operation });
  };
  for (const [node, operation] of dead) add('node-without-graph', node, operation);
  if (dead.size === 0) return [];
  image.blocks.labels.forEach((label, block) => {
    const kind = KINDS.get(image.labels[label - 1] ?? '');
    if (!kind || graph.reachable[block] === 0) return;
    let above = graph.dominators[block] ?? NONE;
    while (above < graph.blockCount && !dead.has(above)) above = graph.dominators[above] ?? NONE;
    const operation = dead.get(above);
    if (operation !== undefined) add(kind, block, operation);
  });
  return [...remnants.values()];
}

/** Blocks of nodes without a parent, a child or a handle, each with its operation. */
function findDeadNodes(image: HeapImage, graph: HeapGraph, nodeLabel: number) {
  const { words, wordNames, blocks, memory } = image;
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const word = (address: number) => {
    const block = findBlock(blocks, address);
    const from = address - (blocks.addresses[block] ?? 0);
    if (block < 0 || from + 4 > (blocks.scanned[block] ?? 0)) return 0;
    return view.getUint32((blocks.offsets[block] ?? 0) + from, true);
  };
  const handles = new Set(
    image.pointers.filter(({ kind }) => kind === 'handle').map(({ address }) => address),
  );
  const dead = new Map<number, string | null>();
  const name = wordNames.indexOf(NODE_PRIVATE);
  let block = 0;
  words.addresses.forEach((at, place) => {
    if (words.names[place] !== name) return;
    while (block + 1 < blocks.addresses.length && (blocks.addresses[block + 1] ?? 0) <= at) block++;
    if (blocks.labels[block] !== nodeLabel || graph.reachable[block] === 0) return;
    const node = at - NODE.private;
    const isAlone =
      word(word(at) + NODE_PARENT) === 0 && word(node + NODE.isGraph) === 0 && !handles.has(node);
    if (isAlone) dead.set(block, operationOf(image, word(node + NODE.operation)));
  });
  return dead;
}

/** Such as 'gegl_op_gaussian_blur'. */
function operationOf(image: HeapImage, address: number): string | null {
  if (address === 0) return null;
  const block = findBlock(image.blocks, address);
  return block < 0 ? null : blockName(image, block);
}
