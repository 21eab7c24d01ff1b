// Puts the calling context into a function's own body: mixed on entry, put back before each way out. Unlike a
// wrapper that costs no call, but a function that JavaScript calls needs one, to put it back after a throw as well.

import { InstructionReader } from './instructions.ts';
import { bodyOf, typeOf, type WasmModule } from './module.ts';
import { bytesOfType, type FunctionType, I32 } from './types.ts';
import { mixedContext } from './wrappers.ts';
import { u32 } from './writer.ts';

export interface Carriers {
  /** By index, ascending. */
  readonly functions: readonly number[];
  /** Where the `return` and tail calls of all functions stand, ascending. */
  readonly exits: readonly number[];
}

/** A stretch of the original, from where it stands up to its end, and what comes before it. */
export interface Piece {
  readonly before: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface CarrierBody {
  readonly pieces: readonly Piece[];
  readonly after: readonly number[];
  /** Bytes in all. */
  readonly length: number;
}

const OP = { block: 0x02, end: 0x0b };
const VOID = 0x40;

/** @param typeIndex the index of a type, added where it is missing */
export function carrierBodies(
  module: WasmModule,
  { functions, exits }: Carriers,
  context: number,
  typeIndex: (type: FunctionType) => number,
): Map<number, CarrierBody> {
  const bodies = new Map<number, CarrierBody>();
  const reader = new InstructionReader(module.bytes);
  let exit = 0;
  for (const index of functions) {
    const body = bodyOf(module, index);
    if (!body) continue;
    const { start, end } = body;
    const { offset: code, groups, locals } = reader.open(body);
    const type = typeOf(module, index);
    const { mix, restore } = mixedContext(index, context, type.parameters.length + locals);
    // Branches to the end of the function go to the end of the block, as labels are counted from within.
    const block = [OP.block, ...blockType(type.results, typeIndex)];
    let firstGroup = start + 1;
    while ((module.bytes[firstGroup - 1] ?? 0) >= 0x80) firstGroup += 1;
    const pieces: Piece[] = [
      { before: u32(groups + 1), start: firstGroup, end: code },
      { before: [1, ...bytesOfType(I32), ...mix, ...block], start: code, end },
    ];
    while ((exits[exit] ?? end) < start) exit += 1;
    for (let at = exits[exit]; at !== undefined && at < end; at = exits[++exit]) {
      const last = pieces.pop();
      if (!last) break;
      pieces.push({ ...last, end: at }, { before: restore, start: at, end });
    }
    const after = [...restore, OP.end];
    let length = after.length;
    for (const piece of pieces) length += piece.before.length + piece.end - piece.start;
    bodies.set(index, { pieces, after, length });
  }
  return bodies;
}

function blockType(
  results: FunctionType['results'],
  typeIndex: (type: FunctionType) => number,
): readonly number[] {
  const [first] = results;
  if (first === undefined) return [VOID];
  return results.length === 1 ? bytesOfType(first) : u32(typeIndex({ parameters: [], results }));
}
