// The tracker's functions: hooks for modules of either pointer size, and what its JavaScript side calls.

export {
  allocated32,
  allocated64,
  composed32,
  composed64,
  composing,
  freeing32,
  freeing64,
  reallocated32,
  reallocated64,
  reallocating32,
  reallocating64,
  scrubbing32,
  scrubbing64,
} from './blocks';
export { event } from './events';
export { instanceCreated, instanceFreeing } from './instances';
export { bytesUncalled, configure, newSite, seed } from './sampler';
export { scopeClosed, scopeOpened } from './scopes';
export { join, setGranules } from './thread';
