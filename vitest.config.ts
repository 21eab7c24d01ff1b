import { defineConfig } from 'vitest/config';
import { BrowsersFirst } from './scripts/browsers-first.mjs';

/** Pure functions and modules of their own: nothing is left in a process that the next file could meet. */
const PURE = [
  'test/analyze/**/*.test.ts',
  'test/recording/**/*.test.ts',
  'test/instrument/*.test.ts',
  'test/instrument/load/{replace,worker-hook}.test.ts',
  'test/record/{clock,history,js-memory}.test.ts',
  'test/record/heap/{roots,series,sites,stack-frames}.test.ts',
  'test/profiler/{leak-events,unreachable-history}.test.ts',
  'test/tracker/*.test.ts',
  'test/present/{panel,report}/*.test.ts',
  'test/present/cli/{check,convert,diff,instrument,summary}.test.ts',
  'test/present/formats/{csv,formats,library}.test.ts',
  'test/present/{format-report,heapsnapshot}.test.ts',
];

/** Here `useEngine()` keeps browsers open from file to file, and what drives them is loaded once. */
const BROWSERS = ['test/browser/**/*.test.ts'];

export default defineConfig({
  test: {
    globalSetup: './scripts/build-tracker.mjs',
    // Two cores; the browsers and GEGL itself want the second one.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // The built package runs as it does for users, who have it in node_modules. Vitest would keep a map of all its lines,
    // hundreds of thousands of objects, and each collection of garbage would go through them.
    server: { deps: { external: [/\/dist\//] } },
    reporters: ['default', './scripts/closing-line-reporter.mjs'],
    sequence: { sequencer: BrowsersFirst },
    // They run in the order that the sequencer gives them.
    projects: [
      { extends: true, test: { name: 'browsers', include: BROWSERS, isolate: false } },
      {
        extends: true,
        test: {
          name: 'process for each file',
          include: ['test/**/*.test.ts'],
          exclude: [...BROWSERS, ...PURE],
        },
      },
      {
        extends: true,
        // A new process, and its imports, cost more than most of these files.
        test: { name: 'processes shared', include: PURE, isolate: false },
      },
    ],
  },
});
