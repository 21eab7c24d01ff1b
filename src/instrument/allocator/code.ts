// What the code of single functions tells: whom they call, and to whom they only pass on their parameters.

import { InstructionReader, OPCODE, stopsAt } from '../instructions.ts';
import { bodyOf, typeOf, type WasmModule } from '../module.ts';
import { signature } from '../types.ts';

/** Functions that a function calls directly; none for an imported one. */
export function directCalls(module: WasmModule, index: number): ReadonlySet<number> {
  const calls = new Set<number>();
  const body = bodyOf(module, index);
  if (!body) return calls;
  const reader = new InstructionReader(module.bytes).open(body);
  while (reader.nextOf(DIRECT_CALLS)) calls.add(reader.immediate);
  return calls;
}
const DIRECT_CALLS = stopsAt(OPCODE.call, OPCODE.returnCall);

/** Whether a function calls one of `targets`, directly or through at most `depth - 1` others. */
export function reaches(
  module: WasmModule,
  index: number,
  targets: ReadonlySet<number>,
  depth: number,
): boolean {
  for (const callee of directCalls(module, index)) {
    if (callee === index) continue;
    if (targets.has(callee) || (depth > 1 && reaches(module, callee, targets, depth - 1))) {
      return true;
    }
  }
  return false;
}

/** Longer chains of forwarders are not known, but a module may have a ring of them. */
const MOST_FORWARDS = 8;

/** The function that does the work: where a body only passes on its parameters, that to which it does. */
export function behindForwarders(module: WasmModule, index: number): number {
  let at = index;
  for (let left = MOST_FORWARDS; left > 0; left--) {
    const next = forwardsTo(module, at);
    if (next === null) return at;
    at = next;
  }
  return at;
}

function forwardsTo(module: WasmModule, index: number): number | null {
  const body = bodyOf(module, index);
  if (!body) return null;
  const type = typeOf(module, index);
  const reader = new InstructionReader(module.bytes).open(body);
  const next = () => (reader.next() ? reader.opcode : null);
  for (let parameter = 0; parameter < type.parameters.length; parameter++) {
    if (next() !== OPCODE.localGet || reader.immediate !== parameter) return null;
  }
  const call = next();
  if (call !== OPCODE.call && call !== OPCODE.returnCall) return null;
  const callee = reader.immediate;
  let last = next();
  if (last === OPCODE.return) last = next();
  const isAll = last === OPCODE.end && reader.offset === body.end;
  return isAll && signature(typeOf(module, callee)) === signature(type) ? callee : null;
}
