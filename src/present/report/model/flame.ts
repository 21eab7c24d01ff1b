// Sites as a tree of frames with a figure each, and which of it fits on so many pixels.

import type { Figures } from '../data/column-codec.ts';
import type { StackTable } from '../data/types.ts';

/** Node 0 is the whole; a parent has a lower number than what it calls. */
export interface FlameTree {
  readonly texts: readonly string[];
  readonly isScript: Figures;
  /** Place in `texts`; -1: the whole. */
  readonly frame: Int32Array;
  readonly parent: Int32Array;
  /** With what it calls. */
  readonly value: Float64Array;
  /** Biggest first; nothing that has no value. */
  children(node: number): readonly number[];
}

export interface FlameBox {
  readonly node: number;
  readonly depth: number;
  /** Pixels. */
  readonly left: number;
  readonly width: number;
}

/** Boxes that are narrower are not drawn. */
const NARROWEST = 0.5;
/** Deeper frames are seen by zooming in. */
const DEEPEST = 150;

/**
 * @param stack the innermost frame of each site, a row of `stacks`; NaN where it is not known.
 * @param weight of each site; what is not above 0 is left out.
 * @param isInverted from the allocating function to its callers.
 */
export function buildFlame(
  stacks: StackTable,
  stack: ArrayLike<number>,
  weight: ArrayLike<number>,
  isInverted = false,
): FlameTree {
  const tree = isInverted ? inverted(stacks, stack, weight) : upright(stacks, stack, weight);
  const { value, parent } = tree;
  for (let node = value.length - 1; node > 0; node--) {
    const above = parent[node] ?? 0;
    value[above] = (value[above] ?? 0) + (value[node] ?? 0);
  }
  return { texts: stacks.texts, isScript: stacks.isScript, ...tree, children: childrenOf(tree) };
}

type Nodes = Pick<FlameTree, 'frame' | 'parent' | 'value'>;

/** The table of stacks is such a tree already. */
function upright(stacks: StackTable, stack: ArrayLike<number>, weight: ArrayLike<number>): Nodes {
  const rows = stacks.frame.length;
  const frame = new Int32Array(rows + 1).fill(-1);
  const parent = new Int32Array(rows + 1);
  const value = new Float64Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    frame[row + 1] = stacks.frame[row] ?? -1;
    const caller = stacks.caller[row] ?? Number.NaN;
    parent[row + 1] = Number.isNaN(caller) ? 0 : caller + 1;
  }
  for (let site = 0; site < stack.length; site++) {
    const row = stack[site] ?? Number.NaN;
    const node = Number.isNaN(row) ? 0 : row + 1;
    value[node] = (value[node] ?? 0) + positive(weight[site]);
  }
  return { frame, parent, value };
}

function inverted(stacks: StackTable, stack: ArrayLike<number>, weight: ArrayLike<number>): Nodes {
  const frame = [-1];
  const parent = [0];
  const value = [0];
  const known = new Map<number, number>();
  const frames = stacks.texts.length;
  for (let site = 0; site < stack.length; site++) {
    const own = positive(weight[site]);
    if (own === 0) continue;
    let node = 0;
    for (
      let row = stack[site] ?? Number.NaN;
      !Number.isNaN(row);
      row = stacks.caller[row] ?? Number.NaN
    ) {
      const text = stacks.frame[row] ?? 0;
      const key = node * frames + text;
      let next = known.get(key);
      if (next === undefined) {
        next = frame.push(text) - 1;
        parent.push(node);
        value.push(0);
        known.set(key, next);
      }
      node = next;
    }
    value[node] = (value[node] ?? 0) + own;
  }
  return {
    frame: Int32Array.from(frame),
    parent: Int32Array.from(parent),
    value: Float64Array.from(value),
  };
}

function positive(value: number | undefined): number {
  return value !== undefined && value > 0 ? value : 0;
}

/** Sorted when they are asked for first: of a big tree, most never are. */
function childrenOf({ parent, value }: Nodes): (node: number) => readonly number[] {
  const first = new Int32Array(parent.length).fill(-1);
  const next = new Int32Array(parent.length).fill(-1);
  for (let node = parent.length - 1; node > 0; node--) {
    if ((value[node] ?? 0) <= 0) continue;
    const above = parent[node] ?? 0;
    next[node] = first[above] ?? -1;
    first[above] = node;
  }
  const sorted = new Map<number, readonly number[]>();
  return (node) => {
    const known = sorted.get(node);
    if (known) return known;
    const children: number[] = [];
    for (let at = first[node] ?? -1; at >= 0; at = next[at] ?? -1) children.push(at);
    children.sort((a, b) => (value[b] ?? 0) - (value[a] ?? 0));
    sorted.set(node, children);
    return children;
  };
}

/** The boxes that are seen when `top` is as wide as the screen; above it stand those that lead to it. */
export function layOut(tree: FlameTree, top: number, width: number): FlameBox[] {
  const boxes: FlameBox[] = [];
  const ways = ancestors(tree, top);
  ways.forEach((node, depth) => {
    boxes.push({ node, depth, left: 0, width });
  });
  const whole = tree.value[top] ?? 0;
  if (whole <= 0) return boxes;
  const waiting: FlameBox[] = [{ node: top, depth: ways.length - 1, left: 0, width }];
  for (let box = waiting.pop(); box; box = waiting.pop()) {
    if (box.depth - ways.length >= DEEPEST) continue;
    let { left } = box;
    for (const child of tree.children(box.node)) {
      const childWidth = ((tree.value[child] ?? 0) / whole) * width;
      // They come by size: what follows is narrower still.
      if (childWidth < NARROWEST) break;
      const found = { node: child, depth: box.depth + 1, left, width: childWidth };
      boxes.push(found);
      waiting.push(found);
      left += childWidth;
    }
  }
  return boxes;
}

/** From the whole to the node, both included. */
export function ancestors({ parent }: FlameTree, node: number): number[] {
  const way = [node];
  for (let at = node; at > 0; ) {
    at = parent[at] ?? 0;
    way.push(at);
  }
  return way.reverse();
}

export interface FlameMatches {
  /** By place in `texts`. */
  readonly isMatch: Uint8Array;
  readonly frames: number;
  /** What all matching frames and what they call amount to, each counted once. */
  readonly value: number;
}

/** Frames whose text has the words in it, in any case; null where nothing is searched. */
export function searchFlame(tree: FlameTree, words: string): FlameMatches | null {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return null;
  const isMatch = Uint8Array.from(tree.texts, (text) =>
    text.toLowerCase().includes(wanted) ? 1 : 0,
  );
  const isBelow = new Uint8Array(tree.frame.length);
  let value = 0;
  for (let node = 1; node < tree.frame.length; node++) {
    const matches = isMatch[tree.frame[node] ?? -1] === 1;
    const counted = isBelow[tree.parent[node] ?? 0] === 1;
    if (matches && !counted) value += tree.value[node] ?? 0;
    if (matches || counted) isBelow[node] = 1;
  }
  return { isMatch, frames: isMatch.reduce((sum, one) => sum + one, 0), value };
}
