// `import { matchers } from 'gegl-memory-profiler/testing'`, for expect.extend() of Vitest or Jest.

export {
  type Budget,
  BudgetError,
  type Size,
  type SizeLimits,
} from '../../analyze/budget/index.ts';
export { type MemoryMatchers, matchers } from './matchers.ts';
export { type AcceptedLeaks, type LeakOptions, MatcherError, type Outcome } from './outcome.ts';
