// Leaves out of a stack what tells a reader nothing: thunks that a tool put between functions, and on top
// what only passes an allocation on.

import type { SiteFrame } from './site-tables.ts';

/** Of binaryen: `--fpcast-emu`, and stubs for values of 64 bits. */
const THUNK = /^(byn\$|legalstub\$)/;
/** `operator new` in all its forms, mangled or not. */
const NEW = /^(operator new|_Zn[wa][jmy])/;

/** @param forwarders names of functions that pass allocations on. */
export function foldStack<Frame extends Pick<SiteFrame, 'name' | 'index'>>(
  frames: readonly Frame[],
  forwarders: ReadonlySet<string>,
): readonly Frame[] {
  const kept = frames.filter(({ name, index }) => index === null || !THUNK.test(name ?? ''));
  const first = kept.findIndex(
    ({ name, index }) =>
      index === null || name === null || !(forwarders.has(name) || NEW.test(name)),
  );
  // An allocator that calls itself, as for its own tables, has nobody else.
  return first > 0 ? kept.slice(first) : kept;
}

/** Functions of Emscripten's glue that call into a module, or are called by it. */
const GLUE_FUNCTION =
  /^(Module\.)?(callMain|doRun|initRuntime|invoke_[a-z]+|dynCall_?\w*|ccall)$|^Module\._\w+$/;

/** @param called the frame above, which the function has called. */
export function isGlueFunction(name: string | null, called?: string | null): boolean {
  if (name === null) return false;
  // The glue's name for an export begins with one more underscore.
  return GLUE_FUNCTION.test(name) || (!!called && name.split('.').at(-1) === `_${called}`);
}
