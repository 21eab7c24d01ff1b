import { defineConfig } from 'vitest/config';
import { BrowsersFirst } from './scripts/browsers-first.mjs';

/** Pure functions and modules of their own: nothing is left in a process that the next file could meet. */
const PURE = [
  'test/analyze/**/*.test.ts',
  'test/recording/**/*.test.ts',
  'test/instrument/*.test.ts',
  'test/tracker/*.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: './scripts/build-tracker.mjs',
    // Two cores; the browsers and GEGL itself want the second one.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './scripts/closing-line-reporter.mjs'],
    sequence: { sequencer: BrowsersFirst },
    // Vitest runs them in the order of their names.
    projects: [
      {
        extends: true,
        test: { name: 'process for each file', include: ['test/**/*.test.ts'], exclude: PURE },
      },
      {
        extends: true,
        // A new process, and its imports, cost more than most of these files.
        test: { name: 'processes shared', include: PURE, isolate: false },
      },
    ],
  },
});
