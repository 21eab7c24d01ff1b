// Rewriting modules as they load, in pages, workers and Node.

export { installLoadHook } from './entry-points.ts';
export { isShared, pointerBitsOf } from './memory-kind.ts';
export { OWN_SCRIPT } from './own-script.ts';
export { startThread } from './thread.ts';
export { threadStart } from './thread-start.ts';
export type * from './types.ts';
export { installWorkerHook } from './worker-hook.ts';
