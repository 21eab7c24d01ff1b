// A heap as the text of a `.heapsnapshot`, which Chrome DevTools and memlab open.
//
// The format is V8's (heap-snapshot-generator.cc: HeapSnapshotJSONSerializer). The layout of ours:
//   root ─ (GC roots) ─ (unreachable) ─ heads of what nobody holds
//        ├ root ranges: static data
//        └ pointers: JavaScript handles, globals
// What is unreachable must hang somewhere, else readers drop it; under '(GC roots)' DevTools shows no distance for
// it. Its edges to reachable blocks are written as weak, so that readers find the same retained sizes as we do.
// A block keeps its id from one heap snapshot to the next, so that readers can compare them.

import {
  AMBIGUOUS,
  blockName,
  edgeName,
  type HeapGraph,
  type HeapImage,
  memoryUnits,
  nodeName,
  WEAK,
  wordsOf,
} from '../../analyze/heap-graph/index.ts';
import { AsciiWriter } from './ascii-writer.ts';

const NODE_TYPES = [
  'hidden',
  'array',
  'string',
  'object',
  'code',
  'closure',
  'regexp',
  'number',
  'native',
  'synthetic',
  'concatenated string',
  'sliced string',
  'symbol',
  'bigint',
  'object shape',
  'wasm object',
];
const EDGE_TYPES = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'];
const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
  node_types: [NODE_TYPES, 'string', 'number', 'number', 'number', 'number', 'number'],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [EDGE_TYPES, 'string_or_number', 'node'],
  trace_function_info_fields: ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'],
  trace_node_fields: ['id', 'function_info_index', 'count', 'size', 'children'],
  sample_fields: ['timestamp_us', 'last_assigned_id'],
  location_fields: ['object_index', 'script_id', 'line', 'column'],
};
const FIELDS = META.node_fields.length;
const OBJECT = NODE_TYPES.indexOf('object');
const NATIVE = NODE_TYPES.indexOf('native');
const SYNTHETIC = NODE_TYPES.indexOf('synthetic');
const ELEMENT = EDGE_TYPES.indexOf('element');
const PROPERTY = EDGE_TYPES.indexOf('property');
const INTERNAL = EDGE_TYPES.indexOf('internal');
const WEAK_EDGE = EDGE_TYPES.indexOf('weak');
const COMMA = ','.charCodeAt(0);
const LINE_END = '\n'.charCodeAt(0);

/** V8 has no longer strings: 2^29 - 24 characters. */
const LONGEST_STRING = 2 ** 29 - 24;

export type HeapSnapshotFileErrorCode = 'HEAP_SNAPSHOT_TOO_LARGE';

/** The text has more characters than a string can have. */
export class HeapSnapshotFileError extends Error {
  override readonly name = 'HeapSnapshotFileError';
  readonly code: HeapSnapshotFileErrorCode = 'HEAP_SNAPSHOT_TOO_LARGE';

  constructor(limit: number) {
    super(
      `The .heapsnapshot of this heap has more than the ${limit} characters that a JavaScript string can have. ` +
        'Write its pieces to a file one by one: heapSnapshotPieces(snapshot.image, snapshot.graph) of gegl-memory-profiler/formats yields them.',
    );
  }
}

/**
 * The whole text. Throws a `HeapSnapshotFileError` where it has more than `limit` characters (the most that a
 * string of V8's can have, about 512 MB); then use the pieces.
 */
export function formatHeapSnapshot(
  image: HeapImage,
  graph: HeapGraph,
  limit = LONGEST_STRING,
): string {
  const pieces: string[] = [];
  let length = 0;
  for (const piece of heapSnapshotPieces(image, graph)) {
    length += piece.length;
    if (length > limit) throw new HeapSnapshotFileError(limit);
    pieces.push(piece);
  }
  return pieces.join('');
}

/** The text in pieces of about a megabyte, all ASCII: for a file, a stream or a Blob. */
export function* heapSnapshotPieces(image: HeapImage, graph: HeapGraph): Generator<string> {
  const strings = new Strings();
  const sources = graph.rootCount + graph.pointerCount;
  const meta = {
    meta: META,
    node_count: 3 + sources + graph.blockCount,
    edge_count: 2 + sources + graph.heads.length + graph.edges.targets.length,
    trace_function_count: 0,
  };
  yield `{"snapshot":${JSON.stringify(meta)},\n"nodes":[`;
  yield* formatNodes(image, graph, strings);
  yield '],\n"edges":[';
  yield* formatEdges(image, graph, strings);
  yield '],\n"trace_function_infos":[],\n"trace_tree":[],\n"samples":[],\n"locations":[],\n"strings":[';
  yield* strings.pieces();
  yield ']}\n';
}

// Places in the file: the top, '(GC roots)', '(unreachable)', ranges and pointers, blocks.
const GC_ROOTS = 1;
const UNREACHABLE = 2;
const FIRST_SOURCE = 3;

/** Which node of the graph is at a place from FIRST_SOURCE on. */
function nodeAt({ blockCount, unreachableNode }: HeapGraph, place: number): number {
  const node = place - FIRST_SOURCE + blockCount;
  return node < unreachableNode ? node : node - unreachableNode;
}

function* formatNodes(image: HeapImage, graph: HeapGraph, strings: Strings): Generator<string> {
  const { blockCount, unreachableNode, topNode, heads } = graph;
  const { offsets } = graph.edges;
  const { sizes, scanned } = image.blocks;
  const ids = blockIds(image);
  const writer = new AsciiWriter();
  const sources = unreachableNode - blockCount;
  const write = (
    place: number,
    type: number,
    name: string,
    id: number,
    size: number,
    edges: number,
  ) => {
    if (place > 0) writer.char(COMMA);
    for (const value of [type, strings.place(name), id, size, edges, 0]) {
      writer.number(value);
      writer.char(COMMA);
    }
    writer.number(0);
    writer.char(LINE_END);
  };
  write(0, SYNTHETIC, nodeName(graph, image, topNode), 1, 0, 1 + sources);
  write(GC_ROOTS, SYNTHETIC, '(GC roots)', 3, 0, 1);
  const unreachableName = nodeName(graph, image, unreachableNode);
  write(UNREACHABLE, SYNTHETIC, unreachableName, 5, 0, heads.length);
  for (let place = FIRST_SOURCE; place < FIRST_SOURCE + unreachableNode; place++) {
    const node = nodeAt(graph, place);
    const edges = (offsets[node + 1] ?? 0) - (offsets[node] ?? 0);
    if (node < blockCount) {
      const type = scanned[node] === 0 ? NATIVE : OBJECT;
      write(place, type, blockName(image, node), ids[node] ?? 0, sizes[node] ?? 0, edges);
    } else {
      // DevTools counts distances from children of the root that are not synthetic.
      write(place, NATIVE, nodeName(graph, image, node), 2 * place + 1, 0, edges);
    }
    if (writer.isFull) yield writer.take();
  }
  yield writer.take();
}

/**
 * Even numbers, since the other nodes have odd ones: from the numbers of the allocations, which a block keeps,
 * where these are different and small enough, else from the places.
 */
function blockIds({ blocks: { sequences } }: HeapImage): Uint32Array {
  const sorted = sequences.slice().sort();
  const fits = (sorted.at(-1) ?? 0) < 2 ** 31 - 1;
  const isUnique = sorted.every((sequence, place) => place === 0 || sequence !== sorted[place - 1]);
  if (fits && isUnique) return sequences.map((sequence) => 2 * (sequence + 1));
  return sequences.map((_, block) => 2 * (block + 1));
}

function* formatEdges(image: HeapImage, graph: HeapGraph, strings: Strings): Generator<string> {
  const { blockCount, unreachableNode, heads, reachable } = graph;
  const { offsets, targets, flags } = graph.edges;
  const sources = unreachableNode - blockCount;
  const writer = new AsciiWriter();
  let isFirst = true;
  const write = (type: number, name: number, place: number) => {
    if (!isFirst) writer.char(COMMA);
    isFirst = false;
    writer.number(type);
    writer.char(COMMA);
    writer.number(name);
    writer.char(COMMA);
    writer.number(place * FIELDS);
    writer.char(LINE_END);
  };
  for (let child = 0; child <= sources; child++) {
    write(ELEMENT, child + 1, child === 0 ? GC_ROOTS : FIRST_SOURCE + child - 1);
    if (writer.isFull) yield writer.take();
  }
  write(ELEMENT, 1, UNREACHABLE);
  const firstBlock = FIRST_SOURCE + sources;
  for (const [child, head] of heads.entries()) {
    write(ELEMENT, child + 1, firstBlock + head);
    if (writer.isFull) yield writer.take();
  }
  const known = new KnownWords(image);
  const units = memoryUnits(image);
  for (let place = FIRST_SOURCE; place < FIRST_SOURCE + unreachableNode; place++) {
    const node = nodeAt(graph, place);
    const isReachable = node >= blockCount || reachable[node] === 1;
    const from = image.blocks.addresses[node] ?? image.roots[node - blockCount]?.from ?? null;
    const words = wordsOf(graph, image, node, units);
    const first = offsets[node] ?? 0;
    const end = offsets[node + 1] ?? 0;
    for (let edge = first; edge < end; edge++) {
      const target = targets[edge] ?? 0;
      const flag = flags[edge] ?? 0;
      const address = words?.[edge - first] ?? null;
      const isWeak = (flag & WEAK) !== 0 || (!isReachable && reachable[target] === 1);
      const isNamed = address === null || known.has(address);
      if (!isWeak && !isNamed && (flag & AMBIGUOUS) === 0) {
        write(ELEMENT, (address ?? 0) - (from ?? 0), firstBlock + target);
      } else {
        const type = isWeak ? WEAK_EDGE : isNamed ? PROPERTY : INTERNAL;
        const name = edgeName(graph, image, node, edge, address) || 'pointer';
        write(type, strings.place(name), firstBlock + target);
      }
      if (writer.isFull) yield writer.take();
    }
  }
  yield writer.take();
}

/** Says which words have names. Quick when asked by rising addresses. */
class KnownWords {
  readonly #addresses: Float64Array;
  #at = 0;

  constructor({ words, wordNames }: HeapImage) {
    this.#addresses = words.addresses.filter((_, word) => wordNames[words.names[word] ?? 0] !== '');
  }

  has(address: number): boolean {
    const addresses = this.#addresses;
    if (this.#at > 0 && (addresses[this.#at - 1] ?? 0) >= address) this.#at = 0;
    while ((addresses[this.#at] ?? Number.POSITIVE_INFINITY) < address) this.#at++;
    return addresses[this.#at] === address;
  }
}

/** The file's table of strings. */
class Strings {
  // V8 keeps the first place free, too.
  readonly #places = new Map([['<dummy>', 0]]);

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(text, place);
    return place;
  }

  *pieces(): Generator<string> {
    let piece: string[] = [];
    let separator = '';
    for (const text of this.#places.keys()) {
      piece.push(separator, asciiJson(text));
      separator = ',\n';
      if (piece.length < 10_000) continue;
      yield piece.join('');
      piece = [];
    }
    yield piece.join('');
  }
}

/** A string literal of JSON. One character beyond Latin-1 would double what the whole text takes. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
